// SPDX-License-Identifier: GPL-3.0-or-later
//! What stands behind "tscope device eval", and the device that it describes.
#pragma once

#include "app/session/device_report.h"

#include <string>
#include <vector>

namespace timerscope::terminal {

/// As they stand on the command line; empty where they do not.
struct DeviceOptions
{
    std::string action;
    std::string file;
    std::string frequency;
    std::string bits;
    std::string rating;
    std::vector<std::string> flags;
    std::string minTicks;
    std::string maxTicks;
    std::string tickRate;
    bool asJson = false;
};

/// The report that they ask for. Errors: InvalidArgument and OutOfRange, whose sentence names the
/// option; NotFound and Corrupt for a device file.
[[nodiscard]] Result<DevicePrecision> reportOf(const DeviceOptions& options,
                                               const Resources& resources);

} // namespace timerscope::terminal
