// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/port/ideal_timers.h"

#include "engine/port/ideal_rate.h"

#include <fmt/format.h>

namespace timerscope {

namespace {

/// Whole ticks of a clock of @p rate since power-on.
std::uint64_t ticksAt(TraceInstant at, Hertz rate)
{
    return cyclesIn(at.time_since_epoch(), rate);
}

} // namespace

IdealTimers::IdealTimers(std::vector<CounterInfo> counters, std::vector<EventChannelInfo> channels)
    : m_counters(std::move(counters))
    , m_channels(std::move(channels))
    , m_armed(m_channels.size())
    , m_due(m_channels.size())
{
}

Cycles IdealTimers::value(CounterIndex counter, TraceInstant now) const
{
    const CounterInfo& info = m_counters[counter];
    return Cycles{ticksAt(now, info.rate) & counterMask(info.bits)};
}

Result<void> IdealTimers::noSuchChannel(ChannelIndex channel) const
{
    return fail(
        ErrorCode::OutOfRange,
        fmt::format("event channel {} does not exist, there are {}", channel, m_channels.size()));
}

void IdealTimers::arm(ChannelIndex channel, std::optional<std::uint64_t> deadline,
                      std::uint64_t period)
{
    Armed& armed = m_armed[channel];
    armed.deadline = deadline;
    armed.period = period;
    m_due.set(channel,
              deadline ? addSaturating(TraceInstant{spanOf(*deadline, m_channels[channel].rate)},
                                       armed.late)
                       : never<TraceClock>);
}

Result<void> IdealTimers::set(ChannelIndex channel, ClockEventState state,
                              std::uint64_t periodTicks, TraceInstant now)
{
    if (channel >= m_channels.size()) {
        return noSuchChannel(channel);
    }
    arm(channel, std::nullopt, 0);
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
    arm(channel, ticksAt(now, info.rate) + periodTicks, periodTicks);
    return {};
}

Result<void> IdealTimers::program(ChannelIndex channel, std::uint64_t ticks, TraceInstant now)
{
    if (channel >= m_channels.size()) {
        return noSuchChannel(channel);
    }
    arm(channel, ticksAt(now, m_channels[channel].rate) + ticks, 0);
    return {};
}

std::optional<IdealTimers::Due> IdealTimers::next() const
{
    const Earliest::Entry& first = m_due.first();
    if (first.at == never<TraceClock>) {
        return std::nullopt;
    }
    return Due{.channel = first.number, .at = first.at};
}

void IdealTimers::delay(ChannelIndex channel, Ns late)
{
    m_armed[channel].late = late;
    arm(channel, m_armed[channel].deadline, m_armed[channel].period);
}

void IdealTimers::take(ChannelIndex channel, TraceInstant now)
{
    const Armed& armed = m_armed[channel];
    if (armed.period == 0) {
        arm(channel, std::nullopt, 0);
        return;
    }
    const std::uint64_t ticks = ticksAt(now, m_channels[channel].rate);
    const std::uint64_t deadline = armed.deadline.value_or(ticks);
    const std::uint64_t late = ticks > deadline ? ticks - deadline : 0;
    arm(channel, deadline + (late / armed.period + 1) * armed.period, armed.period);
}

} // namespace timerscope
