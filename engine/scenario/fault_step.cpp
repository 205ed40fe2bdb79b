// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/scenario/fault_step.h"

#include "engine/base/wording.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace timerscope {

namespace {

Names counterNames(const Scenario& scenario)
{
    Names names;
    for (const DeviceDescription& device : scenario.devices) {
        for (const CounterDescription& counter : device.counters) {
            if (counter.kind == CounterKind::Hardware) {
                names.push_back(counter.name);
            }
        }
    }
    return names;
}

Names channelNames(const Scenario& scenario)
{
    Names names;
    for (const DeviceDescription& device : scenario.devices) {
        std::ranges::transform(device.events, std::back_inserter(names), &EventDescription::name);
    }
    return names;
}

/// A kind of fault, whom it befalls, and the key that says how much of it; empty for all or
/// nothing.
struct FaultKindRow
{
    std::string_view name;
    FaultEffect effect;
    std::string_view amount;
    Names (*targets)(const Scenario&); ///< null: the machine as a whole
    std::int64_t least;
};
constexpr std::array<FaultKindRow, 8> faultKinds{{
    {"drift", FaultEffect::Drift, "ppm", counterNames, 1 - driftMost},
    {"jump", FaultEffect::Jump, "ns", counterNames, INT64_MIN + 1},
    {"stop", FaultEffect::Stop, "", counterNames, 0},
    {"slow-read", FaultEffect::SlowRead, "ns", counterNames, 1},
    {"torn-read", FaultEffect::TornRead, "ns", counterNames, 1},
    {"lost-interrupt", FaultEffect::LostInterrupt, "count", channelNames, 1},
    {"late-interrupt", FaultEffect::LateInterrupt, "ns", channelNames, 1},
    {"pause", FaultEffect::Pause, "ns", nullptr, 1},
}};

/// A kind of fault that befalls a driver as it probes.
struct DenialRow
{
    std::string_view name;
    ProbeDenial denial;
};
constexpr std::array<DenialRow, 2> denialKinds{{
    {"no-memory", ProbeDenial::NoMemory},
    {"registration-refused", ProbeDenial::RegistrationRefused},
}};

constexpr std::array<std::string_view, faultKinds.size() + denialKinds.size()> faultKindNames = [] {
    std::array<std::string_view, faultKinds.size() + denialKinds.size()> names{};
    const auto rest = std::ranges::transform(faultKinds, names.begin(), &FaultKindRow::name).out;
    std::ranges::transform(denialKinds, rest, &DenialRow::name);
    return names;
}();

/// The devices whose probe can be denied so: what registers no clocksource cannot be refused one.
Names deniableNames(const Scenario& scenario, ProbeDenial denial)
{
    Names names;
    for (const DeviceDescription& device : scenario.devices) {
        const bool registersCounter = std::ranges::any_of(
            device.counters, [](const auto& c) { return c.kind == CounterKind::Hardware; });
        if (denial == ProbeDenial::NoMemory || registersCounter) {
            names.emplace_back(device.name);
        }
    }
    return names;
}

StepAction readDenial(TableReader& reader, const DenialRow& kind, const Place& place)
{
    for (const std::string_view key : {"ppm", "ns", "count", "duration"}) {
        if (reader.has(key)) {
            reader.report(
                key,
                fmt::format("{} does not go with kind = {}", inQuotes(key), inQuotes(kind.name)));
        }
    }
    const std::string_view what
        = kind.denial == ProbeDenial::NoMemory ? "device" : "device with a clocksource";
    return step::DenyProbe{.device
                           = knownName(nameIn(reader, "device"), what,
                                       deniableNames(place.scenario, kind.denial), place.errors),
                           .denial = kind.denial,
                           .kind = std::string(kind.name)};
}

std::string faultTarget(TableReader& reader, const FaultKindRow& kind, const Place& place)
{
    if (kind.targets == nullptr) {
        if (reader.has("device")) {
            reader.report("device",
                          "\"device\" does not go with kind = \"pause\": the whole machine "
                          "stands");
        }
        return {};
    }
    const std::string_view what
        = kind.effect <= FaultEffect::TornRead ? "counter" : "event channel";
    return knownName(nameIn(reader, "device"), what, kind.targets(place.scenario), place.errors);
}

} // namespace

StepAction readFault(const Place& place)
{
    static constexpr std::array<std::string_view, 6> keys{"device", "kind",  "ppm",
                                                          "ns",     "count", "duration"};
    const ConfigValue table = tableOf(place, "fault");
    TableReader reader(table, "\"fault\"", keys, place.errors);
    const std::size_t chosen = reader.choice("kind", faultKindNames);
    if (chosen >= faultKinds.size()) {
        return readDenial(reader, denialKinds.at(chosen - faultKinds.size()), place);
    }
    const FaultKindRow& kind = faultKinds.at(chosen);
    for (const std::string_view amount : {keys[2], keys[3], keys[4]}) {
        if (amount != kind.amount && reader.has(amount)) {
            reader.report(amount,
                          fmt::format("{} does not go with kind = {}", inQuotes(amount),
                                      inQuotes(kind.name)));
        }
    }
    return step::InjectFault{
        .fault
        = {.target = faultTarget(reader, kind, place),
           .effect = kind.effect,
           .amount = kind.amount.empty() ? 0 : reader.integer(kind.amount, {.least = kind.least}),
           .duration = reader.time("duration", Ns{0}, Ns{0})},
        .kind = std::string(kind.name)};
}

} // namespace timerscope
