// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/errno.h"
#include "engine/hrtimer/hrtimer.h"
#include "engine/trace/tracer.h"

#include <array>

namespace timerscope {

/// What the hrtimers of all CPUs share.
struct HrtimerShared
{
    Ns resolution{1}; ///< one tick until the first CPU is in high resolution (hrtimer_resolution)
    /// CONFIG_TIME_LOW_RES: the clock itself only moves by ticks, so a relative timer gets one more
    /// tick, or it could fire early. No machine with a modern counter sets it.
    bool coarseClock = false;
    bool nohzActive = false; ///< some CPU's tick can stop: clocks that are set concern it at once
    KernelLog* kernelLog = nullptr; ///< where a hang is told, once; null: nowhere
    bool hangIsTold = false;
};

/// What the hrtimers of a CPU need from the rest of the machine.
class HrtimerHost
{
public:
    virtual ~HrtimerHost() = default;
    /// CLOCK_MONOTONIC now (ktime_get()). Reading it may cost time.
    [[nodiscard]] virtual MonotonicInstant monotonicNow() = 0;
    /// What @p clock is ahead of CLOCK_MONOTONIC.
    [[nodiscard]] virtual Ns clockOffset(HrtimerClock clock) = 0;
    /// Puts the same of all clocks into @p offsets, by HrtimerClock.
    virtual void readClockOffsets(std::array<Ns, hrtimerClocks>& offsets);
    /// Programs the CPU's tick device; Errno::Time when @p expires has passed and not @p force.
    /// "Never" stops it.
    virtual Errno programTickDevice(MonotonicInstant expires, bool force) = 0;
    /// The tick device has fired and holds no event any more.
    virtual void tickDeviceFired() = 0;
    virtual void raiseHrtimerSoftirq() = 0;
    /// A timer's function runs: its cost.
    virtual void spendCallback() = 0;
    /// The CPU that should serve a timer which need not stay on this one: a busy one when this one
    /// idles (get_nohz_timer_target). Null: this one, as without NO_HZ or with timer_migration=0.
    [[nodiscard]] virtual HrtimerCpuBase* timerTarget() { return nullptr; }
    /// Makes another CPU look at its timers anew (smp_call_function_single).
    virtual void kick(HrtimerCpuBase& other);

protected:
    HrtimerHost() = default;
    HrtimerHost(const HrtimerHost&) = default;
    HrtimerHost& operator=(const HrtimerHost&) = default;
};

} // namespace timerscope
