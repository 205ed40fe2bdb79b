// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/main/main_window.h"

namespace timerscope {

/// Runs the source of @p options to its time, writes a picture of @p window and ends the
/// application with 0, or with 2, 3 or 4 and a sentence on stderr. Returns at once.
void takeScreenshot(MainWindow& window, const Options& options);

} // namespace timerscope
