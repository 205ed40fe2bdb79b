// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/machine/machine_watchdog.h"

#include "engine/base/invariant.h"

#include <utility>

namespace timerscope {

MachineWatchdog::MachineWatchdog(Cpu& cpu, const JiffiesCounter& jiffies,
                                 ClocksourceRegistry& clocksources, std::uint32_t timerId)
    : m_cpu(&cpu)
    , m_jiffies(&jiffies)
    , m_clocksources(&clocksources)
    , m_timer(timerId, "clocksource_watchdog",
              [this](WheelTimer&) { m_clocksources->watchdogTimer(); })
{
}

void MachineWatchdog::armWatchdogTimer(Jiffies expires, unsigned /*cpu*/)
{
    if (!std::exchange(m_announced, true)) {
        m_cpu->wheel().init(m_timer);
    }
    static_cast<void>(m_cpu->wheel().modify(m_timer, expires, m_jiffies->now()));
}

void MachineWatchdog::cancelWatchdogTimer()
{
    static_cast<void>(m_cpu->wheel().remove(m_timer));
}

void MachineWatchdog::scheduleWatchdogWork()
{
    if (!std::exchange(m_workPending, true)) {
        m_cpu->wake([this] {
            m_workPending = false;
            m_clocksources->watchdogWork();
        });
    }
}

Cycles MachineWatchdog::readOnCpu(const Clocksource& /*source*/, unsigned /*cpu*/)
{
    invariant(false); // nobody asks for another CPU where only one is online
    return {};
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
