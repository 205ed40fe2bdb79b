// SPDX-License-Identifier: GPL-3.0-or-later
//! What a kernel would make of a device of the catalogue, without booting one. Pure functions, any
//! thread. The rules are those of engine/clocksource/rate.h, engine/timekeeping/sched_clock_rate.h
//! and engine/clockevents/config.h; what is exact here is the distance from the true rate.
#pragma once

#include "engine/base/jiffies.h"
#include "engine/base/mult_shift.h"
#include "engine/base/result.h"
#include "engine/machine/device_description.h"
#include "engine/why/precision.h"

namespace timerscope {

/// How far mult / 2^shift is from @p to / @p from, by 128-bit arithmetic.
/// @param from 1 to 2^42 Hz; @p to 1 to 2^42 Hz; shift at most 63 (invariants)
[[nodiscard]] PartsPerBillion multErrorOf(MultShift factor, std::uint64_t from, std::uint64_t to);

/// @p counter as clocksource and sched_clock. Jiffies are counted at @p tickRate.
/// Errors (InvalidArgument): a rate of 0 or above highestFrequency, and rateOf()'s.
[[nodiscard]] Result<CounterPrecision> precisionOf(const CounterDescription& counter,
                                                   TickRate tickRate);

/// A dummy without a rate is never configured: it has features and a rating only.
/// Errors (InvalidArgument): any other rate of 0, or one above 2^32 - 1 Hz.
[[nodiscard]] Result<EventPrecision> precisionOf(const EventDescription& event);

/// Every counter and event device of @p device, in the order that its driver registers them.
/// Errors: the first of theirs.
[[nodiscard]] Result<DevicePrecision> precisionOf(const DeviceDescription& device,
                                                  TickRate tickRate);

} // namespace timerscope
