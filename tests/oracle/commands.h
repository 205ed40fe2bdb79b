// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/result.h"

#include <filesystem>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

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

/// What `oracle_check scenarios` was asked for.
struct ScenariosRequest
{
    std::filesystem::path directory;
    std::vector<std::string> only; ///< globs, any of which a scenario's name must match; none: all
};

/// Replays every scenario asked for and compares, step by step, what FORMAT.md lists. Writes "ID
/// passed (N compared, M excepted)" or "ID failed: step N: field: expected ... got ..." for each
/// and the sum to @p results once all are judged; further differences go to @p messages.
/// Returns whether all passed. Errors: bad input (missing directory, no scenario, malformed file),
/// with nothing written to @p results.
[[nodiscard]] Result<bool> runScenarios(const ScenariosRequest& request, std::ostream& results,
                                        std::ostream& messages);

/// Arms the timers of every recorded run of the wheel (NAME.tsv) and compares what becomes of them:
/// bucket, level, firing jiffy and order, of standard timers of runs on one CPU. Writes "ID passed
/// (N compared, M excepted)", "ID left out (M excepted)" or "ID failed: timer N: field: expected
/// ... got ..." for each and the sum to @p results once all are judged; further differences go to
/// @p messages. Returns whether something was compared and all passed. Errors: bad input (missing
/// directory, no table, malformed file), with nothing written to @p results.
[[nodiscard]] Result<bool> runWheel(const std::filesystem::path& directory, std::ostream& results,
                                    std::ostream& messages);

/// Writes the model's own answers to the steps of the scenario @p file, a JSON object a line.
/// Errors: bad input; a step that the model cannot carry out (NotSupported), after the answers to
/// those before it.
[[nodiscard]] Result<void> runReplay(const std::filesystem::path& file, std::ostream& results);

/// Arms the timers of every recorded run (NAME.tsv) of @p directory on the model and compares what
/// FORMAT.md lists. Writes "NAME passed (N timers, M pairs in order)" or "NAME failed: timer N:
/// ..." for each and the sum to @p results once all are judged; further differences go to @p
/// messages. Returns whether all passed. Errors: bad input, with nothing written to @p results.
[[nodiscard]] Result<bool> runHrtimers(const std::filesystem::path& directory,
                                       std::ostream& results, std::ostream& messages);

} // namespace timerscope::oracle
