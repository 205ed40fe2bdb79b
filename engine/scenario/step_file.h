// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/scenario/scenario.h"
#include "engine/scenario/table_reader.h"

#include <optional>

namespace timerscope {

/// Reads one [[step]] of a scenario whose machine and devices are known. Empty when it is
/// reported.
[[nodiscard]] std::optional<Step> readStep(const ConfigValue& table, const Scenario& scenario,
                                           FileErrors& errors);

} // namespace timerscope
