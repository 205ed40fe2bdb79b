// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backends/stm32/link.h"
#include "engine/port/attached_block.h"

#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace timerscope {

/// The counter and the event timer of a board on a link. Made by openStm32().
class Stm32Block final : public AttachedBlock, private LinkListener
{
public:
    explicit Stm32Block(std::string port);
    /// Leaves the board quiet.
    ~Stm32Block() override;
    Stm32Block(const Stm32Block&) = delete;
    Stm32Block& operator=(const Stm32Block&) = delete;

    /// Opens the port and finds out what is there. To be called first. Errors: Unavailable.
    [[nodiscard]] Result<void> attach();

    [[nodiscard]] std::span<const CounterInfo> counters() const override { return m_counters; }
    [[nodiscard]] std::span<const EventChannelInfo> channels() const override { return m_channels; }
    [[nodiscard]] Result<Cycles> read(CounterIndex counter) override;
    [[nodiscard]] Cycles observe(CounterIndex counter) const override;
    [[nodiscard]] Result<void> set(ChannelIndex channel, ClockEventState state,
                                   std::uint64_t periodTicks) override;
    [[nodiscard]] Result<void> program(ChannelIndex channel, std::uint64_t ticks) override;
    [[nodiscard]] std::string identity() const override { return m_identity; }
    void listen(BlockListener* listener) override;
    [[nodiscard]] Result<void> stream(CounterIndex counter, Ns period) override;
    [[nodiscard]] std::uint64_t losses() const override { return m_losses; }
    void release() override;

private:
    void notified(const TsMessage& message) override;
    void damaged() override;
    [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> lookAt() override;
    void look() override;
    void lost(const Error& error) override;

    [[nodiscard]] Result<void> openLink();
    [[nodiscard]] Result<void> identify();
    [[nodiscard]] Result<void> describe(const TsMessage& reply);
    [[nodiscard]] Result<void> makeQuiet();
    [[nodiscard]] Result<void> measureReadCost();

    [[nodiscard]] Result<TsMessage> ask(const TsMessage& request, std::size_t replySize = 0);
    [[nodiscard]] Result<void> order(const TsMessage& request);
    [[nodiscard]] Result<void> disarm();
    void sampled(const TsMessage& message);
    void fired(const TsMessage& message);
    void fireIsKnown(std::uint16_t tag, std::uint32_t counter);
    void leaveQuiet();
    void countMissing(std::uint64_t missing);

    std::string m_port;
    std::string m_identity;
    std::vector<CounterInfo> m_counters;
    std::vector<EventChannelInfo> m_channels;
    std::atomic<std::uint64_t> m_lastSeen{0}; ///< of the counter
    std::atomic<std::uint64_t> m_losses{0};

    std::mutex m_mutex; ///< guards all below; held while the listener is called
    BlockListener* m_listener = nullptr;
    std::optional<Error> m_lost;
    bool m_isLossTold = false;
    bool m_isAttached = false; ///< until then all kinds of bytes may come
    std::uint16_t m_armedTag = 0; ///< of the TsArm whose fire is awaited; 0: none
    std::chrono::steady_clock::time_point m_fireOverdue; ///< when to ask what became of it
    std::uint16_t m_streamTag = 0; ///< of the TsStream whose samples are wanted; 0: none
    std::uint32_t m_nextSample = 0; ///< sequence number
    std::optional<std::uint32_t> m_nextFire; ///< sequence number; known after the first
    std::uint64_t m_unexplained = 0; ///< damaged frames that no gap has been found for yet

    Link m_link; ///< last: its thread calls this object until it is gone
};

} // namespace timerscope
