// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/scenario/scenario_run.h"

#include "engine/scenario/step_action.h"

#include <fmt/format.h>

#include <algorithm>

namespace timerscope {

ScenarioRun::ScenarioRun(Scenario scenario, Machine& machine, ValueReader readValue)
    : m_scenario(std::move(scenario))
    , m_machine(&machine)
    , m_readValue(std::move(readValue))
{
}

bool ScenarioRun::hasStepBy(TraceInstant at) const
{
    return m_nextStep < m_scenario.steps.size() && m_scenario.steps[m_nextStep].at <= at;
}

ScenarioRun::Progress ScenarioRun::progress() const
{
    const bool over = m_machine->now() >= m_scenario.end && !hasStepBy(m_scenario.end);
    return m_failed || over ? Progress::Ended : Progress::MoreToCome;
}

Result<void> ScenarioRun::carryOutNext()
{
    const Step& step = m_scenario.steps[m_nextStep++];
    const StepContext context{.machine = *m_machine,
                              .scenario = m_scenario,
                              .readValue = m_readValue,
                              .failedExpectations = m_failedExpectations};
    auto done = carryOut(step, context);
    if (!done) {
        m_failed = true;
        return fail(done.error().code,
                    fmt::format("{}:{}: {}", m_scenario.file, step.line, done.error().what));
    }
    return {};
}

Result<bool> ScenarioRun::runOnce(TraceInstant limit)
{
    if (hasStepBy(m_machine->now())) {
        return carryOutNext().map([] { return true; });
    }
    const TraceInstant until
        = hasStepBy(limit) ? m_scenario.steps[m_nextStep].at : std::min(limit, m_scenario.end);
    auto ran = m_machine->runOnce(until);
    m_failed = m_failed || !ran;
    return ran;
}

Result<ScenarioRun::Progress> ScenarioRun::advance(TraceInstant limit)
{
    while (progress() == Progress::MoreToCome
           && (m_machine->now() < limit || hasStepBy(m_machine->now()))) {
        if (auto ran = runOnce(limit); !ran) {
            return tl::unexpected<Error>(std::move(ran.error()));
        }
    }
    return progress();
}

Result<ScenarioRun::Progress> ScenarioRun::step()
{
    // Waiting up to a scenario step is no event by itself: go on until something has happened.
    while (progress() == Progress::MoreToCome) {
        auto happened = runOnce(m_scenario.end);
        if (!happened) {
            return tl::unexpected<Error>(std::move(happened.error()));
        }
        if (*happened) {
            break;
        }
    }
    return progress();
}

} // namespace timerscope
