// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/jiffies.h"
#include "engine/base/time.h"
#include "engine/tick/tick_dependency.h"

#include <cstdint>
#include <optional>

namespace timerscope {

/// When jiffies are due: what tick_next_period and last_jiffies_update hold in the kernel.
/// Rules: kernel/time/tick-sched.c, Linux 6.1; oracle sets jiffies_catchup and tick_init_align.
struct TickPeriods
{
    Ns period{}; ///< of one tick
    MonotonicInstant next; ///< when the next jiffy is due
    std::optional<MonotonicInstant> lastUpdate; ///< set once ticks are driven by an hrtimer

    /// Where ticks driven by an hrtimer start from: the next period, moved up to a whole multiple
    /// of the tick since zero the first time (tick_init_jiffy_update).
    MonotonicInstant align();
    /// How many jiffies are due at @p now; the bookkeeping moves on by as many
    /// (tick_do_update_jiffies64).
    std::uint64_t takeDue(MonotonicInstant now);
};

/// Which CPU counts jiffies (tick_do_timer_cpu): one at a time, or for a while nobody.
class DoTimerDuty
{
public:
    /// Before the first CPU has a tick device.
    [[nodiscard]] bool isBooting() const { return m_booting; }
    /// The CPU that had it sleeps without ticks: the next one that ticks takes it.
    [[nodiscard]] bool isFree() const { return !m_booting && !m_cpu; }
    [[nodiscard]] bool isOn(unsigned cpu) const { return m_cpu == cpu; }
    /// Empty while booting or free.
    [[nodiscard]] std::optional<unsigned> cpu() const { return m_cpu; }

    void take(unsigned cpu)
    {
        m_cpu = cpu;
        m_booting = false;
    }
    void drop() { m_cpu.reset(); }

private:
    std::optional<unsigned> m_cpu;
    bool m_booting = true;
};

/// The one tick that the CPUs share: who counts jiffies, and when the next one is due.
/// Threading: the engine's thread.
struct TickShared
{
    explicit TickShared(TickRate tickRate)
        : rate(tickRate)
        , periods{.period = tickRate.period(), .next = {}, .lastUpdate = {}}
    {
    }
    TickRate rate;
    TickPeriods periods;
    DoTimerDuty doTimer;
    TickDependencies dependencies; ///< keep the tick of every CPU (tick_dep_mask)
    unsigned pendingSoftirqWarnings = 0; ///< of CPUs that would have slept on their softirqs
};

} // namespace timerscope
