// SPDX-License-Identifier: GPL-3.0-or-later
//! The named fields of /proc/timer_list: which there are, and where each goes.
#pragma once

#include "engine/trace/snapshot.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace timerscope {

/// What became of one line.
enum class LineOutcome : std::uint8_t
{
    Understood,
    Damaged, ///< a line we know, with a number that is none
    Unknown,
};

/// A CPU's row with what is only known once both of v0.10's flags have been seen.
struct CpuDraft
{
    CpuRow row;
    std::optional<bool> nohz;
    std::optional<bool> highres;
};

/// How the kernel hides an address, early in boot and where it is restricted: "(ptrval)".
[[nodiscard]] bool isHiddenAddress(std::string_view text);

/// A hashed or bare address, with or without 0x; empty for anything else.
[[nodiscard]] std::optional<std::uint64_t> addressNumber(std::string_view text);

/// Each reads the field @p name with the text @p value into its row. Unknown when the kernels we
/// know have no such field there.
[[nodiscard]] LineOutcome takeBaseField(HrtimerBaseRow& row, std::string_view name,
                                        std::string_view value);
[[nodiscard]] LineOutcome takeCpuField(CpuDraft& draft, std::string_view name,
                                       std::string_view value);
[[nodiscard]] LineOutcome takeDeviceField(ClockEventRow& row, std::string_view name,
                                          std::string_view value);

/// v0.9 prints nohz_mode, v0.10 two flags in its place.
[[nodiscard]] std::optional<NohzMode> nohzModeOf(const CpuDraft& draft);

} // namespace timerscope
