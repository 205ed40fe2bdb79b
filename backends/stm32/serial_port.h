// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/result.h"

#include <QtSerialPort/QSerialPort>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace timerscope {

/// A serial port set as the protocol wants it, for a thread that waits for its file descriptor by
/// itself. Every call comes from the thread that made it, which has to be a QThread: QSerialPort
/// asks for one. After the first error the port is closed.
class SerialPort
{
public:
    /// @p path: "/dev/ttyACM0". Errors: Unavailable, with what can be done about it.
    [[nodiscard]] Result<void> open(const std::string& path);

    /// For poll(2); only while open.
    [[nodiscard]] int descriptor() const { return m_port.handle(); }
    [[nodiscard]] bool hasUnsent() const { return m_port.bytesToWrite() > 0; }

    /// What has come, without waiting; may be nothing. Errors: DeviceLost.
    [[nodiscard]] Result<QByteArray> receive();

    /// Sends what fits now of @p bytes and of what is unsent. Errors: DeviceLost.
    [[nodiscard]] Result<void> send(std::span<const std::uint8_t> bytes);

    /// Closes the port; the error that says so.
    [[nodiscard]] Error lose();

private:
    [[nodiscard]] tl::unexpected<Error> failOpening() const;

    std::string m_path;
    QSerialPort m_port;
};

} // namespace timerscope
