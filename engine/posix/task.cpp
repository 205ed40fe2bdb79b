// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/posix/task.h"

#include "engine/posix/process.h"

#include <algorithm>

namespace timerscope {

namespace {

constexpr std::uint64_t usPerSecond = 1'000'000;

} // namespace

Task::Task(Process& process, int tid, std::string name)
    : m_process(&process)
    , m_name(std::move(name))
    , m_tid(tid)
{
}

void Task::accountTick(CpuTime user, CpuTime system)
{
    const CpuTimes used{.user = user, .system = system};
    m_times += used;
    m_process->account(used);
}

void Task::accountRuntime(CpuTime ran)
{
    const CpuTimes used{.runtime = ran};
    m_times += used;
    m_process->account(used);
}

CpuTime Task::sample(CpuClock clock)
{
    if (clock == CpuClock::Sched) {
        m_process->host().updateRuntime(*this);
    }
    return m_times.on(clock);
}

void Task::setPolicy(SchedulingPolicy policy)
{
    m_policy = policy;
    if (isRealTime()) {
        m_timerSlack = Ns::zero();
    } else if (m_timerSlack == Ns::zero()) {
        m_timerSlack = m_defaultTimerSlack;
    }
}

void Task::setTimerSlack(Ns slack)
{
    if (!isRealTime()) {
        m_timerSlack = slack > Ns::zero() ? slack : m_defaultTimerSlack;
    }
}

void Task::inheritTimerSlack(const Task& parent)
{
    m_timerSlack = parent.m_timerSlack;
    m_defaultTimerSlack = parent.m_timerSlack;
}

void Task::rtTick(Jiffies now)
{
    const ResourceLimit& limit = m_process->rttimeLimit();
    if (limit.soft == ResourceLimit::infinity) {
        return;
    }
    if (m_rtStamp != now) {
        ++m_rtTicks;
        m_rtStamp = now;
    }
    const std::uint64_t usPerTick = usPerSecond / m_process->host().tickRate().hz;
    const std::uint64_t least = std::min(limit.soft, limit.hard);
    const std::uint64_t allowed = least / usPerTick + (least % usPerTick != 0 ? 1 : 0);
    if (m_rtTicks > allowed) {
        // Any time that has been reached does: the check of this tick will look.
        m_cpuTimers.setNextEvent(CpuClock::Sched, m_times.runtime);
    }
}

void Task::setBlocked(SignalSet blocked)
{
    blocked.remove(signal_number::kill);
    blocked.remove(signal_number::stop);
    m_blocked = blocked;
}

void Task::block(int number)
{
    SignalSet blocked = m_blocked;
    blocked.add(number);
    setBlocked(blocked);
}

void Task::unblock(int number)
{
    m_blocked.remove(number);
}

bool Task::hasSignal() const
{
    return m_pending.hasOutside(m_blocked) || m_process->sharedPending().hasOutside(m_blocked);
}

bool Task::mayHaveExpired() const
{
    if (!m_cpuTimers.isInactive() && m_cpuTimers.hasExpired(m_times)) {
        return true;
    }
    return m_process->areTimersActive()
        && m_process->cpuTimers().hasExpired(m_process->activeTimes());
}

void Task::runCpuTimers()
{
    Tracer& tracer = m_process->host().tracer();
    tracer.call("fastpath_timer_check");
    if (!mayHaveExpired()) {
        return;
    }
    const CallSpan outer(tracer, "__run_posix_cpu_timers");
    const CallSpan span(tracer, "handle_posix_cpu_timers");
    std::vector<CpuTimer*> expired;
    checkThreadTimers(expired);
    m_process->checkTimers(expired);
    // Only now: a signal that is sent must not change what this pass finds.
    for (CpuTimer* const timer : expired) {
        const CallSpan fire(tracer, "cpu_timer_fire");
        timer->expire();
    }
}

void Task::checkThreadTimers(std::vector<CpuTimer*>& expired)
{
    Tracer& tracer = m_process->host().tracer();
    const CallSpan span(tracer, "check_thread_timers");
    if (m_cpuTimers.isInactive()) {
        return;
    }
    tracer.call("task_sample_cputime");
    expired = m_cpuTimers.collect(m_times);
    tellCollected(tracer, expired.size());
    checkRttimeLimit();
    if (m_cpuTimers.isInactive()) {
        m_needsTick = false;
    }
}

void Task::checkRttimeLimit()
{
    const ResourceLimit limit = m_process->rttimeLimit();
    if (limit.soft == ResourceLimit::infinity) {
        return;
    }
    const std::uint64_t ran = m_rtTicks * (usPerSecond / m_process->host().tickRate().hz);
    if (limit.hard != ResourceLimit::infinity && ran >= limit.hard) {
        static_cast<void>(m_process->send(signal_number::kill, SignalCode::Kernel));
    } else if (ran >= limit.soft) {
        static_cast<void>(m_process->send(signal_number::cpuLimit, SignalCode::Kernel));
        m_process->raiseSoftRttime(limit.soft + usPerSecond);
    }
}

} // namespace timerscope
