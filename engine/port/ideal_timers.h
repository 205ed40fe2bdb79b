// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/port/earliest.h"
#include "engine/port/timer_block.h"

#include <optional>
#include <vector>

namespace timerscope {

/// Counters and event channels as a pure function of time: what simulated hardware is made of, and
/// what the host's clock is turned into. It has no time of its own, every call brings one; times
/// of one object never go backwards.
class IdealTimers
{
public:
    struct Due
    {
        ChannelIndex channel = 0;
        TraceInstant at;
    };

    IdealTimers(std::vector<CounterInfo> counters, std::vector<EventChannelInfo> channels);

    [[nodiscard]] std::span<const CounterInfo> counters() const { return m_counters; }
    [[nodiscard]] std::span<const EventChannelInfo> channels() const { return m_channels; }

    /// @p counter must exist.
    [[nodiscard]] Cycles value(CounterIndex counter, TraceInstant now) const;

    /// As TimerBlock. Errors: OutOfRange for a channel that does not exist, NotSupported for a
    /// state that it has not the feature for.
    [[nodiscard]] Result<void> set(ChannelIndex channel, ClockEventState state,
                                   std::uint64_t periodTicks, TraceInstant now);
    [[nodiscard]] Result<void> program(ChannelIndex channel, std::uint64_t ticks, TraceInstant now);

    /// The armed interrupt that comes first; of several at one instant, the first channel's.
    [[nodiscard]] std::optional<Due> next() const;

    /// From now on @p channel's interrupts come @p late, the one that is armed too.
    void delay(ChannelIndex channel, Ns late);

    /// Hands over one interrupt of @p channel. A periodic channel that fell due several times until
    /// @p now has lost the others, as hardware with one pending bit does.
    void take(ChannelIndex channel, TraceInstant now);

private:
    /// What a channel is set to do. Deadlines are kept in its own ticks, so that periods do not
    /// gather rounding errors.
    struct Armed
    {
        std::optional<std::uint64_t> deadline; ///< tick count since power-on
        std::uint64_t period = 0; ///< 0: fires once
        Ns late{};
    };
    [[nodiscard]] Result<void> noSuchChannel(ChannelIndex channel) const;
    void arm(ChannelIndex channel, std::optional<std::uint64_t> deadline, std::uint64_t period);

    std::vector<CounterInfo> m_counters;
    std::vector<EventChannelInfo> m_channels;
    std::vector<Armed> m_armed;
    Earliest m_due; // when each channel fires
};

} // namespace timerscope
