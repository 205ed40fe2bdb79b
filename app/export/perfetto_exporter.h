// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/export/exporter.h"
#include "app/export/output_file.h"

namespace timerscope {

/// Writes a Perfetto trace, packet by packet: one packet of a track event for each record, on
/// packet sequence 1, in the order of the log and with the record's time. What else the file needs
/// is told apart by its sequence: 2 holds the copies in the kernel's own shape, 3 what follows
/// from the records (ends of states, lateness, losses).
/// Errors: as exportLog(). The caller commits the file.
[[nodiscard]] Result<void> writePerfetto(const TraceLog& log, const ExportContext& context,
                                         OutputFile& out);

} // namespace timerscope
