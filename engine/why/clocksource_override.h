// SPDX-License-Identifier: GPL-3.0-or-later
//! The user's word in the choice of a clocksource: clocksource= on the command line, and what is
//! written to current_clocksource.
#pragma once

#include "engine/why/clocksource_case.h"
#include "engine/why/why.h"

#include <optional>
#include <string>
#include <vector>

namespace timerscope {

/// What the override has to do with it; empty where it is not known whether there is one.
[[nodiscard]] std::optional<Reason> overrideReason(const ClocksourceCase& about);
/// What its rating alone would have come to, for one that owes its place to its name.
[[nodiscard]] std::optional<Reason> ratingAside(const ClocksourceCase& about);
/// What the kernel would answer to its name, written this moment, and whether it would be current.
[[nodiscard]] Reason overrideOutlook(const ClocksourceCase& about);

/// The same in a line, for the list of what would change the answer: "Override with jiffies:
/// deferred, not fit for high resolution".
[[nodiscard]] std::string overrideChange(const Snapshot& snapshot, const ClocksourceRow& row);

/// What would make the current one no longer current, or keep it.
[[nodiscard]] std::vector<std::string> changesOfCurrent(const ClocksourceCase& about);
/// What would make another one current.
[[nodiscard]] std::vector<std::string> changesOfOther(const ClocksourceCase& about);

} // namespace timerscope
