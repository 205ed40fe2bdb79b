// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/time.h"

#include <array>
#include <chrono>
#include <cstdint>

namespace timerscope {

/// CPU time in nanoseconds, as the kernel counts it: unsigned, from 0 when the task was made.
using CpuTime = std::chrono::duration<std::uint64_t, std::nano>;

/// The cached expiry of a queue that has none (U64_MAX in the kernel).
inline constexpr CpuTime noCpuExpiry = CpuTime::max();

/// @p span, which must not be negative, as CPU time.
[[nodiscard]] constexpr CpuTime cpuTimeOf(Ns span)
{
    return CpuTime{static_cast<std::uint64_t>(span.count())};
}

/// @p time as a signed span; above Ns::max() it wraps, as in ns_to_timespec64().
[[nodiscard]] constexpr Ns spanOf(CpuTime time)
{
    return Ns{static_cast<std::int64_t>(time.count())};
}

/// What a CPU clock counts (CPUCLOCK_PROF, _VIRT, _SCHED).
enum class CpuClock : std::uint8_t
{
    Prof = 0, ///< user and system time by ticks
    Virt = 1, ///< user time by ticks
    Sched = 2, ///< the scheduler's exact run time
};
inline constexpr std::array cpuClocks{CpuClock::Prof, CpuClock::Virt, CpuClock::Sched};

/// What a task, or all threads of a process, have used.
struct CpuTimes
{
    CpuTime user{}; ///< utime
    CpuTime system{}; ///< stime
    CpuTime runtime{}; ///< sum_exec_runtime

    [[nodiscard]] constexpr CpuTime on(CpuClock clock) const
    {
        switch (clock) {
        case CpuClock::Prof:
            return user + system;
        case CpuClock::Virt:
            return user;
        case CpuClock::Sched:
            break;
        }
        return runtime;
    }
    constexpr CpuTimes& operator+=(const CpuTimes& other)
    {
        user += other.user;
        system += other.system;
        runtime += other.runtime;
        return *this;
    }
    friend constexpr bool operator==(const CpuTimes&, const CpuTimes&) = default;
};

} // namespace timerscope
