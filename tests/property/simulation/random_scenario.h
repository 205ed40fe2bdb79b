// SPDX-License-Identifier: GPL-3.0-or-later
//! A machine, and what happens to it, made from one number.
#pragma once

#include "engine/hrtimer/hrtimer.h"
#include "engine/scenario/scenario.h"

#include <cstdint>
#include <string>
#include <vector>

namespace timerscope::test {

/// What a scenario file cannot say: somebody on a CPU arms or cancels one of the test's own timers.
struct TimerStep
{
    enum class Act : std::uint8_t
    {
        Arm, ///< or modify, when it is armed
        Cancel,
        Reduce, ///< wheel timers: to an earlier expiry only; hrtimers: as Arm
    };
    TraceInstant at;
    unsigned cpu = 0; ///< skipped while it is offline
    bool isHrtimer = false;
    std::size_t timer = 0; ///< which of HrtimerPlan or WheelTimerPlan
    Act act = Act::Arm;
    Ns delay{}; ///< from now; for wheel timers in jiffies, rounded down
    Ns slack{}; ///< of hrtimers
    unsigned repeats = 0; ///< how often its function arms it again
};

struct HrtimerPlan
{
    HrtimerClock clock = HrtimerClock::Monotonic;
    bool isSoft = false;
    bool isPinned = false;
};

struct WheelTimerPlan
{
    std::uint8_t flags = 0; ///< bits of timer_flag
};

struct RandomScenario
{
    std::uint64_t seed = 0;
    Scenario scenario;
    std::vector<HrtimerPlan> hrtimers;
    std::vector<WheelTimerPlan> wheelTimers;
    std::vector<TimerStep> timerSteps; ///< by time
};

/// The same for the same @p seed, everywhere.
[[nodiscard]] RandomScenario randomScenario(std::uint64_t seed);

} // namespace timerscope::test
