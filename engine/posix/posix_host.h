// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/errno.h"
#include "engine/base/jiffies.h"
#include "engine/hrtimer/hrtimer_cpu_base.h"
#include "engine/posix/signal.h"

#include <cstdint>
#include <string_view>

namespace timerscope {

class AlarmTimers;
class Process;
class Task;

/// The RTC that wakes a sleeping machine for an alarm timer.
class AlarmRtc
{
public:
    virtual ~AlarmRtc() = default;
    /// Its time, which moves in whole seconds.
    [[nodiscard]] virtual RealtimeInstant readRtc() = 0;
    /// Fires the alarm at @p at on its own time. Errors: those of the driver.
    virtual Errno setAlarm(RealtimeInstant at) = 0;
    virtual void cancelAlarm() = 0;

protected:
    AlarmRtc() = default;
    AlarmRtc(const AlarmRtc&) = default;
    AlarmRtc& operator=(const AlarmRtc&) = default;
};

/// What the POSIX side needs from the rest of the machine.
///
/// Nothing here may call back into this room before it returns: a task that is woken runs later.
class PosixHost
{
public:
    virtual ~PosixHost() = default;
    /// The hrtimers of the CPU that runs the caller.
    [[nodiscard]] virtual HrtimerCpuBase& hrtimers() = 0;
    /// Of the CPU that runs the caller.
    [[nodiscard]] virtual Tracer& tracer() = 0;
    /// The kernel's function that a sleeping task gives up its CPU by.
    [[nodiscard]] virtual std::string_view sleepFunction() const { return "schedule"; }
    /// 1 ns in high resolution, else a tick (hrtimer_resolution).
    [[nodiscard]] virtual Ns hrtimerResolution() const = 0;
    [[nodiscard]] virtual TickRate tickRate() const = 0;
    /// A timer id that was never given out.
    [[nodiscard]] virtual std::uint32_t nextTimerId() = 0;
    /// What CLOCK_REALTIME is ahead of CLOCK_MONOTONIC.
    [[nodiscard]] virtual Ns realtimeOffset() = 0;
    /// The machine's alarm timers, which fire by hrtimers() while it is awake.
    [[nodiscard]] virtual AlarmTimers& alarmTimers() = 0;
    /// Null without an RTC that can wake the machine.
    [[nodiscard]] virtual AlarmRtc* alarmRtc() { return nullptr; }
    /// The process with that id, or null.
    [[nodiscard]] virtual Process* findProcess(int /*pid*/) { return nullptr; }

    /// wake_up_process(): does nothing to a task that does not sleep.
    virtual void wakeUp(Task& task) = 0;
    /// Accounts to @p task what it has run since the last time, if it is running now
    /// (task_sched_runtime()).
    virtual void updateRuntime(Task& /*task*/) { }
    /// A signal was sent: what the tracepoint signal_generate tells.
    virtual void signalGenerated(const Process& /*to*/, const SignalInfo& /*info*/,
                                 SendResult /*result*/)
    {
    }

protected:
    PosixHost() = default;
    PosixHost(const PosixHost&) = default;
    PosixHost& operator=(const PosixHost&) = default;
};

} // namespace timerscope
