// SPDX-License-Identifier: GPL-3.0-or-later
//! Why a counter cannot be mapped, in one sentence for a person.
#pragma once

#include "engine/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace timerscope {

/// What the machine lets this process do; looked at when something was refused.
struct MmioSurroundings
{
    bool isRoot = false;
    std::string lockdown; ///< /sys/kernel/security/lockdown: "none [integrity] confidentiality"
    std::string iomem; ///< /proc/iomem; to anyone but root, all its addresses are 0
};

[[nodiscard]] MmioSurroundings lookAround();

/// The line of @p iomem, trimmed, for the narrowest region around @p address; empty when none is.
[[nodiscard]] std::string_view claimOf(std::string_view iomem, std::uint64_t address);

/// What was asked for: the counter, its file, the register that was met first.
struct MmioPlace
{
    std::string name;
    std::string path;
    std::uint64_t position = 0;
    bool isPhysicalMemory = false;
};

/// stat() or open() failed with @p error. Unavailable.
[[nodiscard]] Error openingFailed(const MmioPlace& place, int error,
                                  const MmioSurroundings& surroundings);
/// mmap() failed with @p error. Unavailable.
[[nodiscard]] Error mappingFailed(const MmioPlace& place, int error,
                                  const MmioSurroundings& surroundings);

} // namespace timerscope
