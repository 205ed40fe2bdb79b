// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/jiffies.h"
#include "engine/base/time.h"

#include <cstdint>
#include <optional>

namespace timerscope {

/// The one tick that the CPUs share: who counts jiffies, and when the next one is due.
///
/// Rules: kernel/time/tick-common.c and tick-sched.c, Linux 6.1; oracle sets jiffies_catchup and
/// tick_init_align. Threading: the engine's thread.
class TickShared
{
public:
    explicit TickShared(TickRate rate)
        : m_period(rate.period())
    {
    }

    [[nodiscard]] Ns period() const { return m_period; }
    /// The CPU with do_timer duty; empty before the first tick device.
    [[nodiscard]] std::optional<unsigned> doTimerCpu() const { return m_doTimerCpu; }

    /// The first tick device takes the duty; the first period ends a tick after @p now.
    void start(unsigned cpu, MonotonicInstant now);
    /// tick_next_period: when the next jiffy is due.
    [[nodiscard]] MonotonicInstant nextPeriod() const { return m_nextPeriod; }
    /// The periodic tick has come: one period on.
    void advancePeriod() { m_nextPeriod += m_period; }

    /// Where ticks driven by an hrtimer start from: the next period, moved up to a whole multiple
    /// of the tick since zero the first time (tick_init_jiffy_update).
    [[nodiscard]] MonotonicInstant alignedUpdate();
    /// How many jiffies are due at @p now; the bookkeeping moves on by as many
    /// (tick_do_update_jiffies64).
    [[nodiscard]] std::uint64_t takeDueJiffies(MonotonicInstant now);

private:
    Ns m_period;
    MonotonicInstant m_nextPeriod;
    std::optional<MonotonicInstant> m_lastUpdate; // set once ticks are aligned
    std::optional<unsigned> m_doTimerCpu;
};

} // namespace timerscope
