// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/posix/alarm_timer.h"

#include "engine/base/invariant.h"

namespace timerscope {

AlarmClock alarmClockOf(ClockId clock)
{
    invariant(isAlarmClock(clock));
    return clock == ClockId::RealtimeAlarm ? AlarmClock::Realtime : AlarmClock::Boottime;
}

AlarmTimers::~AlarmTimers()
{
    for (const Queue& queue : m_queues) {
        invariant(queue.empty());
    }
}

void AlarmTimers::freeze(AlarmClock clock, HrtimerInstant expires, Ns remaining)
{
    if (!m_frozen || remaining < m_frozen->remaining) {
        m_frozen = Soonest{.clock = clock, .expires = expires, .remaining = remaining};
    }
}

std::optional<AlarmTimers::Soonest> AlarmTimers::soonest()
{
    std::optional<Soonest> found = std::exchange(m_frozen, std::nullopt);
    for (const Queue& queue : m_queues) {
        if (queue.empty()) {
            continue;
        }
        AlarmTimer& first = *queue.begin()->second;
        const Ns remaining = first.expires() - first.now();
        if (!found || remaining < found->remaining) {
            found = Soonest{
                .clock = first.clock(), .expires = first.expires(), .remaining = remaining};
        }
    }
    return found;
}

AlarmTimers::Suspend AlarmTimers::suspend()
{
    AlarmRtc* const rtc = m_host->alarmRtc();
    const auto first = soonest();
    if (rtc == nullptr || !first) {
        return {};
    }
    if (first->remaining < nearest) {
        return {.error = Errno::Busy, .keepAwake = nearest};
    }
    rtc->cancelAlarm();
    const RealtimeInstant alarm = addSaturating(rtc->readRtc(), first->remaining);
    const Errno error = rtc->setAlarm(alarm);
    if (error != Errno::Ok) {
        return {.error = error, .keepAwake = std::chrono::seconds{1}};
    }
    return {.alarm = alarm};
}

void AlarmTimers::resume()
{
    if (AlarmRtc* const rtc = m_host->alarmRtc()) {
        rtc->cancelAlarm();
    }
}

AlarmTimer::AlarmTimer(AlarmTimers& alarms, AlarmClock clock, Function fired)
    : m_alarms(&alarms)
    , m_fired(std::move(fired))
    , m_hrtimer(alarms.host(), "alarmtimer_fired",
                [this](Hrtimer& timer) { return expired(timer); })
    , m_clock(clock)
{
    m_hrtimer.init(clock == AlarmClock::Realtime ? HrtimerClock::Realtime : HrtimerClock::Boottime);
}

void AlarmTimer::setExpires(HrtimerInstant at)
{
    invariant(!m_position);
    m_expires = at;
}

void AlarmTimer::start(HrtimerInstant at)
{
    dequeue();
    m_expires = at;
    enqueue();
    m_hrtimer.start(at);
}

bool AlarmTimer::cancel()
{
    dequeue();
    return m_hrtimer.cancel();
}

std::uint64_t AlarmTimer::forward(HrtimerInstant at, Ns interval)
{
    invariant(!m_position);
    m_hrtimer.setExpires(m_expires);
    const std::uint64_t missed = m_hrtimer.forwardExactly(at, interval);
    m_expires = m_hrtimer.expires();
    return missed;
}

void AlarmTimer::enqueue()
{
    m_position = m_alarms->queue(m_clock).emplace(m_expires, this);
}

void AlarmTimer::dequeue()
{
    if (m_position) {
        m_alarms->queue(m_clock).erase(*m_position);
        m_position.reset();
    }
}

HrtimerRestart AlarmTimer::expired(Hrtimer& timer)
{
    dequeue();
    const HrtimerRestart restart = m_fired(now());
    if (restart == HrtimerRestart::Yes) {
        timer.setExpires(m_expires);
        enqueue();
    }
    return restart;
}

} // namespace timerscope
