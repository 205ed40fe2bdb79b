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
    friend bool operator==(const Reason&, const Reason&) = default;
};

/// An explanation with the fixed parts that every "why?" has.
struct Explanation
{
    std::string what; ///< "FTTMR010-TIMER2 is the current clocksource."
    std::vector<Reason> reasons;
    std::vector<std::string> followed; ///< what it led to, with times
    std::vector<std::string> wouldChange; ///< what would change the answer
    friend bool operator==(const Explanation&, const Explanation&) = default;
};

/// Why the clocksource @p name is, or is not, the current one in @p snapshot. The log, if given,
/// adds when it happened and what followed. @p selection is the record of the last
/// ClocksourceSelect where the caller knows it; else the log is searched for it from its end.
[[nodiscard]] Explanation whyClocksource(const Snapshot& snapshot, std::string_view name,
                                         const TraceLog* log,
                                         std::optional<std::size_t> selection = {});

/// Whether the module @p name ("-" and "_" are the same in it) can be unloaded in @p snapshot, who
/// holds it and for what, and what the kernel would not notice. Without reasons: the machine never
/// had such a module.
[[nodiscard]] Explanation whyModule(const Snapshot& snapshot, std::string_view name);

/// What the clock event device @p name is used for in @p snapshot, against whom, and what unbinding
/// it would come to. Of several of that name, the one of the lowest CPU. Without reasons: none is
/// registered.
[[nodiscard]] Explanation whyDevice(const Snapshot& snapshot, std::string_view name);

/// What the tick of @p cpu has become in @p snapshot, and what kept it from becoming more; the log,
/// if given, adds since when. Without reasons: there is no such CPU.
[[nodiscard]] Explanation whyTick(const Snapshot& snapshot, unsigned cpu, const TraceLog* log);

/// The explanation as plain text, a part a line: for the clipboard and the terminal.
[[nodiscard]] std::vector<std::string> linesOf(const Explanation& explanation);

} // namespace timerscope
