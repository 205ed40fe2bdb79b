// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/time.h"

#include <compare>
#include <cstdint>

namespace timerscope {

/// A count of ticks since boot, as jiffies_64. The kernel starts it 300 s before the 32-bit wrap.
struct Jiffies
{
    std::uint64_t count = 0;
    friend constexpr auto operator<=>(Jiffies, Jiffies) = default;
};

/// Whether @p a comes before @p b on a counter that wraps (time_before): right while they are less
/// than half its range apart. Order by `<` only where neither can wrap.
[[nodiscard]] constexpr bool isBefore(Jiffies a, Jiffies b)
{
    return static_cast<std::int64_t>(a.count - b.count) < 0;
}

/// Ticks per second (CONFIG_HZ). The kernel allows 100, 250, 300 and 1000 on most machines.
struct TickRate
{
    std::uint32_t hz = 100;

    /// Length of one tick as the kernel rounds it (TICK_NSEC).
    [[nodiscard]] constexpr Ns period() const
    {
        return Ns{(nsPerSecond + hz / 2) / static_cast<std::int64_t>(hz)};
    }

    /// The first value of jiffies: 5 minutes before the low 32 bits wrap (INITIAL_JIFFIES).
    [[nodiscard]] constexpr Jiffies initialJiffies() const
    {
        return Jiffies{(std::uint64_t{1} << 32) - std::uint64_t{300} * hz};
    }
    friend constexpr auto operator<=>(TickRate, TickRate) = default;
};

} // namespace timerscope
