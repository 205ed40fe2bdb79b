// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/scenario/scenario.h"
#include "engine/scenario/table_reader.h"

namespace timerscope {

/// Reads the scenario's [[node]] tables into @p machine, whose clocks must be known. Reports what
/// does not fit to @p errors.
void readNodes(TableReader& scenario, MachineConfig& machine, FileErrors& errors);

/// Fits the devices of @p scenario to its nodes: what a clock of the tree drives counts at that
/// clock's rate, whatever the catalogue says. Reports a device whose rates the tree cannot give,
/// and two nodes for a device that can be there once.
void fitDevicesToNodes(Scenario& scenario, FileErrors& errors);

} // namespace timerscope
