// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/long_width.h"
#include "engine/machine/cpus.h"

#include <cstdint>
#include <string>

namespace timerscope {

/// How a task of the model uses time.
struct WorkloadDescription
{
    std::string task; ///< "kworker/0:1"
    std::string function; ///< of its timer
    Ns period{}; ///< of one sleep; for wheel timers rounded up to jiffies
    Ns slack{}; ///< hrtimers only
    std::uint64_t count = 0; ///< how often; 0: for ever
    bool soft = false; ///< hrtimers only: its function runs in the softirq
};

/// A task that sleeps on an hrtimer again and again, as clock_nanosleep() does.
class SleepingTask
{
public:
    /// Of CPU @p cpu, and of CPU 0 while that is offline.
    SleepingTask(WorkloadDescription description, Cpus& cpus, unsigned cpu, std::uint32_t timerId);
    /// Goes to sleep for the first time.
    void start();

private:
    void sleep();

    [[nodiscard]] Cpu& home() { return m_cpus->homeOf(m_cpu); }

    WorkloadDescription m_description;
    Cpus* m_cpus;
    unsigned m_cpu;
    std::uint64_t m_slept = 0;
    Hrtimer m_timer; // has cache lines of its own, so it comes last
};

/// A task that waits on a wheel timer again and again, as schedule_timeout() does.
class WaitingTask
{
public:
    /// What the machine's kernel counts with.
    struct Timing
    {
        TickRate rate;
        LongWidth width = LongWidth::Bits64;
    };
    /// Of CPU @p cpu, and of CPU 0 while that is offline.
    WaitingTask(WorkloadDescription description, Cpus& cpus, unsigned cpu,
                const JiffiesCounter& jiffies, Timing timing, std::uint32_t timerId);
    void start();

private:
    void wait();

    [[nodiscard]] Cpu& home() { return m_cpus->homeOf(m_cpu); }

    WorkloadDescription m_description;
    Cpus* m_cpus;
    unsigned m_cpu;
    const JiffiesCounter* m_jiffies;
    std::int64_t m_timeout; ///< jiffies of one wait
    LongWidth m_width;
    std::uint64_t m_waited = 0;
    WheelTimer m_timer; // as above
};

} // namespace timerscope
