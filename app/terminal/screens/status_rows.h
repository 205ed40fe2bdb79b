// SPDX-License-Identifier: GPL-3.0-or-later
//! The rows above and below a screen: what is shown, the three answers of one glance, what is lost.
#pragma once

#include "app/models/window_model.h"
#include "app/terminal/screens/canvas.h"
#include "app/terminal/screens/screen.h"

#include <functional>

namespace timerscope::terminal {

/// Source, state, time and speed. @p opening names what is under way, if anything.
void drawHead(Pane pane, const WindowModel& model, const QString& opening);

/// Which clock is in charge, what the tick does, what fires next.
void drawGlance(Pane pane, const Glance& glance);

/// How much is lost, how much there is.
void drawCounts(Pane pane, const WindowModel& model);

/// Keys and what they do, as many as there is room for; @p press is what a click on one does.
void drawHints(Pane pane, const std::vector<KeyHint>& hints,
               const std::function<void(const KeyPress&)>& press);

} // namespace timerscope::terminal
