// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/trace/snapshot.h"
#include "engine/why/why.h"

#include <optional>

namespace timerscope {

/// What @p row made of the machine's last sleep, when it was the one to measure it: how long it
/// says it was, and what it has lost by wrapping. Empty when it had nothing to do with it, or the
/// machine has not slept.
[[nodiscard]] std::optional<Reason> sleepReason(const Snapshot& snapshot,
                                                const ClocksourceRow& row);

} // namespace timerscope
