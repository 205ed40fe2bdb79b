// SPDX-License-Identifier: GPL-3.0-or-later
//! How the kernel turns ticks of one rate into ticks of another without dividing: multiply by
//! `mult`, then shift right by `shift`. Pure functions, any thread.
#pragma once

#include "engine/base/cycles.h"
#include "engine/base/time.h"

#include <compare>
#include <cstdint>

namespace timerscope {

/// result = value x mult >> shift. Clocksources turn cycles into ns with it, clock event devices
/// ns into ticks.
struct MultShift
{
    std::uint32_t mult = 0;
    std::uint32_t shift = 0; ///< 0 to 63; calcMultShift() never answers more than 32
    friend constexpr auto operator<=>(MultShift, MultShift) = default;
};

/// The most exact factor from @p from Hz to @p to Hz that stays safe for @p maxSeconds.
///
/// The shift is the largest of 1 to 32 whose mult, rounded to nearest, has at most as many bits
/// as `maxSeconds x from` leaves free in 64; that product may itself take up to 64 bits. Counting
/// bits is a little stricter than testing the product, and it is what the kernel does.
/// Where no shift fits, the answer is shift 0 with the mult of shift 1 cut to 32 bits: useless as
/// a factor, but what the kernel ends up with.
///
/// @param from must not be 0 (an invariant; check before).
/// @param to nsPerSecond for counters; for clock event devices @p from is nsPerSecond instead.
/// Source: clocks_calc_mult_shift, Linux 6.1; oracle set mult_shift.
[[nodiscard]] MultShift calcMultShift(std::uint32_t from, std::uint32_t to,
                                      std::uint32_t maxSeconds);

/// The span, in seconds, for which a counter's factor must be safe: the time that @p maxTicks
/// take at @p ticksPerSecond, at least 1, and at most 600 when @p maxTicks exceeds 32 bits (a
/// wider counter would otherwise pay for hours it never sleeps with precision it always needs).
///
/// @param ticksPerSecond must not be 0 (an invariant).
/// Source: behaviour of clocksource and clock event registration, Linux 6.1.
[[nodiscard]] std::uint32_t conversionSeconds(std::uint64_t maxTicks, std::uint64_t ticksPerSecond);

/// Cycles as ns. The product is taken modulo 2^64 and shifted as unsigned, so a span longer than
/// the factor is safe for comes out short: that is the kernel's answer too.
///
/// @param factor shift at most 63 (an invariant).
/// Source: clocksource_cyc2ns, Linux 6.1; oracle set cyc2ns.
[[nodiscard]] Ns cyclesToNs(Cycles cycles, MultShift factor);

} // namespace timerscope
