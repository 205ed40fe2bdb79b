// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/machine/stall_watch.h"

namespace timerscope {

namespace {

/// A machine that idles has few interrupts, one that was held up has no true second between them.
constexpr std::uint64_t interruptsOfAStall = 100;
constexpr Ns spanOfAStall{1'000'000'000};

} // namespace

void StallWatch::restart(TraceInstant now)
{
    m_movedAt = now;
    m_interrupts = 0;
    m_cpus.clear();
    m_told = false;
}

bool StallWatch::served(TraceInstant now, unsigned cpu, Jiffies jiffies)
{
    if (jiffies != m_jiffies) {
        m_jiffies = jiffies;
        restart(now);
        return false;
    }
    ++m_interrupts;
    m_cpus.add(cpu);
    const bool stalls
        = !m_told && m_interrupts >= interruptsOfAStall && now - m_movedAt >= spanOfAStall;
    m_told = m_told || stalls;
    return stalls;
}

} // namespace timerscope
