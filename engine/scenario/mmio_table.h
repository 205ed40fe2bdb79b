// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/machine/device_description.h"
#include "engine/scenario/table_reader.h"

namespace timerscope {

/// Reads a device file's [counter.mmio]. What does not fit is reported to @p errors: offsets that
/// are not aligned to what is read there, an upper half in the place of the lower one, a latch
/// value wider than an access.
[[nodiscard]] MappedCounter readMmio(const ConfigValue& table, FileErrors& errors);

} // namespace timerscope
