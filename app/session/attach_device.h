// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/session/bench.h"
#include "app/session/open_source.h"

#include <string_view>

namespace timerscope {

/// Attaches to what @p uri names: "mmio:NAME" (a device of the catalogue, or its file) or
/// "stm32:PORT". What the device says of itself goes over what its description says: rates, widths
/// and limits; ratings and flags are the description's.
///
/// Errors: InvalidArgument when the URI names nothing or a device without a mapped counter,
/// NotFound and Corrupt for device files, Unavailable when it is not there or may not be used.
[[nodiscard]] Result<AttachedDevice> attachDevice(std::string_view uri, const Resources& resources,
                                                  const OpenOptions& options);

} // namespace timerscope
