// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/trace/snapshot.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace timerscope {

struct TimerListParse
{
    /// monotonic, cpus, clockEvents, broadcast, jiffies, machine.bits, unknownLines, notices.
    Snapshot snapshot;
    std::string version; ///< "v0.9": for people only, the kernel changes the form without it
    std::size_t understoodLines = 0; ///< blank lines do not count
    std::size_t damagedNumbers = 0; ///< left out of the snapshot, named in a notice
};

/// Reads the text of /proc/timer_list, of any kernel that prints v0.8 to v0.10, line by line.
///
/// Never fails: a line that fits nowhere goes to unknownLines, a number that is none is counted
/// and its field stays empty, a text that was cut short is recognized by what it announces. For
/// each of the three there is one notice. Pure; any thread.
///
/// Accepted beside each other (facts: timer_list 1 to 7): clock bases with and without .get_time;
/// offsets signed or not; `nohz_mode` or `nohz` with `highres`; hashed, bare and hidden addresses;
/// functions by name or address; 4.x's start site (not kept) and task after a timer's state.
/// What timerListText() prints under unknownLinesHeading becomes unknownLines again.
[[nodiscard]] TimerListParse parseTimerList(std::string_view text);

} // namespace timerscope
