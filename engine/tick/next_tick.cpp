// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/tick/next_tick.h"

#include "engine/tick/tick_jiffies.h"

#include <algorithm>

namespace timerscope {

namespace {

constexpr std::uint32_t timerSoftirqBit = 1U << 1;

} // namespace

NextTick::Answer NextTick::find(bool isStopped)
{
    const TickPeriods& periods = m_parts.services.shared.periods;
    const MonotonicInstant base = periods.lastUpdate.value_or(MonotonicInstant{});
    m_lastJiffies = m_parts.services.jiffies.now();
    MonotonicInstant next = addSaturating(base, periods.period);
    // Timers that are about to run decide anew what is first: looking now is useless.
    if (!m_parts.host.needsTick() && (m_parts.host.pendingSoftirqs() & timerSoftirqBit) == 0) {
        next = firstTimer(m_lastJiffies, base);
        m_nextTimer = next;
    }
    if (next - base <= periods.period) {
        m_parts.wheel.clearIdle();
        if (!isStopped) {
            return {.keepsTicking = true, .at = {}};
        }
    }
    return {.keepsTicking = false, .at = std::min(next, addSaturating(base, longestSleep()))};
}

MonotonicInstant NextTick::firstTimer(Jiffies jiffies, MonotonicInstant base)
{
    const MonotonicInstant wheel = m_parts.wheel.nextTimerInterrupt(jiffies, base);
    return withHrtimer(wheel, m_parts.hrtimers.lowResolutionNextEvent(), base,
                       m_parts.services.shared.rate);
}

/// Somebody has to read the clocksource before it wraps: the CPU that counts jiffies, or, when they
/// all sleep, the one that did last.
Ns NextTick::longestSleep() const
{
    const DoTimerDuty& duty = m_parts.services.shared.doTimer;
    const bool keepsTime = duty.isOn(m_cpu) || (duty.isFree() && m_hadDoTimer);
    return keepsTime ? m_parts.services.timekeeper.clock().rate.maxIdle : Ns::max();
}

void NextTick::giveUpDoTimer()
{
    const DoTimerDuty& duty = m_parts.services.shared.doTimer;
    if (duty.isOn(m_cpu)) {
        dropDoTimerDuty(m_parts.services, m_tracer);
        m_hadDoTimer = true;
    } else if (!duty.isFree()) {
        m_hadDoTimer = false;
    }
}

} // namespace timerscope
