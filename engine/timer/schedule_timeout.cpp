// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/timer/schedule_timeout.h"

#include <fmt/format.h>

#include <algorithm>

namespace timerscope {

TimeoutPlan scheduleTimeout(std::int64_t timeout, Jiffies now, LongWidth width)
{
    if (timeout < 0) {
        return {.kind = TimeoutKind::NotAtAll, .expires = {}};
    }
    const auto jiffies = static_cast<std::uint64_t>(timeout);
    if (jiffies >= largestLong(width)) {
        return {.kind = TimeoutKind::UntilWoken, .expires = {}};
    }
    return {.kind = TimeoutKind::UntilTimer, .expires = Jiffies{now.count + jiffies}};
}

std::int64_t timeoutLeft(Jiffies expires, Jiffies now)
{
    return std::max<std::int64_t>(static_cast<std::int64_t>(expires.count - now.count), 0);
}

std::string wrongTimeoutText(std::int64_t timeout, LongWidth width)
{
    return fmt::format("schedule_timeout: wrong timeout value {:x}",
                       cutToLong(static_cast<std::uint64_t>(timeout), width));
}

std::int64_t msleepTimeout(std::uint32_t ms, const JiffiesConversion& conversion)
{
    return static_cast<std::int64_t>(conversion.msecsToJiffies(ms) + 1);
}

std::uint32_t msleepLeft(std::int64_t left, const JiffiesConversion& conversion)
{
    return conversion.msecs(static_cast<std::uint64_t>(left));
}

UsleepTimer usleepRange(std::uint32_t min, std::uint32_t max, MonotonicInstant now)
{
    using Microseconds = std::chrono::duration<std::int64_t, std::micro>;
    return {.softExpires = addSaturating(now, Microseconds{min}),
            .slack = Microseconds{std::max(max, min) - min}};
}

} // namespace timerscope
