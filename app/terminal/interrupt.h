// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/time.h"

namespace timerscope::terminal {

/// From here on SIGINT is counted instead of ending the program.
void catchInterrupts();

/// How often SIGINT has come.
[[nodiscard]] int interruptions();

/// Sleeps for @p span, or until SIGINT comes.
void rest(Ns span);

} // namespace timerscope::terminal
