// SPDX-License-Identifier: GPL-3.0-or-later
//! Which lines of a recording a model is held to, and which of their numbers: FORMAT.md, "Compared
//! in every step".
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace timerscope::oracle {

/// The model has broadcast, wakeup devices and exchanges of them: `celist`, `tickdev`, `mask` and
/// `ce` lines, current_device and timer_list_lines are compared. One word switches them on.
inline constexpr bool tickLayerIsModelled = true;

/// What a recording is compared by.
struct MaskRules
{
    bool tickLines = tickLayerIsModelled;
    /// Recorded without icount on several CPUs: the host's load shows in it.
    bool smp = false;
};

/// @p line of a test module's log as it is compared, numbers that a model need not hit masked by
/// "N"; empty when the line is excepted as a whole. A kind of line that is not known is compared.
[[nodiscard]] std::optional<std::string> comparedLog(std::string_view line, const MaskRules& rules);

/// The same for a line of the kernel's log: without its stamp.
[[nodiscard]] std::optional<std::string> comparedDmesg(std::string_view line,
                                                       const MaskRules& rules);

/// A line that a command printed: numbers that go with the ticks are masked.
[[nodiscard]] std::string comparedOutput(std::string_view line);

/// A line of /proc/timer_list; empty for max_hang_time, which is luck.
[[nodiscard]] std::optional<std::string> comparedTimerList(std::string_view line);

} // namespace timerscope::oracle
