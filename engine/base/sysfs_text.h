// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/errno.h"

#include <string>
#include <string_view>

namespace timerscope {

/// What reading a sysfs file gives.
struct SysfsText
{
    Errno error = Errno::Ok;
    std::string text; ///< with its newline; empty after an error
};

/// A name as sysfs takes it from what was written.
struct SysfsName
{
    Errno error = Errno::Ok;
    std::string name;
};

/// The device's name in @p text: one trailing newline is cut off. Invalid for nothing at all and
/// for more than 31 characters, the newline among them.
[[nodiscard]] SysfsName sysfsName(std::string_view text);

} // namespace timerscope
