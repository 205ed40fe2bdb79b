// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/machine/device_description.h"
#include "engine/scenario/table_reader.h"

namespace timerscope {

/// Reads a device's [driver]. An empty table is a driver that is built in and found by time_init.
/// Reports what does not fit to @p errors.
[[nodiscard]] DriverDescription readDriver(const ConfigValue& table, FileErrors& errors);

/// Reads a scenario's [clock_driver]. Reports what does not fit to @p errors.
[[nodiscard]] DriverFunctions readClockDriver(const ConfigValue& table, FileErrors& errors);

/// Reads one [[channel]]. Reports what does not fit to @p errors.
[[nodiscard]] ChannelUse readChannel(const ConfigValue& table, FileErrors& errors);

} // namespace timerscope
