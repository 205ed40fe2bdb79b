// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/machine/config.h"
#include "engine/scenario/table_reader.h"

namespace timerscope {

/// Reads the scenario's [[clock]] tables into @p machine, whose width of a long must be known.
/// Reports what does not fit, and what keeps them from being a tree, to @p errors.
void readClocks(TableReader& scenario, MachineConfig& machine, FileErrors& errors);

} // namespace timerscope
