// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/posix/cpu_posix_timer.h"

namespace timerscope {

CpuTimerBump bumpCpuTimer(CpuTime expires, Ns interval, CpuTime now, std::int64_t overrun)
{
    if (interval == Ns::zero() || now < expires) {
        return {.expires = expires, .overrun = overrun};
    }
    const CpuTime stride = cpuTimeOf(interval);
    const std::uint64_t periods = (now - expires) / stride + 1;
    const auto counted = static_cast<std::uint64_t>(overrun) + periods;
    return {.expires = expires + periods * stride, .overrun = static_cast<std::int64_t>(counted)};
}

CpuPosixTimer::CpuPosixTimer(Process& process, int id, ClockId clock, const CpuClockTarget& target,
                             const TimerNotification& notification)
    : PosixTimer(process, id, clock, notification)
    , m_target(target)
    , m_timer(target.clock(), [this] { fire(); })
{
}

CpuTime CpuPosixTimer::bump(CpuTime now)
{
    const CpuTimerBump bumped = bumpCpuTimer(m_timer.expires(), interval(), now, overrunCount());
    addOverruns(static_cast<std::uint64_t>(bumped.overrun - overrunCount()));
    m_timer.setExpires(bumped.expires);
    return bumped.expires;
}

void CpuPosixTimer::takeOff()
{
    if (m_timer.isQueued()) {
        m_target.queues().remove(m_timer);
    }
}

Errno CpuPosixTimer::set(bool absolute, const TimerSetting& wanted, TimerSetting* old)
{
    if (!m_target.isAlive()) {
        return Errno::NoProcess;
    }
    takeOff();
    const CpuTime now = m_target.sample(true);
    if (old != nullptr) {
        *old = {.interval = interval()};
        if (m_timer.expires() != CpuTime::zero()) {
            const CpuTime next = bump(now);
            old->value = now < next ? spanOf(next - now) : Ns{1};
        }
    }
    CpuTime expires = cpuTimeOf(wanted.value);
    if (expires != CpuTime::zero() && !absolute) {
        expires += now;
    }
    m_timer.setExpires(expires);
    if (now < expires) {
        m_target.arm(m_timer);
    }
    setInterval(wanted.interval);
    markAsSet();
    restartOverruns();
    if (now >= expires) {
        if (expires != CpuTime::zero()) {
            fire(); // even if the task never runs again
        }
        if (!m_timer.isQueued()) {
            // The check finds out whether anybody still needs the process's sum and the tick.
            m_target.queues().forceCheck(m_timer.clock());
        }
    }
    return Errno::Ok;
}

TimerSetting CpuPosixTimer::get()
{
    if (!m_target.isAlive()) {
        return {};
    }
    TimerSetting told{.interval = interval()};
    if (m_timer.expires() != CpuTime::zero()) {
        const CpuTime now = m_target.sample(false);
        told.value = now < m_timer.expires() ? spanOf(m_timer.expires() - now) : Ns{1};
    }
    return told;
}

void CpuPosixTimer::stop()
{
    if (m_timer.isQueued()) {
        m_target.queues().disarm(m_timer);
    }
}

void CpuPosixTimer::rearm()
{
    if (!m_target.isAlive()) {
        return;
    }
    bump(m_target.sample(true));
    m_target.arm(m_timer);
}

void CpuPosixTimer::fire()
{
    if (!sendsSignal()) {
        m_timer.setExpires(CpuTime::zero());
        return;
    }
    process().host().tracer().call("posix_timer_event");
    const bool isTaken = notify();
    if (interval() == Ns::zero()) {
        m_timer.setExpires(CpuTime::zero());
    } else if (!isTaken) {
        rearm();
        goOnUnnoticed();
    }
}

} // namespace timerscope
