// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/machine/cpu.h"
#include "engine/posix/clock_sleep.h"
#include "engine/posix/process.h"
#include "engine/posix/sleep_rules.h"
#include "engine/posix/timer_fd.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace timerscope {

/// What a task does in each of its rounds, after it has computed.
enum class TaskRoutine : std::uint8_t
{
    Compute, ///< sleeps by nanosleep(), or goes straight on
    Nanosleep, ///< sleeps for a span on some clock (clock_nanosleep())
    Cyclic, ///< sleeps until a moment, one period after that of the round before
    TimerFd, ///< reads from a periodic timerfd
    Msleep, ///< a kernel thread; its period is cut to ms
    UsleepRange, ///< a kernel thread; its period and slack are cut to us
    Fsleep, ///< a kernel thread; its period is cut to us
    Burst, ///< a network's sender: many timers that are nearly always cancelled
};

/// What a process does with the signals that it gets.
enum class SignalHabit : std::uint8_t
{
    Handle, ///< a handler for every one
    Block, ///< handlers too, but for later
    Ignore,
    Default, ///< as a program that has never heard of signals
};

/// A task of the model: a process of one thread, or a kernel thread.
struct TaskDescription
{
    std::string name;
    TaskRoutine routine = TaskRoutine::Compute;
    Ns run{}; ///< CPU time of each round
    Ns period{}; ///< of its sleep; zero: it does not sleep
    std::optional<Ns> slack = std::nullopt; ///< empty: the kernel's 50 us
    std::uint64_t count = 0; ///< of rounds; 0: for ever
    unsigned cpu = 0;
    int priority = 0; ///< SCHED_FIFO's, 1 to 99; 0: a normal task
    bool isInKernel = false; ///< computes in system calls
    ClockId clock = ClockId::Monotonic;
    SignalHabit onSignal = SignalHabit::Handle;
    unsigned timers = 8; ///< Burst: how many connections send at once
    Ns timeout = std::chrono::milliseconds{200}; ///< Burst: until something is sent again
    std::uint64_t loss = 0; ///< Burst: every so many answers are lost; 0: none
};

/// What a task has seen happen.
struct TaskTally
{
    std::uint64_t rounds = 0; ///< that are over
    std::uint64_t handledSignals = 0; ///< that a handler ran for
    int lastSignal = 0;
    int lastOverrun = 0; ///< of the last signal of a POSIX timer
    std::uint64_t overruns = 0; ///< of all of them
    std::uint64_t interrupted = 0; ///< sleeps that a handler cut short (EINTR)
    Ns worstLatency{}; ///< Cyclic: how long after its moment it ran, at most
    std::uint64_t expirations = 0; ///< TimerFd: what its reads added up to
    std::uint64_t canceled = 0; ///< TimerFd: reads that failed since the clock was set
    std::uint64_t retransmits = 0; ///< Burst
    Errno refused = Errno::Ok; ///< what ended it: a system call of its routine failed
};

/// A task that does the same over and over: computes, sleeps, takes its signals.
///
/// It does not know when it runs: MachineTasks tells it, and lets it go on until it computes,
/// sleeps or ends. Threading: the engine's thread.
class RoutineTask
{
public:
    /// What it needs besides its process's host.
    struct Parts
    {
        PosixHost& host;
        TimerFdCancelList& cancelList;
        const JiffiesCounter& jiffies;
        const JiffiesConversion& conversion;
        std::function<Cpu&()> currentCpu;
        std::function<Ns(ClockId)> clockNow; ///< of a clock that counts time, not CPU time
    };
    RoutineTask(const Parts& parts, TaskDescription description, int pid);
    RoutineTask(const RoutineTask&) = delete;
    RoutineTask& operator=(const RoutineTask&) = delete;

    /// What it does until somebody has it go on.
    enum class State : std::uint8_t
    {
        Computes, ///< for another left()
        Sleeps,
        Waits, ///< sleeps, and no signal wakes it
        Ended,
    };
    /// The task runs: takes its signals and goes on with its routine.
    State proceed();
    [[nodiscard]] State state() const { return m_state; }

    /// What is left of the present computation.
    [[nodiscard]] Ns left() const { return m_left; }
    void compute(Ns span) { m_left = std::max(m_left - span, Ns::zero()); }

    [[nodiscard]] const TaskDescription& description() const { return m_description; }
    [[nodiscard]] Process& process() { return m_process; }
    [[nodiscard]] const Process& process() const { return m_process; }
    [[nodiscard]] Task& task() { return m_process.leader(); }
    [[nodiscard]] SchedEntity& entity() { return m_entity; }
    [[nodiscard]] const SchedEntity& entity() const { return m_entity; }
    [[nodiscard]] const TaskTally& tally() const { return m_tally; }
    [[nodiscard]] bool isKernelThread() const;

    void setSignals(SignalHabit habit);

private:
    enum class Phase : std::uint8_t
    {
        Begin,
        Computing,
        Sleeping,
    };
    /// A connection: its retransmission timer, armed by what is sent and stopped by the answer.
    struct Connection
    {
        std::unique_ptr<WheelTimer> timer;
        bool isLost = false; ///< waits for its time-out
    };

    /// A sleep, or the end of the task; empty: the sleep is over, and it goes on.
    using Pause = std::optional<State>;

    [[nodiscard]] State goOn();
    [[nodiscard]] bool isDone() const;
    [[nodiscard]] bool takeSignals();
    State fail(Errno error);
    void endRound();
    [[nodiscard]] Pause beginSleep();
    [[nodiscard]] Pause goOnSleeping();
    [[nodiscard]] Pause nanosleep(ClockId clock, Ns span);
    [[nodiscard]] ClockSleep::State callNanosleep(ClockId clock, std::uint32_t flags, Ns value);
    [[nodiscard]] Pause sleepUntilNext();
    [[nodiscard]] Pause pauseOf(ClockSleep::State state);
    [[nodiscard]] Pause readDescriptor();
    [[nodiscard]] Errno makeDescriptor();
    [[nodiscard]] Pause sleepInKernel(const KernelSleep& sleep);
    [[nodiscard]] KernelSleep kernelSleep() const;
    void wakeFromKernelSleep();
    void exchangePackets();
    void makeConnections();

    Parts m_parts;
    TaskDescription m_description;
    Process m_process;
    SchedEntity m_entity;
    TaskTally m_tally;
    Phase m_phase = Phase::Begin;
    State m_state = State::Sleeps;
    Ns m_left{};
    bool m_handlerRan = false; // since this was asked last

    ClockSleep m_sleep;
    std::optional<Ns> m_moment; // Cyclic: when it is to run next
    std::unique_ptr<TimerFd> m_descriptor;
    bool m_isWoken = false;
    std::vector<Connection> m_connections;
    std::uint64_t m_answers = 0;
    bool m_isSending = true; // or the answers come
    // They have cache lines of their own, so they come last.
    std::optional<WheelTimer> m_wheelTimer; // of msleep()
    std::optional<ArmedHrtimer> m_hrtimer; // of usleep_range()
};

} // namespace timerscope
