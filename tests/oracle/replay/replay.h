// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/oracle/hrtimer_replay.h"
#include "tests/oracle/replay/recorded_scenario.h"
#include "tests/oracle/replay/step_answer.h"

#include <optional>
#include <string>
#include <vector>

namespace timerscope::oracle {

/// The model's answers to the steps of a scenario, in order.
struct ReplayedScenario
{
    /// Where a replay ended before its last step: the model cannot carry the step out.
    struct Stop
    {
        std::int64_t step = 0; ///< 0: the machine could not be booted
        std::string what; ///< one sentence
    };
    std::vector<StepAnswer> answers; ///< up to the stop, or to a fault of the kernel
    std::optional<Stop> stop;
    /// What became of the timers that were armed at random, where that was dumped: those of the
    /// wheel in order of arming, hrtimers in order of firing.
    std::optional<std::vector<WheelOutcome>> wheel;
    std::optional<std::vector<ModelFiring>> hrtimers;
};

/// Boots the machine of @p scenario and carries out its steps. Of what was recorded it takes the
/// boot's lines and the times that steps show, and whether a step was observed; never an answer.
/// Errors (Corrupt): a step that cannot be read; the sentence starts with "FILE: ".
[[nodiscard]] Result<ReplayedScenario> replay(const RecordedScenario& scenario);

} // namespace timerscope::oracle
