// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/scenario/step_place.h"

namespace timerscope {

// What tasks do: workload = { … }, and what a task asks the kernel for in mid-life.
[[nodiscard]] StepAction readWorkload(const Place& place);
[[nodiscard]] StepAction readTimer(const Place& place);
[[nodiscard]] StepAction readItimer(const Place& place);
[[nodiscard]] StepAction readCpuLimit(const Place& place);
[[nodiscard]] StepAction readSignals(const Place& place);

} // namespace timerscope
