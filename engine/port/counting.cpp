// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/port/counting.h"

#include "engine/base/invariant.h"
#include "engine/base/wide.h"
#include "engine/port/faults.h"
#include "engine/port/ideal_rate.h"

#include <chrono>

namespace timerscope {

namespace {

/// The same as cyclesIn() for a clock that is fast by @p ppm.
std::uint64_t driftingCyclesIn(Ns span, Hertz rate, std::int64_t ppm)
{
    constexpr std::uint64_t million = 1'000'000;
    const auto ns = static_cast<WideUnsigned>(span.count());
    // 63 + 32 + 21 bits fit; rates above 4 GHz only lose range, 2^53 ns are 104 days.
    const auto factor = static_cast<std::uint64_t>(static_cast<std::int64_t>(million) + ppm);
    return static_cast<std::uint64_t>(ns * rate.value * factor
                                      / (static_cast<WideUnsigned>(nsPerSecond) * million));
}

} // namespace

std::uint64_t Counting::count(TraceInstant now) const
{
    if (m_stands) {
        return m_base;
    }
    const Ns span = now - m_since;
    return m_base + (m_ppm == 0 ? cyclesIn(span, m_rate) : driftingCyclesIn(span, m_rate, m_ppm));
}

void Counting::rebase(TraceInstant now)
{
    m_base = count(now);
    m_since = now;
}

void Counting::drift(TraceInstant now, std::int64_t ppm)
{
    invariant(ppm > -driftMost);
    rebase(now);
    m_ppm = ppm;
}

void Counting::jump(TraceInstant now, Ns span)
{
    const std::uint64_t cycles = cyclesIn(std::chrono::abs(span), m_rate);
    rebase(now);
    m_base += span < Ns::zero() ? 0 - cycles : cycles;
}

void Counting::jumpCycles(TraceInstant now, std::int64_t cycles)
{
    rebase(now);
    m_base += static_cast<std::uint64_t>(cycles);
}

void Counting::stop(TraceInstant now)
{
    rebase(now);
    m_stands = true;
}

void Counting::run(TraceInstant now)
{
    rebase(now);
    m_stands = false;
}

} // namespace timerscope
