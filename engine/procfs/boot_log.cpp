// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/procfs/procfs.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace timerscope {

namespace {

std::string_view withoutTrailingBlanks(std::string_view text)
{
    const auto last = text.find_last_not_of(" \t\n");
    return last == std::string_view::npos ? std::string_view{} : text.substr(0, last + 1);
}

void appendLine(std::string& out, const TraceLog& log, const TraceRecord& record)
{
    // sched_clock counts from zero; the kernel prints it truncated to microseconds.
    const auto ns = static_cast<std::uint64_t>(std::max<std::int64_t>(record.a, 0));
    const std::string line
        = fmt::format("[{:5}.{:06}] {}", ns / nsPerSecond, ns % nsPerSecond / 1000,
                      withoutTrailingBlanks(log.string(record.subject)));
    out += withoutTrailingBlanks(line);
    out += '\n';
}

} // namespace

std::string dmesgText(const TraceLog& log, std::size_t count)
{
    std::string out;
    const std::size_t end = std::min(count, log.size());
    for (std::size_t i = 0; i < end; ++i) {
        if (log[i].kind == RecordKind::Printk) {
            appendLine(out, log, log[i]);
        }
    }
    return out;
}

} // namespace timerscope
