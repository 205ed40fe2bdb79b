// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/port/ideal_timers.h"

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

IdealTimers::IdealTimers(std::vector<CounterInfo> counters, std::vector<EventChannelInfo> channels)
    : m_counters(std::move(counters))
    , m_channels(std::move(channels))
    , m_armed(m_channels.size())
{
}

Cycles IdealTimers::value(CounterIndex counter, TraceInstant now) const
{
    const CounterInfo& info = m_counters[counter];
    return Cycles{ticksAt(now, info.rate) & counterMask(info.bits)};
}

Result<void> IdealTimers::checkChannel(ChannelIndex channel) const
{
    if (channel >= m_channels.size()) {
        return fail(ErrorCode::OutOfRange,
                    fmt::format("event channel {} does not exist, there are {}", channel,
                                m_channels.size()));
    }
    return {};
}

Result<void> IdealTimers::set(ChannelIndex channel, ClockEventState state,
                              std::uint64_t periodTicks, TraceInstant now)
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
    m_armed[channel] = {.deadline = ticksAt(now, info.rate) + periodTicks, .period = periodTicks};
    return {};
}

Result<void> IdealTimers::program(ChannelIndex channel, std::uint64_t ticks, TraceInstant now)
{
    if (const auto exists = checkChannel(channel); !exists) {
        return exists;
    }
    m_armed[channel] = {.deadline = ticksAt(now, m_channels[channel].rate) + ticks, .period = 0};
    return {};
}

std::optional<TraceInstant> IdealTimers::firesAt(ChannelIndex channel) const
{
    const Armed& armed = m_armed[channel];
    if (!armed.deadline) {
        return std::nullopt;
    }
    return whenTicks(*armed.deadline, m_channels[channel].rate);
}

std::optional<IdealTimers::Due> IdealTimers::next() const
{
    std::optional<Due> first;
    for (ChannelIndex channel = 0; channel < m_channels.size(); ++channel) {
        const auto at = firesAt(channel);
        if (at && (!first || *at < first->at)) {
            first = Due{.channel = channel, .at = *at};
        }
    }
    return first;
}

void IdealTimers::take(ChannelIndex channel, TraceInstant now)
{
    Armed& armed = m_armed[channel];
    if (armed.period == 0) {
        armed.deadline.reset();
        return;
    }
    const std::uint64_t ticks = ticksAt(now, m_channels[channel].rate);
    const std::uint64_t deadline = armed.deadline.value_or(ticks);
    const std::uint64_t late = ticks > deadline ? ticks - deadline : 0;
    armed.deadline = deadline + (late / armed.period + 1) * armed.period;
}

} // namespace timerscope
