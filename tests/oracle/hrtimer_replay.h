// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/oracle/hrtimer_recording.h"

#include <vector>

namespace timerscope::oracle {

/// How the model's CPU runs its hrtimers.
enum class HrtimerPath : std::uint8_t
{
    Interrupt, ///< high resolution
    Tick, ///< low resolution, every 4 ms
};

/// What the model did with one recorded timer.
struct ModelFiring
{
    std::uint32_t id = 0;
    std::size_t base = 0; ///< 0 to 7, as HrtimerCpuBase counts them
    unsigned cpu = 0; ///< on which its function ran
    bool inSoftirq = false;
    MonotonicInstant hardExpires; ///< as the model worked it out from expiry and slack
    MonotonicInstant at;
};

/// Arms @p timers in their order on one CPU of the model, lets time pass until all have fired, and
/// says in which order that was. The model is told how each was armed, and never what became of it.
[[nodiscard]] std::vector<ModelFiring> replayHrtimers(const std::vector<RecordedHrtimer>& timers,
                                                      HrtimerPath path);

} // namespace timerscope::oracle
