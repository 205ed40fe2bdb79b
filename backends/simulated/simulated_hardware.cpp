// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/simulated/simulated_hardware.h"

#include <fmt/format.h>

#include <algorithm>

namespace timerscope {

SimulatedHardware::SimulatedHardware(std::vector<CounterInfo> counters,
                                     std::vector<EventChannelInfo> channels)
    : m_timers(std::move(counters), std::move(channels))
{
}

Result<Cycles> SimulatedHardware::read(CounterIndex counter)
{
    if (counter >= counters().size()) {
        return fail(
            ErrorCode::OutOfRange,
            fmt::format("counter {} does not exist, there are {}", counter, counters().size()));
    }
    spend(counters()[counter].readCost);
    return observe(counter);
}

Cycles SimulatedHardware::observe(CounterIndex counter) const
{
    return m_timers.value(counter, m_now);
}

Result<void> SimulatedHardware::set(ChannelIndex channel, ClockEventState state,
                                    std::uint64_t periodTicks)
{
    return m_timers.set(channel, state, periodTicks, m_now);
}

Result<void> SimulatedHardware::program(ChannelIndex channel, std::uint64_t ticks)
{
    return m_timers.program(channel, ticks, m_now);
}

Result<std::optional<ChannelIndex>> SimulatedHardware::waitUntil(TraceInstant limit)
{
    const TraceInstant end = std::max(limit, m_now);
    const auto due = m_timers.next();
    if (!due || due->at >= end) {
        m_now = end;
        return std::nullopt;
    }
    m_now = std::max(m_now, due->at);
    m_timers.take(due->channel, m_now);
    return due->channel;
}

} // namespace timerscope
