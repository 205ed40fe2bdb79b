// SPDX-License-Identifier: GPL-3.0-or-later
//! Why timers were late: each expiry's lateness in parts that add up to the whole, told from the
//! records of a log alone, so that a model, a kernel and a file are judged alike.
//!
//! The whole runs from the moment that was asked for to the moment in which the timer's function
//! began. An hrtimer asks for its soft expiry, on its own clock. A wheel timer asks for a jiffy,
//! whose moment is when the tick that counts it was due. What no record accounts for is the part
//! Unexplained; it is never left out.
#pragma once

#include "engine/base/time.h"
#include "engine/trace/snapshot.h"
#include "engine/trace/trace_log.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace timerscope {

/// What a part of the lateness went by with.
enum class LatenessCause : std::uint8_t
{
    StartedLate, ///< it was started when its time had passed
    Slack, ///< it may fire later, so that several timers share an interrupt
    WheelRounding, ///< its level of the wheel counts in so many jiffies
    MachineSlept,
    TickWait, ///< only a tick looks
    JiffiesLate, ///< ticks were missed, or nobody counted them while the CPUs slept
    Deferred, ///< a deferrable timer wakes nobody
    SetLate, ///< the device could be set only after the handlers that ran
    HangPause, ///< handlers ran so long that the kernel leaves the CPU some air
    MinDelta, ///< the device cannot fire sooner
    DeviceRounding, ///< the device counts in ticks of its own
    ClockRounding, ///< the clock counts in ticks of its own
    ClockAhead, ///< the clock went faster than true time, by which the device fires
    BroadcastRelay, ///< another CPU had to send the interrupt on
    IdleExit, ///< the CPU had to leave its idle state
    InterruptLatency, ///< from when the device fires until its handler: interrupts were off
    HandlerEntry, ///< what the handler does before it looks at its timers
    LateSoftirq, ///< from when it was raised until it ran
    EarlierHandlers, ///< functions of other timers that came first
    Unexplained, ///< no record tells
};
/// "slack", "waited for the tick", …
[[nodiscard]] std::string_view nameOf(LatenessCause cause);

struct LatenessPart
{
    LatenessCause cause{};
    Ns span{};
    std::string evidence; ///< what it rests on, a sentence; may be empty
    friend bool operator==(const LatenessPart&, const LatenessPart&) = default;
};

/// One expiry of a timer.
struct TimerExpiry
{
    std::size_t record = 0; ///< its hrtimer_expire_entry or timer_expire_entry
    std::uint32_t timer = 0;
    unsigned cpu = 0;
    bool isWheel = false;
    TraceInstant began; ///< its function
    Ns late{}; ///< the whole; never negative
    std::vector<LatenessPart> parts; ///< in order of time; none is empty; their sum is late

    /// What went by with @p cause; zero when nothing did.
    [[nodiscard]] Ns spanOf(LatenessCause cause) const;
};

/// A timer that a log tells of.
struct KnownTimer
{
    std::uint32_t id = 0;
    bool isWheel = false;
    std::string function; ///< empty when the log begins after its init
    std::size_t expiries = 0;
};

/// The timers among the first @p count records of @p log, by their ids.
[[nodiscard]] std::vector<KnownTimer> knownTimers(const TraceLog& log, std::size_t count);

/// Every expiry of @p timers (all when empty) among the records of @p log that lead to @p snapshot,
/// in order. The snapshot tells what records do not: how fast devices count, and how long a jiffy
/// is. Costs one walk through the log.
[[nodiscard]] std::vector<TimerExpiry> timerExpiries(const Snapshot& snapshot, const TraceLog& log,
                                                     std::span<const std::uint32_t> timers);

} // namespace timerscope
