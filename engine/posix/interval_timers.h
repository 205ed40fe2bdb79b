// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/posix/armed_hrtimer.h"
#include "engine/posix/clock_id.h"

#include <array>
#include <cstdint>

namespace timerscope {

class Process;

/// Which of a process's three old timers.
enum class IntervalTimerKind : std::uint8_t
{
    Real = 0, ///< SIGALRM by CLOCK_MONOTONIC
    Virtual = 1, ///< SIGVTALRM by the process's user time
    Prof = 2, ///< SIGPROF by its user and system time
};

/// A struct timeval as a program gives it: any numbers.
struct SecondsAndUs
{
    std::int64_t seconds = 0;
    std::int64_t us = 0;
};

/// setitimer() and its kin. What is told is in ns: the system call cuts it to microseconds.
///
/// Source: behaviour of itimer.c, Linux 6.1; scenarios px23 and px24 of the recordings.
class IntervalTimers
{
public:
    explicit IntervalTimers(Process& process);

    /// setitimer(). @p which is its number; @p old, unless null, gets what was set before. The two
    /// CPU timers get a tick on top, for the one that has begun.
    /// Errors: Invalid for an unknown number, below 0 s, and us outside of a second.
    Errno set(int which, SecondsAndUs value, SecondsAndUs interval, TimerSetting* old);
    [[nodiscard]] TimerSetting get(IntervalTimerKind kind);
    /// alarm(): the whole seconds that were left, rounded to the nearest, but never down to 0.
    std::uint32_t alarm(std::uint32_t seconds);

    /// For the delivery of signals: a SIGALRM to the process was taken. A periodic real timer that
    /// is not armed goes on from where it was.
    void alarmTaken();
    /// For the check of CPU timers: sends what is due at @p times.
    void checkCpuTimers(const CpuTimes& times);
    /// The process has ended.
    void cancel();

private:
    struct CpuIntervalTimer
    {
        CpuTime expires{}; ///< 0: off
        CpuTime interval{};
    };
    [[nodiscard]] static CpuClock clockOf(IntervalTimerKind kind);
    [[nodiscard]] CpuIntervalTimer& at(CpuClock clock)
    {
        return m_cpu[static_cast<std::size_t>(clock)];
    }
    void setTimer(IntervalTimerKind kind, const TimerSetting& wanted, TimerSetting& old);
    void setReal(const TimerSetting& wanted);
    void setCpu(CpuClock clock, const TimerSetting& wanted, TimerSetting& old);
    [[nodiscard]] TimerSetting getReal();
    [[nodiscard]] TimerSetting getCpu(CpuClock clock);
    void check(CpuClock clock, CpuTime now, int signal);
    [[nodiscard]] Ns tick() const;

    Process* m_process;
    ArmedHrtimer m_real;
    Ns m_realInterval{};
    std::array<CpuIntervalTimer, 2> m_cpu; // by CpuClock: Prof, Virt
};

} // namespace timerscope
