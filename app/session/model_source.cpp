// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/model_source.h"

#include "backends/simulated/simulated_hardware.h"
#include "engine/procfs/procfs.h"
#include "engine/scenario/scenario_run.h"

#include <fmt/format.h>

#include <algorithm>

namespace timerscope {

namespace {

Progress progressOf(ScenarioRun::Progress progress)
{
    return progress == ScenarioRun::Progress::Ended ? Progress::Ended : Progress::MoreToCome;
}

class ModelSource final : public Source
{
public:
    ModelSource(SourceInfo info, std::vector<CounterInfo> counters,
                std::vector<EventChannelInfo> channels)
        : m_info(std::move(info))
        , m_hardware(std::move(counters), std::move(channels))
    {
    }

    [[nodiscard]] Result<void> powerOn(Scenario scenario)
    {
        auto machine = Machine::powerOn(scenario.machine, m_hardware, m_log);
        if (!machine) {
            return tl::unexpected<Error>(std::move(machine.error()));
        }
        m_machine = std::move(*machine);
        m_run.emplace(std::move(scenario), *m_machine, stateValue);
        return {};
    }

    [[nodiscard]] SourceInfo info() const override { return m_info; }
    [[nodiscard]] const TraceLog& log() const override { return m_log; }
    [[nodiscard]] Result<Progress> advance(TraceInstant limit) override
    {
        return m_run->advance(limit).map(progressOf);
    }
    [[nodiscard]] Result<Progress> step() override { return m_run->step().map(progressOf); }
    [[nodiscard]] SnapshotPtr snapshot() override
    {
        return std::make_shared<const Snapshot>(m_machine->snapshot());
    }
    [[nodiscard]] std::size_t failedExpectations() const override
    {
        return m_run->failedExpectations();
    }

private:
    SourceInfo m_info;
    TraceLog m_log;
    SimulatedHardware m_hardware;
    std::unique_ptr<Machine> m_machine;
    std::optional<ScenarioRun> m_run;
};

std::vector<CounterInfo> countersOf(const Scenario& scenario)
{
    std::vector<CounterInfo> counters;
    for (const DeviceDescription& device : scenario.devices) {
        for (const CounterDescription& counter : device.counters) {
            if (counter.kind == CounterKind::Hardware) {
                counters.push_back({.name = counter.name,
                                    .rate = counter.rate,
                                    .bits = counter.bits,
                                    .readCost = counter.readCost});
            }
        }
    }
    return counters;
}

std::vector<EventChannelInfo> channelsOf(const Scenario& scenario)
{
    std::vector<EventChannelInfo> channels;
    for (const DeviceDescription& device : scenario.devices) {
        for (const EventDescription& event : device.events) {
            channels.push_back({.name = event.name,
                                .rate = event.rate,
                                .minTicks = event.minTicks,
                                .maxTicks = event.maxTicks,
                                .features = event.features,
                                .cpu = 0});
        }
    }
    return channels;
}

/// The first name that stands twice in @p infos; empty when all differ.
template<typename Info>
std::string repeatedName(const std::vector<Info>& infos)
{
    for (std::size_t i = 0; i < infos.size(); ++i) {
        for (std::size_t j = i + 1; j < infos.size(); ++j) {
            if (infos[i].name == infos[j].name) {
                return infos[i].name;
            }
        }
    }
    return {};
}

} // namespace

Result<std::unique_ptr<Source>> openModel(Scenario scenario, std::string uri)
{
    std::vector<CounterInfo> counters = countersOf(scenario);
    std::vector<EventChannelInfo> channels = channelsOf(scenario);
    std::string twice = repeatedName(counters);
    if (twice.empty()) {
        twice = repeatedName(channels);
    }
    if (!twice.empty()) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("{}: \"{}\" is in two of the scenario's devices; names must differ",
                                scenario.file, twice));
    }
    SourceInfo info{.uri = std::move(uri),
                    .title = scenario.name,
                    .kind = SourceKind::Model,
                    .end = scenario.end};
    auto source
        = std::make_unique<ModelSource>(std::move(info), std::move(counters), std::move(channels));
    if (auto on = source->powerOn(std::move(scenario)); !on) {
        return tl::unexpected<Error>(std::move(on.error()));
    }
    return std::unique_ptr<Source>(std::move(source));
}

} // namespace timerscope
