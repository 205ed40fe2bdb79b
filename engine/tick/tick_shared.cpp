// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/tick/tick_shared.h"

namespace timerscope {

MonotonicInstant TickPeriods::align()
{
    if (!lastUpdate) {
        if (const Ns part = next.time_since_epoch() % period; part != Ns::zero()) {
            next += period - part;
        }
        lastUpdate = next;
    }
    return *lastUpdate;
}

std::uint64_t TickPeriods::takeDue(MonotonicInstant now)
{
    if (now < next) {
        return 0;
    }
    const std::int64_t due = (now - next) / period + 1;
    lastUpdate = align() + due * period;
    next = *lastUpdate + period;
    return static_cast<std::uint64_t>(due);
}

} // namespace timerscope
