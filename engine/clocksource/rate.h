// SPDX-License-Identifier: GPL-3.0-or-later
//! What the kernel works out from a clocksource's rate when it is registered. Pure functions,
//! any thread. Source: Linux 6.1; oracle sets cs_register, cs_selfdefined and max_nsecs.
#pragma once

#include "engine/base/cycles.h"
#include "engine/base/jiffies.h"
#include "engine/base/mult_shift.h"
#include "engine/base/result.h"
#include "engine/base/time.h"

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace timerscope {

/// The least error that the kernel grants a clocksource in a watchdog comparison: twice the
/// allowed skew of a readout (100 us by default in 6.1). A driver's own margin may be smaller and
/// is then warned about, not changed.
inline constexpr Ns leastUncertaintyMargin{200'000};

/// The margin of a clocksource that gives neither a frequency nor a margin (1/32 s).
inline constexpr Ns defaultUncertaintyMargin{31'250'000};

/// All that follows from a clocksource's rate and width.
struct ClocksourceRate
{
    std::uint32_t mult = 0; ///< cycles to ns, with shift
    std::uint32_t shift = 0;
    std::uint32_t maxadj = 0; ///< how far mult may be trimmed either way: 11 %
    std::uint64_t mask = 0;
    std::uint64_t maxCycles = 0; ///< most cycles between two readings, with mult trimmed up
    Ns maxIdle{0}; ///< longest sleep: maxCycles with mult trimmed down, less half as a reserve
    Ns uncertaintyMargin{0}; ///< what a watchdog comparison grants this source

    [[nodiscard]] constexpr MultShift factor() const { return {.mult = mult, .shift = shift}; }
    /// True when mult trimmed up by 11 % no longer fits in 32 bits. Only a driver's own mult can;
    /// the kernel warns and goes on with the wrapped sum.
    [[nodiscard]] constexpr bool mayOverflowWhenTrimmed() const
    {
        return mult + std::uint64_t{maxadj} > UINT32_MAX;
    }
    /// True when the driver's own margin is below leastUncertaintyMargin; the kernel warns.
    [[nodiscard]] constexpr bool isMarginTooSmall() const
    {
        return uncertaintyMargin < leastUncertaintyMargin;
    }
    friend constexpr auto operator<=>(const ClocksourceRate&, const ClocksourceRate&) = default;
};

/// A registration that names the counter's frequency.
struct FrequencyRegistration
{
    std::uint64_t mask = 0; ///< counterMask(bits)
    std::uint32_t scale = 1; ///< unit of frequency in Hz: 1, 1000 or 1'000'000; at most 10^9
    std::uint32_t frequency = 0; ///< in scale Hz, not 0
    Ns margin{0}; ///< 0: chosen from the frequency
};

/// A registration that brings its own mult and shift (the frequency is given as 0).
struct OwnFactorRegistration
{
    std::uint64_t mask = 0;
    MultShift factor;
    Ns margin{0}; ///< 0: defaultUncertaintyMargin
};

/// The rate of a clocksource registered by frequency.
///
/// The product scale x frequency that the margin is taken from is 32 bits wide and may wrap
/// (above 4 294 967 kHz), as in the kernel.
/// Errors (InvalidArgument): frequency 0, scale outside 1 to 10^9, mask 0, a product that wraps
/// to exactly 0, a combination that leaves no mult: all divisions by zero in a kernel.
[[nodiscard]] Result<ClocksourceRate> rateOf(const FrequencyRegistration& registration);

/// The rate of a clocksource with its own mult and shift, which are never changed.
/// Errors (InvalidArgument): mult 0, shift above 63, mask 0, a mult that wraps to 0 trimmed up.
[[nodiscard]] Result<ClocksourceRate> rateOf(const OwnFactorRegistration& registration);

/// How the kernel registers jiffies itself: 32 bits, one tick's ns shifted by 8 (less for ticks
/// longer than 15 ms), margin 32 ms. @p rate must be at least 15 Hz (an invariant).
[[nodiscard]] OwnFactorRegistration jiffiesRegistration(TickRate rate);

/// How long a CPU may sleep and still count the cycles that went by.
struct MaxDeferment
{
    std::uint64_t cycles = 0;
    Ns span{0}; ///< half of what the cycles last: the reserve is in
    friend constexpr auto operator<=>(const MaxDeferment&, const MaxDeferment&) = default;
};

/// The largest deferment for @p factor trimmed by up to @p maxadj. Sums and differences of mult
/// and maxadj are 32 bits wide and wrap, as in the kernel.
/// @pre mult + maxadj is not 0 modulo 2^32 (an invariant).
[[nodiscard]] MaxDeferment maxDeferment(MultShift factor, std::uint32_t maxadj, std::uint64_t mask);

/// The boot log's line, without time stamp: "clocksource: NAME: mask: 0x... max_cycles: 0x...,
/// max_idle_ns: N ns".
[[nodiscard]] std::string registrationLine(std::string_view name, const ClocksourceRate& rate);

} // namespace timerscope
