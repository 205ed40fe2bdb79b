// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/posix/cpu_clock_target.h"
#include "engine/posix/posix_timer.h"

namespace timerscope {

/// What an expired CPU timer becomes when its period is added until it lies ahead.
struct CpuTimerBump
{
    CpuTime expires;
    std::int64_t overrun = 0; ///< the count given, plus a period for each that was added
};

/// Unchanged when @p interval is 0 or @p expires is still ahead of @p now. Any number of periods is
/// made up for at once: the kernel doubles its step up and down again to find it.
/// Source: oracle set cpu_timer_bump.
[[nodiscard]] CpuTimerBump bumpCpuTimer(CpuTime expires, Ns interval, CpuTime now,
                                        std::int64_t overrun);

/// A POSIX timer on the CPU clock of a task or a process. Ticks that find the task running look
/// whether it has expired, so it fires up to a tick late.
/// Source: behaviour of posix-cpu-timers.c, Linux 6.1; oracle set cpu_timer_seq.
class CpuPosixTimer final : public PosixTimer
{
public:
    CpuPosixTimer(Process& process, int id, ClockId clock, const CpuClockTarget& target,
                  const TimerNotification& notification);

    Errno set(bool absolute, const TimerSetting& wanted, TimerSetting* old) override;
    /// Does not count periods: a periodic timer whose signal is not taken tells 1 ns.
    TimerSetting get() override;
    void stop() override;

    [[nodiscard]] CpuTime expires() const { return m_timer.expires(); }
    [[nodiscard]] bool isQueued() const { return m_timer.isQueued(); }

private:
    void rearm() override;
    void fire();
    CpuTime bump(CpuTime now);
    void takeOff();

    CpuClockTarget m_target;
    CpuTimer m_timer;
};

} // namespace timerscope
