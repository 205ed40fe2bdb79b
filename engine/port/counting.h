// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/cycles.h"
#include "engine/base/time.h"

#include <cstdint>

namespace timerscope {

/// A counter as a function of true time, which can be made to run wrong.
///
/// Untouched, it has counted floor(time x rate) since power-on. After each change it counts on
/// from the whole count of that moment. Calls bring times that never go backwards.
class Counting
{
public:
    explicit Counting(Hertz rate, unsigned bits)
        : m_rate(rate)
        , m_mask(counterMask(bits))
    {
    }

    [[nodiscard]] Cycles value(TraceInstant now) const { return Cycles{count(now) & m_mask}; }

    /// Runs fast by @p ppm from now on, slow when negative; more than -driftMost (an invariant).
    void drift(TraceInstant now, std::int64_t ppm);
    /// Is @p span ahead from now on, behind when negative: by whole cycles of the nominal rate.
    void jump(TraceInstant now, Ns span);
    /// Is @p cycles ahead from now on, behind when negative.
    void jumpCycles(TraceInstant now, std::int64_t cycles);
    /// Stands, until it runs again.
    void stop(TraceInstant now);
    void run(TraceInstant now);

private:
    [[nodiscard]] std::uint64_t count(TraceInstant now) const;
    void rebase(TraceInstant now);

    Hertz m_rate;
    std::uint64_t m_mask;
    TraceInstant m_since; // when m_base was its count
    std::uint64_t m_base = 0; // not cut to the counter's width
    std::int64_t m_ppm = 0;
    bool m_stands = false;
};

} // namespace timerscope
