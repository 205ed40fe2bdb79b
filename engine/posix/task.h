// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/jiffies.h"
#include "engine/posix/cpu_timer_queue.h"
#include "engine/posix/signal.h"

#include <cstdint>
#include <string>

namespace timerscope {

class Process;

/// How a task is scheduled, as far as time cares.
enum class SchedulingPolicy : std::uint8_t
{
    Normal,
    RealTime, ///< SCHED_FIFO, SCHED_RR
    Deadline,
};

/// A thread as the POSIX side sees it: what it has used, what its timers may cost, its signals.
///
/// The machine tells it what happens (accountTick(), accountRuntime(), rtTick()); it never runs by
/// itself. Made by Process::addThread().
class Task
{
public:
    /// What a task gets that nobody has given another slack.
    static constexpr Ns defaultTimerSlack = std::chrono::microseconds{50};

    Task(Process& process, int tid, std::string name);
    Task(const Task&) = delete;
    Task& operator=(const Task&) = delete;

    [[nodiscard]] Process& process() { return *m_process; }
    [[nodiscard]] const Process& process() const { return *m_process; }
    [[nodiscard]] int tid() const { return m_tid; }
    [[nodiscard]] const std::string& name() const { return m_name; }

    // --- CPU time ---

    [[nodiscard]] const CpuTimes& times() const { return m_times; }
    /// What a tick, or part of one, has found the task doing (account_process_tick()).
    void accountTick(CpuTime user, CpuTime system);
    /// Exact run time since the last call (update_curr()).
    void accountRuntime(CpuTime ran);
    /// One task's CPU clock, up to now (cpu_clock_sample()).
    [[nodiscard]] CpuTime sample(CpuClock clock);

    // --- scheduling ---

    [[nodiscard]] SchedulingPolicy policy() const { return m_policy; }
    /// Real-time and deadline tasks have no timer slack; a task that comes back has its default.
    void setPolicy(SchedulingPolicy policy);
    [[nodiscard]] bool isRealTime() const { return m_policy != SchedulingPolicy::Normal; }
    [[nodiscard]] int nice() const { return m_nice; }
    void setNice(int nice) { m_nice = nice; }

    /// How much later than asked for its sleeps may end.
    [[nodiscard]] Ns timerSlack() const { return m_timerSlack; }
    /// prctl(PR_SET_TIMERSLACK): 0 is the default again. Does nothing to a real-time task.
    void setTimerSlack(Ns slack);
    /// A child starts with its parent's slack, which is its default too.
    void inheritTimerSlack(const Task& parent);

    /// The tick of a real-time task (task_tick_rt()): counts the ticks that it has run without
    /// sleeping, and has RLIMIT_RTTIME looked at when there are too many.
    void rtTick(Jiffies now);
    /// A real-time task was woken: its count starts again.
    void rtWoken() { m_rtTicks = 0; }
    /// Ticks that count against RLIMIT_RTTIME.
    [[nodiscard]] std::uint64_t rtTicks() const { return m_rtTicks; }

    // --- signals ---

    [[nodiscard]] const SignalSet& blocked() const { return m_blocked; }
    /// Signals that cannot be blocked stay unblocked.
    void setBlocked(SignalSet blocked);
    void block(int number);
    void unblock(int number);
    [[nodiscard]] PendingSignals& pending() { return m_pending; }
    [[nodiscard]] const PendingSignals& pending() const { return m_pending; }
    /// A signal that it does not block is pending for it, or for its process (signal_pending()).
    [[nodiscard]] bool hasSignal() const;

    // --- CPU timers ---

    [[nodiscard]] CpuTimerQueues& cpuTimers() { return m_cpuTimers; }
    [[nodiscard]] const CpuTimerQueues& cpuTimers() const { return m_cpuTimers; }
    /// True while a CPU timer of this task keeps the tick going (TICK_DEP_BIT_POSIX_TIMER).
    [[nodiscard]] bool needsTick() const { return m_needsTick; }
    void setNeedsTick(bool needs) { m_needsTick = needs; }
    /// Looks for expired CPU timers, itimers and limits of this task and its process and acts on
    /// them. Called by each tick that finds the task running (run_posix_cpu_timers()).
    void runCpuTimers();

private:
    [[nodiscard]] bool mayHaveExpired() const;
    void checkThreadTimers(std::vector<CpuTimer*>& expired);
    void checkRttimeLimit();

    Process* m_process;
    std::string m_name;
    int m_tid;
    CpuTimes m_times;
    CpuTimerQueues m_cpuTimers;
    bool m_needsTick = false;

    SchedulingPolicy m_policy = SchedulingPolicy::Normal;
    int m_nice = 0;
    Ns m_timerSlack = defaultTimerSlack;
    Ns m_defaultTimerSlack = defaultTimerSlack;
    std::uint64_t m_rtTicks = 0;
    Jiffies m_rtStamp; // of the last tick that was counted

    SignalSet m_blocked;
    PendingSignals m_pending;
};

} // namespace timerscope
