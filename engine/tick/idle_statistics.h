// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/jiffies.h"
#include "engine/base/time.h"

#include <array>
#include <cstdint>

namespace timerscope {

/// What a CPU does, as ticks are accounted (enum cpu_usage_stat, as far as the model goes).
enum class CpuActivity : std::uint8_t
{
    User,
    System,
    Idle,
    WaitingForIo, ///< idle, but a task of it sleeps until a device answers
};

/// Ticks a CPU has spent on each (the figures of /proc/stat, in ticks).
class TickAccount
{
public:
    void add(CpuActivity activity, std::uint64_t ticks) { m_ticks[index(activity)] += ticks; }
    [[nodiscard]] std::uint64_t of(CpuActivity activity) const { return m_ticks[index(activity)]; }

private:
    static std::size_t index(CpuActivity activity) { return static_cast<std::size_t>(activity); }
    std::array<std::uint64_t, 4> m_ticks{};
};

/// What a CPU's tick remembers of its idle times: the figures of /proc/timer_list, by its names.
/// Instants are CLOCK_MONOTONIC's; zero where it never happened.
struct IdleStatistics
{
    MonotonicInstant lastTick; ///< when the tick would have come that was stopped last
    std::uint64_t idleJiffies
        = 0; ///< jiffies that are accounted for: as it stopped, and ticks since
    std::uint64_t idleCalls = 0; ///< how often it asked whether it may stop
    std::uint64_t idleSleeps = 0; ///< how often it could
    MonotonicInstant idleEntryTime;
    MonotonicInstant idleWakeTime; ///< the last interrupt that found the tick stopped
    MonotonicInstant idleExitTime; ///< when a stopped tick was started for a task
    Ns idleSleepTime{};
    Ns iowaitSleepTime{};
    Jiffies lastJiffies; ///< when it last looked for the next tick
    MonotonicInstant nextTimer; ///< what it found: the first timer
    MonotonicInstant idleExpires; ///< how long it meant to sleep
};

} // namespace timerscope
