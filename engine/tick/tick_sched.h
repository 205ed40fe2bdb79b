// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/tick/tick_device.h"

namespace timerscope {

/// A CPU's tick once its device is in oneshot mode: by high resolution or by low-resolution nohz
/// (struct tick_sched).
///
/// Rules: kernel/time/tick-sched.c, Linux 6.1; the path of seed 003. Each tick asks whether a
/// clocksource or a device has changed; once the clocksource is valid for it and the device can do
/// oneshot, the CPU switches, and there is no way back. Threading: the engine's thread.
class TickSched
{
public:
    /// @p timerId names the tick's hrtimer in the records.
    TickSched(TickDevice& device, const TickServices& services, HrtimerCpuBase& hrtimers,
              TickHost& host, TickOptions options, Tracer tracer, std::uint32_t timerId);
    TickSched(const TickSched&) = delete;
    TickSched& operator=(const TickSched&) = delete;

    /// A clocksource was chosen or a device came: the next tick looks whether it can switch.
    void clockChanged() { m_checkClocks = true; }
    /// update_process_times(): the hrtimers of a low-resolution CPU, the look whether it can leave
    /// that, and the wheel.
    void updateProcessTimes();
    /// The CPU has died: it begins anew when it comes back (tick_cancel_sched_timer).
    void shutDown();

    [[nodiscard]] NohzMode nohzMode() const { return m_nohzMode; }
    /// The tick's own hrtimer in high resolution; in low-resolution nohz it only keeps the time of
    /// the next tick.
    [[nodiscard]] const Hrtimer& timer() const { return m_timer; }

private:
    [[nodiscard]] unsigned cpu() const { return m_device.cpu(); }
    [[nodiscard]] Ns period() const { return m_services.shared.periods.period; }
    [[nodiscard]] MonotonicInstant now() const { return m_services.timekeeper.monotonicNow(); }

    [[nodiscard]] bool mayGoHighRes();
    void switchToHighRes();
    void switchToLowresNohz();
    [[nodiscard]] MonotonicInstant startOfTicks(Ns skew);
    [[nodiscard]] Ns skew() const;
    void setNohzMode(NohzMode mode);

    void handleLowres();
    HrtimerRestart timerExpired();
    void countJiffies(MonotonicInstant now);

    TickDevice& m_device;
    TickServices m_services;
    HrtimerCpuBase& m_hrtimers;
    TickHost& m_host;
    TickOptions m_options;
    Tracer m_tracer;
    Hrtimer m_timer;
    NohzMode m_nohzMode = NohzMode::Inactive;
    Jiffies m_lastTickJiffies;
    unsigned m_stalledTicks = 0; ///< in a row that found jiffies unchanged
    bool m_checkClocks = false;
};

} // namespace timerscope
