// SPDX-License-Identifier: GPL-3.0-or-later
//! The rules of the clocksource list as numbered reasons, each with the values it rests on. Rules:
//! kernel/time/clocksource.c, Linux 6.1, as engine/clocksource/registry.h carries them out.
#pragma once

#include "engine/why/clocksource_case.h"
#include "engine/why/why.h"

#include <vector>

namespace timerscope {

/// Why the one that was asked about is the current one. @pre it is.
[[nodiscard]] std::vector<Reason> reasonsFor(const ClocksourceCase& about);
/// Why it is not. @pre it is registered and not the current one.
[[nodiscard]] std::vector<Reason> reasonsAgainst(const ClocksourceCase& about);
/// Why there is none of this name. @pre there is none.
[[nodiscard]] std::vector<Reason> reasonsOfAbsence(const ClocksourceCase& about,
                                                   std::string_view name);

} // namespace timerscope
