// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/oracle/replay/command_result.h"
#include "tests/oracle/replay/kernel_command.h"

namespace timerscope::oracle {

/// `ls DIRECTORY…` of folders of clock event devices, as the recordings' shell prints it: sorted,
/// in columns. Errors (NotSupported): a folder that the model does not have.
[[nodiscard]] Result<CommandResult> listSysfs(const KernelCommand& command);

} // namespace timerscope::oracle
