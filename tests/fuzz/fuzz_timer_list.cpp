// SPDX-License-Identifier: GPL-3.0-or-later
// Any text at all must be read without a crash, no line of it may be lost, and what was understood
// must survive being printed and read again.
#include "backends/linux/timer_list_parser.h"
#include "engine/base/invariant.h"
#include "engine/procfs/procfs.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

using namespace timerscope;

namespace {

/// Every line that is not blank is either understood or kept.
void checkThatNoLineIsLost(std::string_view text, const TimerListParse& parse)
{
    std::size_t lines = 0;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        lines += line.find_first_not_of(" \t\r") == std::string_view::npos ? 0 : 1;
    }
    invariant(parse.understoodLines + parse.snapshot.unknownLines.size() >= lines);
    invariant(parse.snapshot.unknownLines.empty() || !parse.snapshot.notices.empty());
    invariant(parse.damagedNumbers == 0 || !parse.snapshot.notices.empty());
}

/// A notice names lines by their numbers, which change with their places.
Snapshot withoutNotices(Snapshot snapshot)
{
    snapshot.notices.clear();
    return snapshot;
}

/// What is printed can be read again. From the first time on nothing changes any more; before,
/// what was damaged or stood at the wrong place is lost, but neither the time nor an unknown line.
void checkThatItComesBack(const Snapshot& snapshot)
{
    const std::string printed = timerListText(snapshot);
    const Snapshot again = parseTimerList(printed).snapshot;
    invariant(again.monotonic == snapshot.monotonic);
    invariant(again.unknownLines == snapshot.unknownLines);
    const std::string settled = timerListText(again);
    const Snapshot third = parseTimerList(settled).snapshot;
    invariant(withoutNotices(third) == withoutNotices(again));
    invariant(timerListText(third) == settled);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libFuzzer's signature
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    const TimerListParse parse = parseTimerList(text);
    checkThatNoLineIsLost(text, parse);
    checkThatItComesBack(parse.snapshot);
    static_cast<void>(stateText(parse.snapshot));
    static_cast<void>(sysfsText(parse.snapshot));
    return 0;
}
