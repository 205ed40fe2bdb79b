// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/posix/cpu_clock_target.h"

#include "engine/base/invariant.h"

namespace timerscope {

std::optional<CpuClockTarget> CpuClockTarget::find(Task& caller, ClockId clock, bool forReading)
{
    const auto id = cpuClockOf(clock);
    if (!id) {
        return std::nullopt;
    }
    Process& own = caller.process();
    CpuClockTarget target(own, id->clock);
    if (id->isThread) {
        target.m_isOwn = id->pid == 0 || id->pid == caller.tid();
        target.m_tid = id->pid == 0 ? caller.tid() : id->pid;
    } else {
        const bool namesCaller = forReading && id->pid == caller.tid();
        target.m_isOwn = id->pid == 0 || id->pid == own.pid() || namesCaller;
        if (!target.m_isOwn) {
            target.m_otherPid = id->pid;
        }
    }
    return target.isAlive() ? std::optional(target) : std::nullopt;
}

Process* CpuClockTarget::process() const
{
    return m_otherPid ? m_owner->host().findProcess(*m_otherPid) : m_owner;
}

Task* CpuClockTarget::task() const
{
    return m_tid ? m_owner->findThread(*m_tid) : nullptr;
}

bool CpuClockTarget::isAlive() const
{
    if (m_tid) {
        return task() != nullptr;
    }
    const Process* const found = process();
    return found != nullptr && !found->killedBy();
}

CpuTime CpuClockTarget::sample(bool start) const
{
    invariant(isAlive());
    return m_tid ? task()->sample(m_clock) : process()->sample(m_clock, start);
}

CpuTimerQueues& CpuClockTarget::queues() const
{
    invariant(isAlive());
    return m_tid ? task()->cpuTimers() : process()->cpuTimers();
}

void CpuClockTarget::arm(CpuTimer& timer) const
{
    queues().arm(timer);
    if (m_tid) {
        task()->setNeedsTick(true);
    } else {
        process()->setNeedsTick(true);
    }
}

} // namespace timerscope
