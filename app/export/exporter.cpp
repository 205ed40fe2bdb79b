// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/export/exporter.h"

#include "app/export/checkpoint.h"
#include "app/export/csv_exporter.h"
#include "app/export/output_file.h"
#include "app/export/perfetto_exporter.h"

#include <fmt/format.h>

#include <algorithm>

namespace timerscope {

namespace {

std::string lowered(std::string text)
{
    std::ranges::transform(text, text.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return text;
}

Result<void> notCancelled(const ExportContext& context)
{
    if (context.isCancelled && context.isCancelled()) {
        return fail(ErrorCode::WriteFailed, "the export was stopped before the file was complete");
    }
    return {};
}

Result<void> writeAs(ExportFormat format, const TraceLog& log, const ExportContext& context,
                     OutputFile& out)
{
    return format == ExportFormat::Csv ? writeCsv(log, context, out)
                                       : writePerfetto(log, context, out);
}

} // namespace

Result<ExportFormat> formatOf(const std::filesystem::path& path)
{
    const std::string suffix = path.extension().string();
    if (lowered(suffix) == ".csv") {
        return ExportFormat::Csv;
    }
    if (lowered(suffix) == ".pftrace") {
        return ExportFormat::Perfetto;
    }
    const std::string met = suffix.empty() ? "no suffix" : fmt::format("the suffix {}", suffix);
    return fail(ErrorCode::InvalidArgument,
                fmt::format("cannot export to {}: it has {}; allowed are .csv and .pftrace",
                            path.string(), met));
}

Result<void> checkpoint(const ExportContext& context, const OutputFile& out, std::size_t index)
{
    constexpr std::size_t every = 4096;
    if (index % every != 0) [[likely]] {
        return {};
    }
    if (auto going = notCancelled(context); !going) {
        return going;
    }
    return out.state();
}

Result<void> exportLog(const TraceLog& log, const ExportContext& context,
                       const std::filesystem::path& path)
{
    const auto format = formatOf(path);
    if (!format) {
        return tl::unexpected(format.error());
    }
    auto file = OutputFile::create(path);
    if (!file) {
        return tl::unexpected(file.error());
    }
    ExportContext bounded = context;
    bounded.records = std::min(context.records, log.size());
    if (auto written = writeAs(*format, log, bounded, *file); !written) {
        return written;
    }
    if (auto going = notCancelled(context); !going) {
        return going;
    }
    return file->commit();
}

} // namespace timerscope
