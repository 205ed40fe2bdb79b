// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/mult_shift.h"

#include "engine/base/bits.h"
#include "engine/base/invariant.h"

#include <algorithm>
#include <limits>

namespace timerscope {
namespace {

constexpr std::uint32_t maxShift = 32;
constexpr std::uint64_t maxWideSeconds = 600;

// At most (2^32 - 1) x 2^32 + 2^31, so 64 bits are enough.
std::uint64_t roundedMult(std::uint32_t from, std::uint32_t to, std::uint32_t shift)
{
    return ((std::uint64_t{to} << shift) + from / 2) / from;
}

} // namespace

MultShift calcMultShift(std::uint32_t from, std::uint32_t to, std::uint32_t maxSeconds)
{
    invariant(from != 0);
    const std::uint64_t largestInput = std::uint64_t{maxSeconds} * from;
    // An input below 2^32 leaves 32 bits; mult has no more than that anyway.
    const int freeBits = std::min(32, 64 - bitWidth(largestInput));
    std::uint32_t shift = maxShift;
    while (shift > 0 && bitWidth(roundedMult(from, to, shift)) > freeBits) {
        --shift;
    }
    const std::uint64_t mult = roundedMult(from, to, std::max(shift, std::uint32_t{1}));
    return {.mult = static_cast<std::uint32_t>(mult), .shift = shift};
}

std::uint32_t conversionSeconds(std::uint64_t maxTicks, std::uint64_t ticksPerSecond)
{
    invariant(ticksPerSecond != 0);
    const bool wide = maxTicks > std::numeric_limits<std::uint32_t>::max();
    const std::uint64_t seconds = std::max(maxTicks / ticksPerSecond, std::uint64_t{1});
    return static_cast<std::uint32_t>(wide ? std::min(seconds, maxWideSeconds) : seconds);
}

Ns cyclesToNs(Cycles cycles, MultShift factor)
{
    invariant(factor.shift < 64);
    return Ns{static_cast<std::int64_t>((cycles.count * factor.mult) >> factor.shift)};
}

} // namespace timerscope
