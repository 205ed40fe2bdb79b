// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/machine/machine.h"
#include "tests/oracle/replay/command_result.h"
#include "tests/oracle/replay/kernel_command.h"

namespace timerscope::oracle {

/// `ks res`, `ks settime NS` and `ks adjtime [WHAT VALUE]`: system calls on the kernel's clocks.
/// Errors: NotSupported for another, InvalidArgument for words that make no sense.
[[nodiscard]] Result<CommandResult> carryOutCall(Machine& machine, const KernelCommand& command);

} // namespace timerscope::oracle
