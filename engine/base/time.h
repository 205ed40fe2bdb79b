// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>

namespace timerscope {

/// A signed span of time in nanoseconds, the range of the kernel's ktime_t: about +-292 years.
using Ns = std::chrono::duration<std::int64_t, std::nano>;

inline constexpr std::int64_t nsPerSecond = 1'000'000'000;

/// A point on one clock. The tag keeps clocks apart: adding a span is fine, mixing clocks is not.
template<typename ClockTag>
using Instant = std::chrono::time_point<ClockTag, Ns>;

/// CLOCK_MONOTONIC of the machine that is shown.
using MonotonicInstant = Instant<struct MonotonicClock>;
/// CLOCK_REALTIME, nanoseconds since 1970.
using RealtimeInstant = Instant<struct RealtimeClock>;
/// The axis of a TraceLog. For a model: true time since power-on. For a live kernel or a trace
/// file: the trace clock (CLOCK_MONOTONIC unless the log's origin says otherwise).
using TraceInstant = Instant<struct TraceClock>;
/// The clock of whichever hrtimer base a timer is queued on; the base knows its offset.
using HrtimerInstant = Instant<struct HrtimerBaseClock>;

/// "Never": the expiry of a timer that is not queued (KTIME_MAX in the kernel).
template<typename ClockTag>
inline constexpr Instant<ClockTag> never{Ns::max()};

[[nodiscard]] constexpr Ns addSaturating(Ns a, Ns b)
{
    std::int64_t sum = 0;
    if (__builtin_add_overflow(a.count(), b.count(), &sum)) {
        return b < Ns::zero() ? Ns::min() : Ns::max();
    }
    return Ns{sum};
}

[[nodiscard]] constexpr Ns subtractSaturating(Ns a, Ns b)
{
    std::int64_t difference = 0;
    if (__builtin_sub_overflow(a.count(), b.count(), &difference)) {
        return b < Ns::zero() ? Ns::max() : Ns::min();
    }
    return Ns{difference};
}

/// @p at + @p span, clamped to the range of Instant instead of overflowing.
/// A timer armed "for ever" must stay last in the queue, not wrap into the past.
template<typename ClockTag>
[[nodiscard]] constexpr Instant<ClockTag> addSaturating(Instant<ClockTag> at, Ns span)
{
    return Instant<ClockTag>{addSaturating(at.time_since_epoch(), span)};
}

/// The nanoseconds of @p at since its clock's zero.
template<typename ClockTag>
[[nodiscard]] constexpr std::int64_t nsOf(Instant<ClockTag> at)
{
    return at.time_since_epoch().count();
}

} // namespace timerscope
