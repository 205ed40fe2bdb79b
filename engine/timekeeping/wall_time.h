// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/time.h"

#include <compare>
#include <cstdint>

namespace timerscope {

/// A moment or a span as the timekeeper keeps it: seconds and nanoseconds apart, so that a century
/// fits and a second's end is seen (struct timespec64). After every operation below, nanoseconds
/// are 0 to 999'999'999 and negative values have their sign in the seconds: -0.25 s is {-1, 750
/// ms}. Comparison is by value for such normalized ones. Sums wrap at 2^64 seconds.
struct WallTime
{
    std::int64_t seconds = 0;
    std::int64_t nanoseconds = 0;

    friend constexpr auto operator<=>(const WallTime&, const WallTime&) = default;
};

/// @p seconds and any number of @p nanoseconds, either sign.
[[nodiscard]] constexpr WallTime normalized(std::int64_t seconds, std::int64_t nanoseconds)
{
    const std::int64_t borrow = nanoseconds % nsPerSecond < 0 ? 1 : 0;
    const std::int64_t carry = nanoseconds / nsPerSecond - borrow;
    return {.seconds = static_cast<std::int64_t>(static_cast<std::uint64_t>(seconds)
                                                 + static_cast<std::uint64_t>(carry)),
            .nanoseconds = nanoseconds % nsPerSecond + borrow * nsPerSecond};
}

[[nodiscard]] constexpr WallTime operator+(const WallTime& a, const WallTime& b)
{
    return normalized(static_cast<std::int64_t>(static_cast<std::uint64_t>(a.seconds)
                                                + static_cast<std::uint64_t>(b.seconds)),
                      a.nanoseconds + b.nanoseconds);
}

[[nodiscard]] constexpr WallTime operator-(const WallTime& a, const WallTime& b)
{
    return normalized(static_cast<std::int64_t>(static_cast<std::uint64_t>(a.seconds)
                                                - static_cast<std::uint64_t>(b.seconds)),
                      a.nanoseconds - b.nanoseconds);
}

[[nodiscard]] constexpr WallTime operator-(const WallTime& a)
{
    return WallTime{} - a;
}

[[nodiscard]] constexpr WallTime wallTimeOf(Ns span)
{
    return normalized(0, span.count());
}

/// From this many seconds on, a WallTime no longer fits in Ns (KTIME_SEC_MAX).
inline constexpr std::int64_t nsRangeSeconds = Ns::max().count() / nsPerSecond;

/// As nanoseconds; Ns::max() from nsRangeSeconds on. Below -nsRangeSeconds it wraps.
/// Source: ktime_set, Linux 6.1.
[[nodiscard]] constexpr Ns nsOf(const WallTime& time)
{
    if (time.seconds >= nsRangeSeconds) {
        return Ns::max();
    }
    const std::uint64_t whole
        = static_cast<std::uint64_t>(time.seconds) * static_cast<std::uint64_t>(nsPerSecond);
    return Ns{static_cast<std::int64_t>(whole + static_cast<std::uint64_t>(time.nanoseconds))};
}

/// @p a + @p b modulo 2^64, as the kernel adds offsets to its clocks (ktime_add).
[[nodiscard]] constexpr Ns addWrapping(Ns a, Ns b)
{
    return Ns{static_cast<std::int64_t>(static_cast<std::uint64_t>(a.count())
                                        + static_cast<std::uint64_t>(b.count()))};
}

} // namespace timerscope
