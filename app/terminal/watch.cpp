// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/terminal/watch.h"

#include "app/export/exporter.h"
#include "app/terminal/interrupt.h"
#include "app/terminal/streams.h"
#include "engine/base/time_text.h"
#include "engine/base/wording.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <system_error>
#include <unistd.h>

namespace timerscope::terminal {

namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;

// Often enough for Ctrl-C to feel immediate, seldom enough to cost nothing.
constexpr Ns modelSlice = std::chrono::milliseconds(50);
constexpr Ns lookInterval = std::chrono::milliseconds(100);

/// What would only be found out after the run, found out before it.
Result<void> checkExports(const std::vector<fs::path>& files)
{
    for (const fs::path& file : files) {
        if (auto format = formatOf(file); !format) {
            return tl::unexpected(format.error());
        }
        const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
        std::error_code error;
        if (!fs::is_directory(folder, error)) {
            return fail(ErrorCode::WriteFailed,
                        fmt::format("cannot write {}: {} is not a folder", inQuotes(file.string()),
                                    inQuotes(folder.string())));
        }
        if (fs::is_directory(file, error)) {
            return fail(ErrorCode::WriteFailed,
                        fmt::format("cannot write {}: it is a folder", inQuotes(file.string())));
        }
    }
    return {};
}

/// Up to the limit, the end or an interrupt.
Result<void> runAlong(Source& source, std::optional<Ns> length)
{
    const TraceInstant limit = length ? TraceInstant{*length} : never<TraceClock>;
    Progress progress = Progress::MoreToCome;
    for (TraceInstant at{}; progress != Progress::Ended && interruptions() == 0;) {
        at = std::min(addSaturating(at, modelSlice), limit);
        const auto advanced = source.advance(at);
        if (!advanced) {
            return tl::unexpected(advanced.error());
        }
        progress = at == limit ? Progress::Ended : *advanced;
    }
    return {};
}

/// One look is taken when a kernel is opened; the others are up to the length.
Result<void> observe(Source& source, std::optional<Ns> length)
{
    const auto start = steady_clock::now();
    while (length && interruptions() == 0) {
        const Ns left = *length - (steady_clock::now() - start);
        if (left <= Ns{0}) {
            break;
        }
        rest(std::min(left, lookInterval));
        const auto looked = source.advance(never<TraceClock>);
        if (!looked) {
            return tl::unexpected(looked.error());
        }
        if (*looked == Progress::Ended) {
            break;
        }
    }
    return {};
}

/// One sentence for each expectation that did not hold; how many there were.
std::size_t complainOfExpectations(const TraceLog& log)
{
    std::size_t failed = 0;
    for (std::size_t i = 0; i < log.size(); ++i) {
        const TraceRecord& record = log[i];
        if (record.kind == RecordKind::Expectation && record.a == 0) {
            complain(fmt::format("line {}, at {}: {}", record.b,
                                 timeText(record.at.time_since_epoch()),
                                 log.string(record.subject)));
            ++failed;
        }
    }
    return failed;
}

ExitCode exportAll(Source& source, const SnapshotPtr& end, const std::vector<fs::path>& files)
{
    const int before = interruptions();
    for (const fs::path& file : files) {
        const ExportContext context{.origin = source.info().uri,
                                    .end = end,
                                    .records = source.log().size(),
                                    .isCancelled = [before] { return interruptions() > before; }};
        const auto written = exportLog(source.log(), context, file);
        if (interruptions() > before) {
            return ExitCode::Interrupted;
        }
        if (!written) {
            return complain(written.error());
        }
    }
    return ExitCode::Fine;
}

/// A run that is over, for whatever reason.
struct Outcome
{
    SnapshotPtr end;
    ExitCode code = ExitCode::Fine; ///< what the run itself comes to
    bool isWritten = true; ///< whether there is something to show for it
};

Outcome outcomeOf(Source& source, const Result<void>& ran)
{
    const bool observed = source.info().kind != SourceKind::Model;
    Outcome outcome{.end = source.snapshot()};
    if (!ran) {
        outcome.code = complain(ran.error());
        outcome.isWritten = ran.error().code == ErrorCode::DeviceLost;
    } else if (interruptions() > 0) {
        complain(observed ? "interrupted; what was seen until now is written"
                          : "interrupted; nothing is written");
        outcome.code = ExitCode::Interrupted;
        outcome.isWritten = observed;
    }
    return outcome;
}

ExitCode write(Source& source, const Outcome& outcome, const WatchRequest& request)
{
    const ExitCode exported = exportAll(source, outcome.end, request.exports);
    if (exported != ExitCode::Fine) {
        return exported;
    }
    return print(textOf(request.views, *outcome.end, source.log()));
}

ExitCode run(Source& source, const WatchRequest& request)
{
    const auto ran = runSource(source, request.length);
    const Outcome outcome = outcomeOf(source, ran);
    if (!outcome.isWritten) {
        return outcome.code;
    }
    complainOfNotices(source, *outcome.end, request.length);
    if (auto shown = checkViews(request.views, source.info().kind, *outcome.end); !shown) {
        return complain(shown.error());
    }
    const ExitCode written = write(source, outcome, request);
    const std::size_t failed = complainOfExpectations(source.log());
    if (written != ExitCode::Fine || outcome.code != ExitCode::Fine) {
        return written != ExitCode::Fine ? written : outcome.code;
    }
    return failed > 0 ? ExitCode::CheckFailed : ExitCode::Fine;
}

} // namespace

Result<void> runSource(Source& source, std::optional<Ns> length)
{
    const bool isKernel = source.info().kind == SourceKind::LiveKernel;
    return isKernel ? observe(source, length) : runAlong(source, length);
}

void complainOfNotices(const Source& source, const Snapshot& end, std::optional<Ns> length)
{
    for (const Notice& notice : end.notices) {
        complain(notice.text);
    }
    const SourceInfo info = source.info();
    if (info.kind == SourceKind::Model && info.end && length && TraceInstant{*length} > *info.end) {
        complain(fmt::format("{} is over at {}; it was not run until {}", info.title,
                             timeText(info.end->time_since_epoch()), timeText(*length)));
    }
}

ExitCode watch(const WatchRequest& request, const Resources& resources)
{
    if (auto possible = checkExports(request.exports); !possible) {
        return complain(possible.error());
    }
    auto source = openSource(request.uri, resources, request.options);
    if (!source) {
        return complain(source.error());
    }
    catchInterrupts();
    return run(**source, request);
}

} // namespace timerscope::terminal
