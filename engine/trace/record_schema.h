// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/trace/trace_record.h"

#include <span>
#include <string_view>

namespace timerscope {

/// How to read one number of a record.
enum class FieldType : std::uint8_t
{
    Absent, ///< not used by this kind
    Number, ///< a plain signed number
    Text, ///< a string of the log
    Timer, ///< the id of an hrtimer or wheel timer; its init record names the function
    Nanoseconds, ///< a time or a span in ns; the schema's name says of which clock
    Jiffies,
    Softirq, ///< softirq vector number: softirqName()
    ClockEventState,
    TickMode,
    NohzMode,
    SelectReason,
    WatchdogVerdict,
    FaultKind,
    HoldRole, ///< what a module is held for
    IdleState, ///< idleStateName()
    HrtimerMode, ///< bits of hrtimer_mode
    Hex, ///< bits, shown as 0x…
};

struct FieldSchema
{
    std::string_view name; ///< empty when absent
    FieldType type = FieldType::Absent;
};

/// What subject, a, b and flags mean in one kind of record.
struct RecordSchema
{
    RecordKind kind{};
    std::string_view name; ///< the tracepoint's name, or ours in the same style
    FieldSchema subject;
    FieldSchema a;
    FieldSchema b;
    FieldSchema flags;
};

/// All kinds, in order of their numbers.
[[nodiscard]] std::span<const RecordSchema> recordSchemas();

/// The schema of @p kind; for a number that no kind has, one named "unknown".
[[nodiscard]] const RecordSchema& schemaOf(RecordKind kind);

/// Words for what records hold: "best", "skewed", "oops", "current clocksource", …
[[nodiscard]] std::string_view nameOf(SelectReason reason);
[[nodiscard]] std::string_view nameOf(WatchdogVerdict verdict);
[[nodiscard]] std::string_view nameOf(FaultKind fault);
[[nodiscard]] std::string_view nameOf(HoldRole role);

/// "HI", "TIMER", … "RCU" as in /proc/softirqs.
[[nodiscard]] std::string_view softirqName(std::int64_t number);

/// "asleep" or "awake" for what CpuIdle says; "unknown" for a number that it does not.
[[nodiscard]] std::string_view idleStateName(std::int64_t state);

} // namespace timerscope
