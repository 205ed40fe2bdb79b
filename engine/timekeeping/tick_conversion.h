// SPDX-License-Identifier: GPL-3.0-or-later
//! How one tick of wall time looks on a counter. Pure functions, any thread.
#pragma once

#include "engine/base/jiffies.h"
#include "engine/base/mult_shift.h"

#include <compare>
#include <cstdint>

namespace timerscope {

/// Bits below one nanosecond in NTP's lengths and errors (NTP_SCALE_SHIFT).
inline constexpr unsigned ntpFractionBits = 32;

/// The length of one tick for NTP: 10^9 / HZ cut to whole nanoseconds, unlike TickRate::period(),
/// which rounds.
[[nodiscard]] constexpr Ns ntpTickLength(TickRate rate)
{
    return Ns{nsPerSecond / static_cast<std::int64_t>(rate.hz)};
}

/// What a timekeeper works out once, when it takes a clocksource over.
///
/// "Shifted ns" are nanoseconds times 2^shift of that clocksource. A counter seldom counts a whole
/// number of cycles in a tick: the nearest number stands for it, and the remainder is what the
/// tick is longer than those cycles.
struct TickConversion
{
    std::uint64_t cycleInterval = 0; ///< cycles that stand for one tick; at least 1
    std::uint64_t xtimeInterval = 0; ///< what they last, in shifted ns
    std::int64_t xtimeRemainder = 0; ///< one tick less xtimeInterval, in shifted ns, either sign
    std::uint64_t rawInterval = 0; ///< xtimeInterval of CLOCK_MONOTONIC_RAW: never trimmed
    std::uint64_t ntpTick = 0; ///< one tick in ns x 2^32
    std::uint32_t ntpErrorShift = 0; ///< shifted ns << this = ns x 2^32

    friend constexpr auto operator<=>(const TickConversion&, const TickConversion&) = default;
};

/// The conversion for a clocksource of @p factor.
///
/// Sums and products are taken modulo 2^64, shifts modulo 64: a driver's own shift above 32 makes
/// a nonsensical ntpErrorShift in the kernel, and the same one here.
/// @param factor mult must not be 0 (an invariant: registration refuses it).
/// @param rate 1 Hz to 10^9 Hz (an invariant).
/// Source: tk_setup_internals, Linux 6.1; oracle set tk_setup_internals.
[[nodiscard]] TickConversion tickConversion(MultShift factor, TickRate rate);

} // namespace timerscope
