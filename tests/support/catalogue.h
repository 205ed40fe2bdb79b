// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/scenario/device_file.h"
#include "engine/scenario/scenario_file.h"
#include "tests/support/text_file.h"

namespace timerscope::test {

/// Finds devices in the source tree's catalogue.
inline Result<DeviceDescription> catalogueDevice(std::string_view name)
{
    const std::string file = "resources/devices/" + std::string(name) + ".toml";
    const std::string text = textOf(sourcePath(QString::fromStdString(file)));
    if (text.empty()) {
        return fail(ErrorCode::NotFound, "no device is called \"" + std::string(name) + "\"");
    }
    return parseDevice(text, file);
}

/// A scenario of the source tree by its name.
inline Result<Scenario> catalogueScenario(std::string_view name)
{
    const std::string file = "resources/scenarios/" + std::string(name) + ".toml";
    return parseScenario(textOf(sourcePath(QString::fromStdString(file))), file, catalogueDevice);
}

} // namespace timerscope::test
