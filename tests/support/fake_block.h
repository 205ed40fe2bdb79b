// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/port/attached_block.h"

#include <atomic>
#include <chrono>
#include <mutex>
#include <vector>

namespace timerscope::test {

/// An attached block that the test is the device of: it fires, samples and vanishes when told.
class FakeBlock final : public AttachedBlock
{
public:
    /// One 32-bit counter of 1 MHz on the host's clock; @p channels.
    explicit FakeBlock(std::vector<EventChannelInfo> channels, bool canStream = true)
        : m_channels(std::move(channels))
        , m_canStream(canStream)
    {
    }

    // --- what the device does --------------------------------------------------------------------
    void fire(ChannelIndex channel, std::optional<Cycles> counter = {})
    {
        const std::scoped_lock guard(m_lock);
        if (m_listener != nullptr) {
            m_listener->fired(channel, counter);
        }
    }
    void sample(Cycles value, std::uint64_t missed = 0)
    {
        const std::scoped_lock guard(m_lock);
        m_losses += missed;
        if (m_listener != nullptr) {
            m_listener->sampled(0, value, missed);
        }
    }
    void lose()
    {
        m_isLost = true;
        const std::scoped_lock guard(m_lock);
        if (m_listener != nullptr) {
            m_listener->lost(gone());
        }
    }
    [[nodiscard]] std::uint64_t programmed() const { return m_programmed; }
    [[nodiscard]] ClockEventState state() const { return m_state; }

    // --- AttachedBlock ---------------------------------------------------------------------------
    [[nodiscard]] std::span<const CounterInfo> counters() const override { return m_counters; }
    [[nodiscard]] std::span<const EventChannelInfo> channels() const override { return m_channels; }
    [[nodiscard]] Result<Cycles> read(CounterIndex /*counter*/) override
    {
        if (m_isLost) {
            return tl::unexpected(gone());
        }
        return observe(0);
    }
    [[nodiscard]] Cycles observe(CounterIndex /*counter*/) const override
    {
        const auto now = std::chrono::steady_clock::now() - m_start;
        const auto us = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
        return Cycles{static_cast<std::uint64_t>(us) & counterMask(32)};
    }
    [[nodiscard]] Result<void> set(ChannelIndex /*channel*/, ClockEventState state,
                                   std::uint64_t /*periodTicks*/) override
    {
        m_state = state;
        return answer();
    }
    [[nodiscard]] Result<void> program(ChannelIndex /*channel*/, std::uint64_t ticks) override
    {
        m_programmed = ticks;
        return answer();
    }
    [[nodiscard]] std::string identity() const override { return "a fake, firmware 1"; }
    void listen(BlockListener* listener) override
    {
        const std::scoped_lock guard(m_lock);
        m_listener = listener;
    }
    [[nodiscard]] Result<void> stream(CounterIndex /*counter*/, Ns /*period*/) override
    {
        return m_canStream ? answer() : fail(ErrorCode::NotSupported, "a fake has to be read");
    }
    [[nodiscard]] std::uint64_t losses() const override { return m_losses; }

private:
    [[nodiscard]] static Error gone()
    {
        return {.code = ErrorCode::DeviceLost, .what = "the fake is gone"};
    }
    [[nodiscard]] Result<void> answer() const
    {
        return m_isLost ? Result<void>(tl::unexpected(gone())) : Result<void>{};
    }

    const std::chrono::steady_clock::time_point m_start = std::chrono::steady_clock::now();
    std::vector<CounterInfo> m_counters{
        {.name = "fake-counter", .rate = Hertz{1'000'000}, .bits = 32, .readCost = {}}};
    std::vector<EventChannelInfo> m_channels;
    bool m_canStream;
    std::mutex m_lock;
    BlockListener* m_listener = nullptr;
    std::atomic<bool> m_isLost = false;
    std::atomic<std::uint64_t> m_losses = 0;
    std::atomic<std::uint64_t> m_programmed = 0;
    std::atomic<ClockEventState> m_state = ClockEventState::Detached;
};

} // namespace timerscope::test
