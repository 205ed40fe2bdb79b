// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/cpu_mask.h"

#include <string>
#include <string_view>

namespace timerscope {

/// The kernel parameters that this model follows; all others are accepted and mean nothing here,
/// as on a kernel without that driver.
struct KernelCommandLine
{
    std::string clocksource; ///< clocksource=NAME; empty when not given
    bool highRes = true; ///< highres=off
    bool noHz = true; ///< nohz=off
    bool skewTick = false; ///< skew_tick=1
    CpuMask fullNohz; ///< nohz_full=1-3,5; empty, too, when it is malformed
};

[[nodiscard]] KernelCommandLine parseKernelCommandLine(std::string_view text);

} // namespace timerscope
