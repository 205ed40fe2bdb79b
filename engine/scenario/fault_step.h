// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/scenario/step_place.h"

namespace timerscope {

/// fault = { … }: what goes wrong with the hardware, or with a driver as it probes.
[[nodiscard]] StepAction readFault(const Place& place);

} // namespace timerscope
