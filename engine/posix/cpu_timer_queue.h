// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/posix/cpu_time.h"
#include "engine/trace/tracer.h"

#include <array>
#include <functional>
#include <map>
#include <vector>

namespace timerscope {

class CpuTimerQueues;

/// A moment on a CPU clock that somebody waits for.
class CpuTimer
{
public:
    /// @p expired is called when the check for expired timers has taken it off its queue.
    CpuTimer(CpuClock clock, std::function<void()> expired)
        : m_expired(std::move(expired))
        , m_clock(clock)
    {
    }
    ~CpuTimer();
    CpuTimer(const CpuTimer&) = delete;
    CpuTimer& operator=(const CpuTimer&) = delete;

    [[nodiscard]] CpuClock clock() const { return m_clock; }
    /// 0: not armed.
    [[nodiscard]] CpuTime expires() const { return m_expires; }
    /// Never while queued.
    void setExpires(CpuTime expires);
    [[nodiscard]] bool isQueued() const { return m_queues != nullptr; }
    void expire() { m_expired(); }

private:
    friend class CpuTimerQueues;
    std::function<void()> m_expired;
    CpuTimerQueues* m_queues = nullptr;
    std::multimap<CpuTime, CpuTimer*>::iterator m_position;
    CpuTime m_expires{};
    CpuClock m_clock;
};

/// The CPU timers of one task, or of one process: a queue for each kind of time, and for each the
/// cached next event that the tick compares with.
///
/// The cache of a process is shared with its itimers and RLIMIT_CPU, that of a task with
/// RLIMIT_RTTIME. It may be too early, never too late. Source: behaviour of posix-cpu-timers.c,
/// Linux 6.1; oracle set cpu_timer_seq.
class CpuTimerQueues
{
public:
    /// A pass looks at so many timers of a queue, and takes one less.
    static constexpr std::size_t passLimit = 20;

    CpuTimerQueues() = default;
    ~CpuTimerQueues() { clear(); }
    CpuTimerQueues(const CpuTimerQueues&) = delete;
    CpuTimerQueues& operator=(const CpuTimerQueues&) = delete;

    [[nodiscard]] CpuTime nextEvent(CpuClock clock) const { return at(clock).nextEvent; }
    /// Nothing to wait for on any clock.
    [[nodiscard]] bool isInactive() const;
    /// The cheap look: some cached event has come. It may be a false alarm.
    [[nodiscard]] bool hasExpired(const CpuTimes& times) const;
    /// Makes the cached event @p event if that is earlier.
    void lowerNextEvent(CpuClock clock, CpuTime event);
    void setNextEvent(CpuClock clock, CpuTime event) { at(clock).nextEvent = event; }
    /// Has the next tick look at everything.
    void forceCheck(CpuClock clock) { at(clock).nextEvent = CpuTime::zero(); }

    /// Queues a timer behind those that expire at the same time.
    void arm(CpuTimer& timer);
    /// Takes a timer off, if it is on, and forces a check when it may have been the next event.
    void disarm(CpuTimer& timer);
    /// Takes a timer off without a look at the cache. It must be on a queue.
    void remove(CpuTimer& timer);
    /// Takes what has expired at @p times off the queues, earliest first, clock by clock, and
    /// renews the cache. More than passLimit at once stay for the next pass.
    [[nodiscard]] std::vector<CpuTimer*> collect(const CpuTimes& times);
    /// The task is gone: nothing will expire any more.
    void clear();

private:
    struct Queue
    {
        std::multimap<CpuTime, CpuTimer*> timers;
        CpuTime nextEvent = noCpuExpiry;
    };
    [[nodiscard]] Queue& at(CpuClock clock) { return m_queues[static_cast<std::size_t>(clock)]; }
    [[nodiscard]] const Queue& at(CpuClock clock) const
    {
        return m_queues[static_cast<std::size_t>(clock)];
    }
    [[nodiscard]] CpuTime collectQueue(Queue& queue, CpuTime now, std::vector<CpuTimer*>& expired);

    std::array<Queue, cpuClocks.size()> m_queues;
};

/// Tells @p tracer of a collect() that found so many.
void tellCollected(Tracer& tracer, std::size_t expired);

} // namespace timerscope
