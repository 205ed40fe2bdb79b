// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/result.h"
#include "engine/machine/device_description.h"

#include <string_view>

namespace timerscope {

/// Reads a device of the catalogue from its TOML text (resources/docs/scenario-format.md).
///
/// @p file is for messages and for the device's name (its last part without ".toml"): nothing is
/// opened. Safe on any text. Errors: Corrupt, one "FILE:LINE: what was met and what is allowed".
[[nodiscard]] Result<DeviceDescription> parseDevice(std::string_view text, std::string_view file);

/// The last part of a path without ".toml": what a scenario or a device is called.
[[nodiscard]] std::string_view nameOfFile(std::string_view file);

} // namespace timerscope
