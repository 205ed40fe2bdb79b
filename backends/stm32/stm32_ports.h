// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/result.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace timerscope {

/// A serial port that looks like an STM32's.
struct Stm32Port
{
    std::string path; ///< "/dev/ttyACM0"
    std::string description; ///< what the USB device calls itself: "STM32 STLink"; may be empty
    friend bool operator==(const Stm32Port&, const Stm32Port&) = default;
};

/// True for the USB ids of the ST-LINKs with a serial port (V2-1 and V3) and of the port that the
/// chip makes itself with ST's CDC class.
[[nodiscard]] bool isStm32(std::uint16_t vendor, std::uint16_t product);

/// The ports of this computer that look like an STM32's, by their path.
[[nodiscard]] std::vector<Stm32Port> stm32Ports();

/// The path of the only one. Errors: Unavailable when there is none; InvalidArgument when there are
/// several, which it lists.
[[nodiscard]] Result<std::string> onlyPort(std::span<const Stm32Port> ports);

} // namespace timerscope
