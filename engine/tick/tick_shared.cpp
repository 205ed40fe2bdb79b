// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/tick/tick_shared.h"

namespace timerscope {

void TickShared::start(unsigned cpu, MonotonicInstant now)
{
    m_doTimerCpu = cpu;
    m_nextPeriod = now;
}

MonotonicInstant TickShared::alignedUpdate()
{
    if (!m_lastUpdate) {
        if (const Ns part = m_nextPeriod.time_since_epoch() % m_period; part != Ns::zero()) {
            m_nextPeriod += m_period - part;
        }
        m_lastUpdate = m_nextPeriod;
    }
    return *m_lastUpdate;
}

std::uint64_t TickShared::takeDueJiffies(MonotonicInstant now)
{
    if (now < m_nextPeriod) {
        return 0;
    }
    const std::int64_t missed = (now - m_nextPeriod) / m_period;
    const Ns passed = (missed + 1) * m_period;
    m_lastUpdate = alignedUpdate() + passed;
    m_nextPeriod = *m_lastUpdate + m_period;
    return static_cast<std::uint64_t>(missed) + 1;
}

} // namespace timerscope
