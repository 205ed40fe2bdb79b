// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/bench/figure.h"

#include <vector>

namespace timerscope::bench {

/// The engine's hrtimer queue against packaged trees and heaps, with 100, 1,000 and 10,000 timers:
/// `hold` takes the earliest and arms it again, `mix` does that once in ten times and otherwise
/// takes any timer and arms it again. An operation is one of these. All do the same operations and
/// must come to the same order.
[[nodiscard]] std::vector<Figure> hrtimerQueueFigures(const Effort& effort);

} // namespace timerscope::bench
