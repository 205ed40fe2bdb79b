// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/timekeeping/sched_clock.h"

#include "engine/base/invariant.h"

namespace timerscope {

namespace {

SchedClockRate jiffiesRate(TickRate rate)
{
    const auto computed = schedClockRate(64, Hertz{rate.hz});
    invariant(computed.has_value());
    return *computed;
}

} // namespace

SchedClock::SchedClock(CounterReader& jiffies, TickRate rate, RateLabel label, KernelLog& kernelLog,
                       Tracer tracer)
    : m_counter(&jiffies)
    , m_jiffies(&jiffies)
    , m_tickRate(rate)
    , m_kernelLog(&kernelLog)
    , m_tracer(tracer)
    , m_rate(jiffiesRate(rate))
    , m_epochCycles(jiffies.readCounter())
    , m_label(label)
{
}

Ns SchedClock::now() const
{
    const Cycles passed = elapsed(m_epochCycles, m_counter->readCounter(), m_rate.mask);
    return addSaturating(m_epoch, cyclesToNs(passed, m_rate.factor()));
}

void SchedClock::renewEpoch()
{
    const Cycles read = m_counter->readCounter();
    m_epoch = addSaturating(m_epoch,
                            cyclesToNs(elapsed(m_epochCycles, read, m_rate.mask), m_rate.factor()));
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
    m_tracer.record(RecordKind::SchedClockRegister, m_tracer.name(m_name),
                    static_cast<std::int64_t>(rate.rate.value), rate.bits);
    m_kernelLog->print(registrationLine(rate, m_label));
    return true;
}

void SchedClock::registerJiffiesIfAlone()
{
    if (!m_registered) {
        static_cast<void>(registerCounter(*m_jiffies, "jiffies", jiffiesRate(m_tickRate)));
    }
}

} // namespace timerscope
