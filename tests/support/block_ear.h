// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/port/attached_block.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <vector>

namespace timerscope::test {

/// Keeps what a block tells, and lets a test wait for it.
class BlockEar final : public BlockListener
{
public:
    struct Sample
    {
        Cycles value;
        std::uint64_t missed = 0;
    };
    struct Heard
    {
        std::vector<std::optional<Cycles>> fires;
        std::vector<Sample> samples;
        std::vector<Error> losses;
        std::chrono::steady_clock::time_point lostAt;
    };

    void fired(ChannelIndex /*channel*/, std::optional<Cycles> counter) override
    {
        const std::scoped_lock lock{m_mutex};
        m_heard.fires.push_back(counter);
        m_changed.notify_all();
    }
    void sampled(CounterIndex /*counter*/, Cycles value, std::uint64_t missed) override
    {
        const std::scoped_lock lock{m_mutex};
        m_heard.samples.push_back({value, missed});
        m_changed.notify_all();
    }
    void lost(const Error& error) override
    {
        const std::scoped_lock lock{m_mutex};
        m_heard.losses.push_back(error);
        m_heard.lostAt = std::chrono::steady_clock::now();
        m_changed.notify_all();
    }

    /// What was heard, as soon as it is @p enough or after 20 s.
    template<typename Enough>
    [[nodiscard]] Heard waitUntil(Enough enough)
    {
        std::unique_lock lock{m_mutex};
        m_changed.wait_for(lock, std::chrono::seconds{20}, [&] { return enough(m_heard); });
        return m_heard;
    }
    [[nodiscard]] Heard heard()
    {
        const std::scoped_lock lock{m_mutex};
        return m_heard;
    }

private:
    std::mutex m_mutex;
    std::condition_variable m_changed;
    Heard m_heard;
};

} // namespace timerscope::test
