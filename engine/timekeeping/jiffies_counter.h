// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/long_width.h"
#include "engine/clocksource/clocksource.h"

namespace timerscope {

/// jiffies_64 and its clocksource's read callback.
class JiffiesCounter final : public CounterReader
{
public:
    explicit JiffiesCounter(TickRate rate)
        : m_jiffies(rate.initialJiffies())
    {
    }
    /// The counter of the clocksource: all of jiffies_64, masked by its reader.
    [[nodiscard]] Cycles readCounter() override { return Cycles{m_jiffies.count}; }
    [[nodiscard]] Cycles observeCounter() const override { return Cycles{m_jiffies.count}; }
    [[nodiscard]] Jiffies now() const { return m_jiffies; }
    /// do_timer()
    void advance(std::uint64_t ticks) { m_jiffies.count += ticks; }

private:
    Jiffies m_jiffies;
};

/// Ticks since boot, an `unsigned long`: what sched_clock reads while no driver gave it a counter.
class JiffiesSinceBoot final : public CounterReader
{
public:
    /// @param jiffies must outlive this.
    JiffiesSinceBoot(const JiffiesCounter& jiffies, TickRate rate, LongWidth width)
        : m_jiffies(&jiffies)
        , m_initial(rate.initialJiffies())
        , m_width(width)
    {
    }
    [[nodiscard]] Cycles readCounter() override { return observeCounter(); }
    [[nodiscard]] Cycles observeCounter() const override
    {
        return Cycles{cutToLong(m_jiffies->now().count - m_initial.count, m_width)};
    }
    /// How many bits it counts.
    [[nodiscard]] unsigned bits() const { return m_width == LongWidth::Bits32 ? 32 : 64; }

private:
    const JiffiesCounter* m_jiffies;
    Jiffies m_initial;
    LongWidth m_width;
};

/// The clocksource of rating 2 that knows how long a tick really is when a timer of @p timer makes
/// it: x86 registers it in the boot, long before jiffies. Source: register_refined_jiffies, Linux
/// 6.1; FORMAT.md of the oracle (1 193 182 Hz at HZ=250: mult 1024064000, shift 8).
/// Errors (InvalidArgument): a timer slower than half of the tick, or too fast for 56 bits.
[[nodiscard]] Result<Clocksource> makeRefinedJiffiesClocksource(JiffiesCounter& counter,
                                                                TickRate rate, Hertz timer);

/// The kernel's own clocksource, of rating 1, reading @p counter.
[[nodiscard]] Clocksource makeJiffiesClocksource(JiffiesCounter& counter, TickRate rate);

} // namespace timerscope
