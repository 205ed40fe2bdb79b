// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/bench.h"

#include "app/session/stand_in.h"
#include "backends/host/host_bench.h"
#include "backends/simulated/simulated_hardware.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace timerscope {

namespace {

/// What the devices of a scenario are made of.
struct Parts
{
    std::vector<CounterInfo> counters;
    std::vector<EventChannelInfo> channels;
};

/// A counter that goes on is said to by its driver, unless its file knows better.
bool standsInSuspend(const CounterDescription& counter)
{
    return counter.standsInSuspend.value_or((counter.flags & clocksource_flag::suspendNonstop)
                                            == 0);
}

unsigned partBitsOf(const CounterDescription& counter)
{
    return counter.mmio && counter.mmio->high ? counter.mmio->width : 0;
}

/// Each CPU's own, or the one that all share.
void addChannels(std::vector<EventChannelInfo>& channels, const EventDescription& event,
                 unsigned cpus)
{
    for (unsigned cpu = 0; cpu < (event.perCpu ? cpus : 1); ++cpu) {
        channels.push_back({.name = event.name,
                            .rate = event.rate,
                            .minTicks = event.minTicks,
                            .maxTicks = event.maxTicks,
                            .features = event.features,
                            .cpu = cpu});
    }
}

Parts partsOf(const Scenario& scenario)
{
    Parts parts;
    for (const DeviceDescription& device : scenario.devices) {
        for (const CounterDescription& counter : device.counters) {
            if (counter.kind == CounterKind::Hardware) {
                parts.counters.push_back({.name = counter.name,
                                          .rate = counter.rate,
                                          .bits = counter.bits,
                                          .readCost = counter.readCost,
                                          .standsInSuspend = standsInSuspend(counter),
                                          .partBits = partBitsOf(counter)});
            }
        }
        for (const EventDescription& event : device.events) {
            addChannels(parts.channels, event, scenario.machine.cpus);
        }
    }
    return parts;
}

bool isSame(const CounterInfo& a, const CounterInfo& b)
{
    return a.name == b.name;
}

/// Each CPU's own timer is called the same.
bool isSame(const EventChannelInfo& a, const EventChannelInfo& b)
{
    return a.name == b.name && a.cpu == b.cpu;
}

/// The first name that stands twice in @p infos; empty when all differ.
template<typename Info>
std::string repeatedName(const std::vector<Info>& infos)
{
    for (std::size_t i = 0; i < infos.size(); ++i) {
        for (std::size_t j = i + 1; j < infos.size(); ++j) {
            if (isSame(infos[i], infos[j])) {
                return infos[i].name;
            }
        }
    }
    return {};
}

Result<Parts> checkedParts(const Scenario& scenario)
{
    Parts parts = partsOf(scenario);
    std::string twice = repeatedName(parts.counters);
    if (twice.empty()) {
        twice = repeatedName(parts.channels);
    }
    if (!twice.empty()) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("{}: \"{}\" is in two of the scenario's devices; names must differ",
                                scenario.file, twice));
    }
    return parts;
}

/// Takes out of @p infos what the block has itself.
template<typename Info>
void eraseOwn(std::vector<Info>& infos, std::span<const Info> own)
{
    std::erase_if(infos, [own](const Info& info) {
        return std::ranges::find(own, info.name, &Info::name) != own.end();
    });
}

/// One sentence about what is not the device's own, if there is any.
void noteHostParts(std::vector<Notice>& notices, const Parts& parts, std::string_view beside)
{
    std::vector<std::string_view> names;
    names.reserve(parts.counters.size() + parts.channels.size());
    for (const CounterInfo& counter : parts.counters) {
        names.emplace_back(counter.name);
    }
    for (const EventChannelInfo& channel : parts.channels) {
        names.emplace_back(channel.name);
    }
    if (!names.empty()) {
        notices.push_back({.severity = Severity::Info,
                           .text = fmt::format("{} {} made of this computer's clock and timer{}",
                                               fmt::join(names, ", "),
                                               names.size() == 1 ? "is" : "are", beside)});
    }
}

} // namespace

Result<Bench> simulatedBench(Scenario scenario)
{
    auto parts = checkedParts(scenario);
    if (!parts) {
        return tl::unexpected<Error>(std::move(parts.error()));
    }
    Bench bench{.scenario = std::move(scenario),
                .hardware = std::make_unique<SimulatedHardware>(std::move(parts->counters),
                                                                std::move(parts->channels)),
                .kind = SourceKind::Model,
                .title = {},
                .notices = {}};
    bench.title = bench.scenario.name;
    return bench;
}

Result<Bench> hostBench(Scenario scenario)
{
    auto parts = checkedParts(scenario);
    if (!parts) {
        return tl::unexpected<Error>(std::move(parts.error()));
    }
    Bench bench{.scenario = std::move(scenario),
                .hardware = nullptr,
                .kind = SourceKind::Hardware,
                .title = {},
                .notices = {}};
    bench.title = bench.scenario.name + " on this computer's timer";
    noteHostParts(bench.notices, *parts, "");
    bench.hardware
        = std::make_unique<HostBench>(std::move(parts->counters), std::move(parts->channels),
                                      std::vector<std::unique_ptr<AttachedBlock>>{});
    return bench;
}

Result<Bench> attachedBench(Scenario scenario, AttachedDevice device)
{
    const std::string name = device.description.name;
    const bool isNamed = std::ranges::find(scenario.devices, name, &DeviceDescription::name)
        != scenario.devices.end();
    const DeviceDescription* const first = firstTimer(scenario);
    if (!isNamed && first == nullptr) {
        return fail(ErrorCode::NotSupported,
                    fmt::format("{} has no place for {}: it does not name it, and its time_init "
                                "probes no timer that it could stand in for",
                                scenario.name, name));
    }
    const std::string replaced = isNamed ? name : first->name;
    Bench bench{.scenario = standIn(std::move(scenario), replaced, std::move(device.description)),
                .hardware = nullptr,
                .kind = SourceKind::Hardware,
                .title = {},
                .notices = {}};
    bench.title = fmt::format("{} on {}", bench.scenario.name, name);
    auto parts = checkedParts(bench.scenario);
    if (!parts) {
        return tl::unexpected<Error>(std::move(parts.error()));
    }
    eraseOwn(parts->counters, device.block->counters());
    eraseOwn(parts->channels, device.block->channels());
    std::string who = device.block->identity();
    if (!isNamed) {
        who += fmt::format(", stands in for {}", replaced);
    }
    bench.notices.push_back({.severity = Severity::Info, .text = std::move(who)});
    noteHostParts(bench.notices, *parts, fmt::format("; {} has none", name));
    std::vector<std::unique_ptr<AttachedBlock>> blocks;
    blocks.push_back(std::move(device.block));
    bench.hardware = std::make_unique<HostBench>(std::move(parts->counters),
                                                 std::move(parts->channels), std::move(blocks));
    return bench;
}

} // namespace timerscope
