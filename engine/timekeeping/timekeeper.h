// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/clocksource/clocksource.h"

namespace timerscope {

/// CLOCK_MONOTONIC and the clocks beside it, counted by one clocksource.
///
/// Rules (kernel/time/timekeeping.c, Linux 6.1): between two accumulations time is the base plus
/// the counter's difference times mult; accumulate() moves whole ticks' worth of cycles into the
/// base, so the difference never overflows; a change of clocksource carries the time over without
/// a jump. Threading: the engine's thread.
class Timekeeper
{
public:
    /// Starts at zero on @p initial (jiffies, in a booting kernel).
    Timekeeper(Clocksource& initial, TickRate rate);

    /// ktime_get(): reads the counter.
    [[nodiscard]] MonotonicInstant monotonicNow() const;
    /// The same for an onlooker: no modelled read takes place.
    [[nodiscard]] MonotonicInstant observeMonotonic() const;

    /// update_wall_time(): whole ticks of cycles go into the base.
    void accumulate();
    void changeClocksource(Clocksource& next);

    /// Sets CLOCK_REALTIME; CLOCK_MONOTONIC does not move.
    void setRealtime(RealtimeInstant now);
    /// CLOCK_REALTIME = CLOCK_MONOTONIC + this.
    [[nodiscard]] Ns realtimeOffset() const { return m_realtimeOffset; }

    [[nodiscard]] const Clocksource& clock() const { return *m_clock; }
    /// timekeeping_valid_for_hres()
    [[nodiscard]] bool isValidForHres() const
    {
        return m_clock->has(clocksource_flag::validForHres);
    }

private:
    [[nodiscard]] Cycles sinceBase() const;
    [[nodiscard]] MonotonicInstant timeAt(Cycles sinceBase) const;
    void moveBase(Cycles cycles);
    void setInterval();

    Clocksource* m_clock;
    TickRate m_rate;
    Cycles m_cycleLast; ///< the counter at the base
    Cycles m_cycleInterval; ///< of one tick
    MonotonicInstant m_base; ///< whole nanoseconds
    std::uint64_t m_fraction = 0; ///< of a nanosecond, in units of 2^-shift
    Ns m_realtimeOffset{};
};

} // namespace timerscope
