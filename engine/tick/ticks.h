// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/tick/tick_broadcast.h"
#include "engine/tick/tick_cpu.h"

#include <vector>

namespace timerscope {

/// The ticks of all CPUs: who gets which clock event device, and what happens when CPUs go.
///
/// Rules: kernel/time/tick-common.c, Linux 6.1; scenarios ce*. Threading: the engine's thread.
class Ticks final : public TickLayer
{
public:
    /// All but the tracer must outlive this.
    Ticks(ClockEvents& clockEvents, TickBroadcast& broadcast, BroadcastHost& host, Tracer tracer)
        : m_clockEvents(&clockEvents)
        , m_broadcast(&broadcast)
        , m_host(&host)
        , m_tracer(tracer)
    {
    }
    /// The next CPU's, in order of their numbers; it must outlive this.
    void attach(TickCpu& tick);

    void checkNewDevice(ClockEventDevice& device, unsigned cpu) override;
    [[nodiscard]] bool isReplacement(const ClockEventDevice* current,
                                     const ClockEventDevice& candidate,
                                     unsigned cpu) const override;
    void installReplacement(ClockEventDevice& device, unsigned cpu) override;
    [[nodiscard]] bool isTickDevice(const ClockEventDevice& device, unsigned cpu) const override;
    [[nodiscard]] bool isBroadcastDevice(const ClockEventDevice& device) const override;
    [[nodiscard]] bool isOnline(unsigned cpu) const override;
    [[nodiscard]] CpuMask possibleCpus() const override;

    /// A clocksource was chosen: every CPU's next tick looks whether it can switch
    /// (tick_clock_notify).
    void clockChanged();
    /// True once any CPU's tick runs in oneshot mode.
    [[nodiscard]] bool isAnyOneshot() const;

    /// The machine goes to sleep, and wakes: on CPU @p cpu, the only one that is still up.
    void suspend(unsigned cpu);
    void resume(unsigned cpu);
    /// @p cpu goes: another one of @p left counts jiffies for it (tick_handover_do_timer), and it
    /// is broadcast to no more. Still on that CPU.
    void takeOffline(unsigned cpu, CpuMask left);
    /// It is gone, and another CPU cleans up (tick_cleanup_dead_cpu).
    void cleanUp(unsigned deadCpu);

private:
    [[nodiscard]] TickCpu& tickOf(unsigned cpu) const { return *m_ticks.at(cpu); }

    ClockEvents* m_clockEvents;
    TickBroadcast* m_broadcast;
    BroadcastHost* m_host;
    Tracer m_tracer;
    std::vector<TickCpu*> m_ticks;
};

} // namespace timerscope
