// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/session/catalogue.h"
#include "app/terminal/exit_code.h"

#include <vector>

namespace timerscope::terminal {

/// Prints a list of the catalogue: names in one column, titles and figures in the other. A broken
/// file's sentence goes to standard error and makes the answer WrongUse, with the rest printed.
[[nodiscard]] ExitCode printTable(const std::vector<CatalogueRow>& rows);

} // namespace timerscope::terminal
