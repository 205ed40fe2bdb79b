// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/posix/task.h"
#include "engine/sched/global_load.h"
#include "engine/timekeeping/sched_clock.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace timerscope {

/// A task as the scheduler sees it.
struct SchedEntity
{
    Task* task = nullptr;
    unsigned cpu = 0; ///< whose queue it is on, or was on last
    int priority = 0; ///< of a real-time task: 1 to 99, the greatest first
    bool isInKernel = false; ///< it computes in a system call, or is a kernel thread
    bool isQueued = false; ///< it runs, or wants to
    std::uint64_t switches = 0; ///< how often a CPU has switched to it
    // The rest is the run queue's.
    CpuTime virtualRuntime{};
    Ns runningSince{}; ///< until when its run time is accounted, on sched_clock
    CpuTime runtimeWhenPicked{};
};

/// What all run queues share. Must outlive them.
struct SchedServices
{
    const SchedClock& clock;
    GlobalLoad& load;
    TickRate rate;
    unsigned cpus = 1; ///< more CPUs, longer slices
    /// Set whenever some CPU has to look which task is to run; null: nobody wants to know. Whoever
    /// looks at all CPUs may clear it.
    bool* isLookWanted = nullptr;
};

/// The tasks of one CPU that want to run, and which of them does.
///
/// Real-time tasks go first, by priority, the first come first; the others share the CPU fairly,
/// with equal weights: the one runs that has run least. Rules: core.c, rt.c, fair.c and cputime.c
/// in kernel/sched, Linux 6.1, with their default slices. Without tasks the clock of the queue is
/// not read: nobody would look at it. Threading: the engine's thread.
class RunQueue
{
public:
    explicit RunQueue(const SchedServices& services);
    RunQueue(const RunQueue&) = delete;
    RunQueue& operator=(const RunQueue&) = delete;

    /// Null while the CPU idles.
    [[nodiscard]] SchedEntity* current() const { return m_current; }
    /// How many run or want to (nr_running).
    [[nodiscard]] std::size_t running() const
    {
        return m_waiting.size() + (m_current != nullptr ? 1 : 0);
    }
    /// The running task has to look up: another one is to run, or a signal has come.
    [[nodiscard]] bool needsReschedule() const { return m_needsReschedule; }
    void requestReschedule()
    {
        m_needsReschedule = true;
        if (m_services.isLookWanted != nullptr) {
            *m_services.isLookWanted = true;
        }
    }

    // --- scheduling -----------------------------------------------------------------------------

    /// @p entity wants to run; it asks for a reschedule if that should be at once
    /// (activate_task, check_preempt_curr). @pre !entity.isQueued
    void wakeUp(SchedEntity& entity);
    /// The running task does not want to run any more.
    void block();
    /// Takes off a task that waits for its turn, for another CPU.
    [[nodiscard]] SchedEntity* takeWaiting();
    /// Who runs from now on, null for nobody; one that ran until now waits for its turn
    /// (schedule).
    SchedEntity* pickNext();
    /// Accounts to the running task what it has run (update_curr).
    void updateCurrent();

    // --- the tick, in this order ----------------------------------------------------------------

    /// account_process_tick(), for the running task.
    void accountProcessTick()
    {
        if (m_current != nullptr) {
            accountTickToCurrent();
        }
    }
    void schedulerTick(Jiffies now)
    {
        if (m_current != nullptr) {
            taskTick(now);
        }
        m_services.load.tellByTick(m_load, active(), now);
    }
    /// run_posix_cpu_timers()
    void runCpuTimers()
    {
        if (m_current != nullptr) {
            m_current->task->runCpuTimers();
        }
    }

    // --- load -----------------------------------------------------------------------------------

    /// One of its tasks sleeps and cannot be interrupted, or does so no more.
    void addUninterruptible(int more) { m_uninterruptible += more; }
    void tickStopped(Jiffies now) { m_services.load.tickStopped(m_load, active(), now); }
    void tickRestarted(Jiffies now) { m_services.load.tickRestarted(m_load, now); }
    void cpuDied() { m_services.load.cpuDied(m_load, active()); }
    void cpuCame() { m_services.load.cpuCame(m_load); }

private:
    [[nodiscard]] std::int64_t active() const
    {
        return static_cast<std::int64_t>(running()) + m_uninterruptible;
    }
    void accountTickToCurrent();
    void taskTick(Jiffies now);
    void fairTick();
    [[nodiscard]] CpuTime ranSincePicked() const;
    [[nodiscard]] bool shouldPreempt(const SchedEntity& woken) const;
    [[nodiscard]] std::vector<SchedEntity*>::iterator first();
    void place(SchedEntity& entity) const;
    void raiseLeast();

    SchedServices m_services;
    CpuTime m_latency; // within which every task runs once, while there are few
    CpuTime m_leastSlice;
    CpuTime m_wakeupGranularity;
    SchedEntity* m_current = nullptr;
    std::vector<SchedEntity*> m_waiting; // in the order of their coming
    CpuTime m_leastVirtualRuntime{}; // of all that wanted to run; never goes back
    CpuLoad m_load;
    std::int64_t m_uninterruptible = 0;
    bool m_needsReschedule = false;
};

} // namespace timerscope
