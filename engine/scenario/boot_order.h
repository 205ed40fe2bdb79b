// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/scenario/scenario.h"
#include "engine/scenario/table_reader.h"

#include <span>

namespace timerscope {

/// A kernel passes each stage once and in one order, and some steps need one to be passed: reports
/// the first of @p steps, which are sorted, that would break this. A stage that no step names is
/// passed by itself before it matters.
void checkBootOrder(std::span<const Step> steps, FileErrors& errors);

/// The stages of @p steps that a machine has to wait for.
[[nodiscard]] BootPlan bootPlanOf(std::span<const Step> steps);

} // namespace timerscope
