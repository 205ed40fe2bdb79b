// SPDX-License-Identifier: GPL-3.0-or-later
//! How an ideal clock's cycles and true time belong together.
#pragma once

#include "engine/base/cycles.h"
#include "engine/base/time.h"
#include "engine/base/wide.h"

#include <algorithm>

namespace timerscope {

/// Up to this rate, what is counted within one second times 10^9 fits 64 bits: 17 GHz. Faster
/// clocks need 128-bit divisions, which take ten times as long.
inline constexpr Hertz fastestNarrow{std::uint64_t{1} << 34U};

/// Whole cycles that a clock of @p rate counts in @p span, modulo 2^64. @pre span is not negative
[[nodiscard]] inline std::uint64_t cyclesIn(Ns span, Hertz rate)
{
    constexpr auto second = static_cast<std::uint64_t>(nsPerSecond);
    const auto ns = static_cast<std::uint64_t>(span.count());
    if (rate > fastestNarrow) [[unlikely]] {
        return static_cast<std::uint64_t>(static_cast<WideUnsigned>(ns) * rate.value / second);
    }
    return ns / second * rate.value + ns % second * rate.value / second;
}

/// The shortest span in which that clock counts @p cycles; Ns::max() when that is too long.
/// @pre the rate is not 0
[[nodiscard]] inline Ns spanOf(std::uint64_t cycles, Hertz rate)
{
    constexpr auto second = static_cast<std::uint64_t>(nsPerSecond);
    constexpr auto longest = static_cast<std::uint64_t>(Ns::max().count());
    if (cycles < longest / second) [[likely]] {
        return Ns{static_cast<std::int64_t>((cycles * second + rate.value - 1) / rate.value)};
    }
    const WideUnsigned product = static_cast<WideUnsigned>(cycles) * second;
    const WideUnsigned ns = (product + rate.value - 1) / rate.value;
    return Ns{static_cast<std::int64_t>(std::min(ns, static_cast<WideUnsigned>(longest)))};
}

} // namespace timerscope
