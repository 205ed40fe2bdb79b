// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/device_report.h"

#include "app/session/catalogue.h"

namespace timerscope {

Result<DevicePrecision> evaluateDevice(const Resources& resources, std::string_view nameOrFile,
                                       TickRate tickRate)
{
    const auto device = loadDevice(resources, nameOrFile);
    return device ? precisionOf(*device, tickRate)
                  : Result<DevicePrecision>(tl::unexpected(device.error()));
}

} // namespace timerscope
