// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/machine/cpus.h"
#include "engine/machine/routine_task.h"
#include "engine/posix/alarm_timer.h"
#include "engine/posix/interval_timers.h"
#include "engine/posix/posix_timers.h"
#include "engine/trace/snapshot.h"

#include <deque>
#include <optional>
#include <string_view>
#include <vector>

namespace timerscope {

/// What timer_create() and timer_settime() are asked for, in one.
struct TimerCall
{
    ClockId clock = ClockId::Monotonic;
    TimerSetting setting;
    bool isAbsolute = false;
    int signal = signal_number::alarm;
};

/// The processes of a machine: who runs on which CPU, and what wakes whom.
///
/// A task that computes keeps its CPU out of the idle loop; how long is measured in true time,
/// interrupts included, while what is accounted to it is sched_clock's. Everything else that a
/// task does takes no time. Threading: the engine's thread.
class MachineTasks final : public PosixHost
{
public:
    struct Parts
    {
        Cpus& cpus;
        Hardware& hardware;
        Timekeeper& timekeeper;
        const JiffiesCounter& jiffies;
        TickRate rate;
        LongWidth width = LongWidth::Bits64;
        const KernelProfile& profile;
        std::function<std::uint32_t()> newTimerId;
        std::function<AlarmRtc*()> alarmRtc
            = nullptr; ///< null, or an answer of null: there is none
    };
    explicit MachineTasks(Parts parts);
    MachineTasks(const MachineTasks&) = delete;
    MachineTasks& operator=(const MachineTasks&) = delete;

    // --- what happens to the machine ------------------------------------------------------------

    /// A CPU has to look which of its tasks is to run: in a task's context on it (schedule).
    void schedule(unsigned cpu);
    /// When the first computation is over; never without any.
    [[nodiscard]] TraceInstant nextDue() const { return m_nextDue; }
    /// Lets the tasks go on whose computations are over.
    void runDue();
    /// The clocks were stepped (clock_was_set(), timerfd_clock_was_set()).
    void clocksWereSet() { m_cancelList.clockWasSet(); }
    /// @p cpu goes down: its tasks go on on CPU 0.
    void leaveCpu(unsigned cpu);
    /// The machine sleeps, and nobody computes, …
    void freeze();
    /// … and wakes.
    void thaw();

    // --- what tasks do --------------------------------------------------------------------------

    /// A process comes, on a CPU that must be one of the machine's.
    /// Errors (InvalidArgument): another task has that name.
    [[nodiscard]] Result<void> start(TaskDescription description);
    /// Null when no task has that name.
    [[nodiscard]] RoutineTask* find(std::string_view name);
    // System calls of @p task, wherever it is. Errors: those of the calls.
    [[nodiscard]] KernelAnswer<int> armTimer(RoutineTask& task, const TimerCall& call);
    [[nodiscard]] Errno setIntervalTimer(RoutineTask& task, IntervalTimerKind kind,
                                         const TimerSetting& setting);
    [[nodiscard]] Errno setCpuLimit(RoutineTask& task, const ResourceLimit& limit);
    void setSignals(RoutineTask& task, SignalHabit habit);

    [[nodiscard]] const std::deque<RoutineTask>& all() const { return m_tasks; }
    /// As `/proc/loadavg` shows it.
    [[nodiscard]] std::string loadText() const;

    // --- PosixHost ------------------------------------------------------------------------------

    [[nodiscard]] HrtimerCpuBase& hrtimers() override;
    [[nodiscard]] Tracer& tracer() override { return m_parts.cpus.current().tracer(); }
    [[nodiscard]] std::string_view sleepFunction() const override
    {
        return m_parts.profile.sleepsByFreezableSchedule ? "freezable_schedule" : "schedule";
    }
    [[nodiscard]] Ns hrtimerResolution() const override;
    [[nodiscard]] TickRate tickRate() const override { return m_parts.rate; }
    [[nodiscard]] std::uint32_t nextTimerId() override { return m_parts.newTimerId(); }
    [[nodiscard]] Ns realtimeOffset() override { return m_parts.timekeeper.realtimeOffset(); }
    [[nodiscard]] AlarmTimers& alarmTimers() override { return m_alarms; }
    [[nodiscard]] AlarmRtc* alarmRtc() override
    {
        return m_parts.alarmRtc ? m_parts.alarmRtc() : nullptr;
    }
    [[nodiscard]] Process* findProcess(int pid) override;
    void wakeUp(Task& task) override;
    void updateRuntime(Task& task) override;

private:
    /// What a CPU's tasks do to it.
    struct CpuTasks
    {
        std::optional<Cpus::Task> busy; ///< while one of them runs
        RoutineTask* computing = nullptr;
        TraceInstant since; ///< what it has computed before is taken off
    };

    [[nodiscard]] RunQueue& queue(unsigned cpu) { return m_parts.cpus.at(cpu).runQueue(); }
    [[nodiscard]] RoutineTask& routineOf(const SchedEntity& entity);
    [[nodiscard]] RoutineTask* routineOf(const Task& task);
    void wakeUp(RoutineTask& task);
    void goOn(unsigned cpu);
    void countComputation(CpuTasks& tasks);
    void keepBusy(unsigned cpu);
    void findNextDue();
    /// A system call: @p call with what its task has run until now accounted to it. Its CPU looks
    /// afterwards whether the task needs the tick.
    template<typename Call>
    auto callBy(RoutineTask& task, Call&& call);

    Parts m_parts;
    JiffiesConversion m_conversion;
    AlarmTimers m_alarms;
    TimerFdCancelList m_cancelList;
    std::deque<RoutineTask> m_tasks; // a deque: they are known by address
    std::deque<CpuTasks> m_cpus;
    TraceInstant m_nextDue = never<TraceClock>;
    bool m_isFrozen = false;
};

} // namespace timerscope
