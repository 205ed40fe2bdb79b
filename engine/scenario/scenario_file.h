// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/result.h"
#include "engine/scenario/scenario.h"

#include <functional>
#include <string_view>

namespace timerscope {

/// Finds a device of the catalogue by its name. An error of code NotFound is a sentence without a
/// place (the scenario's file and line go in front); any other says its own file and line.
using DeviceLookup = std::function<Result<DeviceDescription>(std::string_view name)>;

/// Reads a scenario from its TOML text (resources/docs/scenario-format.md) and everything that can
/// be known to be wrong with it before it runs: names, ranges, and the order of the boot.
///
/// @p file is for messages and for the scenario's name (its last part without ".toml"): nothing is
/// opened. Safe on any text. Errors: Corrupt, and NotFound for an unknown device: one
/// "FILE:LINE: what was met and what is allowed".
[[nodiscard]] Result<Scenario> parseScenario(std::string_view text, std::string_view file,
                                             const DeviceLookup& lookup);

} // namespace timerscope
