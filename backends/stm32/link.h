// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backends/stm32/protocol/frame.h"
#include "backends/stm32/serial_port.h"
#include "engine/base/result.h"

#include <QtCore/QThread>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace timerscope {

/// What a link hears without having asked. Called on the link's thread.
class LinkListener
{
public:
    /// A message that is no reply to request(): a notice, or the reply to something posted.
    virtual void notified(const TsMessage& message) = 0;
    /// Something came that is no message.
    virtual void damaged() = 0;
    /// When to call look(), if at all. Asked after each call of the others and after each request.
    [[nodiscard]] virtual std::optional<std::chrono::steady_clock::time_point> lookAt() = 0;
    /// That time has come.
    virtual void look() = 0;
    /// The port is closed. Told once; nothing follows.
    virtual void lost(const Error& error) = 0;

protected:
    ~LinkListener() = default;
};

/// How often to ask, and how long to wait for an answer each time.
struct Patience
{
    unsigned attempts = 2;
    std::chrono::milliseconds each{1000};
};

/// A serial port with a thread of its own that turns bytes into messages and finds the reply to
/// each request.
///
/// The thread waits for the port and for what is to be sent in one poll(2), rather than in an event
/// loop: Qt delivers events only where a QCoreApplication exists.
///
/// Threading: one thread at a time calls open(), request() and close(); the others may be called
/// from any.
class Link
{
public:
    /// @p listener outlives the link.
    explicit Link(LinkListener& listener);
    ~Link();
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;

    /// Opens @p port and starts listening. To be called once. Errors: as SerialPort::open().
    [[nodiscard]] Result<void> open(const std::string& port);

    /// A tag for the next request: 1 to 65535, then from the start.
    [[nodiscard]] std::uint16_t newTag();

    /// Sends @p message and waits for the reply with the same tag, whatever it says. Late replies
    /// to earlier requests are passed over. Errors: DeviceLost; Unavailable: it was not answered.
    [[nodiscard]] Result<TsMessage> request(const TsMessage& message, Patience patience = {});

    /// Sends @p message and waits for nothing.
    void post(const TsMessage& message);

    /// Closes the port for a reason of the caller's; the listener hears of it as of any loss.
    void giveUp(const Error& error);

    /// Sends what was posted, as far as the port takes it at once, and closes the port. The
    /// listener hears of nothing more, and every request fails with @p reason.
    void close(const Error& reason);

private:
    void run(const std::string& port);
    [[nodiscard]] std::optional<Error> serve(SerialPort& port);
    [[nodiscard]] bool waitForWork(const SerialPort& port) const;
    void lookIfDue() const;
    void take(const QByteArray& bytes);
    void take(const TsMessage& message);
    void enqueue(const TsMessage& message);
    void wake() const;

    LinkListener& m_listener;
    int m_wakeUp; ///< an eventfd: what makes the thread look up from the port
    TsReceiver m_receiver{}; ///< the thread's own

    std::mutex m_mutex; ///< guards all below
    std::condition_variable m_changed;
    std::optional<Result<void>> m_opened;
    std::optional<Error> m_lost;
    bool m_isEnding = false;
    std::vector<std::uint8_t> m_outbox;
    std::uint16_t m_lastTag = 0;
    std::uint16_t m_awaitedTag = 0; ///< 0: nobody waits
    std::optional<TsMessage> m_reply;

    std::unique_ptr<QThread> m_thread;
};

} // namespace timerscope
