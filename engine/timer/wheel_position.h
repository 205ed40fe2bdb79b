// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/jiffies.h"

#include <bit>
#include <cstdint>

namespace timerscope {

/// The shape of a wheel: 64 buckets a level, those of a level 8 times as long as the ones below.
namespace wheel {
inline constexpr unsigned bucketsPerLevel = 64;
inline constexpr unsigned levelsMax = 9;
inline constexpr unsigned levelShift = 3;
inline constexpr std::uint64_t bucketMask = bucketsPerLevel - 1;
} // namespace wheel

/// Levels of a wheel: 8 up to HZ 100, else 9 (enough for timeouts of days).
[[nodiscard]] constexpr unsigned wheelLevels(TickRate rate)
{
    return rate.hz <= 100 ? 8 : 9;
}

/// Jiffies in a bucket of @p level: what a timer may be late by.
[[nodiscard]] constexpr std::uint64_t wheelGranularity(unsigned level)
{
    return std::uint64_t{1} << (level * wheel::levelShift);
}

/// Where a timer goes on a wheel.
struct WheelPosition
{
    unsigned index = 0; ///< level * 64 + bucket
    Jiffies bucketExpiry;
    friend bool operator==(const WheelPosition&, const WheelPosition&) = default;
};

namespace wheel {

/// The lowest level whose 63 buckets ahead reach @p distance, of as many levels as needed.
[[nodiscard]] constexpr unsigned levelFor(std::uint64_t distance)
{
    // The width of the distance gives the level at once, but for its topmost bucket.
    const auto width = static_cast<unsigned>(std::bit_width(distance | bucketMask));
    const unsigned level = (width - 4) / levelShift;
    return level + (distance >> (level * levelShift) == bucketMask ? 1 : 0);
}

/// The bucket of @p level that ends after @p expires.
[[nodiscard]] constexpr WheelPosition positionOn(std::uint64_t expires, unsigned level)
{
    const unsigned shift = level * levelShift;
    const std::uint64_t rounded = (expires >> shift) + 1;
    return {.index = level * bucketsPerLevel + static_cast<unsigned>(rounded & bucketMask),
            .bucketExpiry = Jiffies{rounded << shift}};
}

/// A distance that no level reaches: passed, or too far.
[[nodiscard]] constexpr WheelPosition positionOffTheWheel(std::uint64_t clk, std::uint64_t distance,
                                                          unsigned levels)
{
    if (static_cast<std::int64_t>(distance) < 0) {
        return {.index = static_cast<unsigned>(clk & bucketMask), .bucketExpiry = Jiffies{clk}};
    }
    const std::uint64_t longest = (bucketMask - 1) << ((levels - 1) * levelShift);
    return positionOn(clk + longest, levels - 1);
}

} // namespace wheel

/// The bucket for @p expires on a wheel of @p levels whose clock stands at @p clk.
///
/// Rule (timer.c, Linux 6.1): level L holds 8^L jiffies a bucket and 64 buckets; the distance to
/// the clock picks the level, and the expiry is rounded up to the next bucket, so no timer fires
/// early and level 0 fires one jiffy after the asked one. Beyond the last level a timer waits in
/// the last bucket. Passed expiries go to the clock's own bucket.
[[nodiscard]] constexpr WheelPosition wheelPosition(Jiffies expires, Jiffies clk, unsigned levels)
{
    const std::uint64_t distance = expires.count - clk.count;
    const unsigned level = wheel::levelFor(distance);
    return level < levels ? wheel::positionOn(expires.count, level)
                          : wheel::positionOffTheWheel(clk.count, distance, levels);
}

} // namespace timerscope
