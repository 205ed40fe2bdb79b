// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/hrtimer/hrtimer.h"

#include "engine/base/invariant.h"

#include <algorithm>

namespace timerscope {

void Hrtimer::setExpires(HrtimerInstant soft, Ns slack)
{
    invariant(!isQueued());
    m_softExpires = soft;
    m_hardExpires = HrtimerInstant{ktimeAddSafe(soft.time_since_epoch(), slack)};
}

std::uint64_t Hrtimer::forward(HrtimerInstant now, Ns interval, Ns resolution)
{
    if (isQueued()) {
        return 0;
    }
    const Ns late = now - m_hardExpires;
    if (late < Ns::zero()) {
        return 0;
    }
    const Ns stride = std::max(interval, resolution);
    // Land on the last step at or before now, then take the one that passes it.
    const std::int64_t missed = late / stride;
    m_softExpires += missed * stride;
    m_hardExpires += missed * stride;
    if (m_hardExpires > now) {
        return static_cast<std::uint64_t>(missed);
    }
    // Only this step can leave the range: it may go past now.
    m_softExpires = HrtimerInstant{ktimeAddSafe(m_softExpires.time_since_epoch(), stride)};
    m_hardExpires = HrtimerInstant{ktimeAddSafe(m_hardExpires.time_since_epoch(), stride)};
    return static_cast<std::uint64_t>(missed) + 1;
}

} // namespace timerscope
