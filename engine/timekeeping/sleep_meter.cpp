// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/timekeeping/sleep_meter.h"

#include "engine/base/wide.h"

namespace timerscope {
namespace {

/// The current clocksource was just read: reading it once more would tear its two times apart.
Cycles readingOf(Clocksource& nonstop, const Clocksource& current, Cycles reading)
{
    return &nonstop == &current ? reading : nonstop.counter->readCounter();
}

} // namespace

void SleepMeter::fallAsleep(const SleepClocks& clocks, const WallTime& wall,
                            const Clocksource& current, Cycles cycleLast)
{
    m_persistent = clocks.persistent;
    if (clocks.nonstop != nullptr) {
        m_nonstopAt = readingOf(*clocks.nonstop, current, cycleLast);
    }
    m_hasPersistent = m_hasPersistent || clocks.persistent != WallTime{};
    if (m_hasPersistent) {
        keepDistance(wall);
    }
}

void SleepMeter::keepDistance(const WallTime& wall)
{
    constexpr std::int64_t steppedFrom = 2; // seconds
    const WallTime distance = wall - m_persistent;
    const WallTime change = distance - m_distance;
    if (change.seconds >= steppedFrom || change.seconds <= -steppedFrom) {
        m_distance = distance; // one of the clocks was set: not rounding
    } else {
        m_persistent = m_persistent + change;
    }
}

WallTime SleepMeter::counted(const Clocksource& nonstop, Cycles now) const
{
    if (now <= m_nonstopAt) {
        return {};
    }
    const Cycles cycles = elapsed(m_nonstopAt, now, nonstop.rate.mask);
    // Longer than a factor of 64 bits is safe for: nothing woke the machine in between.
    const WideUnsigned product = static_cast<WideUnsigned>(cycles.count) * nonstop.rate.mult;
    return wallTimeOf(Ns{static_cast<std::int64_t>(product >> nonstop.rate.shift)});
}

SleepLength SleepMeter::wakeUp(const SleepClocks& clocks, const Clocksource& current,
                               Cycles cycleNow) const
{
    if (clocks.nonstop != nullptr) {
        const WallTime slept
            = counted(*clocks.nonstop, readingOf(*clocks.nonstop, current, cycleNow));
        if (slept > WallTime{}) {
            return {.span = slept, .by = SleepClock::Nonstop};
        }
    }
    if (clocks.persistent > m_persistent) {
        return {.span = clocks.persistent - m_persistent, .by = SleepClock::Persistent};
    }
    return {};
}

} // namespace timerscope
