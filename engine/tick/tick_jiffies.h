// SPDX-License-Identifier: GPL-3.0-or-later
//! How ticks become jiffies, and jiffies time.
#pragma once

#include "engine/tick/tick_parts.h"

namespace timerscope {

/// @p ticks more jiffies, and the timekeeper takes them in (do_timer, update_wall_time).
void addJiffies(const TickServices& services, Tracer& tracer, std::uint64_t ticks);
/// Accumulates what the clocksource has counted; after jiffies have moved (update_wall_time).
void updateWallTime(const TickServices& services, Tracer& tracer);

/// @p cpu counts jiffies from now on (tick_do_timer_cpu).
void takeDoTimerDuty(const TickServices& services, Tracer& tracer, unsigned cpu);

/// Nobody does, until the next CPU that ticks takes over (TICK_DO_TIMER_NONE).
void dropDoTimerDuty(const TickServices& services, Tracer& tracer);

/// The jiffies that are due at @p now by the clock, however many (tick_do_update_jiffies64).
void updateJiffies(const TickServices& services, Tracer& tracer, MonotonicInstant now);

} // namespace timerscope
