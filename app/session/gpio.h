// SPDX-License-Identifier: GPL-3.0-or-later
//! GPIO lines for the programs' faces, which know no backend.
#pragma once

#include "backends/gpio/edge_watch.h"
#include "backends/gpio/gpio_chips.h"

#include <string_view>

namespace timerscope {

/// Watches the edges of a line from now on, on the host's clocks; ends with the EdgeWatch.
/// @p chip and @p line as openEdgeSource() takes them. Errors: as openEdgeSource().
[[nodiscard]] Result<EdgeWatch> watchGpioLine(std::string_view chip, std::string_view line,
                                              EdgeChoice choice);

} // namespace timerscope
