// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/long_width.h"
#include "engine/machine/cpu.h"

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
    SleepingTask(WorkloadDescription description, Cpu& cpu, std::uint32_t timerId);
    /// Goes to sleep for the first time.
    void start();

private:
    void sleep();

    WorkloadDescription m_description;
    Cpu* m_cpu;
    Hrtimer m_timer;
    std::uint64_t m_slept = 0;
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
    WaitingTask(WorkloadDescription description, Cpu& cpu, const JiffiesCounter& jiffies,
                Timing timing, std::uint32_t timerId);
    void start();

private:
    void wait();

    WorkloadDescription m_description;
    Cpu* m_cpu;
    const JiffiesCounter* m_jiffies;
    std::int64_t m_timeout; ///< jiffies of one wait
    LongWidth m_width;
    WheelTimer m_timer;
    std::uint64_t m_waited = 0;
};

} // namespace timerscope
