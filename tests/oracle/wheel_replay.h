// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/jiffies.h"
#include "engine/base/result.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace timerscope::oracle {

/// What was done with one timer of a recorded run: all that a replay may know of it.
struct WheelArming
{
    std::int64_t id = 0;
    unsigned cpu = 0; ///< that armed it
    bool deferrable = false;
    Jiffies armed; ///< jiffies at that moment
    Jiffies requested;
    Jiffies
        baseClk; ///< the standard wheel's clock when it was armed: the kernel's own timers move it
};

/// What became of it.
struct WheelOutcome
{
    std::int64_t index = 0; ///< level * 64 + bucket
    std::optional<Jiffies> fired;
    std::int64_t order = -1; ///< place from 1 among the standard timers that fired; -1: it did not
    std::int64_t fires = 0;
    std::int64_t cpu = -1; ///< that it fired on; -1: it did not

    [[nodiscard]] std::int64_t level() const { return index / 64; }
};

/// A recorded run of the wheel (FORMAT.md, wheel/ID.tsv).
struct WheelRun
{
    std::string id;
    bool isOneCpu = true;
    std::vector<WheelArming> armings; ///< in order of arming
    std::vector<WheelOutcome> outcomes; ///< the kernel's, of the same timers
    Jiffies end; ///< the jiffy in which the last timer was seen to fire
};

/// Errors (Corrupt): as TableFile::read(), or a row that does not fit the recorder.
[[nodiscard]] Result<WheelRun> readWheelRun(const std::filesystem::path& path);

/// What becomes of the same timers on our wheel, jiffy by jiffy up to @p end.
[[nodiscard]] std::vector<WheelOutcome> replayWheel(const std::vector<WheelArming>& armings,
                                                    Jiffies end);

} // namespace timerscope::oracle
