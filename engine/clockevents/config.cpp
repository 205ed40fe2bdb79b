// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/clockevents/config.h"

#include "engine/base/invariant.h"
#include "engine/base/kernel_types.h"
#include "engine/base/wide.h"

#include <algorithm>
#include <limits>

namespace timerscope {
namespace {

constexpr WideUnsigned largest = std::numeric_limits<std::uint64_t>::max();

// A device faster than 1 GHz has mult > 2^shift: each ns is more than one tick, and a rounded-up
// maximum would come back as more ticks than the device has.
bool roundsUp(MultShift factor, DeltaLimit limit)
{
    return limit == DeltaLimit::Minimum
        || WideUnsigned{factor.mult} <= WideUnsigned{1} << factor.shift;
}

// calcMultShift from 10^9 never gives a mult below 2 to a device of 1 Hz or more, so half of the
// 64-bit range is the most that can come out.
Ns limitOf(std::uint64_t ticks, MultShift factor, DeltaLimit limit)
{
    const std::uint64_t ns = deltaToNs(ticks, factor, limit);
    invariant(ns <= static_cast<std::uint64_t>(Ns::max().count()));
    return Ns{static_cast<std::int64_t>(ns)};
}

} // namespace

Result<ClockEventConfig> clockEventConfig(std::uint32_t frequency, std::uint64_t minTicks,
                                          std::uint64_t maxTicks, std::uint32_t features)
{
    if ((features & clock_event_feature::oneshot) == 0) {
        return ClockEventConfig{};
    }
    if (frequency == 0) {
        return fail(ErrorCode::InvalidArgument,
                    "the clock event device's frequency is 0 Hz; it must be at least 1");
    }
    const MultShift factor
        = calcMultShift(nsPerSecond, frequency, conversionSeconds(maxTicks, frequency));
    return ClockEventConfig{.mult = factor.mult,
                            .shift = factor.shift,
                            .minDelta = limitOf(minTicks, factor, DeltaLimit::Minimum),
                            .maxDelta = limitOf(maxTicks, factor, DeltaLimit::Maximum)};
}

std::uint64_t deltaToNs(std::uint64_t ticks, MultShift factor, DeltaLimit limit)
{
    invariant(factor.mult != 0 && factor.shift < 64);
    WideUnsigned scaled = std::min(WideUnsigned{ticks} << factor.shift, largest);
    const WideUnsigned roundedUp = scaled + (factor.mult - 1);
    if (roundsUp(factor, limit) && roundedUp < largest) {
        scaled = roundedUp;
    }
    const auto ns = static_cast<std::uint64_t>(scaled / factor.mult);
    return std::max(ns, static_cast<std::uint64_t>(leastDelta.count()));
}

} // namespace timerscope
