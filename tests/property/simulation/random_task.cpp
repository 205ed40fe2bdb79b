// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/property/simulation/random_task.h"

#include <utility>

namespace timerscope::test {

namespace {

constexpr std::int64_t longestPeriod = 500'000'000;

/// A clock that time goes on by whatever the task does.
ClockId wallClock(Random& random)
{
    return random.pick({ClockId::Monotonic, ClockId::Monotonic, ClockId::Realtime,
                        ClockId::Boottime, ClockId::Tai});
}

TaskRoutine randomRoutine(Random& random)
{
    return random.pick({TaskRoutine::Compute, TaskRoutine::Compute, TaskRoutine::Nanosleep,
                        TaskRoutine::Cyclic, TaskRoutine::TimerFd, TaskRoutine::Msleep,
                        TaskRoutine::UsleepRange, TaskRoutine::Fsleep, TaskRoutine::Burst});
}

SignalHabit randomHabit(Random& random)
{
    return random.pick({SignalHabit::Handle, SignalHabit::Handle, SignalHabit::Block,
                        SignalHabit::Ignore, SignalHabit::Default});
}

TimerSetting randomSetting(Random& random)
{
    TimerSetting setting;
    setting.value = Ns{random.magnitude(1000, longestPeriod)};
    if (random.chance(60)) {
        setting.interval = Ns{random.magnitude(50'000, longestPeriod)};
    }
    return setting;
}

step::SetCpuLimit randomLimit(Random& random, const std::string& task)
{
    const auto soft = static_cast<std::uint64_t>(random.between(0, 2));
    return {.task = task,
            .limit = {.soft = soft, .hard = soft + static_cast<std::uint64_t>(random.below(3))}};
}

} // namespace

step::StartTask randomTask(Random& random, std::string name, unsigned cpu)
{
    TaskDescription task;
    task.name = std::move(name);
    task.routine = randomRoutine(random);
    const bool computes = task.routine == TaskRoutine::Compute;
    task.run = computes || random.chance(50) ? Ns{random.magnitude(10'000, 30'000'000)} : Ns{};
    task.period
        = computes && random.chance(20) ? Ns{} : Ns{random.magnitude(100'000, longestPeriod)};
    if (random.chance(40)) {
        task.slack = Ns{random.magnitude(1, 2'000'000)};
    }
    task.count = random.chance(60) ? static_cast<std::uint64_t>(random.magnitude(1, 300)) : 0;
    task.cpu = cpu;
    task.priority = random.chance(25) ? static_cast<int>(random.between(1, 99)) : 0;
    task.isInKernel = random.chance(30);
    task.clock = wallClock(random);
    task.onSignal = randomHabit(random);
    task.timers = static_cast<unsigned>(random.magnitude(1, 32));
    task.timeout = Ns{random.magnitude(1'000'000, longestPeriod)};
    task.loss = random.chance(50) ? static_cast<std::uint64_t>(random.between(1, 20)) : 0;
    return {std::move(task)};
}

StepAction randomCall(Random& random, const std::string& task)
{
    switch (random.below(6)) {
    case 0:
        return step::SetIntervalTimer{
            .task = task,
            .kind = random.pick(
                {IntervalTimerKind::Real, IntervalTimerKind::Virtual, IntervalTimerKind::Prof}),
            .setting = randomSetting(random)};
    case 1:
        return randomLimit(random, task);
    case 2:
        return step::SetSignals{.task = task, .habit = randomHabit(random)};
    default: {
        const ClockId clock = random.chance(40)
            ? random.pick({ClockId::ProcessCpu, ClockId::ThreadCpu})
            : wallClock(random);
        return step::ArmTimer{
            .task = task,
            .call
            = {.clock = clock, .setting = randomSetting(random), .isAbsolute = random.chance(10)}};
    }
    }
}

} // namespace timerscope::test
