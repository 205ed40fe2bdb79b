// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/why/lateness.h"
#include "engine/why/why.h"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace timerscope {

/// Which of a timer's expiries is asked about.
enum class WhichExpiry : std::uint8_t
{
    Worst, ///< the one that was latest; of several, the first
    Last,
    All, ///< each in a line of its own
};

/// The timers in @p known that @p name means: an id, decimal, hexadecimal with 0x or as
/// /proc/timer_list prints it ("<00000000c5938e0a>"), or else the name of their function. Empty
/// when it means none.
[[nodiscard]] std::vector<std::uint32_t> timersCalled(std::span<const KnownTimer> known,
                                                      std::string_view name);

/// Why an expiry of @p timers (ids; at least one) was late, until @p snapshot: its parts, one a
/// reason, in order of time, and their sum. A timer that has not expired says what it waits for.
/// Without reasons: the log has none of them.
[[nodiscard]] Explanation whyTimer(const Snapshot& snapshot, const TraceLog& log,
                                   std::span<const std::uint32_t> timers, WhichExpiry which);

} // namespace timerscope
