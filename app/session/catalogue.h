// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/session/resources.h"
#include "engine/machine/device_description.h"
#include "engine/scenario/scenario.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace timerscope {

/// Reads a device: one of the catalogue by its name, or a file when @p nameOrFile holds a '/' or
/// ends in ".toml". Errors: NotFound (the sentence names the nearest name), Corrupt with
/// "FILE:LINE: …", Unavailable when its file cannot be read.
[[nodiscard]] Result<DeviceDescription> loadDevice(const Resources& resources,
                                                   std::string_view nameOrFile);

/// Reads a scenario, named as a device is. Its devices come from the catalogue. Errors: as
/// loadDevice().
[[nodiscard]] Result<Scenario> loadScenario(const Resources& resources,
                                            std::string_view nameOrFile);

/// What a list of devices or scenarios shows of one, or why it cannot.
struct CatalogueRow
{
    std::string name;
    std::filesystem::path file;
    std::string title; ///< what it is
    std::vector<std::string> figures; ///< one line each: "clocksource mfoc: 1 MHz, 32 bits, …"
    std::string error; ///< a broken file's sentence; then title and figures are empty
};
[[nodiscard]] std::vector<CatalogueRow> deviceRows(const Resources& resources);
[[nodiscard]] std::vector<CatalogueRow> scenarioRows(const Resources& resources);

} // namespace timerscope
