// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/jiffies.h"
#include "engine/base/jiffies_conversion.h"
#include "engine/base/long_width.h"
#include "engine/base/time.h"

#include <cstdint>
#include <string>

namespace timerscope {

/// How long a task that called schedule_timeout() is away.
enum class TimeoutKind : std::uint8_t
{
    UntilTimer, ///< a wheel timer ends it, if nobody wakes the task before
    UntilWoken, ///< MAX_SCHEDULE_TIMEOUT: no timer is armed
    NotAtAll, ///< a negative timeout: the kernel prints wrongTimeoutText() and returns 0 at once
};

/// What schedule_timeout() does with its argument.
struct TimeoutPlan
{
    TimeoutKind kind = TimeoutKind::NotAtAll;
    Jiffies expires; ///< UntilTimer only
    friend bool operator==(const TimeoutPlan&, const TimeoutPlan&) = default;
};

/// schedule_timeout(@p timeout) at @p now, in jiffies. LONG_MAX of the machine's width means for
/// ever. As every wheel timer, that of 0 fires a jiffy later. Source: timer.c, Linux 6.1.
[[nodiscard]] TimeoutPlan scheduleTimeout(std::int64_t timeout, Jiffies now, LongWidth width);

/// What schedule_timeout() returns to a task that runs again at @p now: the jiffies that it was
/// woken early by, else 0.
[[nodiscard]] std::int64_t timeoutLeft(Jiffies expires, Jiffies now);

/// The line that a negative timeout leaves in the boot log; a call trace follows it there.
[[nodiscard]] std::string wrongTimeoutText(std::int64_t timeout, LongWidth width);

/// The timeout of msleep(@p ms) and msleep_interruptible(): one jiffy more than the time has, for
/// the present one is partly over. In jiffies. msleep() repeats it with what is left until nothing
/// is.
[[nodiscard]] std::int64_t msleepTimeout(std::uint32_t ms, const JiffiesConversion& conversion);

/// What msleep_interruptible() returns when a signal leaves @p left jiffies: ms, rounded up.
[[nodiscard]] std::uint32_t msleepLeft(std::int64_t left, const JiffiesConversion& conversion);

/// The hrtimer that usleep_range() sleeps on: absolute, CLOCK_MONOTONIC.
struct UsleepTimer
{
    MonotonicInstant softExpires;
    Ns slack{};
    friend bool operator==(const UsleepTimer&, const UsleepTimer&) = default;
};

/// usleep_range(@p min, @p max) at @p now. @p max below @p min leaves no slack in the model, where
/// the kernel's unsigned difference would be huge.
[[nodiscard]] UsleepTimer usleepRange(std::uint32_t min, std::uint32_t max, MonotonicInstant now);

/// How fsleep() waits.
enum class FlexibleSleep : std::uint8_t
{
    Delay, ///< up to 10 us: spins (udelay)
    Range, ///< up to 20 ms: usleep_range(us, 2 * us)
    Milliseconds, ///< longer: msleep() of the time in ms, rounded up
};
[[nodiscard]] constexpr FlexibleSleep flexibleSleep(std::uint32_t us)
{
    constexpr std::uint32_t mostDelay = 10;
    constexpr std::uint32_t mostRange = 20'000;
    return us <= mostDelay ? FlexibleSleep::Delay
        : us <= mostRange  ? FlexibleSleep::Range
                           : FlexibleSleep::Milliseconds;
}

} // namespace timerscope
