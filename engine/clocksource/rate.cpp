// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/clocksource/rate.h"

#include "engine/base/invariant.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace timerscope {
namespace {

constexpr Ns jiffiesMargin{32'000'000};
constexpr std::uint32_t largestScale = nsPerSecond;

std::uint32_t trimRange(std::uint32_t mult)
{
    return static_cast<std::uint32_t>(std::uint64_t{mult} * 11 / 100);
}

bool overflowsTrimmed(std::uint32_t mult)
{
    return std::uint64_t{mult} + trimRange(mult) > std::numeric_limits<std::uint32_t>::max();
}

// Only a frequency's factor is ours to choose: it gives up precision until trimming is safe.
MultShift makeRoomForTrimming(MultShift factor)
{
    while (overflowsTrimmed(factor.mult) && factor.shift > 0) {
        factor = {.mult = factor.mult >> 1, .shift = factor.shift - 1};
    }
    return factor;
}

MultShift factorOf(const FrequencyRegistration& registration)
{
    const std::uint64_t hertz = std::uint64_t{registration.scale} * registration.frequency;
    const std::uint32_t seconds = conversionSeconds(registration.mask, hertz);
    // Counted in units of scale, a span of s seconds at f units is s x scale of "seconds" long.
    return makeRoomForTrimming(calcMultShift(
        registration.frequency, largestScale / registration.scale, seconds * registration.scale));
}

Result<Ns> marginOf(const FrequencyRegistration& registration)
{
    if (registration.margin != Ns::zero()) {
        return registration.margin;
    }
    const std::uint32_t wrapped = registration.scale * registration.frequency;
    if (wrapped == 0) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("the clocksource frequency {} x {} Hz is 0 modulo 2^32, of which "
                                "the kernel cannot take a period",
                                registration.frequency, registration.scale));
    }
    return std::max(Ns{nsPerSecond / wrapped}, leastUncertaintyMargin);
}

Result<ClocksourceRate> complete(MultShift factor, std::uint64_t mask, Ns margin)
{
    const std::uint32_t maxadj = trimRange(factor.mult);
    if (factor.mult + maxadj == 0 || mask == 0) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("the clocksource has mult {} and mask {:#x}, with which it can "
                                "count no time; both must be at least 1 and mult + 11 % not 2^32",
                                factor.mult, mask));
    }
    const MaxDeferment longest = maxDeferment(factor, maxadj, mask);
    return ClocksourceRate{.mult = factor.mult,
                           .shift = factor.shift,
                           .maxadj = maxadj,
                           .mask = mask,
                           .maxCycles = longest.cycles,
                           .maxIdle = longest.span,
                           .uncertaintyMargin = margin};
}

} // namespace

Result<ClocksourceRate> rateOf(const FrequencyRegistration& registration)
{
    if (registration.frequency == 0) {
        return fail(ErrorCode::InvalidArgument,
                    "the clocksource frequency is 0; it must be at least 1");
    }
    if (registration.scale == 0 || registration.scale > largestScale) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("the clocksource frequency's unit is {} Hz; it must be 1 to {}",
                                registration.scale, largestScale));
    }
    const Result<Ns> margin = marginOf(registration);
    if (!margin) {
        return tl::unexpected<Error>(margin.error());
    }
    return complete(factorOf(registration), registration.mask, *margin);
}

Result<ClocksourceRate> rateOf(const OwnFactorRegistration& registration)
{
    if (registration.factor.shift > 63) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("the clocksource shift is {}; it must be 0 to 63",
                                registration.factor.shift));
    }
    const bool chosen = registration.margin != Ns::zero();
    return complete(registration.factor, registration.mask,
                    chosen ? registration.margin : defaultUncertaintyMargin);
}

OwnFactorRegistration jiffiesRegistration(TickRate rate)
{
    invariant(rate.hz >= 15);
    // A slower tick is longer: the shift keeps its ns inside 32 bits.
    const std::uint32_t slowShift = rate.hz < 34 ? 6 : 7;
    const std::uint32_t shift = rate.hz < 67 ? slowShift : 8;
    const auto tick = static_cast<std::uint64_t>(rate.period().count());
    return {.mask = counterMask(32),
            .factor = {.mult = static_cast<std::uint32_t>(tick << shift), .shift = shift},
            .margin = jiffiesMargin};
}

MaxDeferment maxDeferment(MultShift factor, std::uint32_t maxadj, std::uint64_t mask)
{
    const std::uint32_t trimmedUp = factor.mult + maxadj;
    const std::uint32_t trimmedDown = factor.mult - maxadj;
    invariant(trimmedUp != 0);
    const std::uint64_t safe = std::numeric_limits<std::uint64_t>::max() / trimmedUp;
    const std::uint64_t cycles = std::min(safe, mask);
    const Ns lasts = cyclesToNs(Cycles{cycles}, {.mult = trimmedDown, .shift = factor.shift});
    // Halved as unsigned: with shift 0 the top bit belongs to the number.
    const std::uint64_t half = static_cast<std::uint64_t>(lasts.count()) >> 1;
    return {.cycles = cycles, .span = Ns{static_cast<std::int64_t>(half)}};
}

std::string registrationLine(std::string_view name, const ClocksourceRate& rate)
{
    return fmt::format("clocksource: {}: mask: {:#x} max_cycles: {:#x}, max_idle_ns: {} ns", name,
                       rate.mask, rate.maxCycles, rate.maxIdle.count());
}

} // namespace timerscope
