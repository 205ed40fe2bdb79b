// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/export/exporter.h"
#include "app/export/output_file.h"

namespace timerscope {

/// Whether to go on, asked before each record with its @p index: no when the user stopped the
/// export or the disk is full. Looks every 4096 records only, since both cost a call.
[[nodiscard]] Result<void> checkpoint(const ExportContext& context, const OutputFile& out,
                                      std::size_t index);

} // namespace timerscope
