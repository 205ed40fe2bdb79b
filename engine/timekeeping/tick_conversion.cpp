// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/timekeeping/tick_conversion.h"

#include "engine/base/invariant.h"

#include <algorithm>

namespace timerscope {
namespace {

/// Cycles nearest to @p span shifted ns.
std::uint64_t nearestCycles(std::uint64_t span, std::uint32_t mult)
{
    const std::uint64_t cycles = (span + mult / 2) / mult;
    return std::max(cycles, std::uint64_t{1}); // slower than the tick: every cycle is one
}

} // namespace

TickConversion tickConversion(MultShift factor, TickRate rate)
{
    invariant(factor.mult != 0);
    invariant(rate.hz >= 1 && rate.hz <= nsPerSecond);
    const auto tick = static_cast<std::uint64_t>(ntpTickLength(rate).count());
    const std::uint64_t shiftedTick = tick << (factor.shift % 64);
    const std::uint32_t errorShift = ntpFractionBits - factor.shift;
    const std::uint64_t cycles = nearestCycles(shiftedTick, factor.mult);
    const std::uint64_t counted = cycles * factor.mult;
    return {.cycleInterval = cycles,
            .xtimeInterval = counted,
            .xtimeRemainder = static_cast<std::int64_t>(shiftedTick - counted),
            .rawInterval = counted,
            .ntpTick = shiftedTick << (errorShift % 64),
            .ntpErrorShift = errorShift};
}

} // namespace timerscope
