// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/jiffies.h"
#include "engine/base/long_width.h"

#include <cstdint>

namespace timerscope {

/// Moves expiries of timers that need not be exact onto whole seconds, so that one wakeup serves
/// many of them. Each CPU gets its own place, 3 ticks behind that of the CPU before it, lest all
/// CPUs take the same lock in one tick.
///
/// An expiry less than a quarter of a second past its CPU's place is moved back to it, any other
/// one on to the next; with "up" all move on. A rounded expiry that is not in the future is given
/// up: the answer is then the expiry that was asked for. All numbers are `unsigned long` jiffies,
/// and sums wrap with their width. Pure; any thread.
///
/// Source: behaviour of kernel/time/timer.c, Linux 6.1; oracle set round_jiffies.
class JiffiesRounding
{
public:
    /// @param rate must not be 0 Hz (an invariant).
    JiffiesRounding(TickRate rate, LongWidth width);

    enum class Direction : std::uint8_t
    {
        Nearest, ///< round_jiffies and round_jiffies_relative
        Up, ///< round_jiffies_up and round_jiffies_up_relative
    };

    /// @p expires is an absolute expiry. @param now the present jiffies.
    [[nodiscard]] std::uint64_t absolute(std::uint64_t expires, Direction direction, unsigned cpu,
                                         std::uint64_t now) const;
    /// @p delay counts from @p now, and so does the answer.
    [[nodiscard]] std::uint64_t relative(std::uint64_t delay, Direction direction, unsigned cpu,
                                         std::uint64_t now) const;

private:
    [[nodiscard]] std::uint64_t cut(std::uint64_t value) const { return cutToLong(value, m_width); }
    [[nodiscard]] std::uint64_t nearestPlace(std::uint64_t shifted, Direction direction) const;

    std::uint32_t m_hz;
    LongWidth m_width;
};

} // namespace timerscope
