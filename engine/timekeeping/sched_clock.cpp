// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/timekeeping/sched_clock.h"

#include "engine/base/invariant.h"

namespace timerscope {

namespace {

/// Before any registration: a factor, but a mask of 0, so that nothing is ever counted.
SchedClockRate unregisteredRate(TickRate rate)
{
    invariant(rate.hz != 0);
    SchedClockRate none;
    none.mult = static_cast<std::uint32_t>(nsPerSecond / static_cast<std::int64_t>(rate.hz));
    return none;
}

} // namespace

SchedClock::SchedClock(JiffiesSinceBoot& jiffies, TickRate rate, RateLabel label,
                       KernelLog& kernelLog, Tracer tracer)
    : m_counter(&jiffies)
    , m_jiffies(&jiffies)
    , m_tickRate(rate)
    , m_kernelLog(&kernelLog)
    , m_tracer(tracer)
    , m_rate(unregisteredRate(rate))
    , m_label(label)
{
}

Ns SchedClock::timeAt(Cycles read) const
{
    const Ns passed = cyclesToNs(elapsed(m_epochCycles, read, m_rate.mask), m_rate.factor());
    const auto sum
        = static_cast<std::uint64_t>(m_epoch.count()) + static_cast<std::uint64_t>(passed.count());
    return Ns{static_cast<std::int64_t>(sum)};
}

Ns SchedClock::now() const
{
    return m_stands ? m_epoch : timeAt(m_counter->readCounter());
}

void SchedClock::renewEpoch()
{
    const Cycles read = m_counter->readCounter();
    m_epoch = timeAt(read);
    m_epochCycles = read;
}

bool SchedClock::registerCounter(CounterReader& counter, std::string name,
                                 const SchedClockRate& rate)
{
    if (m_registered && rate.rate < m_rate.rate) {
        return false;
    }
    renewEpoch();
    m_counter = &counter;
    m_epochCycles = counter.readCounter();
    m_rate = rate;
    m_name = std::move(name);
    m_registered = true;
    m_stands = false;
    m_tracer.record(RecordKind::SchedClockRegister, m_tracer.name(m_name),
                    static_cast<std::int64_t>(rate.rate.value), rate.bits);
    m_kernelLog->print(registrationLine(rate, m_label));
    return true;
}

void SchedClock::genericInit()
{
    if (!m_registered) {
        const auto rate = schedClockRate(m_jiffies->bits(), Hertz{m_tickRate.hz});
        invariant(rate.has_value());
        static_cast<void>(registerCounter(*m_jiffies, "jiffies", *rate));
    }
    renewEpoch();
}

void SchedClock::suspend()
{
    renewEpoch();
    m_stands = true;
}

void SchedClock::resume()
{
    m_epochCycles = m_counter->readCounter();
    m_stands = false;
}

} // namespace timerscope
