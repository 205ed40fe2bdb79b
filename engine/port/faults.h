// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/time.h"

#include <cstdint>
#include <string>

namespace timerscope {

/// What can go wrong with timer hardware, as a scenario injects it.
enum class FaultEffect : std::uint8_t
{
    Drift, ///< a counter runs fast by `amount` ppm, or slow
    Jump, ///< a counter is ahead by `amount` ns at once, or behind: a backward step
    Stop, ///< a counter stands
    SlowRead, ///< each read of a counter takes `amount` ns longer
    /// Another CPU latches a counter that is read in parts, `amount` ns after this one, between the
    /// low part and the rest: nobody took a lock.
    TornRead,
    LostInterrupt, ///< the next `amount` interrupts of a channel are swallowed
    LateInterrupt, ///< each interrupt of a channel comes `amount` ns later
    Pause, ///< the whole machine stands for `amount` ns, as a virtual one does; time goes on
};

struct InjectedFault
{
    std::string target; ///< a counter's or a channel's name; Pause has none
    FaultEffect effect{};
    std::int64_t amount = 0; ///< ppm, ns or a count: the effect says
    Ns duration{}; ///< then it ends by itself; 0: never
};

/// Drift at which a counter would stand or run backwards, in ppm.
inline constexpr std::int64_t driftMost = 1'000'000;

} // namespace timerscope
