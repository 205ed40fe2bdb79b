// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/trace/trace_log.h"

#include <string>
#include <vector>

namespace timerscope {

/// A function of the kernel and one that it calls, or whose address it stores.
struct CallPair
{
    std::string caller;
    std::string callee;
    friend bool operator==(const CallPair&, const CallPair&) = default;
};

/// Every pair among the first @p count records once, in the order of their first occurrence. What
/// nobody calls, an interrupt's handler for one, is no callee. Empty for a log without functions.
/// Threading: as TraceLog's readers.
[[nodiscard]] std::vector<CallPair> callPairs(const TraceLog& log, std::size_t count);

/// A line each: caller, tab, callee.
[[nodiscard]] std::string callPairsText(const TraceLog& log, std::size_t count);

} // namespace timerscope
