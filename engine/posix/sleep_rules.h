// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/jiffies_conversion.h"

#include <cstdint>

namespace timerscope {

class Task;

/// How a driver's sleep is carried out.
struct KernelSleep
{
    enum class Kind : std::uint8_t
    {
        Busy, ///< the CPU spins for `least`
        Range, ///< an hrtimer fires between `least` and `least` + `slack` from now
        Ticks, ///< a wheel timer expires in `ticks` jiffies
    };
    Kind kind = Kind::Busy;
    Ns least{};
    Ns slack{};
    std::uint64_t ticks = 0;
    friend constexpr bool operator==(const KernelSleep&, const KernelSleep&) = default;
};

/// msleep(): one tick more than the time takes, since the one that has begun does not count.
[[nodiscard]] KernelSleep msleep(std::uint32_t ms, const JiffiesConversion& conversion);
/// usleep_range(): @p least not above @p most.
[[nodiscard]] KernelSleep usleepRange(std::uint64_t leastUs, std::uint64_t mostUs);
/// fsleep() of Linux 6.1: spins up to 10 us, up to 20 ms takes at most twice as long, then
/// msleep() of the ms rounded up.
[[nodiscard]] KernelSleep fsleep(std::uint32_t us, const JiffiesConversion& conversion);

/// The slack of poll(), select() and epoll_wait(): a thousandth of the time-out (with a positive
/// nice value a two-hundredth), at most 100 ms, and not below the task's own slack. Real-time tasks
/// have none. Source: scenario px16 of the recordings.
[[nodiscard]] Ns pollSlack(const Task& task, Ns timeout);

} // namespace timerscope
