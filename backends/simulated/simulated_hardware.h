// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/port/hardware.h"

#include <optional>
#include <vector>

namespace timerscope {

/// Hardware whose truth is known: ideal counters and event channels on virtual time.
///
/// Time passes only in spend(), read() (by the counter's read cost) and waitUntil(). An interrupt
/// that falls due meanwhile stays pending, once for each channel, until waitUntil() hands it over.
/// Deterministic: no wall clock, no threads, no random numbers.
class SimulatedHardware final : public Hardware
{
public:
    SimulatedHardware(std::vector<CounterInfo> counters, std::vector<EventChannelInfo> channels);

    [[nodiscard]] std::span<const CounterInfo> counters() const override { return m_counters; }
    [[nodiscard]] std::span<const EventChannelInfo> channels() const override { return m_channels; }
    [[nodiscard]] Result<Cycles> read(CounterIndex counter) override;
    [[nodiscard]] Cycles observe(CounterIndex counter) const override;
    [[nodiscard]] Result<void> set(ChannelIndex channel, ClockEventState state,
                                   std::uint64_t periodTicks) override;
    [[nodiscard]] Result<void> program(ChannelIndex channel, std::uint64_t ticks) override;
    [[nodiscard]] TraceInstant now() const override { return m_now; }
    void spend(Ns span) override { m_now = addSaturating(m_now, span); }
    [[nodiscard]] Result<std::optional<ChannelIndex>> waitUntil(TraceInstant limit) override;

private:
    /// What a channel is set to do. Deadlines are kept in its own ticks, so that periods do not
    /// gather rounding errors.
    struct Armed
    {
        std::optional<std::uint64_t> deadline; ///< tick count since power-on
        std::uint64_t period = 0; ///< 0: fires once
    };
    [[nodiscard]] Result<void> checkChannel(ChannelIndex channel) const;
    [[nodiscard]] std::optional<TraceInstant> firesAt(ChannelIndex channel) const;
    void take(ChannelIndex channel);

    std::vector<CounterInfo> m_counters;
    std::vector<EventChannelInfo> m_channels;
    std::vector<Armed> m_armed;
    TraceInstant m_now;
};

} // namespace timerscope
