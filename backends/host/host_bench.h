// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backends/host/event_inbox.h"
#include "engine/port/attached_block.h"
#include "engine/port/hardware.h"
#include "engine/port/ideal_timers.h"

#include <chrono>
#include <memory>
#include <vector>

namespace timerscope {

/// Hardware in the real world: attached blocks, and beside them counters and channels that are
/// made of this computer's own clock and timer, for what the blocks do not have. Time is the
/// host's CLOCK_MONOTONIC since the making.
///
/// counters() and channels() list the host's first, then each block's in order. An interrupt that
/// comes while another is pending on its channel is lost, as with one pending bit.
class HostBench final : public Hardware
{
public:
    HostBench(std::vector<CounterInfo> counters, std::vector<EventChannelInfo> channels,
              std::vector<std::unique_ptr<AttachedBlock>> blocks);
    ~HostBench() override;
    HostBench(const HostBench&) = delete;
    HostBench& operator=(const HostBench&) = delete;

    [[nodiscard]] std::span<const CounterInfo> counters() const override { return m_counters; }
    [[nodiscard]] std::span<const EventChannelInfo> channels() const override { return m_channels; }
    [[nodiscard]] Result<Cycles> read(CounterIndex counter) override;
    [[nodiscard]] Cycles observe(CounterIndex counter) const override;
    [[nodiscard]] Result<void> set(ChannelIndex channel, ClockEventState state,
                                   std::uint64_t periodTicks) override;
    [[nodiscard]] Result<void> program(ChannelIndex channel, std::uint64_t ticks) override;
    [[nodiscard]] TraceInstant now() const override;
    void spend(Ns /*span*/) override { } // the host's CPU does the work, and its time passes
    [[nodiscard]] Result<std::optional<ChannelIndex>> waitUntil(TraceInstant limit) override;
    void release() override;

private:
    using Clock = std::chrono::steady_clock;

    /// A block, where its counters and channels begin in ours, and who hears it.
    struct Place
    {
        std::unique_ptr<AttachedBlock> block;
        CounterIndex firstCounter = 0;
        ChannelIndex firstChannel = 0;
        std::unique_ptr<EventInbox::Line> line;
    };
    void add(std::unique_ptr<AttachedBlock> block);
    [[nodiscard]] const Place* placeOfCounter(CounterIndex counter) const;
    [[nodiscard]] const Place* placeOfChannel(ChannelIndex channel) const;
    [[nodiscard]] std::optional<ChannelIndex> takeDue(TraceInstant present, TraceInstant limit);

    const Clock::time_point m_start = Clock::now();
    IdealTimers m_host;
    std::vector<CounterInfo> m_counters;
    std::vector<EventChannelInfo> m_channels;
    EventInbox m_inbox;
    std::vector<Place> m_places;
};

} // namespace timerscope
