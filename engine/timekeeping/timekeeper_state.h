// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/cycles.h"
#include "engine/timekeeping/tick_conversion.h"
#include "engine/timekeeping/wall_time.h"

#include <cstdint>

namespace timerscope {

/// Whole seconds and what is beyond them, in shifted ns (ns x 2^shift of the clocksource).
struct ShiftedTime
{
    std::int64_t seconds = 0;
    std::uint64_t fraction = 0;
    friend bool operator==(const ShiftedTime&, const ShiftedTime&) = default;
};

/// All that a timekeeper keeps, at the counter reading of its last update. The middle part can be
/// worked out from the first; it is kept because readers need it at once.
struct TimekeeperState
{
    Cycles cycleLast; ///< the counter at the update; not cut to the counter's width
    std::uint32_t mult = 0; ///< trimmed by NTP; raw time uses the clocksource's own
    std::uint32_t shift = 0;
    ShiftedTime wall; ///< CLOCK_REALTIME
    ShiftedTime raw; ///< CLOCK_MONOTONIC_RAW
    WallTime wallToMonotonic; ///< added to wall: CLOCK_MONOTONIC
    Ns boottimeOffset{}; ///< added to CLOCK_MONOTONIC: CLOCK_BOOTTIME
    std::int32_t taiOffset = 0; ///< s, added to CLOCK_REALTIME: CLOCK_TAI

    /// CLOCK_MONOTONIC without the fraction of `wall`: negative for a while after some steps.
    Ns monotonicBase{};
    Ns rawBase{};
    std::int64_t monotonicSecond = 0; ///< the whole seconds of CLOCK_MONOTONIC
    Ns realtimeOffset{}; ///< added to CLOCK_MONOTONIC: CLOCK_REALTIME
    Ns taiClockOffset{}; ///< added to CLOCK_MONOTONIC: CLOCK_TAI
    Ns nextLeap = Ns::max(); ///< on CLOCK_MONOTONIC: an inserted second begins; max: none

    TickConversion tick; ///< xtimeInterval and ntpTick follow the trimmed mult
    std::int64_t ntpError = 0; ///< what NTP's time is ahead of wall, in ns x 2^32
    std::uint32_t ntpErrorMult = 0; ///< 1 while mult is one larger to catch up with NTP, else 0
    bool secondEndsTwice = false; ///< a correction took wall back over a second that has ended
    std::uint32_t clockSetCount = 0; ///< grows when a clock may have been stepped
    std::uint32_t clocksourceCount = 0; ///< grows when a clocksource is taken over

    friend bool operator==(const TimekeeperState&, const TimekeeperState&) = default;
};

} // namespace timerscope
