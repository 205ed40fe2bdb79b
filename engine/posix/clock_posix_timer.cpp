// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/posix/clock_posix_timer.h"

#include "engine/posix/process.h"

namespace timerscope {

Errno ClockPosixTimer::set(bool absolute, const TimerSetting& wanted, TimerSetting* old)
{
    if (old != nullptr) {
        *old = get();
    }
    setInterval(Ns::zero());
    cancel();
    setActive(false);
    markAsSet();
    if (wanted.value == Ns::zero()) {
        return Errno::Ok;
    }
    setInterval(wanted.interval);
    arm(absolute, wanted.value, !sendsSignal());
    setActive(sendsSignal());
    return Errno::Ok;
}

TimerSetting ClockPosixTimer::get()
{
    const bool isKept = !sendsSignal();
    if (interval() == Ns::zero() && !isActive() && !isKept) {
        return {};
    }
    const HrtimerInstant at = now();
    if (interval() != Ns::zero() && (isRequeuePending() || isKept)) {
        // Nothing has moved it on since it expired.
        addOverruns(forward(at));
    }
    TimerSetting told{.value = expires() - at, .interval = interval()};
    if (told.value <= Ns::zero()) {
        told.value = isKept ? Ns::zero() : Ns{1};
    }
    return told;
}

void ClockPosixTimer::stop()
{
    setInterval(Ns::zero());
    cancel();
    setActive(false);
}

HrtimerRestart ClockPosixTimer::fire(HrtimerInstant now)
{
    setActive(false);
    if (notify() || interval() == Ns::zero()) {
        return HrtimerRestart::No;
    }
    // With nobody to slow it down, a short period would keep the CPU busy with nothing else.
    const Ns tick{nsPerSecond / process().host().tickRate().hz};
    addOverruns(forward(interval() < tick ? now + tick : now));
    goOnUnnoticed();
    setActive(true);
    return HrtimerRestart::Yes;
}

// --- hrtimers ---------------------------------------------------------------------------------

HrtimerPosixTimer::HrtimerPosixTimer(Process& process, int id, ClockId clock, HrtimerClock counts,
                                     const TimerNotification& notification)
    : ClockPosixTimer(process, id, clock, notification)
    , m_counts(counts)
    , m_hrtimer(process.host(), "posix_timer_fn",
                [this](Hrtimer& /*timer*/) { return fire(now()); })
{
    m_hrtimer.init(counts);
}

void HrtimerPosixTimer::arm(bool absolute, Ns value, bool onlyKept)
{
    const bool keepsSpan = m_counts == HrtimerClock::Realtime && !absolute;
    // A span must not change when the wall clock is set.
    m_hrtimer.init(keepsSpan ? HrtimerClock::Monotonic : m_counts);
    const HrtimerInstant at = absolute ? HrtimerInstant{value} : m_hrtimer.after(value);
    if (onlyKept) {
        m_hrtimer.setExpires(at);
    } else {
        m_hrtimer.start(at);
    }
}

std::uint64_t HrtimerPosixTimer::forward(HrtimerInstant now)
{
    return m_hrtimer.forward(now, interval());
}

void HrtimerPosixTimer::rearm()
{
    addOverruns(forward(now()));
    m_hrtimer.restart();
}

// --- alarm timers -----------------------------------------------------------------------------

AlarmPosixTimer::AlarmPosixTimer(Process& process, AlarmTimers& alarms, int id, ClockId clock,
                                 const TimerNotification& notification)
    : ClockPosixTimer(process, id, clock, notification)
    , m_alarm(alarms, alarmClockOf(clock), [this](HrtimerInstant now) { return fire(now); })
{
}

void AlarmPosixTimer::arm(bool absolute, Ns value, bool onlyKept)
{
    const HrtimerInstant at = absolute ? HrtimerInstant{value} : m_alarm.after(value);
    if (onlyKept) {
        m_alarm.setExpires(at);
    } else {
        m_alarm.start(at);
    }
}

std::uint64_t AlarmPosixTimer::forward(HrtimerInstant now)
{
    return m_alarm.forward(now, interval());
}

void AlarmPosixTimer::rearm()
{
    addOverruns(forward(now()));
    m_alarm.restart();
}

} // namespace timerscope
