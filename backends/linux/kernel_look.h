// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backends/linux/text_file.h"
#include "engine/trace/snapshot.h"

#include <filesystem>

namespace timerscope {

/// One reading of everything that a Linux kernel shows about its clocks and timers.
struct KernelLook
{
    Snapshot snapshot; ///< at, records and, where timer_list is closed, monotonic are not set
    TextFile clocksources; ///< the list of available ones; its text is spent
    TextFile timerList; ///< its text is spent
    bool hasTime = false; ///< timer_list said what time it is
};

/// Reads below @p root. Never fails: what cannot be read is missing from the snapshot, and one
/// notice for each says so.
[[nodiscard]] KernelLook lookAtKernel(const std::filesystem::path& root);

} // namespace timerscope
