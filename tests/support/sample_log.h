// SPDX-License-Identifier: GPL-3.0-or-later
//! A small log by hand with every kind of record, texts that are hard to quote, and the edges:
//! ends without beginnings, beginnings without ends, losses.
#pragma once

#include "engine/trace/snapshot.h"
#include "engine/trace/trace_log.h"

#include <limits>
#include <memory>
#include <string_view>

namespace timerscope::test {

class SampleLog
{
public:
    SampleLog() { fill(); }
    [[nodiscard]] const TraceLog& log() const { return m_log; }
    [[nodiscard]] TraceLog& log() { return m_log; }

    /// The state at the end; it names hrtimer 77, whose init the log has not seen.
    [[nodiscard]] static SnapshotPtr end()
    {
        Snapshot snapshot;
        snapshot.at = TraceInstant{Ns{5'000'000}};
        snapshot.machine.kernel = "linux-5.15";
        snapshot.timekeeper.emplace().realtime = RealtimeInstant{Ns{1'700'000'000}};
        HrtimerBaseRow base;
        HrtimerRow& timer = base.timers.emplace_back();
        timer.id = 77;
        timer.function = "watchdog_timer_fn";
        CpuRow cpu;
        cpu.hrtimerBases.push_back(base);
        snapshot.cpus.push_back(cpu);
        snapshot.notices.push_back({Severity::Warning, "/proc/timer_list is missing"});
        return std::make_shared<const Snapshot>(snapshot);
    }

    /// A record one microsecond after the last one; returned for tests to change its copy.
    TraceRecord add(RecordKind kind, std::uint32_t subject, std::int64_t a = 0, std::int64_t b = 0,
                    std::uint8_t flags = 0)
    {
        m_at += Ns{1000};
        const TraceRecord record{.at = m_at,
                                 .a = a,
                                 .b = b,
                                 .subject = subject,
                                 .cpu = m_cpu,
                                 .kind = kind,
                                 .flags = flags};
        m_log.append(record);
        return record;
    }
    std::uint32_t text(std::string_view words) { return m_log.intern(words); }
    void setCpu(std::uint16_t cpu) { m_cpu = cpu; }

private:
    void fill()
    {
        fillBoot();
        fillTimers();
        setCpu(1);
        fillInterrupts();
        fillModules();
        fillBroadcast();
        fillEdges();
    }

    void fillBoot()
    {
        using Kind = RecordKind;
        const std::uint32_t jiffies = text("jiffies");
        const std::uint32_t counter = text("FTTMR010-TIMER2");
        const std::uint32_t device = text("FTTMR010-TIMER1");
        add(Kind::ScenarioStep, text("load fttmr010"), 12);
        add(Kind::Printk, text("clocksource: \"jiffies\", mask: 0xffffffff\nmax_cycles"), 17, 0, 6);
        add(Kind::Printk, text("µs und Größe — 時計 ⏰, ok"), 18, 0, 4);
        add(Kind::Printk, text("not UTF-8: \xff\xc0\xaf\xed\xa0\x80 end\r"), 19);
        add(Kind::ClocksourceRegister, jiffies, 1, 0);
        add(Kind::ClocksourceRegister, counter, 300, 0x21);
        add(Kind::ClocksourceSelect, jiffies, 0, 2);
        add(Kind::ClocksourceSelect, counter, jiffies, 0);
        add(Kind::ClocksourceRating, counter, 310, 300);
        add(Kind::ClocksourceUnregister, jiffies);
        add(Kind::ClockEventRegister, device, 300, 0x3);
        add(Kind::TickDevice, device, 0);
        add(Kind::ClockEventHandler, device, text("tick_handle_periodic"));
        add(Kind::ClockEventState, device, 2, 0);
        add(Kind::TickMode, device, 0, 0);
        add(Kind::JiffiesUpdate, 0, 4'294'937'296, 1);
        add(Kind::SchedClockRegister, counter, 24'750'000, 32);
        add(Kind::CounterSample, counter, 4'294'967'290, 2);
        add(Kind::ChannelFired, text("stm32-systick"), 2'400, 17);
        add(Kind::TickMode, device, 1, 0);
        add(Kind::ClockEventState, device, 3, 2);
        add(Kind::NohzMode, 0, 2, 0);
        add(Kind::ClockEventProgram, device, 5'000'000, 1234, 0x5);
        add(Kind::TickStop, 0, 1, 0x4);
        add(Kind::CpuIdle, text("C3"), idle_state::halt);
        add(Kind::CpuIdle, text("C3"), idle_state::exit);
        add(Kind::FunctionEntry, text("hrtimer_interrupt"));
        add(Kind::FunctionInstall, text("hrtimer_run_softirq"));
        add(Kind::FunctionExit, text("hrtimer_interrupt"));
        add(Kind::JiffiesUpdate, 0, 4'294'937'300, 4);
    }

    void fillTimers()
    {
        using Kind = RecordKind;
        add(Kind::HrtimerInit, 1, text("tick_sched_timer"), 1, hrtimer_mode::hard);
        add(Kind::HrtimerStart, 1, 10'000'000, 10'000'000,
            hrtimer_mode::relative | hrtimer_mode::pinned | hrtimer_mode::hard);
        add(Kind::HrtimerStart, 2, std::numeric_limits<std::int64_t>::max(), 0, 0xf4);
        add(Kind::HrtimerCancel, 2);
        add(Kind::HrtimerMigrate, 2, 3);
        add(Kind::HrtimerExpireEntry, 1, 10'000'400, 10'000'000);
        add(Kind::HrtimerExpireExit, 1);
        add(Kind::HrtimerExpireEntry, 77, std::numeric_limits<std::int64_t>::min(), 1);
        add(Kind::HrtimerExpireExit, 77);
        add(Kind::TimerInit, 1, text("process_timeout, \"quoted\""), 0, 0x10);
        add(Kind::TimerStart, 1, 4'294'937'400, 4'294'937'408, 0x10);
        add(Kind::TimerExpireEntry, 1, 4'294'937'408, 4'294'937'408);
        add(Kind::TimerExpireExit, 1);
        add(Kind::TimerCancel, 3);
    }

    void fillInterrupts()
    {
        using Kind = RecordKind;
        const std::uint32_t irq = text("FTTMR010-TIMER1");
        add(Kind::IrqHandlerEntry, irq, 17);
        add(Kind::SoftirqRaise, 1);
        add(Kind::IrqHandlerExit, irq, 17);
        add(Kind::SoftirqEntry, 1);
        add(Kind::SoftirqRaise, 8);
        add(Kind::SoftirqExit, 1);
        add(Kind::SoftirqRaise, 4711);
    }

    void fillModules()
    {
        using Kind = RecordKind;
        const std::uint32_t module = text("timer_sun5i");
        add(Kind::ModuleLoad, module);
        add(Kind::ModuleReference, module, 1, text("hstimer"), 1);
        add(Kind::ModuleReference, module, 0, text("hstimer"), 200); // no such role
        add(Kind::ModuleUnload, module);
        add(Kind::WatchdogVerdict, text("tsc"), 512'404'000, 512'000'000, 2);
        add(Kind::MachineFault, text("a walk of the list came to hstimer, which is gone"), 0);
        add(Kind::Suspend, 0);
        add(Kind::Resume, text("mfoc"), 10'000'000'000, 10'000'000'400);
    }

    void fillBroadcast()
    {
        using Kind = RecordKind;
        const std::uint32_t lapic = text("lapic");
        const std::uint32_t hpet = text("hpet");
        add(Kind::CpuOnline, 0, 1, 1);
        add(Kind::DoTimerCpu, 0, 1);
        add(Kind::BroadcastDevice, hpet, 0);
        add(Kind::WakeupDevice, text("w10"), 0, 1);
        add(Kind::BroadcastMode, hpet, 1, 0);
        add(Kind::BroadcastEnter, lapic, -16);
        add(Kind::BroadcastSend, hpet, 0x6);
        add(Kind::BroadcastExit, lapic);
        add(Kind::ClockEventUnbind, lapic, 0, -11);
        add(Kind::KernelWarning, text("Current state: 2"));
    }

    void fillEdges()
    {
        using Kind = RecordKind;
        const std::uint32_t uart = text("uart");
        add(Kind::IrqHandlerExit, uart, 3); // began before the log did
        add(Kind::DataLoss, text("ring buffer, overrun"), 12);
        add(Kind::SoftirqEntry, 1);
        add(Kind::SoftirqEntry, 1); // the exit between is lost
        add(Kind::SoftirqExit, 1);
        add(Kind::IrqHandlerEntry, uart, 3);
        add(Kind::IrqHandlerEntry, text("eth0"), 4);
        add(Kind::IrqHandlerExit, uart, 3); // eth0's exit is lost
        add(Kind::ClockEventState, text("lapic"), 77, 9); // no such states
        add(Kind::Expectation, text("clocksource = mfoc"), 1, 20);
        add(Kind::Expectation, text("it's \"late\""), 0, 21);
        // What a later version may have written. NOLINTNEXTLINE(*EnumCastOutOfRange)
        add(static_cast<Kind>(200), 5, -1, std::numeric_limits<std::int64_t>::min(), 0xff);
        add(Kind::Printk, 0);
        add(Kind::Printk, text(" leading and trailing "), -1);
        add(Kind::SoftirqEntry, 7); // runs on when the log ends
    }

    TraceLog m_log;
    TraceInstant m_at;
    std::uint16_t m_cpu = 0;
};

} // namespace timerscope::test
