// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/jiffies_conversion.h"
#include "engine/hrtimer/hrtimer.h"
#include "engine/posix/cpu_time.h"

#include <cstdint>
#include <optional>

namespace timerscope {

/// A clockid_t. Negative numbers name the CPU clocks of tasks; see CpuClockId.
enum class ClockId : std::int32_t
{
    Realtime = 0,
    Monotonic = 1,
    ProcessCpu = 2,
    ThreadCpu = 3,
    MonotonicRaw = 4,
    RealtimeCoarse = 5,
    MonotonicCoarse = 6,
    Boottime = 7,
    RealtimeAlarm = 8,
    BoottimeAlarm = 9,
    Tai = 11,
};

/// What the system calls may do with a clock. Where one may not, it fails with an errno of its own.
struct ClockAbilities
{
    bool isSettable = false; ///< clock_settime(); else EINVAL, for clocks of tasks EPERM
    bool canSleep = false; ///< clock_nanosleep(); else EOPNOTSUPP
    bool canTime = false; ///< timer_create(); else EOPNOTSUPP
    friend constexpr bool operator==(const ClockAbilities&, const ClockAbilities&) = default;
};

/// Null for numbers that name no clock: EINVAL everywhere. CPU clocks of tasks are all here,
/// whether the task exists or not. Source: behaviour of the table of clocks, Linux 6.1; recorded in
/// scenario px01_clock_table.
[[nodiscard]] std::optional<ClockAbilities> abilitiesOf(ClockId clock);

/// The clock of the hrtimers that stand behind @p clock; null when it is no such clock. For alarm
/// clocks: the one that counts while the machine is awake.
[[nodiscard]] std::optional<HrtimerClock> hrtimerClockOf(ClockId clock);

/// clock_getres(); null where that is EINVAL. @p hrtimerResolution is 1 ns, or a tick until high
/// resolution is active. Alarm clocks are refused without an RTC, which is the caller's to know.
[[nodiscard]] std::optional<Ns> resolutionOf(ClockId clock, Ns hrtimerResolution, TickRate rate);

/// True for the clocks that may wake the machine.
[[nodiscard]] constexpr bool isAlarmClock(ClockId clock)
{
    return clock == ClockId::RealtimeAlarm || clock == ClockId::BoottimeAlarm;
}

/// The clock that one task's, or one process's, CPU time is read on.
struct CpuClockId
{
    std::int32_t pid = 0; ///< 0: the caller's own
    CpuClock clock = CpuClock::Sched;
    bool isThread = false;

    /// As the kernel packs it into a clockid_t.
    [[nodiscard]] ClockId number() const;
    friend constexpr bool operator==(const CpuClockId&, const CpuClockId&) = default;
};

/// @p clock taken apart, ProcessCpu and ThreadCpu included; null when it is no CPU clock or names
/// a fourth kind of time.
[[nodiscard]] std::optional<CpuClockId> cpuClockOf(ClockId clock);

/// True for what timespec64_valid() takes: no negative seconds, and less than a second of ns.
[[nodiscard]] constexpr bool isValid(SecondsAndNs time)
{
    return time.seconds >= 0 && time.ns >= 0 && time.ns < nsPerSecond;
}

/// A span that is not negative, in seconds and ns (ns_to_timespec64()).
[[nodiscard]] constexpr SecondsAndNs timespecOf(Ns span)
{
    return {.seconds = span.count() / nsPerSecond, .ns = span.count() % nsPerSecond};
}

/// @p time, which must be valid, in ns: "never" from 9,223,372,036 s on (timespec64_to_ktime()).
[[nodiscard]] constexpr Ns ktimeOf(SecondsAndNs time)
{
    constexpr std::int64_t secondsMax = Ns::max().count() / nsPerSecond;
    return time.seconds >= secondsMax ? Ns::max() : Ns{time.seconds * nsPerSecond + time.ns};
}

/// What a timer is set to, and what it tells: the time until it fires, or the moment, and its
/// period (an itimerspec). Zero is "not armed" and "once".
struct TimerSetting
{
    Ns value{};
    Ns interval{};
    friend constexpr bool operator==(const TimerSetting&, const TimerSetting&) = default;
};

/// TIMER_ABSTIME of the system calls' flags.
inline constexpr std::uint32_t timerAbstime = 0x01;

} // namespace timerscope
