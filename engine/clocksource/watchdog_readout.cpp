// SPDX-License-Identifier: GPL-3.0-or-later
//! How the watchdog reads two clocks at "one" moment, and when it believes what it read.
#include "engine/base/bits.h"
#include "engine/clocksource/delta.h"
#include "engine/clocksource/watchdog.h"

#include <fmt/format.h>

namespace timerscope {

Ns ClocksourceWatchdog::span(const Clocksource& source, Cycles earlier, Cycles later) const
{
    const std::uint64_t mask = source.rate.mask;
    const Cycles step = m_config.validatesSteps ? elapsedValidated(earlier, later, mask)
                                                : elapsed(earlier, later, mask);
    return cyclesToNs(step, source.rate.factor());
}

/// Two intervals in ticks of whole nanoseconds, rounded down as the kernel's constant is.
Ns ClocksourceWatchdog::longestInterval() const
{
    const std::int64_t tick = nsPerSecond / static_cast<std::int64_t>(m_config.rate.hz);
    return Ns{static_cast<std::int64_t>(2 * interval()) * tick};
}

int ClocksourceWatchdog::readRetries() const
{
    const int doublings = bitWidth(m_host->onlineCpus().size()) - 1;
    return m_config.readRetries >= 0 ? m_config.readRetries : doublings / 2 + 1;
}

Ns ClocksourceWatchdog::readoutLimit(const Clocksource& source) const
{
    return m_config.marginsLimitReadout
        ? m_reference->rate.uncertaintyMargin + source.rate.uncertaintyMargin
        : m_config.maxSkew;
}

Ns ClocksourceWatchdog::readBackLimit() const
{
    return m_config.marginsLimitReadout ? m_reference->rate.uncertaintyMargin
                                        : m_config.maxSkew / 2;
}

ClocksourceWatchdog::Attempt ClocksourceWatchdog::attempt(const Clocksource& source)
{
    CounterReader& reference = *m_reference->counter;
    const Cycles begin = reference.readCounter();
    const Cycles middle = source.counter->readCounter();
    const Cycles end = reference.readCounter();
    const Cycles again = reference.readCounter();
    return {.readout = {.reference = begin, .source = middle},
            .around = span(*m_reference, begin, end),
            .back = span(*m_reference, end, again)};
}

ClocksourceWatchdog::ReadResult ClocksourceWatchdog::read(const Clocksource& source,
                                                          Readout& readout)
{
    const int most = readRetries();
    Attempt last;
    for (int retries = 0; retries <= most; ++retries) {
        last = attempt(source);
        readout = last.readout;
        if (last.around <= readoutLimit(source)) {
            if (retries > 1 && retries >= most) {
                m_kernelLog->print(fmt::format("clocksource: timekeeping watchdog on CPU{}: {} "
                                               "retried {} times before success",
                                               m_host->currentCpu(), m_reference->name, retries));
            }
            return ReadResult::Good;
        }
        if (last.back > readBackLimit()) {
            reportBusy(source, last);
            return ReadResult::Busy;
        }
    }
    reportUnreliable(source, last, most + 1);
    return ReadResult::Unreliable;
}

void ClocksourceWatchdog::reportBusy(const Clocksource& source, const Attempt& last)
{
    m_kernelLog->print(
        fmt::format("clocksource: timekeeping watchdog on CPU{}: {} wd-wd read-back delay of {}ns",
                    m_host->currentCpu(), m_reference->name, last.back.count()));
    m_kernelLog->print(
        fmt::format("clocksource: wd-{}-wd read-back delay of {}ns, clock-skew test skipped!",
                    source.name, last.around.count()));
}

void ClocksourceWatchdog::reportUnreliable(const Clocksource& source, const Attempt& last,
                                           int tries)
{
    m_kernelLog->print(fmt::format(
        "clocksource: timekeeping watchdog on CPU{}: wd-{}-wd excessive read-back delay of {}ns "
        "vs. limit of {}ns, wd-wd read-back delay only {}ns, attempt {}, marking {} unstable",
        m_host->currentCpu(), source.name, last.around.count(), readoutLimit(source).count(),
        last.back.count(), tries, source.name));
}

} // namespace timerscope
