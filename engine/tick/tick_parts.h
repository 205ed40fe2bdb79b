// SPDX-License-Identifier: GPL-3.0-or-later
//! What the parts of the tick layer work with.
#pragma once

#include "engine/clockevents/clock_events.h"
#include "engine/hrtimer/hrtimer_cpu_base.h"
#include "engine/sched/irq_work.h"
#include "engine/sched/run_queue.h"
#include "engine/tick/idle_statistics.h"
#include "engine/tick/tick_dependency.h"
#include "engine/tick/tick_shared.h"
#include "engine/timekeeping/jiffies_counter.h"
#include "engine/timekeeping/timekeeper.h"
#include "engine/timer/timer_wheel.h"

#include <string>

namespace timerscope {

class TickBroadcast;

/// What a CPU's tick needs from the rest of the machine. What has a default is right for a CPU
/// that is never idle.
class TickHost
{
public:
    virtual ~TickHost() = default;
    /// Raises the TIMER softirq if the CPU's wheel has something to fire.
    virtual void raiseTimerSoftirqIfDue() = 0;

    /// What the CPU does, or did when the interrupt came.
    [[nodiscard]] virtual CpuActivity activity() const { return CpuActivity::System; }
    /// A task waits to run (need_resched): no time to sleep.
    [[nodiscard]] virtual bool hasTasks() const { return false; }
    /// Softirqs that were raised and have not run, a bit each.
    [[nodiscard]] virtual std::uint32_t pendingSoftirqs() const { return 0; }
    /// Somebody but a timer needs the next tick: RCU, irq work or the architecture.
    [[nodiscard]] virtual bool needsTick() const { return false; }
    [[nodiscard]] virtual bool isOnline() const { return true; }
    /// What keeps the tick of the running task, and of its process.
    [[nodiscard]] virtual TickDependencies taskDependencies() const { return {}; }
    [[nodiscard]] virtual TickDependencies processDependencies() const { return {}; }

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
    bool noHzBuilt = true; ///< NO_HZ, whatever the command line says
    CpuMask fullNohz = CpuMask::ofBits(0); ///< nohz_full=: stop it while one task runs, too
    bool skewTick = false; ///< skew_tick=1: the CPUs' ticks do not fall together
    unsigned possibleCpus = 1;
    std::string tickTimerName = "tick_sched_timer";
    std::string lowresHandlerName = "tick_nohz_handler";
};

/// What all CPUs' ticks share. All must outlive them.
struct TickServices
{
    TickShared& shared;
    ClockEvents& clockEvents;
    TickBroadcast& broadcast;
    Timekeeper& timekeeper;
    JiffiesCounter& jiffies;
    KernelLog& kernelLog;
    GlobalLoad* load = nullptr; ///< null: nobody asks for it
};

/// The parts of the machine that one CPU's tick works on. All must outlive it.
struct TickParts
{
    TickServices services;
    HrtimerCpuBase& hrtimers;
    TimerWheel& wheel;
    TickHost& host;
    RunQueue* runQueue = nullptr; ///< null: no tasks
    IrqWorkQueue* irqWork = nullptr;
};

} // namespace timerscope
