// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/port/hardware.h"
#include "engine/port/ideal_timers.h"

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

    [[nodiscard]] std::span<const CounterInfo> counters() const override
    {
        return m_timers.counters();
    }
    [[nodiscard]] std::span<const EventChannelInfo> channels() const override
    {
        return m_timers.channels();
    }
    [[nodiscard]] Result<Cycles> read(CounterIndex counter) override;
    [[nodiscard]] Cycles observe(CounterIndex counter) const override;
    [[nodiscard]] Result<void> set(ChannelIndex channel, ClockEventState state,
                                   std::uint64_t periodTicks) override;
    [[nodiscard]] Result<void> program(ChannelIndex channel, std::uint64_t ticks) override;
    [[nodiscard]] TraceInstant now() const override { return m_now; }
    void spend(Ns span) override { m_now = addSaturating(m_now, span); }
    [[nodiscard]] Result<std::optional<ChannelIndex>> waitUntil(TraceInstant limit) override;

private:
    IdealTimers m_timers;
    TraceInstant m_now;
};

} // namespace timerscope
