// SPDX-License-Identifier: GPL-3.0-or-later
//! Timers for `tw_rand` and `hr_rand` where no table says which ones the recorded module armed: its
//! generators are not known.
#pragma once

#include "tests/oracle/hrtimer_recording.h"
#include "tests/oracle/wheel_replay.h"

namespace timerscope::oracle {

/// What `tw_rand` is asked for.
struct WheelWish
{
    std::uint64_t count = 0;
    std::uint64_t seed = 0;
    std::uint64_t maxDelta = 1; ///< jiffies, from 1
    Ns spread{}; ///< the longest pause before a timer
    std::uint64_t deferrablePercent = 0;
};

/// Deltas are log-uniform, as titles of recordings say. The first is armed in @p from.
[[nodiscard]] std::vector<WheelArming> madeUpWheelTimers(const WheelWish& wish, Jiffies from,
                                                         TickRate rate, unsigned cpu);

/// @p count timers with soft expiries within @p span of @p from, of all clocks and modes.
[[nodiscard]] std::vector<RecordedHrtimer> madeUpHrtimers(std::uint64_t count, std::uint64_t seed,
                                                          Ns span, MonotonicInstant from,
                                                          unsigned cpu);

} // namespace timerscope::oracle
