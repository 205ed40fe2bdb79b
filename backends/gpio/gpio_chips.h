// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/result.h"

#include <filesystem>
#include <string>
#include <vector>

namespace timerscope {

/// One line of a GPIO chip as the kernel describes it.
struct GpioLine
{
    unsigned number = 0; ///< offset within its chip
    std::string name; ///< empty: it has none
    std::string consumer; ///< who uses it; empty when unused or unnamed
    bool isUsed = false; ///< by the kernel or a program: it cannot be watched
    bool isOutput = false;
    bool isActiveLow = false;
};

struct GpioChip
{
    std::string name; ///< "gpiochip0"
    std::string label; ///< "pl061"; what the driver calls it
    std::vector<GpioLine> lines;
    std::string problem; ///< why it cannot be looked into, as half a sentence; empty: it can
};

/// The GPIO chips of this machine, by number; those that cannot be opened say so themselves.
///
/// @p devices is where their files are. Errors: Unavailable when there is none, or when none can
/// be opened.
[[nodiscard]] Result<std::vector<GpioChip>> gpioChips(const std::filesystem::path& devices
                                                      = "/dev");

} // namespace timerscope
