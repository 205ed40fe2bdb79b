// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/export/exporter.h"
#include "app/export/output_file.h"

namespace timerscope {

/// Writes a header line, then a row for each record: who, what and when, and each field under the
/// column of its name. Lines end in LF; quoting is RFC 4180's.
/// Errors: as exportLog(). The caller commits the file.
[[nodiscard]] Result<void> writeCsv(const TraceLog& log, const ExportContext& context,
                                    OutputFile& out);

} // namespace timerscope
