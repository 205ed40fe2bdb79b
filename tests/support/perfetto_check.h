// SPDX-License-Identifier: GPL-3.0-or-later
//! Judges an exported Perfetto file with a description of the format of its own.
#pragma once

#include "engine/trace/trace_log.h"

#include <filesystem>
#include <string>
#include <vector>

namespace timerscope::test {

struct PerfettoFindings
{
    std::vector<std::string> problems; ///< empty: the file is right; stops at twenty
    std::size_t packets = 0; ///< all of them
    std::size_t recordPackets = 0; ///< track events on sequence 1: one for each record
    std::size_t derivedPackets = 0; ///< track events on other sequences
    std::size_t ftraceEvents = 0;
    std::size_t tracks = 0;

    /// The problems as one text, for a failing test to print.
    [[nodiscard]] std::string text() const;
};

/// Looks at everything that a file has to hold whatever the log was: no unknown field, a clock
/// first, tracks described and interned ids told before their use, slices balanced.
[[nodiscard]] PerfettoFindings checkPerfetto(const std::filesystem::path& file);

/// The same, and that number, times and kernel-shaped copies are those of the first @p records
/// records of @p log.
[[nodiscard]] PerfettoFindings checkPerfetto(const std::filesystem::path& file, const TraceLog& log,
                                             std::size_t records);

} // namespace timerscope::test
