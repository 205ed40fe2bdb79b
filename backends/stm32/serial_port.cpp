// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/stm32/serial_port.h"

#include "backends/stm32/protocol/protocol.h"

#include <fmt/format.h>

#include <unistd.h>

namespace timerscope {

Result<void> SerialPort::open(const std::string& path)
{
    m_path = path;
    m_port.setPortName(QString::fromStdString(path));
    m_port.setBaudRate(TsBaud);
    if (!m_port.open(QIODevice::ReadWrite)) {
        return failOpening();
    }
    return {};
}

/// Why open() failed, in words that tell what to do. QSerialPort has one and the same error for a
/// port without permission and for one that another program has locked.
tl::unexpected<Error> SerialPort::failOpening() const
{
    if (::access(m_path.c_str(), F_OK) != 0) {
        return fail(ErrorCode::Unavailable, fmt::format("there is no serial port {}", m_path));
    }
    if (::euidaccess(m_path.c_str(), R_OK | W_OK) != 0) {
        return fail(ErrorCode::Unavailable,
                    fmt::format("{} may not be opened: it takes membership of the group dialout, "
                                "as from \"adduser NAME dialout\" and a new login",
                                m_path));
    }
    if (m_port.error() == QSerialPort::PermissionError) {
        return fail(ErrorCode::Unavailable, fmt::format("{} is in use by another program", m_path));
    }
    return fail(ErrorCode::Unavailable,
                fmt::format("{} cannot be opened as a serial port: {}", m_path,
                            m_port.errorString().toStdString()));
}

Result<QByteArray> SerialPort::receive()
{
    // Zero time: takes what is there. With nothing there it "fails" by a time-out.
    if (!m_port.waitForReadyRead(0) && m_port.error() != QSerialPort::TimeoutError
        && m_port.error() != QSerialPort::NoError) {
        return tl::unexpected{lose()};
    }
    m_port.clearError();
    return m_port.readAll();
}

Result<void> SerialPort::send(std::span<const std::uint8_t> bytes)
{
    const QByteArray copy{reinterpret_cast<const char*>(bytes.data()),
                          static_cast<qsizetype>(bytes.size())};
    const bool isTaken = copy.isEmpty() || m_port.write(copy) == copy.size();
    m_port.flush(); // false also when there was nothing to send
    if (!isTaken || m_port.error() != QSerialPort::NoError) {
        return tl::unexpected{lose()};
    }
    return {};
}

/// A QSerialPort that stays open after its device went would report the same error for ever.
Error SerialPort::lose()
{
    m_port.close();
    return {ErrorCode::DeviceLost, fmt::format("the board on {} is gone", m_path)};
}

} // namespace timerscope
