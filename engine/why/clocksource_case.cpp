// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/why/clocksource_case.h"

#include <algorithm>

namespace timerscope {

namespace {

using Row = ClocksourceRow;

/// The record that made @p current current. An observer, which saw nobody register, names no
/// previous one at its first look: it found this one running and does not know since when.
std::optional<std::size_t> selectionOf(const Snapshot& snapshot, const TraceLog* log,
                                       const Row* current, std::optional<std::size_t> known)
{
    if (log == nullptr || current == nullptr) {
        return {};
    }
    const std::size_t end = std::min(snapshot.records, log->size());
    const auto found
        = known && *known < end ? known : lastOf(RecordKind::ClocksourceSelect, *log, end);
    if (!found) {
        return {};
    }
    const TraceRecord& record = (*log)[*found];
    const bool firstLook = record.a == 0 && !lastOf(RecordKind::ClocksourceRegister, *log, *found);
    return !firstLook && log->string(record.subject) == current->name ? found : std::nullopt;
}

const Row* firstOf(const Snapshot& snapshot, auto&& matches)
{
    const auto found = std::ranges::find_if(snapshot.clocksources, matches);
    return found != snapshot.clocksources.end() ? &*found : nullptr;
}

} // namespace

ClocksourceCase caseOf(const Snapshot& snapshot, std::string_view name, const TraceLog* log,
                       std::optional<std::size_t> selection)
{
    const Row* const current = snapshot.currentClocksource();
    return {.snapshot = snapshot,
            .log = log,
            .asked = firstOf(snapshot, [name](const Row& row) { return row.name == name; }),
            .current = current,
            .selection = selectionOf(snapshot, log, current, selection)};
}

std::optional<std::size_t> lastOf(RecordKind kind, const TraceLog& log, std::size_t end)
{
    for (std::size_t i = end; i > 0; --i) {
        if (log[i - 1].kind == kind) {
            return i - 1;
        }
    }
    return {};
}

bool has(const Row& row, std::uint32_t flag)
{
    return row.flags && (*row.flags & flag) != 0;
}

bool lacks(const Row& row, std::uint32_t flag)
{
    return row.flags && (*row.flags & flag) == 0;
}

bool isTickOneshot(const Snapshot& snapshot)
{
    return std::ranges::any_of(snapshot.cpus,
                               [](const CpuRow& cpu) { return cpu.tickMode == TickMode::Oneshot; });
}

bool mayBeChosen(const Snapshot& snapshot, const Row& row)
{
    // A live kernel tells no flags, but it lists only what may be chosen.
    return row.flags ? !isTickOneshot(snapshot) || has(row, clocksource_flag::validForHres)
                     : row.available;
}

std::size_t placeOf(const Snapshot& snapshot, const Row& row)
{
    return static_cast<std::size_t>(&row - snapshot.clocksources.data()) + 1;
}

const Row* bestOf(const Snapshot& snapshot)
{
    return firstOf(snapshot, [&](const Row& row) { return mayBeChosen(snapshot, row); });
}

const Row* overrideOf(const Snapshot& snapshot)
{
    if (!snapshot.overrideName || snapshot.overrideName->empty()) {
        return nullptr;
    }
    return firstOf(snapshot, [&](const Row& row) { return row.name == *snapshot.overrideName; });
}

const Row* choiceOf(const Snapshot& snapshot)
{
    const Row* const best = bestOf(snapshot);
    const Row* const wanted = overrideOf(snapshot);
    return best != nullptr && wanted != nullptr && mayBeChosen(snapshot, *wanted) ? wanted : best;
}

bool isOverridden(const ClocksourceCase& about)
{
    return about.current != nullptr && about.snapshot.overrideName == about.current->name;
}

const Row* suspendClockOf(const Snapshot& snapshot)
{
    return firstOf(snapshot, [&](const Row& row) {
        return snapshot.suspendClocksource ? row.name == *snapshot.suspendClocksource
                                           : has(row, clocksource_flag::suspendNonstop);
    });
}

OverrideAnswer overrideAnswerOf(const Snapshot& snapshot, const Row& row)
{
    if (snapshot.machine.bootFinished == false) {
        return OverrideAnswer::Waits;
    }
    if (bestOf(snapshot) == nullptr) {
        return OverrideAnswer::Ignored;
    }
    if (mayBeChosen(snapshot, row)) {
        return OverrideAnswer::Accepted;
    }
    return has(row, clocksource_flag::unstable) ? OverrideAnswer::Refused
                                                : OverrideAnswer::Deferred;
}

} // namespace timerscope
