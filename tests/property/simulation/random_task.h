// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/scenario/scenario.h"
#include "tests/property/simulation/random.h"

#include <string>

namespace timerscope::test {

/// A process or kernel thread that starts on @p cpu, any routine.
[[nodiscard]] step::StartTask randomTask(Random& random, std::string name, unsigned cpu);

/// What the process called @p task asks of the kernel: timers, itimers, a limit, other signals.
[[nodiscard]] StepAction randomCall(Random& random, const std::string& task);

} // namespace timerscope::test
