// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/port/attached_block.h"

#include <memory>
#include <string>

namespace timerscope {

/// An STM32 that runs Timerscope's firmware (resources/docs/stm32-protocol.md), on the serial port
/// @p port: "/dev/ttyACM0", "ttyACM0", or "auto" for the only one that looks like an STM32's.
///
/// Finds its way into whatever the line carries, asks the board who it is and stops what an earlier
/// program may have left running. Takes up to 3 s and a little, when nothing answers.
///
/// The block has one counter, "stm32-tim2", and one oneshot channel, "stm32-systick". A request
/// that stays unanswered for 1 s is repeated once; then the device counts as lost.
///
/// Errors: Unavailable: no such port, no permission, nothing answers, another protocol version,
/// "auto" found none; InvalidArgument: "auto" found several.
///
/// Threading: the port has a thread of its own, which is also where a BlockListener is called from.
/// Neither an event loop nor a QCoreApplication is needed.
[[nodiscard]] Result<std::unique_ptr<AttachedBlock>> openStm32(const std::string& port);

} // namespace timerscope
