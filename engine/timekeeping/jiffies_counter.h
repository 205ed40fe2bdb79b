// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

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

/// The kernel's own clocksource, of rating 1, reading @p counter.
[[nodiscard]] Clocksource makeJiffiesClocksource(JiffiesCounter& counter, TickRate rate);

} // namespace timerscope
