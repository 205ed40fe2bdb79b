// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/port/attached_block.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>

namespace timerscope {

/// Where interrupts of attached blocks wait for the machine's thread.
///
/// Threading: lines are called by the blocks' threads, the rest by the machine's.
class EventInbox
{
public:
    using Clock = std::chrono::steady_clock;

    /// What one block is told to report to; its channels begin at @p firstChannel.
    class Line final : public BlockListener
    {
    public:
        Line(EventInbox& inbox, ChannelIndex firstChannel)
            : m_inbox(&inbox)
            , m_firstChannel(firstChannel)
        {
        }
        void fired(ChannelIndex channel, std::optional<Cycles> counter) override;
        void sampled(CounterIndex /*counter*/, Cycles /*value*/, std::uint64_t /*missed*/) override
        {
        }
        void lost(const Error& error) override;

    private:
        EventInbox* m_inbox;
        ChannelIndex m_firstChannel;
    };

    /// Takes the oldest pending interrupt. Errors: DeviceLost, once a block is gone, for ever.
    [[nodiscard]] Result<std::optional<ChannelIndex>> take();
    /// Sleeps until something is here or @p until.
    void wait(Clock::time_point until);
    /// Forgets a pending interrupt: its channel was told to do something else.
    void drop(ChannelIndex channel);

private:
    std::mutex m_lock;
    std::condition_variable m_came;
    std::deque<ChannelIndex> m_pending; // each channel once
    std::optional<Error> m_lost;
};

} // namespace timerscope
