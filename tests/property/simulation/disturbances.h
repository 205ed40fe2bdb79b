// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/cpu_mask.h"
#include "engine/port/faults.h"
#include "engine/trace/trace_record.h"
#include "tests/property/simulation/random_scenario.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace timerscope::test {

/// How late things may be, and why: what the machine's own work takes, and the faults that were
/// injected, each for what it breaks by its nature and no longer than it does.
class Disturbances
{
public:
    explicit Disturbances(const RandomScenario& scenario);

    /// The machine was busy, paused or asleep: nobody is served between @p from and @p until.
    void block(TraceInstant from, TraceInstant until);
    /// A fault was injected at @p at. @p cpus are those that @p fault may leave without interrupts;
    /// none if its device is not used now.
    void fault(const InjectedFault& fault, TraceInstant at, CpuMask cpus);
    /// adjtimex() lets the clock run so much faster or slower from now on.
    void clockRateSet(Ns ppm) { m_clockPpm = std::max(m_clockPpm, ppm); }
    void clockSwitched() { ++m_clockSwitches; }
    /// A counter has misbehaved, or another clocksource than jiffies and the first one was chosen.
    [[nodiscard]] bool wasClockTroubled() const
    {
        return m_clockSwitches > 1 || m_clockPpm > Ns::zero() || m_counterFaults > 0;
    }
    /// How long @p device takes to count @p ticks.
    [[nodiscard]] Ns spanOf(const std::string& device, std::int64_t ticks) const;
    /// @p cpu serves an interrupt of the device called @p device.
    void interruptCame(unsigned cpu, const std::string& device, TraceInstant at);

    /// @p cpus depend on @p device from now on: interrupts that it is yet to lose matter to them.
    void dependOn(CpuMask cpus, const std::string& device, TraceInstant at);
    /// @p device has become the tick device of @p cpu; until it has a handler its ticks are for
    /// nobody. That lasts where the broadcast device ticks for a device that stops in deep idle:
    /// the kernel leaves such a new one without (tick_device_uses_broadcast).
    void tickDeviceCame(unsigned cpu, const std::string& device, TraceInstant at);
    void handlerCame(unsigned cpu, const std::string& device, TraceInstant at);

    /// How much later than due something may happen on @p cpu at @p at that has been late for
    /// @p late and was asked for at @p asked. Empty: as late as it likes, since its interrupt was
    /// lost.
    [[nodiscard]] std::optional<Ns> allowed(unsigned cpu, TraceInstant asked, TraceInstant at,
                                            Ns late) const;
    /// Some CPU waits for an interrupt that was lost.
    [[nodiscard]] bool isAnyDead(TraceInstant from, TraceInstant until) const;
    /// @p cpu stops its tick for a task as well.
    [[nodiscard]] bool isFullNohz(unsigned cpu) const { return m_hasFullNohz && cpu != 0; }
    /// One tick, and how far the ticks of the CPUs are apart.
    [[nodiscard]] Ns tick() const { return m_tick; }

private:
    struct Window
    {
        TraceInstant from;
        TraceInstant until;
        Ns amount{}; ///< late interrupts: each; drift: ppm
    };
    /// An interrupt of a device was lost, and its CPUs wait for it until it comes again; or it
    /// has no handler.
    struct Loss
    {
        std::string device;
        CpuMask cpus; ///< it comes again to one of them, and is for all
        TraceInstant from;
        TraceInstant until = never<TraceClock>;
        bool isForWantOfHandler = false;
        bool isPutOff = false; ///< nobody depends on the device now
    };
    template<typename Predicate>
    void endLosses(TraceInstant until, Predicate&& isMeant);

    Ns m_tick;
    bool m_hasFullNohz;
    Ns m_work;
    Ns m_clockPpm{}; ///< the most so far
    unsigned m_clockSwitches = 0;
    unsigned m_counterFaults = 0;
    std::vector<Window> m_blocked;
    std::vector<Window> m_late;
    std::vector<Window> m_drifts;
    std::vector<Window> m_jumps;
    std::vector<Loss> m_losses;
    std::map<std::string, std::int64_t> m_rates; ///< of event devices, in Hz
    std::set<std::string> m_perCpu; ///< devices of which each CPU has one: the first one is struck
};

} // namespace timerscope::test
