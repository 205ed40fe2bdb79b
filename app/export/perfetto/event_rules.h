// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/export/perfetto/track_book.h"
#include "engine/trace/trace_record.h"

#include <string_view>

namespace timerscope {

/// How a record looks on its lane.
enum class Shape : std::uint8_t
{
    Instant,
    Begin, ///< of a slice that the End of the same subject closes
    End,
    State, ///< a slice that lasts until the next one on its lane
    Counter, ///< a is the value
};

/// What the event's name says, after the verb.
enum class Naming : std::uint8_t
{
    VerbOnly,
    Subject, ///< a timer by its function
    FieldA,
    Sentence, ///< the subject's text, which hardly repeats: written as it is, not interned
    Verdict, ///< a sentence that held or failed
};

struct EventRule
{
    RecordKind kind{};
    Lane lane = Lane::Other;
    Shape shape = Shape::Instant;
    Naming naming = Naming::VerbOnly;
    std::string_view verb; ///< of an Exit: used only where no slice is open that it could end
};

/// The rule for @p kind; for a number that no kind has, an instant on Lane::Other.
[[nodiscard]] const EventRule& eventRuleOf(RecordKind kind);

} // namespace timerscope
