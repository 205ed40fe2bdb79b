// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/terminal/command.h"
#include "app/terminal/table.h"

namespace timerscope::terminal {

Command addDevicesCommand(CLI::App& program)
{
    return {program.add_subcommand("devices", "List the timers that scenarios can use"),
            [](const Resources& resources) { return printTable(deviceRows(resources)); }};
}

} // namespace timerscope::terminal
