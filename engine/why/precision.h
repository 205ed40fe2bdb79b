// SPDX-License-Identifier: GPL-3.0-or-later
//! What a kernel would make of a counter or an event device, as plain values. Whole numbers
//! throughout: fractions are counted in millionths. engine/machine/precision.h works them out.
#pragma once

#include "engine/base/cycles.h"
#include "engine/base/time.h"
#include "engine/base/wide.h"

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace timerscope {

/// A ratio's distance from 1, in parts per billion. Positive: too fast, or too many ticks.
struct PartsPerBillion
{
    std::int64_t millionths = 0; ///< of a ppb, to the nearest, half away from 0; saturates
    friend constexpr auto operator<=>(PartsPerBillion, PartsPerBillion) = default;
};

/// When a clocksource is valid for high resolution, and so for a dynamic tick.
enum class HresFitness : std::uint8_t
{
    AtRegistration,
    AfterVerification, ///< once the watchdog has found it right; without one, at registration
    Never,
};
/// Of a clocksource that is registered with @p flags, bits of clocksource_flag.
[[nodiscard]] HresFitness hresFitnessOf(std::uint32_t flags);

/// The counter as sched_clock would use it.
struct SchedClockPrecision
{
    std::uint32_t mult = 0; ///< cycles to ns, with shift; good for an hour
    std::uint32_t shift = 0;
    PartsPerBillion multError;
    Ns resolution{}; ///< one cycle, rounded down
    Ns wrap{}; ///< how often its epoch must be renewed
    /// Whether its driver registers it as sched_clock; empty when there is no driver to ask.
    std::optional<bool> isRegistered;
    friend bool operator==(const SchedClockPrecision&, const SchedClockPrecision&) = default;
};

/// The tick rates that most machines choose from (CONFIG_HZ).
inline constexpr std::array<std::uint32_t, 4> usualTickRates{100, 250, 300, 1000};

/// A counter, registered as a clocksource.
struct CounterPrecision
{
    std::string name; ///< empty when it was given by its figures alone
    Hertz rate; ///< its true rate; HZ for jiffies
    unsigned bits = 0; ///< 1 to 64
    std::optional<int> rating;
    std::optional<std::uint32_t> flags; ///< bits of clocksource_flag, as its driver sets them
    std::uint32_t mult = 0; ///< cycles to ns, with shift
    std::uint32_t shift = 0;
    PartsPerBillion multError; ///< of mult / 2^shift against the true length of a cycle
    std::uint32_t maxadj = 0;
    std::uint64_t mask = 0;
    std::uint64_t maxCycles = 0;
    Ns maxIdle{}; ///< already halved
    WideUnsigned wrapNs = 0; ///< true time from 0 to 0, rounded down
    std::uint64_t cycleFs = 0; ///< true length of a cycle in millionths of a ns, to the nearest
    Ns uncertaintyMargin{};
    std::optional<SchedClockPrecision> schedClock; ///< empty: its rate cannot be registered so

    /// How many whole ticks of @p hz fit into the longest sleep: 0 means that not even a tick does.
    [[nodiscard]] std::int64_t ticksAsleep(std::uint32_t hz) const;
    friend bool operator==(const CounterPrecision&, const CounterPrecision&) = default;
};

/// A clock event device.
struct EventPrecision
{
    std::string name; ///< empty when it was given by its figures alone
    Hertz rate;
    std::optional<int> rating;
    std::uint32_t features = 0; ///< bits of clock_event_feature
    std::uint64_t minTicks = 0;
    std::uint64_t maxTicks = 0;
    std::uint32_t mult = 0; ///< ns to ticks, with shift; 0 for a device without oneshot
    std::uint32_t shift = 0;
    PartsPerBillion multError; ///< 0 for a device without oneshot
    Ns minDelta{};
    Ns maxDelta{};
    WideUnsigned minTicksNs = 0; ///< true time that minTicks take, rounded down
    friend bool operator==(const EventPrecision&, const EventPrecision&) = default;
};

/// All of a device.
struct DevicePrecision
{
    std::string name; ///< of its file; empty when it was given by its figures alone
    std::vector<CounterPrecision> counters;
    std::vector<EventPrecision> events;
    friend bool operator==(const DevicePrecision&, const DevicePrecision&) = default;
};

} // namespace timerscope
