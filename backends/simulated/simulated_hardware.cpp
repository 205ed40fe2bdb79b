// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/simulated/simulated_hardware.h"

#include "engine/base/wide.h"

#include <fmt/format.h>

#include <algorithm>

namespace timerscope {

namespace {

/// Whole ticks of a clock of @p rate since power-on.
std::uint64_t ticksAt(TraceInstant at, Hertz rate)
{
    const WideUnsigned product = static_cast<WideUnsigned>(nsOf(at)) * rate.value;
    return static_cast<std::uint64_t>(product / static_cast<WideUnsigned>(nsPerSecond));
}

/// The first nanosecond at which that clock has counted @p ticks.
TraceInstant whenTicks(std::uint64_t ticks, Hertz rate)
{
    const WideUnsigned product = static_cast<WideUnsigned>(ticks) * nsPerSecond;
    const WideUnsigned ns = (product + rate.value - 1) / rate.value;
    const auto latest = static_cast<WideUnsigned>(Ns::max().count());
    return TraceInstant{Ns{static_cast<std::int64_t>(std::min(ns, latest))}};
}

} // namespace

SimulatedHardware::SimulatedHardware(std::vector<CounterInfo> counters,
                                     std::vector<EventChannelInfo> channels)
    : m_counters(std::move(counters))
    , m_channels(std::move(channels))
    , m_armed(m_channels.size())
{
}

Result<Cycles> SimulatedHardware::read(CounterIndex counter)
{
    if (counter >= m_counters.size()) {
        return fail(
            ErrorCode::OutOfRange,
            fmt::format("counter {} does not exist, there are {}", counter, m_counters.size()));
    }
    spend(m_counters[counter].readCost);
    return observe(counter);
}

Cycles SimulatedHardware::observe(CounterIndex counter) const
{
    const CounterInfo& info = m_counters[counter];
    return Cycles{ticksAt(m_now, info.rate) & counterMask(info.bits)};
}

Result<void> SimulatedHardware::checkChannel(ChannelIndex channel) const
{
    if (channel >= m_channels.size()) {
        return fail(ErrorCode::OutOfRange,
                    fmt::format("event channel {} does not exist, there are {}", channel,
                                m_channels.size()));
    }
    return {};
}

Result<void> SimulatedHardware::set(ChannelIndex channel, ClockEventState state,
                                    std::uint64_t periodTicks)
{
    if (const auto exists = checkChannel(channel); !exists) {
        return exists;
    }
    m_armed[channel] = {};
    const EventChannelInfo& info = m_channels[channel];
    if (state == ClockEventState::Oneshot && (info.features & clock_event_feature::oneshot) == 0) {
        return fail(ErrorCode::NotSupported, fmt::format("{} cannot be oneshot", info.name));
    }
    if (state != ClockEventState::Periodic) {
        return {};
    }
    if (periodTicks == 0 || (info.features & clock_event_feature::periodic) == 0) {
        return fail(ErrorCode::NotSupported,
                    fmt::format("{} cannot be periodic with {} ticks", info.name, periodTicks));
    }
    m_armed[channel] = {.deadline = ticksAt(m_now, info.rate) + periodTicks, .period = periodTicks};
    return {};
}

Result<void> SimulatedHardware::program(ChannelIndex channel, std::uint64_t ticks)
{
    if (const auto exists = checkChannel(channel); !exists) {
        return exists;
    }
    m_armed[channel] = {.deadline = ticksAt(m_now, m_channels[channel].rate) + ticks, .period = 0};
    return {};
}

std::optional<TraceInstant> SimulatedHardware::firesAt(ChannelIndex channel) const
{
    const Armed& armed = m_armed[channel];
    if (!armed.deadline) {
        return std::nullopt;
    }
    return whenTicks(*armed.deadline, m_channels[channel].rate);
}

Result<std::optional<ChannelIndex>> SimulatedHardware::waitUntil(TraceInstant limit)
{
    std::optional<ChannelIndex> first;
    TraceInstant earliest = std::max(limit, m_now);
    for (ChannelIndex channel = 0; channel < m_channels.size(); ++channel) {
        const auto at = firesAt(channel);
        // Of several due at the same instant the first channel is served first.
        if (at && *at < earliest) {
            earliest = *at;
            first = channel;
        }
    }
    m_now = std::max(m_now, earliest);
    if (first) {
        take(*first);
    }
    return first;
}

/// One interrupt is handed over; a periodic channel that fell due several times while the CPU was
/// busy has lost the others, as hardware with one pending bit does.
void SimulatedHardware::take(ChannelIndex channel)
{
    Armed& armed = m_armed[channel];
    if (armed.period == 0) {
        armed.deadline.reset();
        return;
    }
    const std::uint64_t ticks = ticksAt(m_now, m_channels[channel].rate);
    const std::uint64_t late = ticks > *armed.deadline ? ticks - *armed.deadline : 0;
    *armed.deadline += (late / armed.period + 1) * armed.period;
}

} // namespace timerscope
