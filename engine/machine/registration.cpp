// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/machine/registration.h"

#include <limits>

namespace timerscope {

Result<ClocksourceRate> registeredRateOf(const CounterDescription& counter)
{
    const std::uint64_t mask = counterMask(counter.bits);
    if (counter.factor) {
        return rateOf(OwnFactorRegistration{
            .mask = mask, .factor = *counter.factor, .margin = counter.margin});
    }
    const bool fits = counter.rate.value <= std::numeric_limits<std::uint32_t>::max();
    const std::uint32_t scale = fits ? 1 : 1000;
    return rateOf(
        FrequencyRegistration{.mask = mask,
                              .scale = scale,
                              .frequency = static_cast<std::uint32_t>(counter.rate.value / scale),
                              .margin = counter.margin});
}

} // namespace timerscope
