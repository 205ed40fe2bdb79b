// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/timekeeping/jiffies_counter.h"

#include "engine/base/invariant.h"

namespace timerscope {

Clocksource makeJiffiesClocksource(JiffiesCounter& counter, TickRate rate)
{
    const auto computed = rateOf(jiffiesRegistration(rate));
    invariant(computed.has_value());
    Clocksource source;
    source.name = "jiffies";
    source.rating = 1;
    source.rate = *computed;
    source.bits = 32;
    source.counter = &counter;
    return source;
}

} // namespace timerscope
