// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/terminal/screens/canvas.h"

namespace timerscope::terminal {

/// All keys, on the whole of @p pane.
void drawHelp(Pane pane);

} // namespace timerscope::terminal
