// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/session/resources.h"
#include "engine/machine/precision.h"

#include <string_view>

namespace timerscope {

/// What a kernel would make of a device of the catalogue, or of a device file: every counter and
/// event device in it. Jiffies are counted at @p tickRate. Errors: loadDevice()'s, precisionOf()'s.
[[nodiscard]] Result<DevicePrecision>
evaluateDevice(const Resources& resources, std::string_view nameOrFile, TickRate tickRate);

} // namespace timerscope
