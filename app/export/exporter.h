// SPDX-License-Identifier: GPL-3.0-or-later
//! Writes the records of any source to a file that other programs read.
//! What the files hold, field by field: resources/docs/export-formats.md.
#pragma once

#include "engine/base/result.h"
#include "engine/trace/snapshot.h"
#include "engine/trace/trace_log.h"

#include <filesystem>
#include <functional>
#include <string>

namespace timerscope {

enum class ExportFormat : std::uint8_t
{
    Csv, ///< .csv
    Perfetto, ///< .pftrace
};

/// The format that @p path asks for by its suffix, in small or capital letters.
/// Errors: InvalidArgument for any other suffix, or none.
[[nodiscard]] Result<ExportFormat> formatOf(const std::filesystem::path& path);

/// Which clock the file calls the log's axis. A model's axis is true time since power-on, which
/// no clock of the machine counts exactly; it is called Monotonic, the nearest.
enum class AxisClock : std::uint8_t
{
    Monotonic,
    MonotonicRaw,
    Boottime,
};

struct ExportContext
{
    std::string origin; ///< the source's URI
    AxisClock clock = AxisClock::Monotonic;
    /// The state at the end: names of timers that were armed before the log began, the wall clock
    /// and the notices come from it. May be null.
    SnapshotPtr end;
    /// How many records are written, from the first; never more than the log has.
    std::size_t records = 0;
    /// Asked every few thousand records; true stops the export. May be empty.
    std::function<bool()> isCancelled;
};

/// Writes the log to @p path, in the format of its suffix.
///
/// The file is complete or absent: it grows under another name beside @p path and takes its place
/// in one step, when every byte is on the disk; a file that was there before stays until then. A
/// link is followed. What the source lost appears in the file.
///
/// Threading: may run while the source still fills the log, on any thread.
/// Errors: InvalidArgument as formatOf(); WriteFailed with path and reason, also when the export
/// was cancelled, in which case nothing is left behind either.
[[nodiscard]] Result<void> exportLog(const TraceLog& log, const ExportContext& context,
                                     const std::filesystem::path& path);

} // namespace timerscope
