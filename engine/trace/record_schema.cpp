// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/trace/record_schema.h"

#include <algorithm>
#include <array>

namespace timerscope {

namespace {

using enum FieldType;
using Kind = RecordKind;

constexpr FieldSchema none{};
constexpr FieldSchema timer{"timer", Timer};
constexpr FieldSchema device{"device", Text};
constexpr FieldSchema clocksource{"clocksource", Text};
constexpr FieldSchema module{"module", Text};
constexpr FieldSchema function{"function", Text};
constexpr FieldSchema vector{"vec", Softirq};

constexpr std::array schemas{
    RecordSchema{
        Kind::IrqHandlerEntry, "irq_handler_entry", {"name", Text}, {"irq", Number}, none, none},
    RecordSchema{
        Kind::IrqHandlerExit, "irq_handler_exit", {"name", Text}, {"irq", Number}, none, none},
    RecordSchema{Kind::SoftirqRaise, "softirq_raise", vector, none, none, none},
    RecordSchema{Kind::SoftirqEntry, "softirq_entry", vector, none, none, none},
    RecordSchema{Kind::SoftirqExit, "softirq_exit", vector, none, none, none},
    RecordSchema{Kind::HrtimerInit,
                 "hrtimer_init",
                 timer,
                 {"function", Text},
                 {"clockid", Number},
                 {"mode", HrtimerMode}},
    RecordSchema{Kind::HrtimerStart,
                 "hrtimer_start",
                 timer,
                 {"expires", Nanoseconds},
                 {"softexpires", Nanoseconds},
                 {"mode", HrtimerMode}},
    RecordSchema{Kind::HrtimerCancel, "hrtimer_cancel", timer, none, none, none},
    RecordSchema{Kind::HrtimerExpireEntry,
                 "hrtimer_expire_entry",
                 timer,
                 {"now", Nanoseconds},
                 {"softexpires", Nanoseconds},
                 none},
    RecordSchema{Kind::HrtimerExpireExit, "hrtimer_expire_exit", timer, none, none, none},
    RecordSchema{Kind::TimerInit, "timer_init", timer, {"function", Text}, none, {"flags", Hex}},
    RecordSchema{Kind::TimerStart,
                 "timer_start",
                 timer,
                 {"expires", Jiffies},
                 {"bucket_expiry", Jiffies},
                 {"flags", Hex}},
    RecordSchema{Kind::TimerCancel, "timer_cancel", timer, none, none, none},
    RecordSchema{Kind::TimerExpireEntry,
                 "timer_expire_entry",
                 timer,
                 {"now", Jiffies},
                 {"baseclk", Jiffies},
                 none},
    RecordSchema{Kind::TimerExpireExit, "timer_expire_exit", timer, none, none, none},
    RecordSchema{Kind::TickStop, "tick_stop", none, {"success", Number}, {"dependency", Hex}, none},
    RecordSchema{Kind::Printk,
                 "printk",
                 {"text", Text},
                 {"sched_clock", Nanoseconds},
                 none,
                 {"level", Number}},
    RecordSchema{Kind::ClocksourceRegister,
                 "clocksource_register",
                 clocksource,
                 {"rating", Number},
                 {"flags", Hex},
                 none},
    RecordSchema{Kind::ClocksourceUnregister, "clocksource_unregister", clocksource, none, none,
                 none},
    RecordSchema{Kind::ClocksourceSelect,
                 "clocksource_select",
                 clocksource,
                 {"previous", Text},
                 {"reason", SelectReason},
                 none},
    RecordSchema{Kind::ClocksourceRating,
                 "clocksource_rating",
                 clocksource,
                 {"rating", Number},
                 {"previous", Number},
                 none},
    RecordSchema{Kind::ClockEventRegister,
                 "clockevent_register",
                 device,
                 {"rating", Number},
                 {"features", Hex},
                 none},
    RecordSchema{Kind::ClockEventState,
                 "clockevent_state",
                 device,
                 {"state", FieldType::ClockEventState},
                 {"previous", FieldType::ClockEventState},
                 none},
    RecordSchema{Kind::ClockEventProgram,
                 "clockevent_program",
                 device,
                 {"expires", Nanoseconds},
                 {"ticks", Number},
                 {"flags", Hex}},
    RecordSchema{
        Kind::ClockEventHandler, "clockevent_handler", device, {"handler", Text}, none, none},
    RecordSchema{Kind::TickDevice, "tick_device", device, {"previous", Text}, none, none},
    RecordSchema{Kind::TickMode,
                 "tick_mode",
                 device,
                 {"mode", FieldType::TickMode},
                 {"previous", FieldType::TickMode},
                 none},
    RecordSchema{Kind::NohzMode,
                 "nohz_mode",
                 none,
                 {"mode", FieldType::NohzMode},
                 {"previous", FieldType::NohzMode},
                 none},
    RecordSchema{
        Kind::JiffiesUpdate, "jiffies_update", none, {"jiffies", Jiffies}, {"ticks", Number}, none},
    RecordSchema{Kind::SchedClockRegister,
                 "sched_clock_register",
                 {"counter", Text},
                 {"rate", Number},
                 {"bits", Number},
                 none},
    RecordSchema{Kind::ScenarioStep, "scenario_step", {"step", Text}, {"line", Number}, none, none},
    RecordSchema{Kind::Expectation,
                 "expectation",
                 {"expectation", Text},
                 {"held", Number},
                 {"line", Number},
                 none},
    RecordSchema{Kind::DataLoss, "data_loss", {"what", Text}, {"lost", Number}, none, none},
    RecordSchema{Kind::CounterSample,
                 "counter_sample",
                 {"counter", Text},
                 {"value", Number},
                 {"missed", Number},
                 none},
    RecordSchema{Kind::ChannelFired,
                 "channel_fired",
                 device,
                 {"ticks", Number},
                 {"counter", Number},
                 {"flags", Hex}},
    RecordSchema{Kind::ModuleLoad, "module_load", module, none, none, none},
    RecordSchema{Kind::ModuleUnload, "module_free", module, none, none, none},
    RecordSchema{Kind::ModuleReference,
                 "module_reference",
                 module,
                 {"references", Number},
                 {"device", Text},
                 {"role", FieldType::HoldRole}},
    RecordSchema{Kind::WatchdogVerdict,
                 "clocksource_watchdog",
                 clocksource,
                 {"interval", Nanoseconds},
                 {"reference_interval", Nanoseconds},
                 {"verdict", FieldType::WatchdogVerdict}},
    RecordSchema{Kind::MachineFault,
                 "machine_fault",
                 {"what", Text},
                 {"fault", FieldType::FaultKind},
                 none,
                 none},
    RecordSchema{Kind::Suspend, "timekeeping_suspend", none, none, none, none},
    RecordSchema{Kind::Resume,
                 "timekeeping_resume",
                 {"measured_by", Text},
                 {"slept", Nanoseconds},
                 {"truly_slept", Nanoseconds},
                 none},
    RecordSchema{Kind::ClockEventUnbind,
                 "clockevent_unbind",
                 device,
                 {"of_cpu", Number},
                 {"answer", Number},
                 none},
    RecordSchema{Kind::BroadcastDevice, "broadcast_device", device, {"previous", Text}, none, none},
    RecordSchema{
        Kind::WakeupDevice, "wakeup_device", device, {"previous", Text}, {"of_cpu", Number}, none},
    RecordSchema{Kind::BroadcastMode,
                 "broadcast_mode",
                 device,
                 {"mode", FieldType::TickMode},
                 {"previous", FieldType::TickMode},
                 none},
    RecordSchema{Kind::BroadcastSend, "tick_broadcast", device, {"cpus", Hex}, none, none},
    RecordSchema{
        Kind::BroadcastEnter, "tick_broadcast_enter", device, {"answer", Number}, none, none},
    RecordSchema{Kind::BroadcastExit, "tick_broadcast_exit", device, none, none, none},
    RecordSchema{Kind::DoTimerCpu, "do_timer_cpu", none, {"new_cpu", Number}, none, none},
    RecordSchema{Kind::CpuOnline, "cpu_online", none, {"which", Number}, {"online", Number}, none},
    RecordSchema{Kind::KernelWarning, "warning", {"text", Text}, none, none, none},
    RecordSchema{Kind::CpuIdle,
                 "cpu_idle",
                 {"idle_state", Text},
                 {"sleep", IdleState},
                 {"exit_latency", Nanoseconds},
                 none},
    RecordSchema{Kind::FunctionEntry, "function_entry", function, none, none, none},
    RecordSchema{Kind::FunctionExit, "function_exit", function, none, none, none},
    RecordSchema{Kind::FunctionInstall, "function_install", function, none, none, none},
    RecordSchema{Kind::HrtimerMigrate, "hrtimer_migrate", timer, {"to_cpu", Number}, none, none},
};
constexpr RecordSchema unknown{Kind::None,    "unknown",     none,
                               {"a", Number}, {"b", Number}, {"flags", Hex}};

} // namespace

std::span<const RecordSchema> recordSchemas()
{
    return schemas;
}

const RecordSchema& schemaOf(RecordKind kind)
{
    const auto* const found = std::ranges::lower_bound(schemas, kind, {}, &RecordSchema::kind);
    return found != schemas.end() && found->kind == kind ? *found : unknown;
}

std::string_view idleStateName(std::int64_t state)
{
    if (state == idle_state::exit) {
        return "awake";
    }
    return state == idle_state::halt ? "asleep" : "unknown";
}

std::string_view softirqName(std::int64_t number)
{
    static constexpr std::array<std::string_view, 10> names{
        "HI",       "TIMER",   "NET_TX", "NET_RX",  "BLOCK",
        "IRQ_POLL", "TASKLET", "SCHED",  "HRTIMER", "RCU"};
    return number >= 0 && number < static_cast<std::int64_t>(names.size())
        ? names[static_cast<std::size_t>(number)]
        : std::string_view{"unknown"};
}

} // namespace timerscope
