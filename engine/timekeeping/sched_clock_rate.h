// SPDX-License-Identifier: GPL-3.0-or-later
//! What the kernel works out from the counter that sched_clock reads. Pure functions, any thread.
//! Source: Linux 6.1, oracle set sched_clock_register; the older label from public boot logs.
#pragma once

#include "engine/base/cycles.h"
#include "engine/base/mult_shift.h"
#include "engine/base/result.h"
#include "engine/base/time.h"

#include <compare>
#include <cstdint>
#include <string>

namespace timerscope {

/// How the boot line names a rate. Both change to MHz at 4 000 000 Hz: a 3 MHz counter shows as
/// "3000kHz" in logs of every age.
enum class RateLabel : std::uint8_t
{
    Truncated, ///< before 5.19: cut to whole units, kHz from 1000 Hz up ("24MHz" for 24.75 MHz)
    Rounded, ///< since 5.19: rounded to whole units, kHz from 4000 Hz up ("25MHz")
};

/// A counter as sched_clock uses it.
struct SchedClockRate
{
    unsigned bits = 0;
    Hertz rate;
    std::uint32_t mult = 0; ///< cycles to ns, with shift; good for an hour
    std::uint32_t shift = 0;
    std::uint64_t mask = 0;
    Ns wrap{0}; ///< how often the epoch must be renewed: half of what the counter can span
    Ns resolution{0}; ///< one cycle, rounded down

    [[nodiscard]] constexpr MultShift factor() const { return {.mult = mult, .shift = shift}; }
    friend constexpr auto operator<=>(const SchedClockRate&, const SchedClockRate&) = default;
};

/// What a counter of @p bits at @p rate gives. The factor is taken from the rate's low 32 bits,
/// as in the kernel; the label from all of it.
/// Errors (InvalidArgument): bits outside 1 to 64; a rate of 0 modulo 2^32.
[[nodiscard]] Result<SchedClockRate> schedClockRate(unsigned bits, Hertz rate);

/// The boot log's line, without time stamp: "sched_clock: 32 bits at 24MHz, resolution 40ns,
/// wraps every 86767015915ns". Below the kHz limit the unit stands apart: "100 Hz".
[[nodiscard]] std::string registrationLine(const SchedClockRate& rate, RateLabel label);

} // namespace timerscope
