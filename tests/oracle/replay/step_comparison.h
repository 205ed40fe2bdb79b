// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/oracle/compare.h"
#include "tests/oracle/replay/masks.h"
#include "tests/oracle/replay/recorded_scenario.h"

#include <cstddef>
#include <vector>

namespace timerscope::oracle {

/// How a model's answer stands to what was recorded. A line or a field counts once.
struct ComparisonResult
{
    std::size_t compared = 0;
    std::size_t excepted = 0; ///< recorded, but no model is held to it
    std::vector<Difference> differences;
};

/// Where in its recording a step stands, as far as it matters for what is compared.
struct StepPlace
{
    bool isFirstOfSavedMachine = false; ///< observed; the kernel's log was collected from later on
    bool isLastOfIncomplete = false; ///< the guest never answered: a fault is what is expected
};

/// Compares the answer to one step, an object as StepAnswer::toJson() makes it. Fields that the
/// recording lacks are not compared.
[[nodiscard]] ComparisonResult compareStep(const RecordedStep& recorded, const QJsonObject& answer,
                                           const StepPlace& place, const MaskRules& rules);

} // namespace timerscope::oracle
