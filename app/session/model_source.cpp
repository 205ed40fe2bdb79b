// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/model_source.h"

#include "engine/procfs/procfs.h"
#include "engine/scenario/scenario_run.h"

namespace timerscope {

namespace {

Progress progressOf(ScenarioRun::Progress progress)
{
    return progress == ScenarioRun::Progress::Ended ? Progress::Ended : Progress::MoreToCome;
}

class ModelSource final : public Source
{
public:
    ModelSource(SourceInfo info, std::unique_ptr<Hardware> hardware, std::vector<Notice> notices,
                TraceDetail detail)
        : m_info(std::move(info))
        , m_log(detail)
        , m_hardware(std::move(hardware))
        , m_notices(std::move(notices))
    {
    }

    [[nodiscard]] Result<void> powerOn(Scenario scenario)
    {
        auto machine = Machine::powerOn(scenario.machine, *m_hardware, m_log);
        if (!machine) {
            return tl::unexpected<Error>(std::move(machine.error()));
        }
        m_machine = std::move(*machine);
        m_run = std::make_unique<ScenarioRun>(std::move(scenario), *m_machine, stateValue);
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
        Snapshot snapshot = m_machine->snapshot();
        snapshot.notices.insert(snapshot.notices.begin(), m_notices.begin(), m_notices.end());
        return std::make_shared<const Snapshot>(std::move(snapshot));
    }
    void release() override { m_hardware->release(); }
    [[nodiscard]] std::size_t failedExpectations() const override
    {
        return m_run->failedExpectations();
    }

private:
    SourceInfo m_info;
    TraceLog m_log;
    std::unique_ptr<Hardware> m_hardware;
    std::vector<Notice> m_notices; // about the hardware, in every snapshot
    std::unique_ptr<Machine> m_machine;
    std::unique_ptr<ScenarioRun> m_run;
};

} // namespace

Result<std::unique_ptr<Source>> openModel(Bench bench, std::string uri, TraceDetail detail)
{
    SourceInfo info{
        .uri = std::move(uri), .title = bench.title, .kind = bench.kind, .end = bench.scenario.end};
    auto source = std::make_unique<ModelSource>(std::move(info), std::move(bench.hardware),
                                                std::move(bench.notices), detail);
    if (auto on = source->powerOn(std::move(bench.scenario)); !on) {
        return tl::unexpected<Error>(std::move(on.error()));
    }
    return std::unique_ptr<Source>(std::move(source));
}

} // namespace timerscope
