// SPDX-License-Identifier: GPL-3.0-or-later
//! What a user of the machine would read in its files, made from a Snapshot or a log only: the
//! boot log, sysfs and /proc/timer_list in the kernel's form, and the whole state in ours.
//!
//! Pure functions; any thread may call them. What the snapshot does not know is left out: no text
//! here holds a made-up value. Every text is empty or ends in a newline.
#pragma once

#include "engine/trace/snapshot.h"
#include "engine/trace/trace_log.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace timerscope {

/// Every printk among the first @p count records of @p log, one a line, with the time of
/// sched_clock before it as the kernel's log shows it: "[    0.000142] text".
[[nodiscard]] std::string dmesgText(const TraceLog& log, std::size_t count);

/// Each file below /sys/devices/system/clocksource and /sys/devices/system/clockevents that the
/// snapshot can fill: its path on one line, on the next what it holds. A file without content (a
/// CPU without a tick device) is only its path. The blanks that the kernel leaves at a line's end
/// are not there.
[[nodiscard]] std::string sysfsText(const Snapshot& snapshot);

/// True when timerListText() has more to show than a header: a tick mode or an hrtimer queue.
[[nodiscard]] bool hasTimerList(const Snapshot& snapshot);

/// The snapshot in the form of /proc/timer_list: v0.10 when it was read from a kernel that prints
/// the flags of v0.10, else v0.9 (Linux 6.1). As there, offsets are printed unsigned, and "in …
/// nsecs" counts on the timer's own clock. Unknown lines of a text that was read follow at the end,
/// under unknownLinesHeading, so that parsing the result gives the snapshot again.
///
/// @p version, when not empty, is what the first line says. "v0.8" alone changes more: no blank
/// line before a device's retries, and tasks behind the timers' states.
[[nodiscard]] std::string timerListText(const Snapshot& snapshot, std::string_view version = {});

/// The state as lines of "key value", for scripts and comparisons. Keys are stable, and come in
/// this order: machine, clocksources, per-CPU state, devices, notices. A key whose value is
/// unknown is absent; nanoseconds, hertz and cycles are bare numbers, "never" is a time that
/// nothing is programmed for, flags are 1 or 0, names of states are the kernel's words.
[[nodiscard]] std::string stateText(const Snapshot& snapshot);

/// The value that stateText() prints for @p key; empty when it prints none.
[[nodiscard]] std::optional<std::string> stateValue(const Snapshot& snapshot, std::string_view key);

} // namespace timerscope
