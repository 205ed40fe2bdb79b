// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/clocksource/rate.h"
#include "engine/machine/device_description.h"

namespace timerscope {

/// What the kernel makes of @p counter, which is no jiffies, when its driver registers it: by its
/// own factor, else by its rate in Hz, else (where that does not fit 32 bits) in whole kHz, with
/// the driver's margin if it has one. Errors: rateOf()'s.
[[nodiscard]] Result<ClocksourceRate> registeredRateOf(const CounterDescription& counter);

} // namespace timerscope
