// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/stm32/stm32_ports.h"

#include <QtSerialPort/QSerialPortInfo>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace timerscope {

namespace {

constexpr std::uint16_t stMicroelectronics = 0x0483;
// ST-LINK/V2-1, /V3, and last the chip's own port.
constexpr std::array<std::uint16_t, 7> products{0x374a, 0x374b, 0x3752, 0x374d,
                                                0x374e, 0x374f, 0x5740};

std::string listOf(std::span<const Stm32Port> ports)
{
    std::string list;
    for (const Stm32Port& port : ports) {
        list += list.empty() ? "" : ", ";
        list += port.path;
        list += port.description.empty() ? "" : " (" + port.description + ")";
    }
    return list;
}

} // namespace

bool isStm32(std::uint16_t vendor, std::uint16_t product)
{
    return vendor == stMicroelectronics && std::ranges::find(products, product) != products.end();
}

std::vector<Stm32Port> stm32Ports()
{
    std::vector<Stm32Port> ports;
    for (const QSerialPortInfo& info : QSerialPortInfo::availablePorts()) {
        if (isStm32(info.vendorIdentifier(), info.productIdentifier())) {
            ports.push_back(
                {info.systemLocation().toStdString(), info.description().toStdString()});
        }
    }
    std::ranges::sort(ports, {}, &Stm32Port::path);
    return ports;
}

Result<std::string> onlyPort(std::span<const Stm32Port> ports)
{
    if (ports.size() == 1) {
        return ports.front().path;
    }
    if (ports.empty()) {
        return fail(ErrorCode::Unavailable,
                    "no serial port of this computer has the USB id of an ST-LINK or of an STM32; "
                    "name one, as in stm32:/dev/ttyUSB0");
    }
    return fail(ErrorCode::InvalidArgument,
                fmt::format("{} serial ports look like an STM32's: {}; name one of them",
                            ports.size(), listOf(ports)));
}

} // namespace timerscope
