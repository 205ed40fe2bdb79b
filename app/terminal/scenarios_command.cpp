// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/terminal/command.h"
#include "app/terminal/table.h"

namespace timerscope::terminal {

Command addScenariosCommand(CLI::App& program)
{
    return {program.add_subcommand("scenarios", "List the scenarios that run can run"),
            [](const Resources& resources) { return printTable(scenarioRows(resources)); }};
}

} // namespace timerscope::terminal
