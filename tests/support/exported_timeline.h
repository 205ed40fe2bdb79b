// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/export/exporter.h"
#include "engine/port/source.h"
#include "tests/support/perfetto_check.h"

#include <QTemporaryDir>

namespace timerscope::test {

/// Exports all that @p source has logged as a Perfetto file and judges that. A file that could not
/// be written is a problem like any other.
inline PerfettoFindings exportedTimeline(Source& source)
{
    const QTemporaryDir folder;
    const std::filesystem::path file = folder.filePath("timeline.pftrace").toStdString();
    const TraceLog& log = source.log();
    const ExportContext context{.origin = source.info().uri,
                                .end = source.snapshot(),
                                .records = log.size(),
                                .isCancelled = {}};
    if (const auto written = exportLog(log, context, file); !written) {
        PerfettoFindings unwritten;
        unwritten.problems.push_back(written.error().what);
        return unwritten;
    }
    return checkPerfetto(file, log, log.size());
}

} // namespace timerscope::test
