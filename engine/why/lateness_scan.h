// SPDX-License-Identifier: GPL-3.0-or-later
//! What a walk through a log has seen of each CPU, device and timer: what lateness.cpp judges by.
#pragma once

#include "engine/trace/snapshot.h"
#include "engine/trace/trace_log.h"

#include <array>
#include <map>
#include <optional>
#include <set>
#include <vector>

namespace timerscope {

/// Whatever a damaged log says: no span here is longer, so that sums cannot overflow.
inline constexpr Ns longestLateness = std::chrono::hours{24 * 365 * 50};

/// What a device was set to when it fired.
struct DeviceSetting
{
    TraceInstant at; ///< when it was set
    MonotonicInstant expires; ///< for when
    std::optional<TraceInstant> fires; ///< when that had to come; empty: exactly when it expires
    Ns tick{}; ///< the device's own
    Ns clockTick{}; ///< of the clocksource that said when to set it
    std::uint8_t flags = 0; ///< program_flag
    bool followsHang = false; ///< three refusals in the same interrupt came before
};

/// An interrupt, and what it came from.
struct InterruptSeen
{
    TraceInstant at; ///< its handler began
    std::optional<DeviceSetting> setting; ///< empty: it ticks by itself, or no record tells
    bool isPeriodic = false; ///< of a device that ticks by itself
    std::optional<TraceInstant> sent; ///< by another CPU, for a broadcast
    std::optional<TraceInstant> woke; ///< the CPU left its idle state for it
    std::optional<Ns> exitLatency; ///< of that state
    std::string_view idleState; ///< that it left
    std::string_view device;
};

/// One step of jiffies.
struct JiffiesSeen
{
    TraceInstant at;
    std::optional<TraceInstant> due; ///< of its last tick; empty where nothing tells
    std::int64_t jiffies = 0;
    std::int64_t ticks = 0;
    unsigned cpu = 0; ///< that counted
    unsigned sleeps = 0; ///< of the machine before: the ticks of each have a beat of their own
    std::optional<InterruptSeen> interrupt; ///< that it was counted in
    std::optional<TraceInstant> firstFunction; ///< of that interrupt
};

/// A timer's last start.
struct StartSeen
{
    TraceInstant at;
    std::int64_t expires = 0; ///< hard expiry, or the jiffy asked for
    std::int64_t softOrBucket = 0; ///< soft expiry, or the jiffy of its bucket
    std::uint8_t flags = 0;
    std::optional<MonotonicInstant> monotonic; ///< what that clock showed then
};

struct CpuSeen
{
    struct Raised
    {
        TraceInstant at;
        std::optional<InterruptSeen> in;
        std::optional<TraceInstant> firstFunction; ///< of that interrupt
    };
    std::optional<InterruptSeen> interrupt; ///< being served
    std::optional<TraceInstant> softirq; ///< the one that is served began
    std::array<std::optional<Raised>, 10> raised; ///< softirqs, by their numbers
    std::optional<Raised> served; ///< how the present softirq was raised
    std::optional<TraceInstant> pass; ///< when the clock was read for the timers that run now
    std::optional<TraceInstant> firstFunction; ///< of the present interrupt or softirq
    std::optional<TraceInstant> tickDue; ///< of the hrtimer whose function runs now
    unsigned refusals = 0; ///< in the present interrupt
    bool isHighRes = true; ///< its hrtimers have an interrupt of their own
    std::optional<TraceInstant> highResSince;
    std::optional<InterruptSeen> broadcast; ///< sent to it, and not yet come
    std::optional<TraceInstant> woke; ///< since its last interrupt
    std::optional<Ns> exitLatency;
    std::string_view idleState;
};

/// Sees the records of a log one by one. The log and the snapshot must outlive it.
class LatenessScan
{
public:
    LatenessScan(const Snapshot& snapshot, const TraceLog& log);

    /// Takes in @p record. Expiries must have been judged before.
    void see(const TraceRecord& record);
    /// To be called before judging: the first of a pass shows what time the clock was read.
    void beginExpiry(const TraceRecord& record);

    [[nodiscard]] CpuSeen& cpu(unsigned index) { return m_cpus[index]; }
    [[nodiscard]] const StartSeen* startOf(std::uint32_t timer) const;
    /// CLOCK_MONOTONIC at @p at, from the nearest timer on it that began a pass.
    [[nodiscard]] std::optional<MonotonicInstant> monotonic(TraceInstant at) const;
    /// What a reader saw of it: it goes on in ticks of the clocksource.
    [[nodiscard]] std::optional<MonotonicInstant> reading(TraceInstant at) const;
    [[nodiscard]] bool isMonotonic(std::uint32_t timer) const
    {
        return !m_otherClock.contains(timer);
    }
    /// The first step that brought jiffies to @p jiffies or beyond; null when none has.
    [[nodiscard]] const JiffiesSeen* reached(std::int64_t jiffies) const;
    /// When the tick that counts @p jiffies was due; empty when no step has come to it.
    [[nodiscard]] std::optional<TraceInstant> whenDue(std::int64_t jiffies) const;
    /// What the clock counts in that says the time; zero where that is unknown.
    [[nodiscard]] Ns clockTick() const { return m_clockTick; }
    [[nodiscard]] std::optional<TraceInstant> resumed() const { return m_resumed; }
    /// How long a jiffy is; zero where that is unknown.
    [[nodiscard]] Ns jiffy() const
    {
        return m_snapshot.machine.tickRate ? m_snapshot.machine.tickRate->period() : Ns::zero();
    }
    /// From jiffy @p from until jiffy @p to.
    [[nodiscard]] Ns spanBetween(std::int64_t from, std::int64_t to) const;

private:
    using DeviceKey = std::pair<std::uint32_t, unsigned>; ///< name and CPU
    [[nodiscard]] DeviceKey keyOf(std::uint32_t name, unsigned cpu) const;
    void seeProgram(const TraceRecord& record);
    void seeInterrupt(const TraceRecord& record);
    void seeInterruptEnd(const TraceRecord& record);
    void seeSoftirq(const TraceRecord& record);
    void seeIdle(const TraceRecord& record);
    void seeJiffies(const TraceRecord& record);
    void seeHandler(const TraceRecord& record);
    void seeSend(const TraceRecord& record);
    void seeTimer(const TraceRecord& record);
    void seeChange(const TraceRecord& record);
    [[nodiscard]] Ns firstClockTick() const;
    [[nodiscard]] Ns tickOf(std::string_view clocksource) const;
    /// The nearest step whose tick is known to have been due; null when there is none near.
    [[nodiscard]] const JiffiesSeen* nearestDue(const JiffiesSeen& step) const;

    const Snapshot& m_snapshot;
    const TraceLog& m_log;
    std::map<unsigned, CpuSeen> m_cpus;
    std::map<DeviceKey, DeviceSetting> m_settings;
    std::set<DeviceKey> m_periodic;
    std::set<std::uint32_t> m_broadcasters;
    std::map<std::uint32_t, StartSeen> m_starts;
    std::set<std::uint32_t> m_otherClock; ///< hrtimers that are not on CLOCK_MONOTONIC
    std::vector<JiffiesSeen> m_jiffies;
    std::optional<std::pair<TraceInstant, MonotonicInstant>> m_anchor;
    std::optional<TraceInstant> m_resumed;
    unsigned m_sleeps = 0;
    Ns m_clockTick;
};

} // namespace timerscope
