// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <compare>
#include <cstdint>

namespace timerscope {

/// A raw reading of a hardware counter: a number of ticks, of no known rate.
struct Cycles
{
    std::uint64_t count = 0;
    friend constexpr auto operator<=>(Cycles, Cycles) = default;
};

/// A counter's nominal rate. Zero is no rate: functions that divide by it reject it.
struct Hertz
{
    std::uint64_t value = 0;
    friend constexpr auto operator<=>(Hertz, Hertz) = default;
};

/// The largest value of a counter @p bits wide (1 to 64): 2^bits - 1.
[[nodiscard]] constexpr std::uint64_t counterMask(unsigned bits)
{
    return bits >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
}

/// Ticks from @p earlier to @p later on a counter that may have wrapped once at @p mask.
[[nodiscard]] constexpr Cycles elapsed(Cycles earlier, Cycles later, std::uint64_t mask)
{
    return Cycles{(later.count - earlier.count) & mask};
}

} // namespace timerscope
