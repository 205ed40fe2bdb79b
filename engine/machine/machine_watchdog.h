// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/clocksource/registry.h"
#include "engine/machine/cpus.h"

#include <cstdint>
#include <vector>

namespace timerscope {

/// Runs the clocksource watchdog on a machine: its wheel timer, and its work as a kernel thread.
/// Threading: the engine's thread.
class MachineWatchdog final : public WatchdogHost
{
public:
    /// All must outlive this. @p timerId names the timer in the records.
    MachineWatchdog(Cpus& cpus, const JiffiesCounter& jiffies, ClocksourceRegistry& clocksources,
                    std::uint32_t timerId);

    [[nodiscard]] Jiffies jiffies() const override { return m_jiffies->now(); }
    void armWatchdogTimer(Jiffies expires, unsigned cpu) override;
    void cancelWatchdogTimer() override;
    void scheduleWatchdogWork() override;

    [[nodiscard]] unsigned currentCpu() const override { return m_cpus->currentCpu(); }
    [[nodiscard]] std::span<const unsigned> onlineCpus() const override;
    [[nodiscard]] unsigned possibleCpus() const override { return m_cpus->count(); }
    [[nodiscard]] Cycles readOnCpu(const Clocksource& source, unsigned cpu) override;
    [[nodiscard]] unsigned randomBelow(unsigned bound) override;

    void currentBecameValidForHres() override { m_cpus->ticks().clockChanged(); }
    [[nodiscard]] bool isSystemUp() const override { return m_clocksources->hasFinishedBooting(); }

private:
    Cpus* m_cpus;
    const JiffiesCounter* m_jiffies;
    ClocksourceRegistry* m_clocksources;
    WheelTimer m_timer;
    mutable std::vector<unsigned> m_online; ///< what onlineCpus() shows
    std::uint64_t m_random = 0x9e37'79b9'7f4a'7c15; // any seed but 0: every run draws the same
    bool m_announced = false;
    bool m_workPending = false;
};

} // namespace timerscope
