// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/why/precision.h"

#include "engine/base/jiffies.h"
#include "engine/base/kernel_types.h"

namespace timerscope {

HresFitness hresFitnessOf(std::uint32_t flags)
{
    using namespace clocksource_flag;
    if ((flags & validForHres) != 0) {
        return HresFitness::AtRegistration; // its driver says so, and nothing takes it back
    }
    if ((flags & continuous) == 0) {
        return HresFitness::Never;
    }
    return (flags & mustVerify) != 0 ? HresFitness::AfterVerification : HresFitness::AtRegistration;
}

std::int64_t CounterPrecision::ticksAsleep(std::uint32_t hz) const
{
    return maxIdle / TickRate{hz}.period();
}

} // namespace timerscope
