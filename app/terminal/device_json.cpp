// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/terminal/device_json.h"

#include "app/terminal/json_text.h"
#include "engine/base/kernel_types.h"
#include "engine/why/flag_words.h"

#include <fmt/format.h>

namespace timerscope::terminal {

namespace {

constexpr std::int64_t millionthsPerUnit = 1'000'000;

JsonValue nameValue(const std::string& name)
{
    return name.empty() ? JsonValue::null() : JsonValue::text(name);
}

/// Millionths as a number with six decimals.
JsonValue decimal(std::int64_t millionths)
{
    const auto size = millionths < 0 ? 0 - static_cast<std::uint64_t>(millionths)
                                     : static_cast<std::uint64_t>(millionths);
    return JsonValue::literal(fmt::format("{}{}.{:06}", millionths < 0 ? "-" : "",
                                          size / millionthsPerUnit, size % millionthsPerUnit));
}

JsonValue hex(std::uint64_t bits)
{
    return JsonValue::text(fmt::format("{:#x}", bits));
}

JsonValue names(std::uint32_t bits, std::span<const NamedFlag> flags)
{
    JsonArray array;
    for (const std::string_view name : namesOf(bits, flags)) {
        array.add(JsonValue::text(name));
    }
    return array.value();
}

void addRating(JsonObject& object, std::optional<int> rating)
{
    if (!rating) {
        object.add("rating", JsonValue::null()).add("rating_band", JsonValue::null());
        return;
    }
    const RatingBand band = bandOf(*rating);
    object.add("rating", JsonValue::number(*rating))
        .add("rating_band", JsonValue::text(isOutsideBands(band) ? "outside" : nameOf(band)));
}

std::string_view nameOf(HresFitness fitness)
{
    switch (fitness) {
    case HresFitness::AtRegistration:
        return "at_registration";
    case HresFitness::AfterVerification:
        return "after_verification";
    case HresFitness::Never:
        break;
    }
    return "never";
}

JsonValue ticksAsleep(const CounterPrecision& counter)
{
    JsonObject ticks;
    for (const std::uint32_t hz : usualTickRates) {
        ticks.add(fmt::format("hz_{}", hz), JsonValue::number(counter.ticksAsleep(hz)));
    }
    return ticks.value();
}

/// 0 where a dynamic tick is out of the question; without flags, it is not.
Ns dynamicSleep(const CounterPrecision& counter)
{
    const bool isNever = counter.flags && hresFitnessOf(*counter.flags) == HresFitness::Never;
    return isNever ? Ns::zero() : counter.maxIdle;
}

JsonValue schedClock(const std::optional<SchedClockPrecision>& clock)
{
    if (!clock) {
        return JsonValue::null();
    }
    JsonObject object;
    object.add("mult", JsonValue::number(clock->mult))
        .add("shift", JsonValue::number(clock->shift))
        .add("rounding_error_ppb", decimal(clock->multError.millionths))
        .add("resolution_ns", JsonValue::number(clock->resolution.count()))
        .add("wrap_ns", JsonValue::number(clock->wrap.count()))
        .add("registered_by_driver",
             clock->isRegistered ? JsonValue::boolean(*clock->isRegistered) : JsonValue::null());
    return object.value();
}

JsonValue counterValue(const CounterPrecision& counter)
{
    JsonObject object;
    object.add("name", nameValue(counter.name))
        .add("rate_hz", JsonValue::number(counter.rate.value))
        .add("bits", JsonValue::number(counter.bits))
        .add("mult", JsonValue::number(counter.mult))
        .add("shift", JsonValue::number(counter.shift))
        .add("rounding_error_ppb", decimal(counter.multError.millionths))
        .add("maxadj", JsonValue::number(counter.maxadj))
        .add("mask", hex(counter.mask))
        .add("max_cycles", hex(counter.maxCycles))
        .add("wrap_ns", JsonValue::literal(fmt::format("{}", counter.wrapNs)))
        .add("max_idle_ns", JsonValue::number(counter.maxIdle.count()))
        .add("nohz_max_sleep_ns", JsonValue::number(dynamicSleep(counter).count()))
        .add("max_idle_ticks", ticksAsleep(counter))
        .add("resolution_ns", decimal(static_cast<std::int64_t>(counter.cycleFs)))
        .add("uncertainty_margin_ns", JsonValue::number(counter.uncertaintyMargin.count()));
    addRating(object, counter.rating);
    object.add("flags",
               counter.flags ? names(*counter.flags, clocksourceFlags()) : JsonValue::null());
    object.add("valid_for_hres",
               counter.flags ? JsonValue::text(nameOf(hresFitnessOf(*counter.flags)))
                             : JsonValue::null());
    object.add("sched_clock", schedClock(counter.schedClock));
    return object.value();
}

JsonValue eventValue(const EventPrecision& event)
{
    JsonObject object;
    object.add("name", nameValue(event.name))
        .add("rate_hz", JsonValue::number(event.rate.value))
        .add("features", names(event.features, clockEventFeatures()))
        .add("min_ticks", JsonValue::number(event.minTicks))
        .add("max_ticks", JsonValue::number(event.maxTicks))
        .add("mult", JsonValue::number(event.mult))
        .add("shift", JsonValue::number(event.shift))
        .add("rounding_error_ppb", decimal(event.multError.millionths))
        .add("min_delta_ns", JsonValue::number(event.minDelta.count()))
        .add("max_delta_ns", JsonValue::number(event.maxDelta.count()));
    addRating(object, event.rating);
    return object.value();
}

} // namespace

std::string jsonOf(const DevicePrecision& device)
{
    JsonArray counters;
    for (const CounterPrecision& counter : device.counters) {
        counters.add(counterValue(counter));
    }
    JsonArray events;
    for (const EventPrecision& event : device.events) {
        events.add(eventValue(event));
    }
    JsonObject object;
    object.add("device", nameValue(device.name))
        .add("counters", counters.value())
        .add("event_devices", events.value());
    return object.value().indented() + "\n";
}

} // namespace timerscope::terminal
