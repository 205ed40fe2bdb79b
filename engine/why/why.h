// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/trace/snapshot.h"
#include "engine/trace/trace_log.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace timerscope {

/// One numbered reason: a short head and what it rests on, with values.
struct Reason
{
    std::string head; ///< "Highest rating"
    std::string detail; ///< "300, of the band \"desired\"; the only rival, jiffies, has 1."
    std::string function; ///< the kernel function that decides; may be empty
};

/// An explanation with the fixed parts that every "why?" has.
struct Explanation
{
    std::string what; ///< "FTTMR010-TIMER2 is the current clocksource."
    std::vector<Reason> reasons;
    std::vector<std::string> followed; ///< what it led to, with times
    std::vector<std::string> wouldChange; ///< what would change the answer
};

/// Why the clocksource @p name is, or is not, the current one in @p snapshot. The log, if given,
/// adds when it happened and what followed.
[[nodiscard]] Explanation whyClocksource(const Snapshot& snapshot, std::string_view name,
                                         const TraceLog* log);

} // namespace timerscope
