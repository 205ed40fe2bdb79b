// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/clocksource/clocksource.h"
#include "engine/timekeeping/jiffies_counter.h"
#include "engine/timekeeping/sched_clock_rate.h"
#include "engine/trace/tracer.h"

#include <string>

namespace timerscope {

/// The clock that stamps the boot log: nanoseconds since the kernel began to count.
///
/// Rules (kernel/time/sched_clock.c, Linux 6.1; oracle set sched_clock_seq):
/// - It stands at 0 until something is registered: a driver's counter, or jiffies by the boot's
///   own genericInit() when no driver came first.
/// - A counter slower than the present one is refused in silence; an equal or faster one is taken,
///   and the time goes on from where it stood.
/// - The epoch is renewed before the counter can wrap. Each renewal, registration and suspend
///   drops the fraction of a nanosecond that the present reading has.
/// - While suspended it stands; resume() goes on from there with whatever the counter shows. A
///   registration during suspend makes it count at once, and counts what the old counter did
///   meanwhile: suspending drivers do not register.
///
/// Sums wrap at 64 bits. Threading: the engine's thread.
class SchedClock
{
public:
    /// @param jiffies ticks of @p rate since boot; must outlive this.
    SchedClock(JiffiesSinceBoot& jiffies, TickRate rate, RateLabel label, KernelLog& kernelLog,
               Tracer tracer);

    /// sched_clock_register(). @p rate comes from schedClockRate(). True when it was taken; the
    /// wrap timer, if it runs, must then be started anew for wrap().
    bool registerCounter(CounterReader& counter, std::string name, const SchedClockRate& rate);
    /// The boot's own part (generic_sched_clock_init): jiffies when no driver registered, and a
    /// first renewal. From now on the wrap timer runs.
    void genericInit();

    /// sched_clock(): reads the counter, but not while suspended.
    [[nodiscard]] Ns now() const;
    /// What the wrap timer does: the epoch moves up to what the counter shows.
    void renewEpoch();

    /// The system sleeps: a last renewal, then the clock stands. The wrap timer is cancelled.
    void suspend();
    /// The wrap timer is started anew.
    void resume();

    /// The time within which renewEpoch() must run; 0 until something is registered.
    [[nodiscard]] Ns wrap() const { return m_rate.wrap; }
    /// Of the counter that was taken; until then 0 bits at 0 Hz.
    [[nodiscard]] const SchedClockRate& rate() const { return m_rate; }
    [[nodiscard]] const std::string& counterName() const { return m_name; }
    /// Where the time was taken from last: now() is this and what was counted since.
    [[nodiscard]] Ns epoch() const { return m_epoch; }
    [[nodiscard]] Cycles epochCycles() const { return m_epochCycles; }

private:
    [[nodiscard]] Ns timeAt(Cycles read) const;

    CounterReader* m_counter;
    JiffiesSinceBoot* m_jiffies;
    TickRate m_tickRate;
    KernelLog* m_kernelLog;
    Tracer m_tracer;
    std::string m_name = "jiffies";
    SchedClockRate m_rate;
    Cycles m_epochCycles;
    Ns m_epoch{};
    RateLabel m_label;
    bool m_registered = false;
    bool m_stands = false;
};

} // namespace timerscope
