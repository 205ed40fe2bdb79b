// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/scenario/task_step.h"

#include "engine/base/wording.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace timerscope {

namespace {

/// In the order of TaskRoutine, behind the two kinds without a process.
constexpr std::array<std::string_view, 10> kinds{"sleep",  "timeout", "compute", "nanosleep",
                                                 "cyclic", "timerfd", "msleep",  "usleep_range",
                                                 "fsleep", "burst"};
constexpr std::size_t kindsWithoutProcess = 2;
/// In the order of SignalHabit.
constexpr std::array<std::string_view, 4> habits{"handle", "block", "ignore", "default"};
/// In the order of IntervalTimerKind.
constexpr std::array<std::string_view, 3> itimers{"real", "virtual", "prof"};
constexpr std::array<std::string_view, 8> clocks{
    "realtime",    "monotonic",  "boottime",       "tai",
    "process_cpu", "thread_cpu", "realtime_alarm", "boottime_alarm"};
constexpr std::array clockIds{ClockId::Realtime,      ClockId::Monotonic,    ClockId::Boottime,
                              ClockId::Tai,           ClockId::ProcessCpu,   ClockId::ThreadCpu,
                              ClockId::RealtimeAlarm, ClockId::BoottimeAlarm};
constexpr std::size_t monotonic = 1;

ClockId readClock(TableReader& reader)
{
    return clockIds.at(reader.choice("clock", clocks, monotonic));
}

SignalHabit readHabit(TableReader& reader, std::string_view key,
                      std::optional<std::size_t> fallback)
{
    return static_cast<SignalHabit>(reader.choice(key, habits, fallback));
}

unsigned readCpu(TableReader& reader, const Place& place)
{
    const IntegerRange range{.least = 0, .most = std::int64_t{place.scenario.machine.cpus} - 1};
    return static_cast<unsigned>(reader.integer("cpu", range, 0));
}

/// Keys that mean nothing for @p kind.
void reportStray(TableReader& reader, std::string_view kind,
                 std::span<const std::string_view> stray)
{
    for (const std::string_view key : stray) {
        if (reader.has(key)) {
            reader.report(key,
                          fmt::format("{} does not go with a workload of kind {}", inQuotes(key),
                                      inQuotes(kind)));
        }
    }
}

StepAction readCallback(TableReader& reader, const Place& place, std::size_t kind)
{
    static constexpr std::array<std::string_view, 8> stray{
        "run", "priority", "clock", "in_kernel", "signals", "timers", "timeout", "loss"};
    static constexpr std::array<std::string_view, 1> sleepOnly{"softirq"};
    reportStray(reader, kinds.at(kind), stray);
    if (static_cast<step::WorkloadKind>(kind) != step::WorkloadKind::Sleep) {
        reportStray(reader, kinds.at(kind), sleepOnly);
    }
    return step::StartWorkload{.kind = static_cast<step::WorkloadKind>(kind),
                               .task = reader.name("task"),
                               .function = reader.text("function", ""),
                               .period = reader.time("period", Ns{1}),
                               .slack = reader.time("slack", Ns{0}, Ns{0}),
                               .count = static_cast<std::uint64_t>(reader.integer("count", {}, 0)),
                               .cpu = readCpu(reader, place),
                               .soft = reader.boolean("softirq", false)};
}

/// "timers", "timeout" and "loss" of a burst.
void readBurst(TableReader& reader, TaskDescription& task)
{
    constexpr std::int64_t mostTimers = 100'000;
    task.timers = static_cast<unsigned>(
        reader.integer("timers", {.least = 1, .most = mostTimers}, task.timers));
    task.timeout = reader.time("timeout", Ns{1}, task.timeout);
    task.loss = static_cast<std::uint64_t>(reader.integer("loss", {}, 0));
}

StepAction readTask(TableReader& reader, const Place& place, std::size_t kind)
{
    static constexpr std::array<std::string_view, 2> stray{"function", "softirq"};
    static constexpr std::array<std::string_view, 3> burst{"timers", "timeout", "loss"};
    constexpr std::int64_t mostPriority = 99;
    reportStray(reader, kinds.at(kind), stray);
    TaskDescription task;
    task.name = reader.name("task");
    task.routine = static_cast<TaskRoutine>(kind - kindsWithoutProcess);
    const bool computes = task.routine == TaskRoutine::Compute;
    const bool isCyclic = task.routine == TaskRoutine::Cyclic;
    task.run = computes ? reader.time("run", Ns{1}) : reader.time("run", Ns{0}, Ns{0});
    task.period = computes ? reader.time("period", Ns{0}, Ns{0}) : reader.time("period", Ns{1});
    if (reader.has("slack")) {
        task.slack = reader.time("slack", Ns{0});
    }
    task.count = static_cast<std::uint64_t>(reader.integer("count", {}, 0));
    task.cpu = readCpu(reader, place);
    task.priority = static_cast<int>(reader.integer("priority", {.least = 0, .most = mostPriority},
                                                    isCyclic ? mostPriority : 0));
    task.isInKernel = reader.boolean("in_kernel", false);
    task.clock = readClock(reader);
    task.onSignal = readHabit(reader, "signals", 0);
    if (task.routine == TaskRoutine::Burst) {
        readBurst(reader, task);
    } else {
        reportStray(reader, kinds.at(kind), burst);
    }
    return step::StartTask{std::move(task)};
}

TimerSetting readSetting(TableReader& reader)
{
    return {.value = reader.time("value", Ns{0}),
            .interval = reader.time("interval", Ns{0}, Ns{0})};
}

} // namespace

StepAction readWorkload(const Place& place)
{
    static constexpr std::array<std::string_view, 16> keys{
        "kind",     "task",  "function",  "period",  "slack",  "count",   "cpu",  "run",
        "priority", "clock", "in_kernel", "signals", "timers", "timeout", "loss", "softirq"};
    const ConfigValue table = tableOf(place, "workload");
    TableReader reader(table, "\"workload\"", keys, place.errors);
    const std::size_t kind = reader.choice("kind", kinds);
    return kind < kindsWithoutProcess ? readCallback(reader, place, kind)
                                      : readTask(reader, place, kind);
}

StepAction readTimer(const Place& place)
{
    static constexpr std::array<std::string_view, 6> keys{"task",     "clock",    "value",
                                                          "interval", "absolute", "signal"};
    const ConfigValue table = tableOf(place, "timer");
    TableReader reader(table, "\"timer\"", keys, place.errors);
    return step::ArmTimer{
        .task = reader.name("task"),
        .call = {.clock = readClock(reader),
                 .setting = readSetting(reader),
                 .isAbsolute = reader.boolean("absolute", false),
                 .signal = static_cast<int>(reader.integer(
                     "signal", {.least = 1, .most = signal_number::last}, signal_number::alarm))}};
}

StepAction readItimer(const Place& place)
{
    static constexpr std::array<std::string_view, 4> keys{"task", "kind", "value", "interval"};
    const ConfigValue table = tableOf(place, "itimer");
    TableReader reader(table, "\"itimer\"", keys, place.errors);
    return step::SetIntervalTimer{.task = reader.name("task"),
                                  .kind
                                  = static_cast<IntervalTimerKind>(reader.choice("kind", itimers)),
                                  .setting = readSetting(reader)};
}

StepAction readCpuLimit(const Place& place)
{
    static constexpr std::array<std::string_view, 3> keys{"task", "soft", "hard"};
    const ConfigValue table = tableOf(place, "cpu_limit");
    TableReader reader(table, "\"cpu_limit\"", keys, place.errors);
    step::SetCpuLimit limit{.task = reader.name("task"), .limit = {}};
    limit.limit.soft = static_cast<std::uint64_t>(reader.integer("soft", {}));
    if (reader.has("hard")) {
        limit.limit.hard = static_cast<std::uint64_t>(reader.integer("hard", {}));
    }
    return limit;
}

StepAction readSignals(const Place& place)
{
    static constexpr std::array<std::string_view, 2> keys{"task", "do"};
    const ConfigValue table = tableOf(place, "signals");
    TableReader reader(table, "\"signals\"", keys, place.errors);
    return step::SetSignals{.task = reader.name("task"),
                            .habit = readHabit(reader, "do", std::nullopt)};
}

} // namespace timerscope
