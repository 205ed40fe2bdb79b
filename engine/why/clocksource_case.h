// SPDX-License-Identifier: GPL-3.0-or-later
//! What an explanation of a clocksource is made from, and the kernel's rules over it. A snapshot
//! holds less than the registry does, so each rule says what it does where a value is not known.
#pragma once

#include "engine/trace/snapshot.h"
#include "engine/trace/trace_log.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace timerscope {

/// Everything an explanation is made from. Lives no longer than its snapshot and log.
struct ClocksourceCase
{
    const Snapshot& snapshot;
    const TraceLog* log = nullptr; ///< may be null
    const ClocksourceRow* asked = nullptr; ///< null: no clocksource of this name
    const ClocksourceRow* current = nullptr; ///< may be null
    std::optional<std::size_t> selection; ///< record that made the current one current
};

/// @p selection is the record of the last ClocksourceSelect where the caller knows it.
[[nodiscard]] ClocksourceCase caseOf(const Snapshot& snapshot, std::string_view name,
                                     const TraceLog* log, std::optional<std::size_t> selection);

/// How far a log is searched, in records: an explanation must not cost more than a frame on a log
/// of millions.
inline constexpr std::size_t searchedRecords = 200'000;

/// The last record of @p kind in front of record @p end.
[[nodiscard]] std::optional<std::size_t> lastOf(RecordKind kind, const TraceLog& log,
                                                std::size_t end);

/// False for flags that are not known, both of them.
[[nodiscard]] bool has(const ClocksourceRow& row, std::uint32_t flag);
[[nodiscard]] bool lacks(const ClocksourceRow& row, std::uint32_t flag);

/// Of any CPU.
[[nodiscard]] bool isTickOneshot(const Snapshot& snapshot);
/// Whether the kernel may choose it in the present tick mode (clocksource_find_best).
[[nodiscard]] bool mayBeChosen(const Snapshot& snapshot, const ClocksourceRow& row);
/// Its place in the kernel's list, from 1.
[[nodiscard]] std::size_t placeOf(const Snapshot& snapshot, const ClocksourceRow& row);
/// The first of the list that may be chosen; null for none.
[[nodiscard]] const ClocksourceRow* bestOf(const Snapshot& snapshot);
/// The first of the list that the override names; null when it names none, or an absent one.
[[nodiscard]] const ClocksourceRow* overrideOf(const Snapshot& snapshot);
/// What clocksource_select() would choose now: the override where it may be, else the best.
[[nodiscard]] const ClocksourceRow* choiceOf(const Snapshot& snapshot);
/// True when the current one owes its place to its name.
[[nodiscard]] bool isOverridden(const ClocksourceCase& about);
/// The one that measures a suspend: best rated of those that go on counting; null for none.
[[nodiscard]] const ClocksourceRow* suspendClockOf(const Snapshot& snapshot);

/// What the kernel does when a clocksource is asked for by name.
enum class OverrideAnswer : std::uint8_t
{
    Accepted, ///< current at once, whatever its rating
    Deferred, ///< its name is kept until it is valid for high resolution
    Refused, ///< its name is forgotten: an unstable one never becomes valid again
    Waits, ///< the boot has not finished: its name is kept until then
    Ignored, ///< nothing may be chosen in the present tick mode, so nothing is
};
[[nodiscard]] OverrideAnswer overrideAnswerOf(const Snapshot& snapshot, const ClocksourceRow& row);

} // namespace timerscope
