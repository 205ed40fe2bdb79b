// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/scenario/scenario_run.h"

namespace timerscope {

/// What a step may touch while it is carried out.
struct StepContext
{
    Machine& machine;
    const Scenario& scenario;
    const ScenarioRun::ValueReader& readValue;
    std::size_t& failedExpectations;
};

/// Carries out one step now. Errors: see ScenarioRun::advance(); the sentence is without place.
[[nodiscard]] Result<void> carryOut(const Step& step, const StepContext& context);

} // namespace timerscope
