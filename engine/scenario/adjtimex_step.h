// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/scenario/step_place.h"

namespace timerscope {

/// adjtimex = { … }: what is named is set.
[[nodiscard]] StepAction readAdjtimex(const Place& place);

} // namespace timerscope
