// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/cycles.h"
#include "engine/base/time.h"

#include <optional>

namespace timerscope {

/// How fast a counter runs by the host's clock, from samples whose delay on the way varies.
///
/// Nothing arrives before it was sent: of each half second, the sample that came soonest is the
/// truest. The rate is that between the first and the last half second's.
class RateMeter
{
public:
    /// A counter of nominal rate @p rate (not zero) that wraps at @p mask. No two samples may be
    /// further apart than one wrap.
    RateMeter(Hertz rate, std::uint64_t mask)
        : m_rate(static_cast<double>(rate.value))
        , m_mask(mask)
    {
    }

    /// @p value arrived at @p at, which never goes back.
    void add(Ns at, Cycles value);

    struct Rate
    {
        double hertz = 0;
        Ns span{}; ///< over which it was measured
    };
    /// Empty until there is more than a second to tell from.
    [[nodiscard]] std::optional<Rate> rate() const;

private:
    struct Sample
    {
        Ns at{};
        std::uint64_t cycles = 0; ///< since the first sample, without wraps
    };
    /// How late a sample came, up to a constant.
    [[nodiscard]] double lateness(const Sample& sample) const;

    double m_rate;
    std::uint64_t m_mask;
    std::optional<Cycles> m_value; // of the last sample
    Sample m_last;
    Ns m_windowStart{};
    std::optional<Sample> m_first; // the soonest of the first window, once that is over
    std::optional<Sample> m_latest; // of the last window that is over
    std::optional<Sample> m_soonest; // of the present window
};

} // namespace timerscope
