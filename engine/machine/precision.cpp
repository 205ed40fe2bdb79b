// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/machine/precision.h"

#include "engine/base/frequency_text.h"
#include "engine/base/invariant.h"
#include "engine/base/kernel_types.h"
#include "engine/base/wide.h"
#include "engine/clockevents/config.h"
#include "engine/clocksource/rate.h"
#include "engine/machine/registration.h"
#include "engine/timekeeping/sched_clock_rate.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace timerscope {

namespace {

constexpr std::uint64_t millionthsPerOne = 1'000'000'000'000'000; // 10^6 x 10^9
constexpr std::uint64_t fsPerSecond = millionthsPerOne;
constexpr std::uint64_t largestOperand = std::uint64_t{1} << 42U;
constexpr std::uint64_t highestEventRate = std::numeric_limits<std::uint32_t>::max();

/// @p part x 10^15 / @p whole, to the nearest, by long division: the product would need 180 bits.
/// Saturates at the largest std::int64_t.
std::int64_t scaledQuotient(WideUnsigned part, WideUnsigned whole)
{
    constexpr auto most = static_cast<WideUnsigned>(std::numeric_limits<std::int64_t>::max());
    WideUnsigned quotient = part / whole;
    WideUnsigned rest = part % whole;
    for (std::uint64_t digit = 1; digit < millionthsPerOne; digit *= 10) {
        if (quotient > most) {
            break;
        }
        quotient = quotient * 10 + rest * 10 / whole;
        rest = rest * 10 % whole;
    }
    quotient += rest >= whole - rest ? 1 : 0;
    return static_cast<std::int64_t>(std::min(quotient, most));
}

std::uint64_t nearest(std::uint64_t value, std::uint64_t divisor)
{
    return value / divisor + (value % divisor >= divisor - value % divisor ? 1 : 0);
}

std::optional<SchedClockPrecision> schedClockOf(const CounterDescription& counter, Hertz rate)
{
    const auto registered = schedClockRate(counter.bits, rate);
    if (!registered) {
        return std::nullopt;
    }
    return SchedClockPrecision{.mult = registered->mult,
                               .shift = registered->shift,
                               .multError
                               = multErrorOf(registered->factor(), rate.value, nsPerSecond),
                               .resolution = registered->resolution,
                               .wrap = registered->wrap,
                               .isRegistered = counter.schedClock};
}

/// Jiffies by their tick (refined ones as if the tick's timer made it exactly), others as drivers
/// register them.
Result<ClocksourceRate> rateOfEither(const CounterDescription& counter, TickRate tickRate)
{
    return counter.kind == CounterKind::Hardware ? registeredRateOf(counter)
                                                 : rateOf(jiffiesRegistration(tickRate));
}

Result<void> checkRate(std::string_view what, std::string_view name, Hertz rate, Hertz most)
{
    if (rate.value >= 1 && rate <= most) {
        return {};
    }
    return fail(ErrorCode::InvalidArgument,
                fmt::format("the rate of {}{}{} is {} Hz; it must be 1 to {}", what,
                            name.empty() ? "" : " ", name, rate.value, most.value));
}

} // namespace

PartsPerBillion multErrorOf(MultShift factor, std::uint64_t from, std::uint64_t to)
{
    invariant(from >= 1 && from <= largestOperand && to >= 1 && to <= largestOperand);
    invariant(factor.shift < 64);
    // mult / 2^shift over to / from, less 1: both products stay below 2^106.
    const WideUnsigned met = WideUnsigned{factor.mult} * from;
    const WideUnsigned wanted = WideUnsigned{to} << factor.shift;
    const bool isFast = met > wanted;
    const std::int64_t size = scaledQuotient(isFast ? met - wanted : wanted - met, wanted);
    return {.millionths = isFast ? size : -size};
}

Result<CounterPrecision> precisionOf(const CounterDescription& counter, TickRate tickRate)
{
    const bool isHardware = counter.kind == CounterKind::Hardware;
    const Hertz rate = isHardware ? counter.rate : Hertz{tickRate.hz};
    if (auto possible = checkRate("the counter", counter.name, rate, highestFrequency); !possible) {
        return tl::unexpected(possible.error());
    }
    const auto registered = rateOfEither(counter, tickRate);
    if (!registered) {
        return tl::unexpected(registered.error());
    }
    const WideUnsigned states = WideUnsigned{registered->mask} + 1;
    return CounterPrecision{.name = counter.name,
                            .rate = rate,
                            .bits = counter.bits,
                            .rating = counter.rating,
                            .flags = counter.flags,
                            .mult = registered->mult,
                            .shift = registered->shift,
                            .multError = multErrorOf(registered->factor(), rate.value, nsPerSecond),
                            .maxadj = registered->maxadj,
                            .mask = registered->mask,
                            .maxCycles = registered->maxCycles,
                            .maxIdle = registered->maxIdle,
                            .wrapNs = states * nsPerSecond / rate.value,
                            .cycleFs = nearest(fsPerSecond, rate.value),
                            .uncertaintyMargin = registered->uncertaintyMargin,
                            .schedClock = schedClockOf(counter, rate)};
}

Result<EventPrecision> precisionOf(const EventDescription& event)
{
    if (event.rate.value == 0 && (event.features & clock_event_feature::dummy) != 0) {
        EventPrecision dummy;
        dummy.name = event.name;
        dummy.rating = event.rating;
        dummy.features = event.features;
        return dummy;
    }
    if (auto possible
        = checkRate("the event device", event.name, event.rate, Hertz{highestEventRate});
        !possible) {
        return tl::unexpected(possible.error());
    }
    const auto config = clockEventConfig(static_cast<std::uint32_t>(event.rate.value),
                                         event.minTicks, event.maxTicks, event.features);
    if (!config) {
        return tl::unexpected(config.error());
    }
    const bool hasFactor = config->mult != 0;
    return EventPrecision{
        .name = event.name,
        .rate = event.rate,
        .rating = event.rating,
        .features = event.features,
        .minTicks = event.minTicks,
        .maxTicks = event.maxTicks,
        .mult = config->mult,
        .shift = config->shift,
        .multError = hasFactor ? multErrorOf(config->factor(), nsPerSecond, event.rate.value)
                               : PartsPerBillion{},
        .minDelta = config->minDelta,
        .maxDelta = config->maxDelta,
        .minTicksNs = WideUnsigned{event.minTicks} * nsPerSecond / event.rate.value};
}

Result<DevicePrecision> precisionOf(const DeviceDescription& device, TickRate tickRate)
{
    DevicePrecision precision;
    precision.name = device.name;
    for (const CounterDescription& counter : device.counters) {
        auto one = precisionOf(counter, tickRate);
        if (!one) {
            return tl::unexpected(one.error());
        }
        precision.counters.push_back(std::move(*one));
    }
    for (const EventDescription& event : device.events) {
        auto one = precisionOf(event);
        if (!one) {
            return tl::unexpected(one.error());
        }
        precision.events.push_back(std::move(*one));
    }
    return precision;
}

} // namespace timerscope
