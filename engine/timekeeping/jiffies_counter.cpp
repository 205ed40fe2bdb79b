// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/timekeeping/jiffies_counter.h"

#include "engine/base/invariant.h"

#include <fmt/format.h>

#include <string>
#include <utility>

namespace timerscope {

namespace {

Clocksource clocksourceOn(JiffiesCounter& counter, std::string name, int rating,
                          const ClocksourceRate& rate)
{
    Clocksource source;
    source.name = std::move(name);
    source.rating = rating;
    source.rate = rate;
    source.bits = 32;
    source.counter = &counter;
    return source;
}

/// The nearest whole number.
constexpr std::uint64_t divideRounded(std::uint64_t dividend, std::uint64_t divisor)
{
    return (dividend + divisor / 2) / divisor;
}

} // namespace

Clocksource makeJiffiesClocksource(JiffiesCounter& counter, TickRate rate)
{
    const auto computed = rateOf(jiffiesRegistration(rate));
    invariant(computed.has_value());
    return clocksourceOn(counter, "jiffies", 1, *computed);
}

Result<Clocksource> makeRefinedJiffiesClocksource(JiffiesCounter& counter, TickRate rate,
                                                  Hertz timer)
{
    constexpr unsigned fractionBits = 8;
    if (timer.value >= std::uint64_t{1} << (64 - fractionBits)
        || divideRounded(timer.value, rate.hz) == 0) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("the timer behind refined-jiffies runs at {} Hz; it must be at "
                                "least half of the tick's {} Hz and below 2^56 Hz",
                                timer.value, rate.hz));
    }
    // Ticks a second x 2^8, from the whole cycles that make a tick; then ns a tick.
    const std::uint64_t cyclesPerTick = divideRounded(timer.value, rate.hz);
    const std::uint64_t shiftedHz = divideRounded(timer.value << fractionBits, cyclesPerTick);
    const std::uint64_t tick
        = divideRounded(static_cast<std::uint64_t>(nsPerSecond) << fractionBits, shiftedHz);
    OwnFactorRegistration registration = jiffiesRegistration(rate);
    registration.factor.mult = static_cast<std::uint32_t>(tick << registration.factor.shift);
    return rateOf(registration).map([&](const ClocksourceRate& computed) {
        return clocksourceOn(counter, "refined-jiffies", 2, computed);
    });
}

} // namespace timerscope
