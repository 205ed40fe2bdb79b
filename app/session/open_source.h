// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/session/resources.h"
#include "engine/port/source.h"

#include <filesystem>
#include <memory>
#include <string_view>

namespace timerscope {

struct OpenOptions
{
    std::filesystem::path root = "/"; ///< where linux: finds sys/ and proc/
    /// Whether mmio: may use /dev/mem: not in a program with a window, least of all as root.
    bool physicalMemory = true;
    TraceDetail detail = TraceDetail::Events; ///< how much a model tells
};

/// Opens what @p uri names: "sim:NAME" (or a path to a scenario file), "sim:NAME@BACKEND" for the
/// same on something real (see backend_choice.h), "linux:", "stm32:PORT" and "mmio:NAME" for a
/// device by itself.
///
/// Errors: InvalidArgument for an unknown scheme (the sentence lists the known ones), NotFound
/// and Corrupt for scenario and device files, Unavailable when the source is not there,
/// NotSupported for schemes that this version knows but cannot open yet (file:).
[[nodiscard]] Result<std::unique_ptr<Source>>
openSource(std::string_view uri, const Resources& resources, const OpenOptions& options = {});

} // namespace timerscope
