// SPDX-License-Identifier: GPL-3.0-or-later
//! What a model did with the timers of a recorded run, held against what the kernel did: by the
//! rules of FORMAT.md ("wheel/", "hrtimer/").
#pragma once

#include "tests/oracle/hrtimer_replay.h"
#include "tests/oracle/wheel_replay.h"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace timerscope::oracle {

struct TimerComparison
{
    std::size_t compared = 0; ///< timers; of hrtimers, neighbours whose order was compared
    std::size_t excepted = 0;
    std::vector<std::string> differences; ///< "timer N: field: expected ... got ..."
};

/// Of a run on one CPU: bucket, level, jiffy and place of each standard timer. On more, whose times
/// are noisy: how often each fired, on which CPU, and that none fired before it was to.
/// @p model is in the order of the armings; what it lacks has never fired.
[[nodiscard]] TimerComparison compareWheel(const WheelRun& run,
                                           const std::vector<WheelOutcome>& model);

/// Hard expiry and context of each timer, that none was fired before its soft expiry, and the order
/// among the timers of one base, context and CPU. @p model is in order of firing.
[[nodiscard]] TimerComparison compareHrtimers(std::span<const RecordedHrtimer> recorded,
                                              const std::vector<ModelFiring>& model);

} // namespace timerscope::oracle
