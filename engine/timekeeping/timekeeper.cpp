// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/timekeeping/timekeeper.h"

#include "engine/base/wide.h"

#include <algorithm>

namespace timerscope {

Timekeeper::Timekeeper(Clocksource& initial, TickRate rate)
    : m_clock(&initial)
    , m_rate(rate)
    , m_cycleLast(initial.counter->readCounter())
{
    setInterval();
}

void Timekeeper::setInterval()
{
    const auto shifted = static_cast<WideUnsigned>(m_rate.period().count()) << m_clock->rate.shift;
    const auto cycles = (shifted + m_clock->rate.mult / 2) / m_clock->rate.mult;
    m_cycleInterval = Cycles{std::max<std::uint64_t>(static_cast<std::uint64_t>(cycles), 1)};
}

Cycles Timekeeper::sinceBase() const
{
    return elapsed(m_cycleLast, m_clock->counter->readCounter(), m_clock->rate.mask);
}

MonotonicInstant Timekeeper::timeAt(Cycles sinceBase) const
{
    const WideUnsigned product
        = static_cast<WideUnsigned>(sinceBase.count) * m_clock->rate.mult + m_fraction;
    return m_base + Ns{static_cast<std::int64_t>(product >> m_clock->rate.shift)};
}

MonotonicInstant Timekeeper::monotonicNow() const
{
    return timeAt(sinceBase());
}

MonotonicInstant Timekeeper::observeMonotonic() const
{
    return timeAt(elapsed(m_cycleLast, m_clock->counter->observeCounter(), m_clock->rate.mask));
}

void Timekeeper::moveBase(Cycles cycles)
{
    const unsigned shift = m_clock->rate.shift;
    const WideUnsigned product
        = static_cast<WideUnsigned>(cycles.count) * m_clock->rate.mult + m_fraction;
    m_base += Ns{static_cast<std::int64_t>(product >> shift)};
    m_fraction = static_cast<std::uint64_t>(product & ((WideUnsigned{1} << shift) - 1));
    m_cycleLast = Cycles{(m_cycleLast.count + cycles.count) & m_clock->rate.mask};
}

void Timekeeper::accumulate()
{
    const std::uint64_t intervals = sinceBase().count / m_cycleInterval.count;
    moveBase(Cycles{intervals * m_cycleInterval.count});
}

void Timekeeper::changeClocksource(Clocksource& next)
{
    moveBase(sinceBase());
    const unsigned oldShift = m_clock->rate.shift;
    const unsigned newShift = next.rate.shift;
    m_fraction = newShift >= oldShift ? m_fraction << (newShift - oldShift)
                                      : m_fraction >> (oldShift - newShift);
    m_clock = &next;
    m_cycleLast = next.counter->readCounter();
    setInterval();
}

void Timekeeper::setRealtime(RealtimeInstant now)
{
    m_realtimeOffset = now.time_since_epoch() - monotonicNow().time_since_epoch();
}

} // namespace timerscope
