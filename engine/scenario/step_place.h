// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/scenario/scenario.h"
#include "engine/scenario/table_reader.h"

#include <string>
#include <string_view>
#include <vector>

namespace timerscope {

/// Names that a step may use; they live as long as the scenario.
using Names = std::vector<std::string_view>;

/// What a reader of one action sees: the step's table, the action's own value, the scenario.
struct Place
{
    TableReader& step;
    const ConfigValue& value;
    const Scenario& scenario;
    FileErrors& errors;
};

/// The scenario's devices, by the names of their files.
[[nodiscard]] Names deviceNames(const Scenario& scenario);

/// @p met when it is one of @p known; else it is reported as an unknown @p what.
[[nodiscard]] std::string knownName(const ConfigValue& met, std::string_view what,
                                    const Names& known, FileErrors& errors);

/// The name at @p key, and the line that a complaint about it goes to.
[[nodiscard]] ConfigValue nameIn(TableReader& reader, std::string_view key);

/// The table that is the action's value. A complaint about the whole goes to the step's line.
[[nodiscard]] ConfigValue tableOf(const Place& place, std::string_view key);

} // namespace timerscope
