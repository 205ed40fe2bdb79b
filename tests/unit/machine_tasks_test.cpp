// SPDX-License-Identifier: GPL-3.0-or-later
//! Processes on a whole machine: what they use, what wakes them, what their timers do.
#include "engine/procfs/procfs.h"
#include "tests/support/machine_bench.h"

#include <QTest>

#include <algorithm>

using namespace timerscope;
using namespace timerscope::test;
using namespace std::chrono_literals;

namespace {

/// Booted CPUs with a timer each and a fine counter, at 100 Hz.
class Bench
{
public:
    explicit Bench(const std::string& commandLine = {}, unsigned cpus = 1)
        : bench(config(commandLine, cpus), devices())
        , booted(bench.boot())
    {
        bench.machine->smpInit();
        bench.run(150ms);
    }

    [[nodiscard]] bool start(TaskDescription task) const
    {
        const bool started = bench.machine->tasks().start(std::move(task)).has_value();
        bench.machine->settle();
        return started;
    }
    [[nodiscard]] RoutineTask& task(std::string_view name) const
    {
        return *bench.machine->tasks().find(name);
    }
    [[nodiscard]] TaskRow row(std::string_view name) const
    {
        const Snapshot snapshot = bench.machine->snapshot();
        return *std::ranges::find(snapshot.tasks, name, &TaskRow::name);
    }
    /// True when @p span is @p expected give or take @p by.
    [[nodiscard]] static bool isNear(Ns span, Ns expected, Ns by)
    {
        return span >= expected - by && span <= expected + by;
    }
    void run(Ns span) const { bench.run(span); }
    [[nodiscard]] MachineTasks& tasks() const { return bench.machine->tasks(); }

    MachineBench bench;
    bool booted;

private:
    static MachineConfig config(const std::string& commandLine, unsigned cpus)
    {
        MachineConfig config = machineConfig(commandLine);
        config.cpus = cpus;
        config.config.smp = cpus > 1;
        config.config.noHzFull = true;
        return config;
    }
    static std::vector<DeviceDescription> devices()
    {
        EventDescription event = eventDevice("timer", 300);
        event.perCpu = true;
        event.irq = std::nullopt;
        return {deviceOf({counterDevice("counter", 24'000'000, 300, 56)}, {event})};
    }
};

TaskDescription burner(std::string name = "burner", Ns run = 1h)
{
    TaskDescription task;
    task.name = std::move(name);
    task.run = run;
    return task;
}

TaskDescription sleeper(TaskRoutine routine, Ns period)
{
    TaskDescription task;
    task.name = "sleeper";
    task.routine = routine;
    task.period = period;
    return task;
}

constexpr TimerSetting every(Ns span)
{
    return {.value = span, .interval = span};
}

} // namespace

class MachineTasksTest : public QObject
{
    Q_OBJECT
private slots:
    void computingTaskKeepsItsCpuTicking();
    void ticksAndTheClockAccountWhatATaskUses();
    void kernelTimeIsSystemTime();
    void roundsOfComputingAndSleepingTakeTheirTime();
    void twoTasksShareACpu();
    void realTimeTaskGoesFirst();
    void tasksOnTwoCpusDoNotMeet();
    void taskEndsAfterItsRounds();
    void normalSleeperIsLateByItsSlackAtMost();
    void cyclicTaskKeepsItsGrid();
    void kernelSleepsTakeWhatTheyShould_data();
    void kernelSleepsTakeWhatTheyShould();
    void uninterruptibleSleeperCountsAsLoad();
    void loadRisesWithComputingTasks();
    void timerOfABusyTaskIsHandledAtOnce();
    void blockedTimerCountsOverruns();
    void itimersFireByTheirOwnTime();
    void cpuTimerFiresByTheTick();
    void cpuLimitWarnsEverySecondAndKills();
    void signalInterruptsASleep();
    void unhandledSignalEndsTheTask();
    void cpuTimersOfATaskThatIsKilledGoWithIt();
    void taskWithoutATickIsTickedForItsOwnTimer();
    void timerfdReaderCountsItsPeriods();
    void steppedClockCancelsATimerfd();
    void burstsHardlyEverTimeOut();
    void tasksOfACpuThatGoesMoveOn();
    void suspendStopsEverybody();
    void fullNohzTicksForACpuTimerOnly();
    void alarmClockNeedsAnRtc();
    void twoTasksMayNotShareAName();
    void stateTextShowsTasks();
};

void MachineTasksTest::computingTaskKeepsItsCpuTicking()
{
    Bench bench;
    QVERIFY(bench.booted);
    const auto stopped = [&] { return bench.bench.cpu().tickStopped; };
    QCOMPARE(stopped(), std::optional(true));
    QVERIFY(bench.start(burner("burner", 200ms)));
    bench.run(50ms);
    QCOMPARE(stopped(), std::optional(false));
    QCOMPARE(bench.row("burner").state, TaskState::Running);
}

void MachineTasksTest::ticksAndTheClockAccountWhatATaskUses()
{
    Bench bench;
    QVERIFY(bench.start(burner()));
    bench.run(1s);
    const TaskRow row = bench.row("burner");
    QVERIFY(Bench::isNear(row.userTime, 1s, 20ms));
    QCOMPARE(row.userTime % 10ms, Ns{0}); // whole ticks
    QCOMPARE(row.systemTime, Ns{0});
    QVERIFY(Bench::isNear(row.runtime, 1s, 11ms)); // up to the last tick
}

void MachineTasksTest::kernelTimeIsSystemTime()
{
    Bench bench;
    TaskDescription task = burner();
    task.isInKernel = true;
    QVERIFY(bench.start(task));
    bench.run(500ms);
    QCOMPARE(bench.row("burner").userTime, Ns{0});
    QVERIFY(Bench::isNear(bench.row("burner").systemTime, 500ms, 20ms));
}

void MachineTasksTest::roundsOfComputingAndSleepingTakeTheirTime()
{
    Bench bench;
    TaskDescription task = burner("worker", 3ms);
    task.period = 7ms;
    task.slack = Ns{1};
    QVERIFY(bench.start(task));
    bench.run(1s);
    const TaskRow row = bench.row("worker");
    QVERIFY2(row.rounds >= 98 && row.rounds <= 100, qPrintable(QString::number(row.rounds)));
    QVERIFY(Bench::isNear(row.runtime, 300ms, 4ms));
}

void MachineTasksTest::twoTasksShareACpu()
{
    Bench bench;
    QVERIFY(bench.start(burner("a")));
    QVERIFY(bench.start(burner("b")));
    bench.run(2s);
    QVERIFY(Bench::isNear(bench.row("a").runtime, 1s, 30ms));
    QVERIFY(Bench::isNear(bench.row("b").runtime, 1s, 30ms));
    QVERIFY(Bench::isNear(bench.row("a").runtime + bench.row("b").runtime, 2s, 11ms));
    QVERIFY(bench.row("a").switches > 20);
    QCOMPARE(bench.row("a").state == TaskState::Running,
             bench.row("b").state == TaskState::Runnable);
}

void MachineTasksTest::realTimeTaskGoesFirst()
{
    Bench bench;
    QVERIFY(bench.start(burner("normal")));
    TaskDescription urgent = burner("urgent", 5ms);
    urgent.priority = 50;
    urgent.period = 15ms;
    QVERIFY(bench.start(urgent));
    bench.run(1s);
    // Real-time tasks have no slack: fifty rounds of twenty ms.
    QCOMPARE(bench.row("urgent").rounds, 49U);
    QVERIFY(Bench::isNear(bench.row("urgent").runtime, 250ms, 6ms));
    QVERIFY(Bench::isNear(bench.row("normal").runtime, 750ms, 16ms));
}

void MachineTasksTest::tasksOnTwoCpusDoNotMeet()
{
    Bench bench({}, 2);
    QVERIFY(bench.start(burner("a")));
    TaskDescription other = burner("b");
    other.cpu = 1;
    QVERIFY(bench.start(other));
    bench.run(1s);
    QVERIFY(Bench::isNear(bench.row("a").userTime, 1s, 20ms));
    QVERIFY(Bench::isNear(bench.row("b").userTime, 1s, 20ms));
    QCOMPARE(bench.row("b").cpu, 1U);
    QCOMPARE(bench.row("b").switches, 1U);
}

void MachineTasksTest::taskEndsAfterItsRounds()
{
    Bench bench;
    TaskDescription task = burner("short", 10ms);
    task.count = 3;
    QVERIFY(bench.start(task));
    bench.run(100ms);
    QCOMPARE(bench.row("short").state, TaskState::Ended);
    QCOMPARE(bench.row("short").rounds, 3U);
    QVERIFY(Bench::isNear(bench.row("short").runtime, 30ms, 1ms));
    QCOMPARE(bench.bench.cpu().tickStopped, std::optional(true));
}

void MachineTasksTest::normalSleeperIsLateByItsSlackAtMost()
{
    Bench bench;
    QVERIFY(bench.start(sleeper(TaskRoutine::Nanosleep, 1ms)));
    bench.run(1s);
    const std::uint64_t rounds = bench.row("sleeper").rounds;
    QVERIFY2(rounds >= 950 && rounds <= 1000, qPrintable(QString::number(rounds)));
    QVERIFY(bench.row("sleeper").state == TaskState::Sleeping);
}

void MachineTasksTest::cyclicTaskKeepsItsGrid()
{
    Bench bench;
    TaskDescription task = sleeper(TaskRoutine::Cyclic, 1ms);
    task.priority = 99;
    task.run = 100us;
    QVERIFY(bench.start(task));
    QVERIFY(bench.start(burner()));
    bench.run(1s);
    QVERIFY(bench.row("sleeper").rounds >= 998);
    QVERIFY(bench.row("sleeper").worstLatency < 10us);
}

void MachineTasksTest::kernelSleepsTakeWhatTheyShould_data()
{
    QTest::addColumn<int>("routine");
    QTest::addColumn<int>("us");
    QTest::addColumn<int>("rounds"); // in a second of 100 ticks
    // msleep: one tick more than the time has, and the wheel fires a tick later.
    QTest::newRow("msleep 1") << static_cast<int>(TaskRoutine::Msleep) << 1'000 << 33;
    QTest::newRow("msleep 20") << static_cast<int>(TaskRoutine::Msleep) << 20'000 << 25;
    QTest::newRow("usleep_range") << static_cast<int>(TaskRoutine::UsleepRange) << 2'000 << 500;
    QTest::newRow("fsleep as usleep_range")
        << static_cast<int>(TaskRoutine::Fsleep) << 4'000 << 250;
    QTest::newRow("fsleep as msleep") << static_cast<int>(TaskRoutine::Fsleep) << 30'000 << 20;
    QTest::newRow("fsleep spins") << static_cast<int>(TaskRoutine::Fsleep) << 10 << 100'000;
}

void MachineTasksTest::kernelSleepsTakeWhatTheyShould()
{
    QFETCH(int, routine);
    QFETCH(int, us);
    QFETCH(int, rounds);
    Bench bench;
    QVERIFY(bench.start(sleeper(static_cast<TaskRoutine>(routine), std::chrono::microseconds{us})));
    bench.run(1s);
    const auto seen = static_cast<int>(bench.row("sleeper").rounds);
    // fsleep() lets a sleep take twice as long, and nothing else wakes this CPU.
    const bool mayBeLate = routine == static_cast<int>(TaskRoutine::Fsleep) && us == 4'000;
    QVERIFY2(seen <= rounds + 1 && seen >= (mayBeLate ? rounds / 2 - 1 : rounds * 99 / 100 - 1),
             qPrintable(QString::number(seen)));
    QCOMPARE(bench.row("sleeper").userTime, Ns{0});
}

void MachineTasksTest::uninterruptibleSleeperCountsAsLoad()
{
    Bench bench;
    QVERIFY(bench.start(sleeper(TaskRoutine::Msleep, 60s)));
    bench.run(30s);
    QCOMPARE(bench.row("sleeper").state, TaskState::Waiting);
    static_cast<void>(bench.bench.jiffies());
    bench.run(20ms);
    QVERIFY(bench.tasks().loadText() > "0.30");
    QVERIFY(bench.tasks().loadText() < "0.50");
}

void MachineTasksTest::loadRisesWithComputingTasks()
{
    Bench bench;
    QVERIFY(bench.start(burner("a")));
    QVERIFY(bench.start(burner("b")));
    bench.run(60s);
    // 2 x (1 - e^-1) is 1.26 after a minute.
    const std::string text = bench.tasks().loadText();
    QVERIFY2(text > "1.20" && text < "1.32", text.c_str());
    QVERIFY2(text.ends_with(" 2/2 101"), text.c_str());
}

void MachineTasksTest::timerOfABusyTaskIsHandledAtOnce()
{
    Bench bench;
    QVERIFY(bench.start(burner()));
    QVERIFY(bench.tasks().armTimer(bench.task("burner"), {.setting = every(5ms)}));
    bench.run(1s);
    const TaskRow row = bench.row("burner");
    QVERIFY(row.handledSignals == 200 || row.handledSignals == 199);
    QCOMPARE(row.lastSignal, signal_number::alarm);
    QCOMPARE(row.overruns, 0U);
    QVERIFY(Bench::isNear(row.runtime, 1s, 11ms));
}

void MachineTasksTest::blockedTimerCountsOverruns()
{
    Bench bench;
    QVERIFY(bench.start(burner()));
    bench.tasks().setSignals(bench.task("burner"), SignalHabit::Block);
    QVERIFY(bench.tasks().armTimer(bench.task("burner"), {.setting = every(1ms), .signal = 34}));
    bench.run(Ns{50'300'000});
    QCOMPARE(bench.row("burner").handledSignals, 0U);
    bench.tasks().setSignals(bench.task("burner"), SignalHabit::Handle);
    bench.bench.machine->settle();
    QCOMPARE(bench.row("burner").lastSignal, 34);
    QCOMPARE(bench.row("burner").lastOverrun, 49); // as recorded: px06_overrun_1ms_50p3ms
    QCOMPARE(bench.row("burner").timers.at(0).overrun, 49);
}

void MachineTasksTest::itimersFireByTheirOwnTime()
{
    Bench bench;
    TaskDescription task = burner("worker", 50ms);
    task.period = 50ms;
    QVERIFY(bench.start(task));
    RoutineTask& worker = bench.task("worker");
    QCOMPARE(bench.tasks().setIntervalTimer(worker, IntervalTimerKind::Prof, every(100ms)),
             Errno::Ok);
    bench.run(2100ms);
    // Half of the time is used: a signal in 100 ms of it, the first one a tick later.
    QVERIFY2(bench.row("worker").handledSignals >= 9 && bench.row("worker").handledSignals <= 11,
             qPrintable(QString::number(bench.row("worker").handledSignals)));
    QCOMPARE(bench.row("worker").lastSignal, signal_number::profiling);
    QCOMPARE(bench.tasks().setIntervalTimer(worker, IntervalTimerKind::Prof, {}), Errno::Ok);
    const std::uint64_t before = bench.row("worker").handledSignals;
    QCOMPARE(bench.tasks().setIntervalTimer(worker, IntervalTimerKind::Real, every(100ms)),
             Errno::Ok);
    bench.run(1050ms);
    QCOMPARE(bench.row("worker").handledSignals - before, 10U);
    QCOMPARE(bench.row("worker").lastSignal, signal_number::alarm);
}

void MachineTasksTest::cpuTimerFiresByTheTick()
{
    Bench bench;
    QVERIFY(bench.start(burner()));
    QVERIFY(bench.tasks().armTimer(
        bench.task("burner"),
        {.clock = ClockId::ProcessCpu, .setting = {.value = 25ms, .interval = {}}, .signal = 40}));
    bench.run(20ms);
    QCOMPARE(bench.row("burner").handledSignals, 0U);
    bench.run(20ms);
    QCOMPARE(bench.row("burner").handledSignals, 1U);
    QCOMPARE(bench.row("burner").lastSignal, 40);
}

void MachineTasksTest::cpuLimitWarnsEverySecondAndKills()
{
    Bench bench;
    QVERIFY(bench.start(burner()));
    QCOMPARE(bench.tasks().setCpuLimit(bench.task("burner"), {.soft = 1, .hard = 3}), Errno::Ok);
    bench.run(2500ms);
    QCOMPARE(bench.row("burner").handledSignals, 2U); // as recorded: px28_rlimit_cpu
    QCOMPARE(bench.row("burner").lastSignal, signal_number::cpuLimit);
    bench.run(1s);
    QCOMPARE(bench.row("burner").state, TaskState::Ended);
    QCOMPARE(bench.row("burner").killedBy, std::optional<int>(signal_number::kill));
    QVERIFY(Bench::isNear(bench.row("burner").userTime, 3s, 10ms));
    QCOMPARE(bench.bench.cpu().tickStopped, std::optional(true));
}

void MachineTasksTest::signalInterruptsASleep()
{
    Bench bench;
    QVERIFY(bench.start(sleeper(TaskRoutine::Nanosleep, 10s)));
    QCOMPARE(bench.tasks().setIntervalTimer(bench.task("sleeper"), IntervalTimerKind::Real,
                                            {.value = 100ms, .interval = {}}),
             Errno::Ok);
    bench.run(200ms);
    QCOMPARE(bench.row("sleeper").interrupted, 1U);
    QCOMPARE(bench.row("sleeper").rounds, 1U);
    QCOMPARE(bench.row("sleeper").state, TaskState::Sleeping);
    // One that is ignored does not.
    bench.tasks().setSignals(bench.task("sleeper"), SignalHabit::Ignore);
    QCOMPARE(bench.tasks().setIntervalTimer(bench.task("sleeper"), IntervalTimerKind::Real,
                                            {.value = 100ms, .interval = {}}),
             Errno::Ok);
    bench.run(200ms);
    QCOMPARE(bench.row("sleeper").rounds, 1U);
}

void MachineTasksTest::unhandledSignalEndsTheTask()
{
    Bench bench;
    TaskDescription task = sleeper(TaskRoutine::Nanosleep, 1ms);
    task.onSignal = SignalHabit::Default;
    QVERIFY(bench.start(task));
    QVERIFY(bench.tasks().armTimer(bench.task("sleeper"), {.setting = every(20ms)}));
    bench.run(100ms);
    QCOMPARE(bench.row("sleeper").state, TaskState::Ended);
    QCOMPARE(bench.row("sleeper").killedBy, std::optional<int>(signal_number::alarm));
    const std::uint64_t rounds = bench.row("sleeper").rounds;
    bench.run(100ms);
    QCOMPARE(bench.row("sleeper").rounds, rounds);
}

void MachineTasksTest::cpuTimersOfATaskThatIsKilledGoWithIt()
{
    Bench bench;
    TaskDescription task = burner();
    task.onSignal = SignalHabit::Default;
    QVERIFY(bench.start(task));
    QVERIFY(bench.tasks().armTimer(bench.task("burner"),
                                   {.clock = ClockId::ProcessCpu, .setting = every(1h)}));
    QVERIFY(bench.tasks().armTimer(bench.task("burner"), {.setting = every(20ms)}));
    bench.run(100ms);
    QCOMPARE(bench.row("burner").killedBy, std::optional<int>(signal_number::alarm));
}

/// With nohz_full a task computes without ticks. A timer that it arms on its own CPU is the first
/// thing for which that one has to look at its wheel again.
void MachineTasksTest::taskWithoutATickIsTickedForItsOwnTimer()
{
    Bench bench("nohz_full=1", 2);
    QVERIFY(bench.booted);
    TaskDescription task = burner();
    task.cpu = 1;
    QVERIFY(bench.start(task));
    bench.run(1s);
    Machine& machine = *bench.bench.machine;
    QCOMPARE(machine.snapshot().cpus[1].tickStopped, std::optional(true));
    std::optional<TraceInstant> fired;
    WheelTimer timer(1'000'000, "own_timer", [&](WheelTimer&) { fired = machine.now(); });
    const TraceInstant armed = machine.now();
    machine.cpus().runOn(1, [&] {
        const Jiffies now = machine.jiffies().now();
        machine.cpu(1).wheel().modify(timer, Jiffies{now.count + 3}, now);
    });
    machine.settle();
    bench.run(1s);
    QVERIFY(fired.has_value());
    QVERIFY(*fired - armed <= 50ms);
}

void MachineTasksTest::timerfdReaderCountsItsPeriods()
{
    Bench bench;
    TaskDescription task = sleeper(TaskRoutine::TimerFd, 10ms);
    task.run = 25ms; // longer than a period: each read answers with two or three
    QVERIFY(bench.start(task));
    bench.run(1s);
    const TaskRow row = bench.row("sleeper");
    QVERIFY2(row.expirations >= 95 && row.expirations <= 98,
             qPrintable(QString::number(row.expirations)));
    QVERIFY(row.rounds < 50);
}

void MachineTasksTest::steppedClockCancelsATimerfd()
{
    Bench bench;
    TaskDescription task = sleeper(TaskRoutine::TimerFd, 1s);
    task.clock = ClockId::Realtime;
    QVERIFY(bench.start(task));
    bench.run(100ms);
    QCOMPARE(bench.bench.machine->setTime(RealtimeInstant{1'700'000'000s}), Errno::Ok);
    bench.bench.machine->settle();
    bench.run(1ms);
    QCOMPARE(bench.row("sleeper").canceled, 1U);
}

void MachineTasksTest::burstsHardlyEverTimeOut()
{
    Bench bench;
    TaskDescription task = sleeper(TaskRoutine::Burst, 5ms);
    task.timers = 16;
    task.loss = 1000;
    QVERIFY(bench.start(task));
    bench.run(10s);
    // A thousand exchanges of sixteen packets.
    QVERIFY(bench.row("sleeper").retransmits >= 13);
    QVERIFY(bench.row("sleeper").retransmits <= 16);
    QVERIFY(bench.bench.all(RecordKind::TimerStart).size() > 10'000);
}

void MachineTasksTest::tasksOfACpuThatGoesMoveOn()
{
    Bench bench({}, 2);
    TaskDescription computing = burner();
    computing.cpu = 1;
    QVERIFY(bench.start(computing));
    TaskDescription sleeping = sleeper(TaskRoutine::Nanosleep, 7ms);
    sleeping.cpu = 1;
    QVERIFY(bench.start(sleeping));
    bench.run(500ms);
    QCOMPARE(bench.bench.machine->setCpuOnline(1, false), Errno::Ok);
    const Ns before = bench.row("burner").runtime;
    const std::uint64_t rounds = bench.row("sleeper").rounds;
    bench.run(500ms);
    QCOMPARE(bench.row("burner").cpu, 0U);
    QCOMPARE(bench.row("sleeper").cpu, 0U);
    QVERIFY(Bench::isNear(bench.row("burner").runtime - before, 500ms, 11ms));
    QVERIFY(bench.row("sleeper").rounds > rounds + 60);
    QCOMPARE(bench.bench.machine->setCpuOnline(1, true), Errno::Ok);
    bench.run(100ms);
    QCOMPARE(bench.row("burner").state, TaskState::Running);
}

void MachineTasksTest::suspendStopsEverybody()
{
    Bench bench;
    QVERIFY(bench.start(burner()));
    bench.run(100ms);
    QVERIFY(bench.bench.machine->suspend(10s));
    bench.run(100ms);
    QVERIFY(Bench::isNear(bench.row("burner").userTime, 200ms, 30ms));
    QCOMPARE(bench.row("burner").state, TaskState::Running);
}

void MachineTasksTest::fullNohzTicksForACpuTimerOnly()
{
    Bench bench("nohz_full=1", 2);
    TaskDescription task = burner();
    task.cpu = 1;
    QVERIFY(bench.start(task));
    bench.run(100ms);
    const auto ticks = [&] {
        return std::ranges::count(bench.bench.all(RecordKind::IrqHandlerEntry), 1U,
                                  &TraceRecord::cpu);
    };
    const auto before = ticks();
    bench.run(1s);
    QVERIFY(ticks() - before < 10);
    QVERIFY(bench.tasks().armTimer(
        bench.task("burner"),
        {.clock = ClockId::ProcessCpu, .setting = {.value = 1h, .interval = {}}, .signal = 40}));
    bench.bench.machine->settle();
    const auto armed = ticks();
    bench.run(1s);
    QVERIFY(ticks() - armed > 90);
}

void MachineTasksTest::alarmClockNeedsAnRtc()
{
    Bench bench;
    TaskDescription task = sleeper(TaskRoutine::Nanosleep, 10ms);
    task.clock = ClockId::BoottimeAlarm;
    QVERIFY(bench.start(task));
    bench.run(10ms);
    QCOMPARE(bench.row("sleeper").state, TaskState::Ended);
    QCOMPARE(bench.row("sleeper").refused, std::optional<std::string>("EOPNOTSUPP"));
}

void MachineTasksTest::twoTasksMayNotShareAName()
{
    Bench bench;
    QVERIFY(bench.start(burner()));
    const auto again = bench.tasks().start(burner());
    QVERIFY(!again);
    QCOMPARE(again.error().what,
             std::string("there is a task named \"burner\" already; each needs a name of its own"));
}

void MachineTasksTest::stateTextShowsTasks()
{
    Bench bench;
    QVERIFY(bench.start(burner()));
    bench.run(100ms);
    const Snapshot snapshot = bench.bench.machine->snapshot();
    QCOMPARE(stateValue(snapshot, "task.burner.state"), std::optional<std::string>("running"));
    QCOMPARE(stateValue(snapshot, "task.burner.utime_ns"),
             std::optional<std::string>(std::to_string(snapshot.tasks[0].userTime.count())));
    QCOMPARE(stateValue(snapshot, "loadavg"), std::optional<std::string>("0.00 0.00 0.00 1/1 100"));
}

QTEST_APPLESS_MAIN(MachineTasksTest)
#include "machine_tasks_test.moc"
