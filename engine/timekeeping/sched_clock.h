// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/clocksource/clocksource.h"
#include "engine/timekeeping/sched_clock_rate.h"
#include "engine/trace/tracer.h"

#include <string>

namespace timerscope {

/// The clock that stamps the boot log: nanoseconds since the kernel began to count.
///
/// Rules (kernel/time/sched_clock.c, Linux 6.1): jiffies count until a driver registers a counter;
/// a slower counter than the present one is refused in silence; the time goes on from where it
/// stood; the epoch is renewed before the counter can wrap. Threading: the engine's thread.
class SchedClock
{
public:
    /// Counts @p jiffies, in ticks of @p rate, from zero.
    SchedClock(CounterReader& jiffies, TickRate rate, RateLabel label, KernelLog& kernelLog,
               Tracer tracer);

    /// sched_clock_register(). @p rate comes from schedClockRate(). True when it was taken.
    bool registerCounter(CounterReader& counter, std::string name, const SchedClockRate& rate);
    /// The boot's own registration, when no driver came first: jiffies, 64 bits.
    void registerJiffiesIfAlone();

    /// sched_clock(): reads the counter.
    [[nodiscard]] Ns now() const;
    /// What the wrap timer does: the epoch moves up to now.
    void renewEpoch();

    /// The time within which renewEpoch() must run.
    [[nodiscard]] Ns wrap() const { return m_rate.wrap; }
    [[nodiscard]] const SchedClockRate& rate() const { return m_rate; }
    [[nodiscard]] const std::string& counterName() const { return m_name; }

private:
    CounterReader* m_counter;
    CounterReader* m_jiffies;
    TickRate m_tickRate;
    KernelLog* m_kernelLog;
    Tracer m_tracer;
    std::string m_name = "jiffies";
    SchedClockRate m_rate;
    Cycles m_epochCycles;
    Ns m_epoch{};
    RateLabel m_label;
    bool m_registered = false;
};

} // namespace timerscope
