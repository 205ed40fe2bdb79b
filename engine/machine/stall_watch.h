// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/cpu_mask.h"
#include "engine/base/jiffies.h"
#include "engine/base/time.h"

#include <cstdint>

namespace timerscope {

/// Notices that a kernel's time stands although its interrupts come: the current clocksource has
/// stopped, or wraps faster than it is read, or the one CPU that counts jiffies has lost its tick.
/// Whatever waits for time then waits for ever, the watchdog among it (scenarios cs13 and cs23).
///
/// The kernel itself never finds out. Threading: the engine's thread.
class StallWatch
{
public:
    /// One interrupt was served on @p cpu at @p now, and jiffies stand at @p jiffies afterwards.
    /// True once for each time that jiffies have not moved for a second and a hundred interrupts.
    [[nodiscard]] bool served(TraceInstant now, unsigned cpu, Jiffies jiffies);
    /// Whose interrupts have come since jiffies moved last.
    [[nodiscard]] CpuMask servedCpus() const { return m_cpus; }
    /// Time has stood on purpose until @p now: the machine slept.
    void restart(TraceInstant now);

private:
    Jiffies m_jiffies;
    TraceInstant m_movedAt;
    std::uint64_t m_interrupts = 0; // since then
    CpuMask m_cpus; // that they came to
    bool m_told = false;
};

} // namespace timerscope
