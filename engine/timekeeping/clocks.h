// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/time.h"

namespace timerscope {

/// CLOCK_BOOTTIME: CLOCK_MONOTONIC and the time that the machine slept.
using BoottimeInstant = Instant<struct BoottimeClock>;
/// CLOCK_TAI: CLOCK_REALTIME without leap seconds.
using TaiInstant = Instant<struct TaiClock>;
/// CLOCK_MONOTONIC_RAW: the clocksource by its nominal rate, never trimmed.
using RawInstant = Instant<struct RawClock>;

} // namespace timerscope
