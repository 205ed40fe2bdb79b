// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/terminal/views.h"

#include "engine/base/wording.h"
#include "engine/procfs/procfs.h"
#include "engine/trace/call_pairs.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace timerscope::terminal {

namespace {

// In View's order.
constexpr std::array<std::string_view, 6> viewNames{"dmesg", "sysfs",       "timer_list",
                                                    "state", "fingerprint", "calls"};

std::string textOf(View view, const Snapshot& snapshot, const TraceLog& log)
{
    switch (view) {
    case View::Dmesg:
        return dmesgText(log, log.size());
    case View::Sysfs:
        return sysfsText(snapshot);
    case View::TimerList:
        return timerListText(snapshot);
    case View::State:
        return stateText(snapshot);
    case View::Fingerprint:
        return fmt::format("{:016x} {}\n", fingerprint(log, log.size()), log.size());
    case View::Calls:
        return callPairsText(log, log.size());
    }
    return {};
}

} // namespace

Result<std::vector<View>> viewsOf(std::span<const std::string> names, std::span<const View> allowed)
{
    std::vector<std::string_view> known;
    for (const View view : allowed) {
        known.push_back(viewNames.at(static_cast<std::size_t>(view)));
    }
    std::vector<View> views;
    for (const std::string& name : names) {
        const auto found = std::ranges::find(known, name);
        if (found == known.end()) {
            return fail(ErrorCode::InvalidArgument,
                        fmt::format("--print {} is not known here; choose from {}", inQuotes(name),
                                    quotedList(known)));
        }
        views.push_back(allowed[static_cast<std::size_t>(found - known.begin())]);
    }
    return views;
}

Result<void> checkViews(std::span<const View> views, SourceKind kind, const Snapshot& snapshot)
{
    const auto asksFor
        = [views](View view) { return std::ranges::find(views, view) != views.end(); };
    if (asksFor(View::Dmesg) && kind == SourceKind::LiveKernel) {
        return fail(ErrorCode::InvalidArgument,
                    "--print dmesg needs a model: the running kernel's log is dmesg's to show");
    }
    if (asksFor(View::TimerList) && !hasTimerList(snapshot)) {
        return fail(ErrorCode::Unavailable,
                    "--print timer_list has nothing to show: /proc/timer_list could not be read");
    }
    return {};
}

std::string textOf(std::span<const View> views, const Snapshot& snapshot, const TraceLog& log)
{
    std::string text;
    for (const View view : views) {
        text += text.empty() ? "" : "\n";
        text += textOf(view, snapshot, log);
    }
    return text;
}

} // namespace timerscope::terminal
