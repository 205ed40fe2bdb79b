// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/timekeeping/timex.h"

#include "engine/base/time.h"
#include "engine/timekeeping/ntp_state.h"

#include <limits>

namespace timerscope {
namespace {

bool isTickAllowed(const Timex& request)
{
    return request.tick >= leastTickUs && request.tick <= mostTickUs;
}

bool isStepAllowed(const Timex& request)
{
    const bool inNs = (request.modes & timex_mode::nano) != 0;
    const std::int64_t second = inNs ? nsPerSecond : 1'000'000;
    return request.subseconds >= 0 && request.subseconds < second;
}

bool isFrequencyScalable(const Timex& request)
{
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max() / ntpFrequencyUnit;
    return request.frequency >= -most && request.frequency <= most;
}

} // namespace

Errno validate(const Timex& request)
{
    const auto asks = [&request](std::uint32_t mode) { return (request.modes & mode) != 0; };
    const bool allowed = asks(timex_mode::adjtime)
        ? asks(timex_mode::offset)
        : !asks(timex_mode::tick) || isTickAllowed(request);
    const bool fits = (!asks(timex_mode::setOffset) || isStepAllowed(request))
        && (!asks(timex_mode::frequency) || isFrequencyScalable(request));
    return allowed && fits ? Errno::Ok : Errno::Invalid;
}

} // namespace timerscope
