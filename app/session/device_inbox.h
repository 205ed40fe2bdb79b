// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/port/attached_block.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <vector>

namespace timerscope {

/// What an attached device told, until the source's thread takes it.
///
/// Threading: the listener's functions are called on the block's thread, take() and wait() on the
/// source's. Bounded: what finds it full is counted, never waited for.
class DeviceInbox final : public BlockListener
{
public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::size_t capacity = 65536;

    struct Event
    {
        Clock::time_point at; ///< when it arrived
        bool isSample = false; ///< else a channel fired
        std::size_t index = 0; ///< of the counter or channel
        std::optional<Cycles> counter;
        std::uint64_t missed = 0; ///< samples that the device's side lost before this one
    };
    struct Contents
    {
        std::vector<Event> events; ///< in the order they came
        std::uint64_t dropped = 0; ///< found the inbox full since the last take
        std::optional<Error> lost;
    };

    void fired(ChannelIndex channel, std::optional<Cycles> counter) override;
    void sampled(CounterIndex counter, Cycles value, std::uint64_t missed) override;
    void lost(const Error& error) override;

    [[nodiscard]] Contents take();
    /// Sleeps until something has come or @p until.
    void wait(Clock::time_point until);

private:
    void put(const Event& event);

    std::mutex m_lock;
    std::condition_variable m_came;
    Contents m_contents;
};

} // namespace timerscope
