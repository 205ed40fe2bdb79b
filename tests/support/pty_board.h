// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backends/stm32/protocol/frame.h"

#include <array>
#include <atomic>
#include <cstring>
#include <fcntl.h>
#include <functional>
#include <poll.h>
#include <pty.h>
#include <stdexcept>
#include <string>
#include <termios.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace timerscope::test {

using Bytes = std::vector<std::uint8_t>;

inline Bytes frameOf(const TsMessage& message)
{
    Bytes frame(TsMaxFrame);
    frame.resize(tsEncodeFrame(&message, frame.data()));
    return frame;
}

inline TsMessage replyTo(const TsMessage& request, std::uint8_t size)
{
    TsMessage reply{};
    reply.id = static_cast<std::uint8_t>(request.id | TsReply);
    reply.tag = request.tag;
    reply.size = size;
    return reply;
}

/// What a board of protocol @p version answers to TsIdentify.
inline TsMessage identityFor(const TsMessage& request, std::uint8_t version = TsProtocolVersion)
{
    TsMessage reply = replyTo(request, TsIdentifySize);
    reply.body[TsIdentifyVersion] = version;
    reply.body[TsIdentifyMajor] = 3;
    reply.body[TsIdentifyMinor] = 14;
    reply.body[TsIdentifyCounterBits] = 32;
    tsPut32(reply.body + TsIdentifyCounterHz, 1'000'000);
    tsPut32(reply.body + TsIdentifyEventHz, 1'000'000);
    tsPut32(reply.body + TsIdentifyEventMinTicks, 2);
    tsPut32(reply.body + TsIdentifyEventMaxTicks, 0xffffff);
    std::memcpy(reply.body + TsIdentifyChip, "PTY", 3);
    return reply;
}

inline TsMessage noticeOf(TsId id, std::uint16_t tag, std::uint32_t sequence, std::uint32_t counter)
{
    TsMessage notice{};
    notice.id = static_cast<std::uint8_t>(id);
    notice.tag = tag;
    notice.size = TsSampleSize;
    tsPut32(notice.body + TsSampleSequence, sequence);
    tsPut32(notice.body + TsSampleCounter, counter);
    return notice;
}

/// A board made of a pseudo terminal and a function that says what comes back for each request.
class PtyBoard
{
public:
    /// Called on the board's thread.
    using Answer = std::function<Bytes(const TsMessage& request)>;

    explicit PtyBoard(Answer answer)
        : m_answer(std::move(answer))
    {
        std::array<char, 64> name{};
        termios raw{};
        ::cfmakeraw(&raw);
        if (::openpty(&m_board, &m_line, name.data(), &raw, nullptr) != 0
            || ::pipe2(m_end.data(), O_CLOEXEC) != 0) {
            throw std::runtime_error{"no pseudo terminal can be made"};
        }
        m_port = name.data();
        m_thread = std::thread{[this] { run(); }};
    }
    ~PtyBoard()
    {
        unplug();
        ::close(m_line);
        ::close(m_end[0]);
        ::close(m_end[1]);
    }
    PtyBoard(const PtyBoard&) = delete;
    PtyBoard& operator=(const PtyBoard&) = delete;

    [[nodiscard]] const std::string& port() const { return m_port; }

    /// Sends without being asked.
    void send(const Bytes& bytes) const
    {
        [[maybe_unused]] const auto sent = ::write(m_board, bytes.data(), bytes.size());
    }

    /// Closes the board's end of the line.
    void unplug()
    {
        if (m_thread.joinable()) {
            [[maybe_unused]] const auto told = ::write(m_end[1], "", 1);
            m_thread.join();
            ::close(m_board);
        }
    }

private:
    void run()
    {
        TsReceiver receiver{};
        TsMessage request{};
        std::array<std::uint8_t, 256> bytes{};
        for (;;) {
            std::array<pollfd, 2> files{{{m_board, POLLIN, 0}, {m_end[0], POLLIN, 0}}};
            ::poll(files.data(), files.size(), -1);
            if (files[1].revents != 0) {
                return;
            }
            // A signal ends the wait, too, and then there is nothing to read.
            const bool hasCome = (files[0].revents & POLLIN) != 0;
            const auto size = hasCome ? ::read(m_board, bytes.data(), bytes.size()) : 0;
            for (auto i = 0; i < size; ++i) {
                const std::uint8_t byte = bytes[static_cast<std::size_t>(i)];
                if (tsReceive(&receiver, byte, &request) == TsMessageCame) {
                    send(m_answer(request));
                }
            }
        }
    }

    Answer m_answer;
    int m_board = -1;
    int m_line = -1; ///< held open, so that the board's end works before a host has opened it
    std::array<int, 2> m_end{-1, -1}; ///< a byte in it ends the thread
    std::string m_port;
    std::thread m_thread;
};

} // namespace timerscope::test
