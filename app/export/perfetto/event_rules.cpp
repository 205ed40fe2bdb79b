// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/export/perfetto/event_rules.h"

#include <array>
#include <limits>

namespace timerscope {

namespace {

using Kind = RecordKind;
using enum Shape;

// A table: the columns are named by the struct.
// NOLINTBEGIN(modernize-use-designated-initializers)
constexpr std::array rules{
    EventRule{Kind::IrqHandlerEntry, Lane::Irq, Begin, Naming::Subject, ""},
    EventRule{Kind::IrqHandlerExit, Lane::Irq, End, Naming::Subject, "exit"},
    EventRule{Kind::SoftirqRaise, Lane::Softirq, Instant, Naming::Subject, "raise"},
    EventRule{Kind::SoftirqEntry, Lane::Softirq, Begin, Naming::Subject, ""},
    EventRule{Kind::SoftirqExit, Lane::Softirq, End, Naming::Subject, "exit"},
    EventRule{Kind::HrtimerInit, Lane::Hrtimer, Instant, Naming::Subject, "init"},
    EventRule{Kind::HrtimerStart, Lane::Hrtimer, Instant, Naming::Subject, "start"},
    EventRule{Kind::HrtimerCancel, Lane::Hrtimer, Instant, Naming::Subject, "cancel"},
    EventRule{Kind::HrtimerExpireEntry, Lane::Hrtimer, Begin, Naming::Subject, ""},
    EventRule{Kind::HrtimerExpireExit, Lane::Hrtimer, End, Naming::Subject, "exit"},
    EventRule{Kind::TimerInit, Lane::Wheel, Instant, Naming::Subject, "init"},
    EventRule{Kind::TimerStart, Lane::Wheel, Instant, Naming::Subject, "start"},
    EventRule{Kind::TimerCancel, Lane::Wheel, Instant, Naming::Subject, "cancel"},
    EventRule{Kind::TimerExpireEntry, Lane::Wheel, Begin, Naming::Subject, ""},
    EventRule{Kind::TimerExpireExit, Lane::Wheel, End, Naming::Subject, "exit"},
    EventRule{Kind::TickStop, Lane::Tick, Instant, Naming::VerbOnly, "tick stop"},
    EventRule{Kind::Printk, Lane::KernelLog, Instant, Naming::Sentence, ""},
    EventRule{Kind::ClocksourceRegister, Lane::ClocksourceList, Instant, Naming::Subject,
              "register"},
    EventRule{Kind::ClocksourceUnregister, Lane::ClocksourceList, Instant, Naming::Subject,
              "unregister"},
    EventRule{Kind::ClocksourceSelect, Lane::Clocksource, State, Naming::Subject, ""},
    EventRule{Kind::ClocksourceRating, Lane::ClocksourceList, Instant, Naming::Subject,
              "new rating of"},
    EventRule{Kind::ClockEventRegister, Lane::Device, Instant, Naming::VerbOnly, "register"},
    EventRule{Kind::ClockEventState, Lane::Device, State, Naming::FieldA, ""},
    EventRule{Kind::ClockEventProgram, Lane::Device, Instant, Naming::VerbOnly, "program"},
    EventRule{Kind::ClockEventHandler, Lane::Device, Instant, Naming::FieldA, "handler"},
    EventRule{Kind::TickDevice, Lane::Tick, Instant, Naming::Subject, "tick device"},
    EventRule{Kind::TickMode, Lane::TickMode, State, Naming::FieldA, ""},
    EventRule{Kind::NohzMode, Lane::NohzMode, State, Naming::FieldA, ""},
    EventRule{Kind::JiffiesUpdate, Lane::Jiffies, Counter, Naming::VerbOnly, ""},
    EventRule{Kind::SchedClockRegister, Lane::ClocksourceList, Instant, Naming::Subject,
              "sched_clock"},
    EventRule{Kind::ScenarioStep, Lane::Scenario, Instant, Naming::Sentence, ""},
    EventRule{Kind::Expectation, Lane::Scenario, Instant, Naming::Verdict, ""},
    EventRule{Kind::DataLoss, Lane::DataLoss, Instant, Naming::Sentence, ""},
    EventRule{Kind::CounterSample, Lane::HardwareCounter, Counter, Naming::VerbOnly, ""},
    EventRule{Kind::ChannelFired, Lane::Device, Instant, Naming::VerbOnly, "fired"},
    EventRule{Kind::ModuleLoad, Lane::Modules, Instant, Naming::Subject, "load"},
    EventRule{Kind::ModuleUnload, Lane::Modules, Instant, Naming::Subject, "unload"},
    EventRule{Kind::ModuleReference, Lane::Modules, Instant, Naming::Subject, "references to"},
    EventRule{Kind::WatchdogVerdict, Lane::Watchdog, Instant, Naming::Subject, "check"},
    EventRule{Kind::MachineFault, Lane::Notices, Instant, Naming::Sentence, ""},
    EventRule{Kind::Suspend, Lane::Scenario, Instant, Naming::VerbOnly, "suspend"},
    EventRule{Kind::Resume, Lane::Scenario, Instant, Naming::VerbOnly, "resume"},
    EventRule{Kind::ClockEventUnbind, Lane::Device, Instant, Naming::VerbOnly, "unbind"},
    EventRule{Kind::BroadcastDevice, Lane::Tick, Instant, Naming::Subject, "broadcast device"},
    EventRule{Kind::WakeupDevice, Lane::Tick, Instant, Naming::Subject, "wakeup device"},
    EventRule{Kind::BroadcastMode, Lane::Tick, Instant, Naming::FieldA, "broadcast mode"},
    EventRule{Kind::BroadcastSend, Lane::Tick, Instant, Naming::Subject, "broadcast by"},
    EventRule{Kind::BroadcastEnter, Lane::Tick, Instant, Naming::VerbOnly, "broadcast enter"},
    EventRule{Kind::BroadcastExit, Lane::Tick, Instant, Naming::VerbOnly, "broadcast exit"},
    EventRule{Kind::DoTimerCpu, Lane::Tick, Instant, Naming::VerbOnly, "do_timer duty"},
    EventRule{Kind::CpuOnline, Lane::Scenario, Instant, Naming::VerbOnly, "CPU on or off"},
    EventRule{Kind::KernelWarning, Lane::Notices, Instant, Naming::Sentence, ""},
    EventRule{Kind::CpuIdle, Lane::Idle, State, Naming::FieldA, ""},
    EventRule{Kind::FunctionEntry, Lane::Functions, Begin, Naming::Subject, ""},
    EventRule{Kind::FunctionExit, Lane::Functions, End, Naming::Subject, "exit"},
    EventRule{Kind::FunctionInstall, Lane::Functions, Instant, Naming::Subject, "install"},
    EventRule{Kind::HrtimerMigrate, Lane::Hrtimer, Instant, Naming::Subject, "migrate"},
};
// NOLINTEND(modernize-use-designated-initializers)

constexpr std::size_t kindCount = std::numeric_limits<std::uint8_t>::max() + 1;

constexpr std::array<EventRule, kindCount> byKind()
{
    std::array<EventRule, kindCount> table{};
    table.fill({Kind::None, Lane::Other, Instant, Naming::VerbOnly, "unknown"});
    for (const EventRule& rule : rules) {
        table[static_cast<std::size_t>(rule.kind)] = rule;
    }
    return table;
}
constexpr std::array<EventRule, kindCount> table = byKind();

} // namespace

const EventRule& eventRuleOf(RecordKind kind)
{
    return table[static_cast<std::size_t>(kind)];
}

} // namespace timerscope
