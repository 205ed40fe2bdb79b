// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/stm32/link.h"

#include <algorithm>
#include <array>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <utility>

namespace timerscope {

namespace {

using Clock = std::chrono::steady_clock;

/// For poll(2): milliseconds, rounded up so that it does not end too early; -1 is for ever.
int timeoutUntil(std::optional<Clock::time_point> at)
{
    if (!at) {
        return -1;
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*at - Clock::now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
}

} // namespace

Link::Link(LinkListener& listener)
    : m_listener(listener)
    , m_wakeUp(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
{
}

Link::~Link()
{
    close({});
    if (m_wakeUp >= 0) {
        ::close(m_wakeUp);
    }
}

void Link::close(const Error& reason)
{
    if (m_thread) {
        {
            const std::scoped_lock lock{m_mutex};
            m_isEnding = true;
        }
        wake();
        m_thread->wait();
        m_thread.reset();
    }
    const std::scoped_lock lock{m_mutex};
    m_lost = reason;
}

Result<void> Link::open(const std::string& port)
{
    if (m_wakeUp < 0) {
        return fail(ErrorCode::Unavailable, "this process has too many open files");
    }
    m_thread.reset(QThread::create([this, port] { run(port); }));
    m_thread->start();
    std::unique_lock lock{m_mutex};
    m_changed.wait(lock, [this] { return m_opened.has_value(); });
    return m_opened.value_or(Result<void>{});
}

std::uint16_t Link::newTag()
{
    const std::scoped_lock lock{m_mutex};
    m_lastTag = static_cast<std::uint16_t>(m_lastTag % UINT16_MAX + 1);
    return m_lastTag;
}

Result<TsMessage> Link::request(const TsMessage& message, Patience patience)
{
    std::unique_lock lock{m_mutex};
    m_awaitedTag = message.tag;
    m_reply.reset();
    const auto isOver = [this] { return m_reply || m_lost; };
    for (unsigned attempt = 0; attempt < patience.attempts && !isOver(); ++attempt) {
        enqueue(message);
        m_changed.wait_for(lock, patience.each, isOver);
    }
    m_awaitedTag = 0;
    if (m_reply) {
        return *m_reply;
    }
    if (m_lost) {
        return tl::unexpected{*m_lost};
    }
    return fail(ErrorCode::Unavailable, "the board does not answer");
}

void Link::post(const TsMessage& message)
{
    const std::scoped_lock lock{m_mutex};
    enqueue(message);
}

void Link::giveUp(const Error& error)
{
    {
        const std::scoped_lock lock{m_mutex};
        if (m_lost) {
            return;
        }
        m_lost = error;
    }
    wake();
}

/// With the mutex held.
void Link::enqueue(const TsMessage& message)
{
    if (m_lost) {
        return;
    }
    std::array<std::uint8_t, TsMaxFrame> frame{};
    const std::size_t size = tsEncodeFrame(&message, frame.data());
    // Ends whatever noise the board may have taken for the beginning of a frame.
    m_outbox.push_back(0);
    m_outbox.insert(m_outbox.end(), frame.begin(), frame.begin() + size);
    wake();
}

void Link::wake() const
{
    const std::uint64_t one = 1;
    // It fails only where the count is at its limit, and then the thread is awake anyway.
    [[maybe_unused]] const auto written = ::write(m_wakeUp, &one, sizeof one);
}

void Link::run(const std::string& port)
{
    SerialPort serial;
    {
        const std::scoped_lock lock{m_mutex};
        m_opened = serial.open(port);
        m_changed.notify_all();
        if (!*m_opened) {
            return;
        }
    }
    const std::optional<Error> error = serve(serial);
    if (!error) {
        return;
    }
    {
        const std::scoped_lock lock{m_mutex};
        m_lost = error;
        m_changed.notify_all();
    }
    m_listener.lost(*error);
}

/// Moves bytes both ways until the link ends (empty) or the port is lost.
std::optional<Error> Link::serve(SerialPort& port)
{
    std::vector<std::uint8_t> sending;
    for (;;) {
        const bool hasHungUp = waitForWork(port);
        sending.clear();
        bool isEnding = false;
        {
            const std::scoped_lock lock{m_mutex};
            if (m_lost) {
                return m_lost;
            }
            isEnding = m_isEnding;
            sending.swap(m_outbox);
        }
        if (const auto sent = port.send(sending); !sent) {
            return sent.error();
        }
        if (isEnding) {
            return std::nullopt;
        }
        const auto received = port.receive();
        if (!received) {
            return received.error();
        }
        // Without this a line that hung up, and that QSerialPort sees no fault in, would never
        // let the thread sleep again.
        if (hasHungUp && received->isEmpty()) {
            return port.lose();
        }
        take(*received);
        lookIfDue();
    }
}

void Link::lookIfDue() const
{
    const auto at = m_listener.lookAt();
    if (at && *at <= Clock::now()) {
        m_listener.look();
    }
}

/// True when the other end of the line is gone; bytes may still wait.
bool Link::waitForWork(const SerialPort& port) const
{
    const short forPort = port.hasUnsent() ? POLLIN | POLLOUT : POLLIN;
    std::array<pollfd, 2> files{{{port.descriptor(), forPort, 0}, {m_wakeUp, POLLIN, 0}}};
    ::poll(files.data(), files.size(), timeoutUntil(m_listener.lookAt()));
    std::uint64_t count = 0;
    [[maybe_unused]] const auto emptied = ::read(m_wakeUp, &count, sizeof count);
    return (files[0].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0;
}

void Link::take(const QByteArray& bytes)
{
    TsMessage message{};
    for (const char byte : bytes) {
        switch (tsReceive(&m_receiver, static_cast<std::uint8_t>(byte), &message)) {
        case TsNothingYet:
            break;
        case TsMessageCame:
            take(message);
            break;
        case TsDamaged:
            m_listener.damaged();
            break;
        }
    }
}

void Link::take(const TsMessage& message)
{
    {
        const std::scoped_lock lock{m_mutex};
        if ((message.id & TsReply) != 0 && message.tag != 0 && message.tag == m_awaitedTag) {
            m_reply = message;
            m_changed.notify_all();
            return;
        }
    }
    m_listener.notified(message);
}

} // namespace timerscope
