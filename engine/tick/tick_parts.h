// SPDX-License-Identifier: GPL-3.0-or-later
//! What the parts of the tick layer work with.
#pragma once

#include "engine/clockevents/clock_events.h"
#include "engine/hrtimer/hrtimer_cpu_base.h"
#include "engine/tick/tick_shared.h"
#include "engine/timekeeping/jiffies_counter.h"
#include "engine/timekeeping/timekeeper.h"

#include <string>

namespace timerscope {

class TickBroadcast;

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
    bool noHzBuilt = true; ///< NO_HZ, whatever the command line says
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
};

} // namespace timerscope
