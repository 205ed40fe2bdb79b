// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/result.h"

#include <filesystem>
#include <iosfwd>
#include <string>
#include <string_view>

namespace timerscope::oracle {

/// What `oracle_check vectors` was asked for.
struct VectorsRequest
{
    std::filesystem::path directory;
    std::string set; ///< empty: all of them
    bool onlyKnown = false; ///< leave out the sets that the engine cannot answer
};

/// Answers every row of the sets asked for and compares. Writes "NAME passed/total" lines and the
/// sum to @p results once all rows are judged, and what differs to @p messages.
/// Returns whether all passed. Errors: bad input (missing directory or set, malformed file), with
/// nothing written to @p results.
[[nodiscard]] Result<bool> runVectors(const VectorsRequest& request, std::ostream& results,
                                      std::ostream& messages);

/// Reads rows with `in` from @p rows and writes a line {"out":{...}} for each, in order, each one
/// flushed so that a comparer can converse. Stops at the first row that cannot be answered.
[[nodiscard]] Result<void> runAnswer(std::string_view set, std::istream& rows,
                                     std::ostream& results);

} // namespace timerscope::oracle
