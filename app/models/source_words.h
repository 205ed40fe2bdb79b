// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/session/session.h"

#include <QString>

namespace timerscope {

/// What kind of thing is shown: "model, HZ 100", "live Linux 6.1.0-18-amd64".
[[nodiscard]] QString kindWords(const SourceInfo& info, const MachineRow& machine);

/// What it does now: "paused", "ended, play starts again".
[[nodiscard]] QString stateWords(PlayState state);

} // namespace timerscope
