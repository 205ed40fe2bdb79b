// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/terminal/exit_code.h"

#include <CLI/CLI.hpp>
#include <functional>

namespace timerscope {
class Resources;
}

namespace timerscope::terminal {

/// A subcommand: how it is written, and what it does once its command line has been read.
struct Command
{
    CLI::App* line = nullptr; ///< owned by the program's CLI::App
    std::function<ExitCode(const Resources&)> run;
};

Command addRunCommand(CLI::App& program);
Command addTuiCommand(CLI::App& program);
Command addHostCommand(CLI::App& program);
Command addAttachCommand(CLI::App& program);
Command addGpioCommand(CLI::App& program);
Command addDeviceCommand(CLI::App& program);
Command addDevicesCommand(CLI::App& program);
Command addWhyCommand(CLI::App& program);
Command addScenariosCommand(CLI::App& program);

} // namespace timerscope::terminal
