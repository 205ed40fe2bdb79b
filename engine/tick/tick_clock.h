// SPDX-License-Identifier: GPL-3.0-or-later
//! The tick's hrtimer counts CLOCK_MONOTONIC, as the tick itself does.
#pragma once

#include "engine/base/time.h"

namespace timerscope {

[[nodiscard]] constexpr HrtimerInstant onHrtimerClock(MonotonicInstant at)
{
    return HrtimerInstant{at.time_since_epoch()};
}

[[nodiscard]] constexpr MonotonicInstant onMonotonicClock(HrtimerInstant at)
{
    return MonotonicInstant{at.time_since_epoch()};
}

} // namespace timerscope
