// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/jiffies.h"
#include "engine/base/time.h"
#include "engine/machine/clock_tree.h"
#include "engine/machine/device_description.h"
#include "engine/machine/device_node.h"
#include "engine/machine/profile.h"
#include "engine/machine/rtc.h"

#include <cstdint>
#include <string>
#include <vector>

namespace timerscope {

/// Kernel configuration options that change the behaviour of time. Names are CONFIG_*'s.
struct KernelConfig
{
    bool highResTimers = true; ///< HIGH_RES_TIMERS
    bool noHz = true; ///< NO_HZ
    bool noHzFull = false; ///< NO_HZ_FULL: the command line's nohz_full= counts; needs SMP, NO_HZ
    bool posixTimers = true; ///< POSIX_TIMERS
    bool clocksourceWatchdog = false; ///< CLOCKSOURCE_WATCHDOG: x86 and some MIPS
    bool broadcast = false; ///< GENERIC_CLOCKEVENTS_BROADCAST
    bool minAdjust = false; ///< GENERIC_CLOCKEVENTS_MIN_ADJUST: x86
    bool smp = false; ///< SMP
    /// Not an option but an architecture's way (arm64, riscv, powerpc): time_init ends with
    /// tick_setup_hrtimer_broadcast(), so that CPUs whose timers stop have somebody to wake them.
    bool hrtimerBroadcast = false;
    /// CLOCKSOURCE_VALIDATE_LAST_CYCLE: x86, whose CPUs' counters may be a little apart
    bool validateLastCycle = false;
    /// The series "Setting the scene to convert the timers into modules" (2025): timer drivers name
    /// their module as the owner of what they register (patches 1 to 6), …
    bool timerModuleOwners = false;
    bool schedClockForModules = false; ///< … and modules may call sched_clock_register (patch 7)
    friend bool operator==(const KernelConfig&, const KernelConfig&) = default;
};

/// What the modelled CPU's work costs in true time. Zero costs are allowed and make every timer
/// exact; the defaults are those of a slow 32-bit core, for a believable timeline.
struct CostModel
{
    Ns printk{}; ///< one line to the console
    Ns registration{}; ///< registering one clocksource, sched_clock or event device
    Ns interrupt{}; ///< entry and exit of one interrupt
    Ns callback{}; ///< one timer function
    friend bool operator==(const CostModel&, const CostModel&) = default;
};

/// A way to sleep that the idle driver offers (cpuidle).
struct IdleState
{
    std::string name; ///< "C1"
    Ns exitLatency{}; ///< from the interrupt until the CPU works again
    Ns residency{}; ///< a shorter sleep is not worth it (target_residency)
    bool stopsTimer = false; ///< CPUIDLE_FLAG_TIMER_STOP: the CPU's own timer stops in it
    friend bool operator==(const IdleState&, const IdleState&) = default;
};

/// The stages of start_kernel() that somebody calls for at their time. The others are passed by
/// themselves: timekeeping_init at power-on, sched_clock_init at the end of time_init.
struct BootPlan
{
    bool callsTimekeepingInit = false;
    bool callsSchedClockInit = false;
    bool callsSmpInit = false;
    friend bool operator==(const BootPlan&, const BootPlan&) = default;
};

/// A machine before power-on.
struct MachineConfig
{
    std::string name;
    unsigned cpus = 1; ///< 1 to 64
    TickRate tickRate;
    unsigned bits = 64; ///< 32 or 64: the width of jiffies and unsigned long
    const KernelProfile* profile = findProfile("linux-6.1"); ///< never null
    std::string commandLine; ///< "clocksource=hpet highres=off nohz=off skew_tick=1"
    KernelConfig config;
    CostModel cost;
    std::vector<IdleState> idleStates; ///< shallow to deep; empty: no idle driver, it just halts
    std::vector<RtcDescription> rtcs; ///< battery-backed clocks; at most one of them is persistent
    BootPlan boot;
    ClockTree clocks; ///< without a fault
    DriverFunctions clockDriver; ///< of the driver that brings the clocks
    std::vector<DeviceNode> nodes; ///< of the device tree; their clocks are in the tree
};

} // namespace timerscope
