// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/machine/machine_tasks.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace timerscope {

namespace {

/// Lower ones are the kernel's own threads.
constexpr int firstPid = 100;

SecondsAndUs timevalOf(Ns span)
{
    constexpr std::int64_t nsPerUs = 1'000;
    return {.seconds = span.count() / nsPerSecond, .us = span.count() % nsPerSecond / nsPerUs};
}

} // namespace

MachineTasks::MachineTasks(Parts parts)
    : m_parts(std::move(parts))
    , m_conversion(m_parts.rate, m_parts.width)
    , m_alarms(*this)
    , m_cancelList(*this)
    , m_cpus(m_parts.cpus.count())
{
}

RoutineTask& MachineTasks::routineOf(const SchedEntity& entity)
{
    return *routineOf(*entity.task);
}

RoutineTask* MachineTasks::routineOf(const Task& task)
{
    const auto index = static_cast<std::size_t>(task.process().pid() - firstPid);
    return index < m_tasks.size() ? &m_tasks[index] : nullptr;
}

// --- scheduling --------------------------------------------------------------------------------

void MachineTasks::schedule(unsigned cpu)
{
    RunQueue& run = queue(cpu);
    do {
        countComputation(m_cpus.at(cpu));
        const SchedEntity* const next = run.pickNext();
        m_cpus.at(cpu).computing = next != nullptr ? &routineOf(*next) : nullptr;
        goOn(cpu);
    } while (run.needsReschedule());
    keepBusy(cpu);
}

/// The running task goes on from where it was; if it sleeps or ends another one is to run.
void MachineTasks::goOn(unsigned cpu)
{
    CpuTasks& tasks = m_cpus.at(cpu);
    if (tasks.computing == nullptr) {
        return;
    }
    RoutineTask& task = *tasks.computing;
    tasks.since = m_parts.hardware.now();
    const RoutineTask::State state = task.proceed();
    if (state == RoutineTask::State::Computes) {
        return;
    }
    tasks.computing = nullptr;
    queue(cpu).block();
    if (state == RoutineTask::State::Waits) {
        queue(cpu).addUninterruptible(1);
    }
}

void MachineTasks::countComputation(CpuTasks& tasks)
{
    if (tasks.computing != nullptr) {
        const TraceInstant now = m_parts.hardware.now();
        tasks.computing->compute(now - tasks.since);
        tasks.since = now;
    }
}

void MachineTasks::keepBusy(unsigned cpu)
{
    CpuTasks& tasks = m_cpus.at(cpu);
    if (tasks.computing == nullptr) {
        tasks.busy.reset();
    } else if (!tasks.busy) {
        tasks.busy.emplace(m_parts.cpus, cpu);
    }
    findNextDue();
}

void MachineTasks::findNextDue()
{
    m_nextDue = never<TraceClock>;
    for (const CpuTasks& tasks : m_cpus) {
        if (tasks.computing != nullptr && !m_isFrozen) {
            m_nextDue = std::min(m_nextDue, addSaturating(tasks.since, tasks.computing->left()));
        }
    }
}

void MachineTasks::runDue()
{
    const TraceInstant now = m_parts.hardware.now();
    for (unsigned cpu = 0; cpu < m_cpus.size(); ++cpu) {
        CpuTasks& tasks = m_cpus[cpu];
        if (tasks.computing == nullptr || tasks.since + tasks.computing->left() > now) {
            continue;
        }
        m_parts.cpus.runOn(cpu, [&] {
            countComputation(tasks);
            goOn(cpu);
            if (queue(cpu).needsReschedule()) {
                schedule(cpu);
            }
        });
        findNextDue();
    }
}

void MachineTasks::wakeUp(Task& task)
{
    tracer().call("wake_up_process");
    if (RoutineTask* const found = routineOf(task)) {
        wakeUp(*found);
    }
}

/// One that runs or waits for its turn only has to look for signals.
void MachineTasks::wakeUp(RoutineTask& task)
{
    SchedEntity& entity = task.entity();
    entity.cpu = m_parts.cpus.homeOf(entity.cpu).index();
    RunQueue& run = queue(entity.cpu);
    if (entity.isQueued) {
        if (run.current() == &entity) {
            run.requestReschedule();
        }
        return;
    }
    if (task.state() == RoutineTask::State::Ended) {
        return;
    }
    if (task.state() == RoutineTask::State::Waits) {
        run.addUninterruptible(-1);
    }
    run.wakeUp(entity);
}

void MachineTasks::updateRuntime(Task& task)
{
    const RoutineTask* const found = routineOf(task);
    if (found != nullptr && queue(found->entity().cpu).current() == &found->entity()) {
        queue(found->entity().cpu).updateCurrent();
    }
}

void MachineTasks::leaveCpu(unsigned cpu)
{
    CpuTasks& tasks = m_cpus.at(cpu);
    RunQueue& run = queue(cpu);
    m_parts.cpus.runOn(cpu, [&] {
        countComputation(tasks);
        RoutineTask* const running = std::exchange(tasks.computing, nullptr);
        if (running != nullptr) {
            run.block();
            running->entity().cpu = 0;
            queue(0).wakeUp(running->entity());
        }
        while (SchedEntity* const waiting = run.takeWaiting()) {
            waiting->cpu = 0;
            queue(0).wakeUp(*waiting);
        }
        static_cast<void>(run.pickNext()); // nobody
    });
    keepBusy(cpu);
}

void MachineTasks::freeze()
{
    for (CpuTasks& tasks : m_cpus) {
        countComputation(tasks);
    }
    m_isFrozen = true;
    findNextDue();
}

void MachineTasks::thaw()
{
    m_isFrozen = false;
    for (CpuTasks& tasks : m_cpus) {
        tasks.since = m_parts.hardware.now();
    }
    findNextDue();
}

// --- what tasks do -----------------------------------------------------------------------------

Result<void> MachineTasks::start(TaskDescription description)
{
    if (find(description.name) != nullptr) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("there is a task named \"{}\" already; each needs a name of its "
                                "own",
                                description.name));
    }
    const unsigned cpu = description.cpu;
    RoutineTask& task = m_tasks.emplace_back(
        RoutineTask::Parts{
            .host = *this,
            .cancelList = m_cancelList,
            .jiffies = m_parts.jiffies,
            .conversion = m_conversion,
            .currentCpu = [this]() -> Cpu& { return m_parts.cpus.current(); },
            .clockNow =
                [this](ClockId clock) {
                    const HrtimerClock counts
                        = hrtimerClockOf(clock).value_or(HrtimerClock::Monotonic);
                    return m_parts.cpus.current().clockNow(counts).time_since_epoch();
                }},
        std::move(description), firstPid + static_cast<int>(m_tasks.size()));
    m_parts.cpus.runOn(cpu, [&] { wakeUp(task); });
    return {};
}

RoutineTask* MachineTasks::find(std::string_view name)
{
    const auto found = std::ranges::find_if(
        m_tasks, [&](const RoutineTask& task) { return task.description().name == name; });
    return found == m_tasks.end() ? nullptr : &*found;
}

Process* MachineTasks::findProcess(int pid)
{
    const auto found = std::ranges::find_if(
        m_tasks, [&](const RoutineTask& task) { return task.process().pid() == pid; });
    return found == m_tasks.end() ? nullptr : &found->process();
}

template<typename Call>
auto MachineTasks::callBy(RoutineTask& task, Call&& call)
{
    return m_parts.cpus.runOn(task.entity().cpu, [&] {
        updateRuntime(task.task());
        const auto answer = std::forward<Call>(call)();
        m_parts.cpus.current().kickFullNohz();
        return answer;
    });
}

KernelAnswer<int> MachineTasks::armTimer(RoutineTask& task, const TimerCall& call)
{
    return callBy(task, [&]() -> KernelAnswer<int> {
        PosixTimers& timers = task.process().timers();
        const SignalEvent event{.number = call.signal};
        const KernelAnswer<int> id = timers.create(task.task(), call.clock, &event);
        if (!id) {
            return id;
        }
        const TimerRequest wanted{.value = timespecOf(call.setting.value),
                                  .interval = timespecOf(call.setting.interval)};
        const std::uint32_t flags = call.isAbsolute ? timerAbstime : 0;
        const Errno answer = timers.settime(*id, flags, wanted, nullptr);
        return answer == Errno::Ok ? id : KernelAnswer<int>(tl::unexpected(answer));
    });
}

Errno MachineTasks::setIntervalTimer(RoutineTask& task, IntervalTimerKind kind,
                                     const TimerSetting& setting)
{
    return callBy(task, [&] {
        return task.process().intervalTimers().set(static_cast<int>(kind), timevalOf(setting.value),
                                                   timevalOf(setting.interval), nullptr);
    });
}

Errno MachineTasks::setCpuLimit(RoutineTask& task, const ResourceLimit& limit)
{
    return callBy(task, [&] { return task.process().setCpuLimit(limit); });
}

void MachineTasks::setSignals(RoutineTask& task, SignalHabit habit)
{
    callBy(task, [&] {
        task.setSignals(habit);
        if (task.task().hasSignal()) {
            wakeUp(task); // it takes them at once
        }
        return Errno::Ok;
    });
}

std::string MachineTasks::loadText() const
{
    std::size_t running = 0;
    for (unsigned cpu = 0; cpu < m_parts.cpus.count(); ++cpu) {
        running += m_parts.cpus.at(cpu).runQueue().running();
    }
    const int lastPid = firstPid + static_cast<int>(m_tasks.size()) - 1;
    return fmt::format("{} {}/{} {}", m_parts.cpus.load().text(), running, m_tasks.size(), lastPid);
}

// --- PosixHost ---------------------------------------------------------------------------------

HrtimerCpuBase& MachineTasks::hrtimers()
{
    return m_parts.cpus.current().hrtimers();
}

Ns MachineTasks::hrtimerResolution() const
{
    return m_parts.cpus.current().hrtimers().isHresActive() ? Ns{1} : m_parts.rate.period();
}

} // namespace timerscope
