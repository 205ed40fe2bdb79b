// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/clockevents/clock_events.h"
#include "engine/hrtimer/hrtimer_cpu_base.h"
#include "engine/tick/tick_shared.h"
#include "engine/timekeeping/jiffies_counter.h"
#include "engine/timekeeping/timekeeper.h"

#include <string>

namespace timerscope {

/// What a CPU's tick needs from the rest of the machine.
class TickHost
{
public:
    virtual ~TickHost() = default;
    /// Raises the TIMER softirq if the CPU's wheel has something to fire.
    virtual void raiseTimerSoftirqIfDue() = 0;

protected:
    TickHost() = default;
    TickHost(const TickHost&) = default;
    TickHost& operator=(const TickHost&) = default;
};

/// What the command line and the kernel's configuration allow the tick to become.
struct TickOptions
{
    bool highRes = true; ///< HIGH_RES_TIMERS and not highres=off
    bool noHz = true; ///< NO_HZ and not nohz=off
    std::string tickTimerName = "tick_sched_timer";
    std::string lowresHandlerName = "tick_nohz_handler";
};

/// The parts of the machine that one CPU's tick works on. All must outlive it.
struct TickParts
{
    TickShared& shared;
    ClockEvents& clockEvents;
    HrtimerCpuBase& hrtimers;
    Timekeeper& timekeeper;
    JiffiesCounter& jiffies;
    TickHost& host;
    KernelLog& kernelLog;
};

/// One CPU's tick: from periodic to oneshot, by low-resolution nohz or by high resolution.
///
/// Rules: kernel/time/tick-common.c, tick-oneshot.c and tick-sched.c, Linux 6.1; the path of seed
/// 003. A CPU starts periodic on its first device. Each tick asks whether a clocksource or a
/// device has changed; once the clocksource is valid for it and the device can do oneshot, the
/// CPU switches, and there is no way back. The idle loop is not part of this class, so a dynamic
/// tick is never stopped. Threading: the engine's thread.
class TickCpu final : public NewDeviceCheck
{
public:
    TickCpu(unsigned cpu, const TickParts& parts, TickOptions options, Tracer tracer,
            std::uint32_t tickTimerId);
    TickCpu(const TickCpu&) = delete;
    TickCpu& operator=(const TickCpu&) = delete;

    void checkNewDevice(ClockEventDevice& device) override;
    /// A clocksource was chosen: the next tick looks whether it can switch (tick_clock_notify).
    void clockChanged() { m_checkClocks = true; }
    /// Programs this CPU's device, as ClockEventDevice::program() says; "never" stops it
    /// (oneshot-stopped) until the next call (tick_program_event).
    Errno program(MonotonicInstant expires, bool force);

    /// The machine goes to sleep: the device is shut down (tick_suspend_local).
    void suspend();
    /// It has woken, and time goes on: the device is set up again; a oneshot one fires at once
    /// (tick_resume_local).
    void resume();

    /// Null before the first device.
    [[nodiscard]] ClockEventDevice* device() const { return m_device; }
    [[nodiscard]] TickMode mode() const { return m_mode; }
    [[nodiscard]] NohzMode nohzMode() const { return m_nohzMode; }
    /// The tick's own hrtimer in high resolution.
    [[nodiscard]] const Hrtimer& schedTimer() const { return m_schedTimer; }

private:
    [[nodiscard]] Ns period() const { return m_parts.shared.periods.period; }
    [[nodiscard]] bool isPreferred(const ClockEventDevice& device) const;
    void setupDevice(ClockEventDevice& device, ClockEventDevice* old);
    void takeDoTimerDuty();
    void setupPeriodic();
    Errno programDevice(MonotonicInstant expires, bool force);
    void setupOneshot(EventHandler handler, MonotonicInstant nextEvent);

    void handlePeriodic();
    void periodicTick();
    void handleLowres();
    HrtimerRestart schedTimerExpired();
    void updateProcessTimes();
    void updateJiffies(MonotonicInstant now);
    void addJiffies(std::uint64_t ticks);

    [[nodiscard]] bool mayGoHighRes();
    [[nodiscard]] bool isOneshotAvailable() const;
    [[nodiscard]] bool switchToOneshot(EventHandler handler);
    void switchToHighRes();
    void switchToLowresNohz();
    [[nodiscard]] MonotonicInstant startOfTicks();
    void setNohzMode(NohzMode mode);

    unsigned m_cpu;
    TickParts m_parts;
    TickOptions m_options;
    Tracer m_tracer;
    Hrtimer m_schedTimer;
    ClockEventDevice* m_device = nullptr;
    TickMode m_mode = TickMode::Periodic;
    NohzMode m_nohzMode = NohzMode::Inactive;
    bool m_checkClocks = false;
};

} // namespace timerscope
