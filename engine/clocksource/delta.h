// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/cycles.h"

namespace timerscope {

/// Ticks from @p earlier to @p later where a counter may look as if it went backwards (counters
/// of two CPUs that are a little apart): a step of more than half the range is taken for that and
/// answered with 0.
///
/// Source: kernels built with CLOCKSOURCE_VALIDATE_LAST_CYCLE (x86), Linux 6.1; oracle set
/// cs_delta. Other kernels use elapsed().
[[nodiscard]] constexpr Cycles elapsedValidated(Cycles earlier, Cycles later, std::uint64_t mask)
{
    const Cycles step = elapsed(earlier, later, mask);
    return step.count > mask >> 1 ? Cycles{} : step;
}

} // namespace timerscope
