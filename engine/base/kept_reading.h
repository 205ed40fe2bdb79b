// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/cycles.h"
#include "engine/base/time.h"

namespace timerscope {

/// What a counter showed when it was read last: who reads it again before any time has passed
/// would see the same. An interrupt on an ideal machine reads the clock five times in an instant.
struct KeptReading
{
    TraceInstant at = never<TraceClock>; ///< never: it has to be read
    Cycles value;
};

} // namespace timerscope
