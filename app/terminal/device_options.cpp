// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/terminal/device_options.h"

#include "app/terminal/whole_number.h"
#include "engine/base/frequency_text.h"
#include "engine/base/kernel_types.h"
#include "engine/base/wording.h"
#include "engine/why/flag_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

namespace timerscope::terminal {

namespace {

constexpr WholeRange bitsRange{.least = 1, .most = 64};
constexpr WholeRange ratingRange{.least = std::numeric_limits<std::int32_t>::min(),
                                 .most = std::numeric_limits<std::int32_t>::max()};
// CONFIG_HZ of kernels and of their out-of-tree relatives.
constexpr WholeRange tickRateRange{.least = 24, .most = 10'000};
constexpr Hertz highestEventRate{0xffff'ffff};

/// The first option that describes a counter by its figures; empty for none.
std::string_view figureOf(const DeviceOptions& options)
{
    const std::array<std::pair<std::string_view, bool>, 6> figures{{
        {"--freq", !options.frequency.empty()},
        {"--bits", !options.bits.empty()},
        {"--rating", !options.rating.empty()},
        {"--flags", !options.flags.empty()},
        {"--min-ticks", !options.minTicks.empty()},
        {"--max-ticks", !options.maxTicks.empty()},
    }};
    const auto* const given
        = std::ranges::find_if(figures, [](const auto& figure) { return figure.second; });
    return given != figures.end() ? given->first : std::string_view{};
}

Result<TickRate> tickRateOf(const DeviceOptions& options)
{
    if (options.tickRate.empty()) {
        return TickRate{};
    }
    const auto hz = wholeNumber("--hz", options.tickRate, tickRateRange);
    return hz ? Result<TickRate>(TickRate{static_cast<std::uint32_t>(*hz)})
              : tl::unexpected(hz.error());
}

/// "continuous,suspend-nonstop", given once or more often.
Result<std::uint32_t> flagsOf(const std::vector<std::string>& lists)
{
    std::vector<std::string_view> known;
    for (const NamedFlag& flag : driverFlags()) {
        known.push_back(flag.name);
    }
    std::uint32_t bits = 0;
    for (std::string_view list : lists) {
        while (!list.empty()) {
            const std::string_view name = list.substr(0, list.find(','));
            list.remove_prefix(std::min(name.size() + 1, list.size()));
            const auto found = std::ranges::find(known, name);
            if (found == known.end()) {
                return fail(ErrorCode::InvalidArgument,
                            "--flags has " + inQuotes(name) + hintFor(name, known));
            }
            bits |= driverFlags()[static_cast<std::size_t>(found - known.begin())].bit;
        }
    }
    return bits;
}

Result<CounterPrecision> counterOf(const DeviceOptions& options, Hertz rate)
{
    const auto bits = wholeNumber("--bits", options.bits, bitsRange);
    if (!bits) {
        return tl::unexpected(bits.error());
    }
    const auto flags = flagsOf(options.flags);
    if (!flags) {
        return tl::unexpected(flags.error());
    }
    CounterDescription counter;
    counter.rate = rate;
    counter.bits = static_cast<unsigned>(*bits);
    counter.flags = *flags;
    auto precision = precisionOf(counter, TickRate{});
    if (!precision) {
        return precision;
    }
    // What nobody said is not known; the description has a value for it all the same.
    precision->rating.reset();
    if (options.flags.empty()) {
        precision->flags.reset();
    }
    if (auto& clock = precision->schedClock; clock) {
        clock->isRegistered.reset();
    }
    return precision;
}

Result<EventPrecision> eventOf(const DeviceOptions& options, Hertz rate)
{
    if (options.minTicks.empty() || options.maxTicks.empty()) {
        const bool lacksMin = options.minTicks.empty();
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("{} needs {}: an event device has both limits",
                                lacksMin ? "--max-ticks" : "--min-ticks",
                                lacksMin ? "--min-ticks" : "--max-ticks"));
    }
    const auto least = wholeNumber("--min-ticks", options.minTicks, {.least = 1});
    if (!least) {
        return tl::unexpected(least.error());
    }
    const auto most = wholeNumber("--max-ticks", options.maxTicks, {.least = *least});
    if (!most) {
        return tl::unexpected(most.error());
    }
    if (rate > highestEventRate) {
        return fail(ErrorCode::OutOfRange,
                    fmt::format("--freq is {} Hz; an event device is registered with 1 to {} Hz",
                                rate.value, highestEventRate.value));
    }
    EventDescription event;
    event.rate = rate;
    event.features = clock_event_feature::oneshot;
    event.minTicks = static_cast<std::uint64_t>(*least);
    event.maxTicks = static_cast<std::uint64_t>(*most);
    auto precision = precisionOf(event);
    if (precision) {
        precision->rating.reset();
    }
    return precision;
}

Result<std::optional<int>> ratingOf(const DeviceOptions& options)
{
    if (options.rating.empty()) {
        return std::optional<int>{};
    }
    const auto rating = wholeNumber("--rating", options.rating, ratingRange);
    return rating ? Result<std::optional<int>>(static_cast<int>(*rating))
                  : tl::unexpected(rating.error());
}

/// The counter and the event device that the figures describe, whichever they do.
Result<DevicePrecision> reportOfFigures(const DeviceOptions& options)
{
    const auto rate = parseFrequency(options.frequency);
    if (!rate) {
        return fail(rate.error().code, "--freq: " + rate.error().what);
    }
    const auto rating = ratingOf(options);
    if (!rating) {
        return tl::unexpected(rating.error());
    }
    DevicePrecision precision;
    if (!options.bits.empty()) {
        auto counter = counterOf(options, *rate);
        if (!counter) {
            return tl::unexpected(counter.error());
        }
        counter->rating = *rating;
        precision.counters.push_back(std::move(*counter));
    }
    if (!options.minTicks.empty() || !options.maxTicks.empty()) {
        auto event = eventOf(options, *rate);
        if (!event) {
            return tl::unexpected(event.error());
        }
        event->rating = *rating;
        precision.events.push_back(std::move(*event));
    }
    return precision;
}

Result<void> checkFigures(const DeviceOptions& options)
{
    if (options.frequency.empty()) {
        return fail(ErrorCode::InvalidArgument,
                    "device eval needs a device (\"tscope devices\" lists them) or --freq and "
                    "--bits");
    }
    const bool hasTicks = !options.minTicks.empty() || !options.maxTicks.empty();
    if (options.bits.empty() && !hasTicks) {
        return fail(ErrorCode::InvalidArgument,
                    "--freq needs --bits, the counter's width, or --min-ticks and --max-ticks, an "
                    "event device's limits");
    }
    if (options.bits.empty() && !options.flags.empty()) {
        return fail(ErrorCode::InvalidArgument, "--flags needs --bits: they are a counter's");
    }
    return {};
}

} // namespace

Result<DevicePrecision> reportOf(const DeviceOptions& options, const Resources& resources)
{
    const auto tickRate = tickRateOf(options);
    if (!tickRate) {
        return tl::unexpected(tickRate.error());
    }
    if (options.file.empty()) {
        if (auto complete = checkFigures(options); !complete) {
            return tl::unexpected(complete.error());
        }
        return reportOfFigures(options);
    }
    if (const std::string_view figure = figureOf(options); !figure.empty()) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("{} does not go with the device {}, whose file has its figures",
                                figure, inQuotes(options.file)));
    }
    return evaluateDevice(resources, options.file, *tickRate);
}

} // namespace timerscope::terminal
