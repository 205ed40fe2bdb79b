// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/timekeeping/sched_clock_rate.h"

#include "engine/clocksource/rate.h"

#include <fmt/format.h>

namespace timerscope {
namespace {

constexpr std::uint32_t safeSeconds = 3600;
constexpr std::uint64_t firstMegahertz = 4'000'000;

// Divided before the half is added, so that no rate can overflow.
std::uint64_t inUnits(std::uint64_t hertz, std::uint64_t unit, RateLabel label)
{
    const bool up = label == RateLabel::Rounded && hertz % unit >= unit / 2;
    return hertz / unit + (up ? 1 : 0);
}

std::string labelOf(Hertz rate, RateLabel label)
{
    const std::uint64_t firstKilohertz = label == RateLabel::Rounded ? 4000 : 1000;
    if (rate.value >= firstMegahertz) {
        return fmt::format("{}MHz", inUnits(rate.value, 1'000'000, label));
    }
    if (rate.value >= firstKilohertz) {
        return fmt::format("{}kHz", inUnits(rate.value, 1000, label));
    }
    return fmt::format("{} Hz", rate.value);
}

} // namespace

Result<SchedClockRate> schedClockRate(unsigned bits, Hertz rate)
{
    const auto hertz = static_cast<std::uint32_t>(rate.value);
    if (bits < 1 || bits > 64) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("the sched_clock counter has {} bits; it must have 1 to 64", bits));
    }
    if (hertz == 0) {
        return fail(
            ErrorCode::InvalidArgument,
            fmt::format("the sched_clock rate is {} Hz; it must not be 0 modulo 2^32", rate.value));
    }
    const MultShift factor = calcMultShift(hertz, nsPerSecond, safeSeconds);
    const std::uint64_t mask = counterMask(bits);
    return SchedClockRate{.bits = bits,
                          .rate = rate,
                          .mult = factor.mult,
                          .shift = factor.shift,
                          .mask = mask,
                          .wrap = maxDeferment(factor, 0, mask).span,
                          .resolution = cyclesToNs(Cycles{1}, factor)};
}

std::string registrationLine(const SchedClockRate& rate, RateLabel label)
{
    return fmt::format("sched_clock: {} bits at {}, resolution {}ns, wraps every {}ns", rate.bits,
                       labelOf(rate.rate, label), rate.resolution.count(), rate.wrap.count());
}

} // namespace timerscope
