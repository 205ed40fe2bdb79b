// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/why/precision_text.h"

#include "engine/base/frequency_text.h"
#include "engine/base/kernel_types.h"
#include "engine/why/flag_words.h"
#include "engine/why/number_text.h"

#include <fmt/format.h>

namespace timerscope {

namespace {

constexpr std::int64_t millionthsPerUnit = 1'000'000;
constexpr std::uint64_t secondsPerDay = 86'400;

/// Millionths as "0.058 208".
std::string decimalText(std::int64_t millionths)
{
    const std::string digits = fmt::format("{:06}", millionths % millionthsPerUnit);
    return fmt::format("{}.{}\u202f{}", groupedText(millionths / millionthsPerUnit),
                       digits.substr(0, 3), digits.substr(3));
}

std::string readableText(Ns span)
{
    return longSpanText(static_cast<WideUnsigned>(span.count()));
}

/// "77 222 644 334 ns (77.223 s)"
std::string exactSpanText(Ns span)
{
    return fmt::format("{} ns ({})", groupedText(span.count()), readableText(span));
}

/// What an error comes to in a day: "slow by 5.029 µs a day".
std::string driftText(PartsPerBillion error)
{
    if (error.millionths == 0) {
        return "exact";
    }
    const WideSigned size
        = error.millionths < 0 ? -WideSigned{error.millionths} : WideSigned{error.millionths};
    const auto ns = static_cast<WideUnsigned>(size) * secondsPerDay / 1'000'000U;
    return fmt::format("{} by {} a day", error.millionths < 0 ? "slow" : "fast",
                       ns == 0 ? "less than 1 ns" : longSpanText(ns));
}

Fact ratingFact(std::optional<int> rating)
{
    return {.label = "rating", .text = rating ? ratingWords(*rating) : "not given"};
}

/// "7722 at HZ=100, 19305 at HZ=250, …".
std::string ticksText(const CounterPrecision& counter)
{
    std::string text;
    for (const std::uint32_t hz : usualTickRates) {
        text += fmt::format("{}{} at HZ={}", text.empty() ? "" : ", ",
                            groupedText(counter.ticksAsleep(hz)), hz);
    }
    return text;
}

/// The tick rates at which the counter cannot even be left alone for a tick: "HZ=100, HZ=250".
std::string tooSlowTicks(const CounterPrecision& counter)
{
    std::string text;
    for (const std::uint32_t hz : usualTickRates) {
        if (counter.ticksAsleep(hz) == 0) {
            text += fmt::format("{}HZ={}", text.empty() ? "" : ", ", hz);
        }
    }
    return text;
}

Fact sleepFact(const CounterPrecision& counter)
{
    std::string text = fmt::format("a CPU that keeps the time sleeps for {} at most; in ticks: {}",
                                   readableText(counter.maxIdle), ticksText(counter));
    if (const std::string slow = tooSlowTicks(counter); !slow.empty()) {
        text += fmt::format(". At {} a tick alone is longer: the reserve is used up even without "
                            "NO_HZ",
                            slow);
    }
    if (counter.flags && hresFitnessOf(*counter.flags) == HresFitness::Never) {
        text = "none: a dynamic tick needs a clocksource that is valid for high resolution. Were "
               "it valid, "
            + text;
    }
    return {.label = "NO_HZ sleep", .text = std::move(text)};
}

void addFlagFacts(std::optional<std::uint32_t> flags, std::vector<Fact>& facts)
{
    if (!flags) {
        facts.push_back({.label = "flags",
                         .text = "not given: whether it is valid for high resolution is not "
                                 "judged"});
        return;
    }
    if (hresFitnessOf(*flags) == HresFitness::Never) {
        facts.push_back({.label = "flags",
                         .text = "not continuous: never valid for high resolution, so neither "
                                 "listed nor chosen while the tick is oneshot"});
    }
    for (const NamedFlag& flag : clocksourceFlags()) {
        if ((*flags & flag.bit) != 0) {
            facts.push_back({.label = std::string(flag.name),
                             .text = std::string(meaningOf(flag.bit, *flags))});
        }
    }
}

std::string registeredText(std::optional<bool> isRegistered)
{
    if (!isRegistered) {
        return {};
    }
    return *isRegistered ? "; its driver registers it" : "; its driver does not register it";
}

Fact schedClockFact(const std::optional<SchedClockPrecision>& clock)
{
    if (!clock) {
        return {.label = "sched_clock",
                .text = "none: its rate is 0 modulo 2^32, which cannot be registered"};
    }
    return {.label = "sched_clock",
            .text = fmt::format("resolution {} ns, wraps every {}, mult/shift {} / {}, rounding "
                                "error {}{}",
                                groupedText(clock->resolution.count()), exactSpanText(clock->wrap),
                                groupedText(clock->mult), clock->shift, errorText(clock->multError),
                                registeredText(clock->isRegistered))};
}

std::string nameText(std::string_view kind, std::string_view name)
{
    return fmt::format("{}{}{}", kind, name.empty() ? "" : " ", name);
}

Fact multFact(std::uint32_t mult, std::uint32_t shift, std::string_view rule)
{
    return {.label = "mult/shift",
            .text = fmt::format("{} / {}: {}", groupedText(mult), shift, rule)};
}

/// The kernel asks no device for less than a microsecond.
std::string_view raisedText(const EventPrecision& event)
{
    const bool isRaised = event.minTicksNs < static_cast<std::uint64_t>(event.minDelta.count())
        && event.minDelta == Ns{1000};
    return isRaised ? "; raised: no device is asked for less" : "";
}

} // namespace

std::string errorText(PartsPerBillion error)
{
    const bool isNegative = error.millionths < 0;
    return fmt::format("{}{} ppb", isNegative ? "\u2212" : (error.millionths > 0 ? "+" : ""),
                       decimalText(isNegative ? -error.millionths : error.millionths));
}

std::string headOf(const CounterPrecision& counter)
{
    return fmt::format("{}: {}, {} bits", nameText("clocksource", counter.name),
                       frequencyText(counter.rate), counter.bits);
}

std::vector<Fact> factsOf(const CounterPrecision& counter)
{
    std::vector<Fact> facts{
        multFact(counter.mult, counter.shift, "ns = cycles x mult >> shift"),
        {.label = "rounding error",
         .text = fmt::format("{}: {}", errorText(counter.multError), driftText(counter.multError))},
        {.label = "maxadj",
         .text
         = fmt::format("{}: mult may be trimmed by 11 % either way", groupedText(counter.maxadj))},
        {.label = "mask", .text = fmt::format("{:#x}", counter.mask)},
        {.label = "max_cycles", .text = fmt::format("{:#x}", counter.maxCycles)},
        {.label = "wraps after", .text = longSpanText(counter.wrapNs)},
        {.label = "max_idle_ns",
         .text
         = fmt::format("{}; as much again is kept as a reserve", exactSpanText(counter.maxIdle))},
        {.label = "resolution",
         .text
         = fmt::format("{} ns a cycle", decimalText(static_cast<std::int64_t>(counter.cycleFs)))},
        sleepFact(counter),
        {.label = "margin",
         .text = fmt::format("{}: what a watchdog comparison grants it, beside its reference's own",
                             exactSpanText(counter.uncertaintyMargin))},
        ratingFact(counter.rating),
    };
    addFlagFacts(counter.flags, facts);
    facts.push_back(schedClockFact(counter.schedClock));
    return facts;
}

std::string headOf(const EventPrecision& event)
{
    if (event.rate.value == 0) {
        return nameText("event device", event.name) + ": a dummy without a rate";
    }
    return fmt::format("{}: {}, {} to {} ticks", nameText("event device", event.name),
                       frequencyText(event.rate), event.minTicks, event.maxTicks);
}

std::vector<Fact> factsOf(const EventPrecision& event)
{
    if (event.rate.value == 0) {
        return {{.label = "dummy",
                 .text = "registered without being configured: it has neither a factor nor limits, "
                         "and never raises an event"},
                ratingFact(event.rating)};
    }
    if ((event.features & clock_event_feature::oneshot) == 0) {
        return {{.label = "oneshot",
                 .text = "not one of its features: it is never programmed by a delta, so it has "
                         "neither a factor nor limits"},
                ratingFact(event.rating)};
    }
    return {multFact(event.mult, event.shift, "ticks = ns x mult >> shift"),
            {.label = "rounding error", .text = errorText(event.multError)},
            {.label = "min_delta_ns",
             .text = fmt::format("{}{}", exactSpanText(event.minDelta), raisedText(event))},
            {.label = "max_delta_ns",
             .text = fmt::format("{}; a longer wait is cut to this and programmed anew",
                                 exactSpanText(event.maxDelta))},
            ratingFact(event.rating)};
}

} // namespace timerscope
