// SPDX-License-Identifier: GPL-3.0-or-later
//! What the log adds to an explanation: when it came so, and what it led to.
#pragma once

#include "engine/why/clocksource_case.h"
#include "engine/why/why.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace timerscope {

/// Why at that moment and not before: the end of the boot, or what came after it. Empty without a
/// record of the selection.
[[nodiscard]] std::optional<Reason> momentReason(const ClocksourceCase& about);
/// That the override which named it was refused, and when.
[[nodiscard]] std::optional<Reason> refusalReason(const ClocksourceCase& about);
/// That the clocksource @p name was there once.
[[nodiscard]] std::optional<Reason> leftReason(const ClocksourceCase& about, std::string_view name);
/// What the switch to the current clocksource led to, with times.
[[nodiscard]] std::vector<std::string> whatFollowed(const ClocksourceCase& about);

} // namespace timerscope
