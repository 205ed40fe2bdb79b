// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/posix/posix_host.h"
#include "engine/posix/task.h"

#include <array>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace timerscope {

class IntervalTimers;
class PosixTimers;

/// A soft and a hard limit of a resource, in its own unit.
struct ResourceLimit
{
    static constexpr std::uint64_t infinity = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t soft = infinity;
    std::uint64_t hard = infinity;
    friend constexpr bool operator==(const ResourceLimit&, const ResourceLimit&) = default;
};

/// Tasks that share signals, timers and limits (the kernel's thread group and signal_struct).
///
/// Rules: kernel/signal.c, posix-cpu-timers.c and sys.c, Linux 6.1. Threading: the engine's thread.
class Process
{
public:
    /// Starts with one thread, whose tid is @p pid.
    Process(PosixHost& host, int pid, std::string name);
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    [[nodiscard]] PosixHost& host() { return *m_host; }
    [[nodiscard]] int pid() const { return m_pid; }
    /// May set timers that wake the machine (CAP_WAKE_ALARM).
    [[nodiscard]] bool mayWakeMachine() const { return m_mayWakeMachine; }
    void setMayWakeMachine(bool may) { m_mayWakeMachine = may; }

    /// fork(): limits, signal actions, slack and mask are the parent's; timers are not.
    void becomeChildOf(Task& parent);
    /// execve(): POSIX timers and their signals go, handlers too; itimers stay.
    void exec();

    // --- threads ---

    [[nodiscard]] Task& leader() { return *m_threads.front(); }
    Task& addThread(int tid, std::string name);
    /// Null when this process has no such thread.
    [[nodiscard]] Task* findThread(int tid);
    /// A thread other than the leader ends: its time stays with the process.
    void endThread(Task& thread);

    // --- CPU time of all threads ---

    /// What all threads, ended ones too, have used (thread_group_cputime()).
    [[nodiscard]] CpuTimes totalTimes();
    /// The times that are kept while process timers are active.
    [[nodiscard]] const CpuTimes& activeTimes() const { return m_activeTimes; }
    [[nodiscard]] bool areTimersActive() const { return m_timersActive; }
    /// Keeps the sum up to date with every accounting from now on (thread_group_start_cputime()).
    void startTimers();
    void stopTimers();
    /// For Task: @p used by one of the threads.
    void account(const CpuTimes& used);
    /// The process's CPU clock. While timers are active it is as old as the last accounting.
    /// @p start keeps it active from now on (cpu_clock_sample_group()).
    [[nodiscard]] CpuTime sample(CpuClock clock, bool start);

    [[nodiscard]] CpuTimerQueues& cpuTimers() { return m_cpuTimers; }
    [[nodiscard]] const CpuTimerQueues& cpuTimers() const { return m_cpuTimers; }
    [[nodiscard]] bool needsTick() const { return m_needsTick; }
    void setNeedsTick(bool needs) { m_needsTick = needs; }
    /// The process's half of Task::runCpuTimers(); expired timers are added to @p expired.
    void checkTimers(std::vector<CpuTimer*>& expired);

    // --- timers ---

    [[nodiscard]] PosixTimers& timers() { return *m_timers; }
    [[nodiscard]] IntervalTimers& intervalTimers() { return *m_intervalTimers; }

    // --- limits ---

    /// RLIMIT_CPU, in seconds.
    [[nodiscard]] const ResourceLimit& cpuLimit() const { return m_cpuLimit; }
    /// Errors: Invalid when soft is above hard, NotPermitted when hard is raised.
    Errno setCpuLimit(const ResourceLimit& limit);
    /// RLIMIT_RTTIME, in microseconds of real-time running without a sleep.
    [[nodiscard]] const ResourceLimit& rttimeLimit() const { return m_rttimeLimit; }
    /// Errors: as setCpuLimit().
    Errno setRttimeLimit(const ResourceLimit& limit);
    /// For the checks: the soft limit was reached and goes up.
    void raiseSoftRttime(std::uint64_t soft) { m_rttimeLimit.soft = soft; }

    // --- signals ---

    [[nodiscard]] SignalAction action(int number) const;
    /// What to do on @p number from now on; what is pending stays pending.
    void setAction(int number, SignalAction action);
    /// sigaction(): setAction(), and pending ones that are ignored now are dropped, a timer's too:
    /// that timer is not re-armed. Errors: Invalid for no signal, and for those that cannot be
    /// caught.
    Errno sigaction(int number, SignalAction action);
    /// kill(), or the kernel's own; to the process, or to @p thread alone.
    SendResult send(int number, SignalCode code, Task* thread = nullptr);
    /// A POSIX timer's own signal, to the thread @p tid or to the process.
    SendResult sendTimerSignal(const std::shared_ptr<SignalEntry>& entry, std::optional<int> tid);
    [[nodiscard]] PendingSignals& sharedPending() { return m_shared; }
    [[nodiscard]] const PendingSignals& sharedPending() const { return m_shared; }

    /// Takes the first pending signal that is not in @p blocked for @p task, as sigtimedwait()
    /// does, and re-arms the timer that it came from. Null when there is none.
    [[nodiscard]] std::optional<SignalInfo> dequeue(Task& task, const SignalSet& blocked);

    /// What a task does with a signal on its way back to user mode.
    enum class Outcome : std::uint8_t
    {
        None, ///< nothing pending
        Handled, ///< its handler runs
        Stopped,
        Killed,
    };
    struct Delivery
    {
        Outcome outcome = Outcome::None;
        SignalInfo info{};
    };
    /// Takes signals until one has an effect (get_signal()).
    Delivery deliver(Task& task);
    /// The signal that ended the process; null while it lives.
    [[nodiscard]] std::optional<int> killedBy() const { return m_killedBy; }
    [[nodiscard]] bool isStopped() const { return m_stopped; }

private:
    /// Says whether the signal goes on, after the effects that sending alone has.
    [[nodiscard]] bool prepareSignal(int number, const Task& task);
    [[nodiscard]] bool isIgnored(int number) const;
    void stopAndContinue(int number);
    void discard(int number);
    void wakeReceiver(int number, Task* thread);
    void end(int signal);
    void checkCpuLimit(const CpuTimes& times);
    void watchCpuLimit();
    [[nodiscard]] static Errno allow(const ResourceLimit& now, const ResourceLimit& wanted);

    PosixHost* m_host;
    std::string m_name;
    int m_pid;
    bool m_mayWakeMachine = true;

    std::array<SignalAction, signal_number::last> m_actions{};
    PendingSignals m_shared;
    std::optional<int> m_killedBy;
    bool m_stopped = false;

    ResourceLimit m_cpuLimit;
    ResourceLimit m_rttimeLimit;

    CpuTimes m_endedTimes; // of threads that are gone
    CpuTimes m_activeTimes;
    bool m_timersActive = false;
    bool m_needsTick = false;
    CpuTimerQueues m_cpuTimers;

    std::vector<std::unique_ptr<Task>> m_threads; // the leader first
    // Last, so that they go first: a timer takes itself off the queues above.
    std::unique_ptr<PosixTimers> m_timers;
    std::unique_ptr<IntervalTimers> m_intervalTimers;
};

} // namespace timerscope
