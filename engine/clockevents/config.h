// SPDX-License-Identifier: GPL-3.0-or-later
//! What the kernel works out from a clock event device's rate when it is registered. Pure
//! functions, any thread. Source: Linux 6.1; oracle sets ce_config and ce_delta2ns.
#pragma once

#include "engine/base/mult_shift.h"
#include "engine/base/result.h"
#include "engine/base/time.h"

#include <compare>
#include <cstdint>

namespace timerscope {

/// No device is asked for less than this, whatever its limit in ticks says.
inline constexpr Ns leastDelta{1000};

/// ns to ticks, and the device's limits in ns.
struct ClockEventConfig
{
    std::uint32_t mult = 0; ///< ns to ticks, with shift; 0 for a device without oneshot
    std::uint32_t shift = 0;
    Ns minDelta{0}; ///< shortest delta that can be programmed; 0 for a device without oneshot
    Ns maxDelta{0}; ///< longest one, likewise

    [[nodiscard]] constexpr MultShift factor() const { return {.mult = mult, .shift = shift}; }
    friend constexpr auto operator<=>(const ClockEventConfig&, const ClockEventConfig&) = default;
};

/// The limits of a device that runs at @p frequency Hz and takes @p minTicks to @p maxTicks.
///
/// A device that only does periodic ticks is never programmed by a delta: all its fields are 0.
/// The factor is safe for the span that maxTicks last, at least 1 s, at most 600 s for more than
/// 32 bits. A minimum above the maximum is kept as given, as in the kernel.
/// @param features bits of clock_event_feature
/// Errors (InvalidArgument): frequency 0 on a device with oneshot.
[[nodiscard]] Result<ClockEventConfig> clockEventConfig(std::uint32_t frequency,
                                                        std::uint64_t minTicks,
                                                        std::uint64_t maxTicks,
                                                        std::uint32_t features);

/// Which of a device's two limits is turned into ns.
enum class DeltaLimit : std::uint8_t
{
    Minimum, ///< rounded up: the device must never get fewer ticks than it can take
    Maximum, ///< rounded up only while that cannot give more ticks than the device has
};

/// A limit of @p ticks in ns. Ticks << shift saturates at 2^64 - 1, rounding up is left out where
/// it would overflow, and the answer is at least leastDelta.
/// @param factor ns to ticks; mult 1 or more and shift at most 63 (invariants)
[[nodiscard]] std::uint64_t deltaToNs(std::uint64_t ticks, MultShift factor, DeltaLimit limit);

} // namespace timerscope
