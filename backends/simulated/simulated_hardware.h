// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/port/counting.h"
#include "engine/port/hardware.h"
#include "engine/port/ideal_timers.h"

#include <vector>

namespace timerscope {

/// Hardware whose truth is known: counters and event channels on virtual time, ideal until a fault
/// is injected.
///
/// Time passes only in spend(), read() (by the counter's read cost), waitUntil() and sleep(). An
/// interrupt that falls due meanwhile stays pending, once for each channel, until waitUntil() hands
/// it over. Deterministic: no wall clock, no threads, no random numbers.
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
    [[nodiscard]] const TraceInstant* keptNow() const override { return &m_now; }
    [[nodiscard]] const KeptReading* keptReading(CounterIndex counter) const override
    {
        return &m_counters[counter].kept;
    }
    void spend(Ns span) override
    {
        if (span != Ns::zero()) {
            moveTo(addSaturating(m_now, span));
        }
    }
    [[nodiscard]] Result<std::optional<ChannelIndex>> waitUntil(TraceInstant limit) override;
    [[nodiscard]] Result<void> sleep(Ns span) override;
    [[nodiscard]] Result<void> inject(const InjectedFault& fault) override;

private:
    struct CounterState
    {
        Counting counting;
        Ns readCost; ///< with that of a fault
        KeptReading kept;
        Ns tornBy{}; ///< the other CPU's latch comes so much later; 0: nobody interferes
    };
    /// A fault that ends by itself.
    struct Ending
    {
        TraceInstant at;
        FaultEffect effect{};
        std::size_t index = 0;
    };

    void moveTo(TraceInstant at)
    {
        if (!m_endings.empty()) [[unlikely]] {
            passEndings(at);
        }
        m_now = at;
    }
    void passEndings(TraceInstant until);
    [[nodiscard]] TraceInstant nextEnding() const;
    [[nodiscard]] bool swallow(ChannelIndex channel);
    [[nodiscard]] Result<Cycles> noSuchCounter(CounterIndex counter) const;
    [[nodiscard]] Cycles tornValue(CounterIndex counter, Ns by) const;
    [[nodiscard]] Result<std::size_t> targetOf(const InjectedFault& fault) const;
    void begin(FaultEffect effect, std::size_t index, std::int64_t amount);
    void end(const Ending& ending);

    IdealTimers m_timers; // its channels; the counters' values are m_counters'
    std::vector<CounterState> m_counters;
    std::vector<std::int64_t> m_lost; // interrupts of each channel to swallow
    std::vector<Ending> m_endings;
    TraceInstant m_now;
};

} // namespace timerscope
