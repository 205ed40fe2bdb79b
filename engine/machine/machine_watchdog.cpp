// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/machine/machine_watchdog.h"

#include <utility>

namespace timerscope {

MachineWatchdog::MachineWatchdog(Cpus& cpus, const JiffiesCounter& jiffies,
                                 ClocksourceRegistry& clocksources, std::uint32_t timerId)
    : m_cpus(&cpus)
    , m_jiffies(&jiffies)
    , m_clocksources(&clocksources)
    , m_timer(timerId, "clocksource_watchdog",
              [this](WheelTimer&) { m_clocksources->watchdogTimer(); })
{
}

std::span<const unsigned> MachineWatchdog::onlineCpus() const
{
    const CpuMask online = m_cpus->onlineCpus();
    m_online.assign(online.begin(), online.end());
    return m_online;
}

void MachineWatchdog::armWatchdogTimer(Jiffies expires, unsigned cpu)
{
    TimerWheel& here = m_cpus->current().wheel();
    if (!std::exchange(m_announced, true)) {
        here.init(m_timer);
    }
    if (m_timer.isPending()) {
        static_cast<void>(here.remove(m_timer));
    }
    here.addOn(m_cpus->at(cpu).wheel(), m_timer, expires, m_jiffies->now());
}

void MachineWatchdog::cancelWatchdogTimer()
{
    static_cast<void>(m_cpus->current().wheel().remove(m_timer));
}

void MachineWatchdog::scheduleWatchdogWork()
{
    if (!std::exchange(m_workPending, true)) {
        m_cpus->current().wake([this] {
            m_workPending = false;
            m_clocksources->watchdogWork();
        });
    }
}

Cycles MachineWatchdog::readOnCpu(const Clocksource& source, unsigned cpu)
{
    return m_cpus->callOn(cpu, [&source] { return source.counter->readCounter(); });
}

/// xorshift64: no more is needed to pick CPUs.
unsigned MachineWatchdog::randomBelow(unsigned bound)
{
    m_random ^= m_random << 13;
    m_random ^= m_random >> 7;
    m_random ^= m_random << 17;
    return static_cast<unsigned>(m_random % bound);
}

} // namespace timerscope
