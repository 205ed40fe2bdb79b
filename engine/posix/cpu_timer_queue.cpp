// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/posix/cpu_timer_queue.h"

#include "engine/base/invariant.h"

#include <algorithm>

namespace timerscope {

CpuTimer::~CpuTimer()
{
    if (m_queues != nullptr) {
        m_queues->disarm(*this);
    }
}

void CpuTimer::setExpires(CpuTime expires)
{
    invariant(!isQueued());
    m_expires = expires;
}

bool CpuTimerQueues::isInactive() const
{
    return std::ranges::all_of(m_queues,
                               [](const Queue& queue) { return queue.nextEvent == noCpuExpiry; });
}

bool CpuTimerQueues::hasExpired(const CpuTimes& times) const
{
    return std::ranges::any_of(cpuClocks,
                               [&](CpuClock clock) { return times.on(clock) >= nextEvent(clock); });
}

void CpuTimerQueues::lowerNextEvent(CpuClock clock, CpuTime event)
{
    CpuTime& next = at(clock).nextEvent;
    next = std::min(next, event);
}

void CpuTimerQueues::arm(CpuTimer& timer)
{
    invariant(!timer.isQueued());
    Queue& queue = at(timer.clock());
    timer.m_position = queue.timers.emplace(timer.expires(), &timer);
    timer.m_queues = this;
    if (timer.m_position == queue.timers.begin()) {
        lowerNextEvent(timer.clock(), timer.expires());
    }
}

void CpuTimerQueues::remove(CpuTimer& timer)
{
    invariant(timer.m_queues == this);
    at(timer.clock()).timers.erase(timer.m_position);
    timer.m_queues = nullptr;
}

void CpuTimerQueues::disarm(CpuTimer& timer)
{
    if (!timer.isQueued()) {
        return;
    }
    remove(timer);
    if (timer.expires() == nextEvent(timer.clock())) {
        forceCheck(timer.clock());
    }
}

std::vector<CpuTimer*> CpuTimerQueues::collect(const CpuTimes& times)
{
    std::vector<CpuTimer*> expired;
    for (const CpuClock clock : cpuClocks) {
        Queue& queue = at(clock);
        queue.nextEvent = collectQueue(queue, times.on(clock), expired);
    }
    return expired;
}

/// Answers the next event, which is in the past when the limit has ended the pass.
CpuTime CpuTimerQueues::collectQueue(Queue& queue, CpuTime now, std::vector<CpuTimer*>& expired)
{
    for (std::size_t looked = 1; !queue.timers.empty(); ++looked) {
        CpuTimer& first = *queue.timers.begin()->second;
        if (looked == passLimit || now < first.expires()) {
            return first.expires();
        }
        remove(first);
        expired.push_back(&first);
    }
    return noCpuExpiry;
}

void CpuTimerQueues::clear()
{
    for (Queue& queue : m_queues) {
        for (const auto& [expires, timer] : queue.timers) {
            timer->m_queues = nullptr;
        }
        queue.timers.clear();
    }
}

void tellCollected(Tracer& tracer, std::size_t expired)
{
    const CallSpan span(tracer, "collect_posix_cputimers");
    const CallSpan queue(tracer, "collect_timerqueue");
    for (std::size_t timer = 0; timer < expired; ++timer) {
        tracer.call("cpu_timer_dequeue");
        tracer.call("list_add_tail");
    }
}

} // namespace timerscope
