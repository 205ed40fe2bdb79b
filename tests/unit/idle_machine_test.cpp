// SPDX-License-Identifier: GPL-3.0-or-later
//! CPUs of a whole machine go idle, and everything that should wake them does.
#include "tests/support/machine_bench.h"

#include <QTest>

#include <algorithm>

using namespace timerscope;
using namespace timerscope::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// CPUs with a timer each, and a clocksource; booted.
class Bench
{
public:
    explicit Bench(const std::string& commandLine = {}, unsigned cpus = 1, bool noHz = true)
        : bench(config(commandLine, cpus, noHz), devices())
        , booted(bench.boot())
    {
        bench.run(milliseconds{150});
        bench.passFirstCatchUp();
    }

    [[nodiscard]] std::size_t count(RecordKind kind) const { return bench.all(kind).size(); }
    [[nodiscard]] CpuRow row(unsigned cpu = 0) const { return bench.machine->snapshot().cpus[cpu]; }
    [[nodiscard]] QString statistic(const std::string& name, unsigned cpu = 0) const
    {
        for (const NamedValue& value : row(cpu).idleStatistics) {
            if (value.name == name) {
                return QString::fromStdString(value.value);
            }
        }
        return "none";
    }

    MachineBench bench;
    bool booted;

private:
    static MachineConfig config(const std::string& commandLine, unsigned cpus, bool noHz)
    {
        MachineConfig config = machineConfig(commandLine);
        config.cpus = cpus;
        config.config.smp = cpus > 1;
        config.config.noHz = noHz;
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

WorkloadDescription task(Ns period)
{
    return {.task = "worker", .function = "wakeup", .period = period, .slack = {}, .count = 1};
}

} // namespace

class IdleMachineTest : public QObject
{
    Q_OBJECT
private slots:
    void idleMachineHardlyTicks_data();
    void idleMachineHardlyTicks();
    void nohzOffTicksOn();
    void kernelWithoutNoHzKeepsNoIdleTimes();
    void cpuIsIdleFromTheEndOfTheBoot();
    void sleeperWakesOnTimeAndTheTickGoesOnForIt();
    void everySleepOfTheCpuIsRecorded();
    void everyCpuButOneSleepsForGood();
    void timerArmedFromAfarWakesAnIdleCpu();
    void cpuThatComesBackIdlesAgain();
    void snapshotShowsWhatTheKernelPrints();
    void fullNohzKeepsTheFirstCpuTicking();
    void suspendFindsTheTickRunning();
    void theDeepestStateThatIsWorthItIsEntered();
    void aCpuWhoseTimerStandsIsWokenByTheBroadcastDevice();
    void withoutABroadcastDeviceTheTimerMustNotStand();
    void idleStatesThatStopTheTimerAskForBroadcasts();
    void cpuWithABroadcastToComePolls();
    void stallSaysWhoseTickIsMissing();
    void wakingTakesTheStatesLatency();
};

void IdleMachineTest::idleMachineHardlyTicks_data()
{
    QTest::addColumn<QString>("commandLine");
    QTest::newRow("high resolution") << "";
    QTest::newRow("low resolution") << "highres=off";
}

void IdleMachineTest::idleMachineHardlyTicks()
{
    QFETCH(QString, commandLine);
    Bench bench(commandLine.toStdString());
    QVERIFY(bench.booted);
    QCOMPARE(bench.row().tickStopped, std::optional(true));
    const std::uint64_t before = bench.bench.jiffies();
    const std::size_t interrupts = bench.count(RecordKind::IrqHandlerEntry);
    bench.bench.run(seconds{100});
    QVERIFY(bench.count(RecordKind::IrqHandlerEntry) - interrupts < 10);
    QCOMPARE(bench.bench.jiffies() - before, 10'000U);
}

void IdleMachineTest::nohzOffTicksOn()
{
    Bench bench("nohz=off");
    QVERIFY(bench.booted);
    const std::size_t interrupts = bench.count(RecordKind::IrqHandlerEntry);
    bench.bench.run(seconds{1});
    QVERIFY(bench.count(RecordKind::IrqHandlerEntry) - interrupts >= 100);
    QCOMPARE(bench.row().tickStopped, std::optional(false));
    QCOMPARE(bench.statistic("idle_calls"), "0");
    QVERIFY(bench.statistic("idle_sleeptime") != "0 nsecs"); // idle it was
}

void IdleMachineTest::kernelWithoutNoHzKeepsNoIdleTimes()
{
    Bench bench({}, 1, false);
    QVERIFY(bench.booted);
    bench.bench.run(seconds{1});
    QCOMPARE(bench.statistic("idle_sleeptime"), "0 nsecs");
    QCOMPARE(bench.statistic("idle_entrytime"), "0 nsecs");
}

void IdleMachineTest::cpuIsIdleFromTheEndOfTheBoot()
{
    MachineBench bench(
        machineConfig(),
        {deviceOf({counterDevice("counter", 24'000'000, 300)}, {eventDevice("timer", 300)})});
    QVERIFY(bench.probe(0));
    bench.machine->schedClockInit();
    bench.machine->initJiffiesClocksource();
    bench.run(seconds{1});
    QVERIFY(bench.all(RecordKind::CpuIdle).empty());
    bench.machine->clocksourceDoneBooting();
    QCOMPARE(bench.all(RecordKind::CpuIdle).size(), std::size_t{1});
}

void IdleMachineTest::sleeperWakesOnTimeAndTheTickGoesOnForIt()
{
    Bench bench;
    QVERIFY(bench.booted);
    const TraceInstant start = bench.bench.machine->now();
    bench.bench.machine->startSleeping(task(milliseconds{777}));
    bench.bench.run(milliseconds{700});
    QCOMPARE(bench.row().tickStopped, std::optional(true));
    const unsigned long calls = bench.statistic("idle_calls").toULong();
    bench.bench.run(milliseconds{100});
    const auto expired = bench.bench.all(RecordKind::HrtimerExpireEntry);
    const auto found = std::ranges::find_if(expired, [&](const TraceRecord& record) {
        return record.at >= start + milliseconds{777}
        && record.at < start + milliseconds{777} + std::chrono::microseconds{1};
    });
    QVERIFY(found != expired.end());
    QVERIFY(bench.statistic("idle_calls").toULong() > calls);
    QCOMPARE(bench.row().tickStopped, std::optional(true));
}

void IdleMachineTest::everySleepOfTheCpuIsRecorded()
{
    Bench bench;
    bench.bench.machine->startSleeping(task(milliseconds{300}));
    bench.bench.run(seconds{2});
    const auto records = bench.bench.all(RecordKind::CpuIdle);
    QVERIFY(records.size() > 4);
    for (std::size_t i = 0; i < records.size(); ++i) {
        QCOMPARE(records[i].a, i % 2 == 0 ? idle_state::halt : idle_state::exit);
    }
}

void IdleMachineTest::everyCpuButOneSleepsForGood()
{
    Bench bench({}, 4);
    QVERIFY(bench.booted);
    std::size_t stopped = 0;
    for (unsigned cpu = 0; cpu < 4; ++cpu) {
        const ClockEventDevice* const device = bench.bench.machine->cpu(cpu).tick().device();
        stopped += device->state() == ClockEventState::OneshotStopped ? 1U : 0U;
    }
    QCOMPARE(stopped, std::size_t{3});
}

void IdleMachineTest::timerArmedFromAfarWakesAnIdleCpu()
{
    Bench bench({}, 2);
    QVERIFY(bench.booted);
    Machine& machine = *bench.bench.machine;
    unsigned fired = 0;
    WheelTimer timer(1000, "afar", [&](WheelTimer&) { ++fired; });
    machine.cpus().runOn(0, [&] {
        const Jiffies now = machine.jiffies().now();
        machine.cpu(0).wheel().addOn(machine.cpu(1).wheel(), timer, Jiffies{now.count + 20}, now);
    });
    machine.settle();
    QCOMPARE(machine.cpu(1).tick().device()->state(), ClockEventState::Oneshot);
    bench.bench.run(milliseconds{190});
    QCOMPARE(fired, 0U);
    bench.bench.run(milliseconds{30});
    QCOMPARE(fired, 1U);
}

void IdleMachineTest::cpuThatComesBackIdlesAgain()
{
    Bench bench({}, 2);
    QVERIFY(bench.booted);
    Machine& machine = *bench.bench.machine;
    const QString slept = bench.statistic("idle_sleeptime", 1);
    QCOMPARE(machine.setCpuOnline(1, false), Errno::Ok);
    bench.bench.run(seconds{1});
    QVERIFY(!machine.cpu(1).isIdle());
    QCOMPARE(bench.row(1).tickStopped, std::optional(false));
    QVERIFY(bench.statistic("idle_sleeptime", 1).section(' ', 0, 0).toULongLong()
            >= slept.section(' ', 0, 0).toULongLong());
    QCOMPARE(machine.setCpuOnline(1, true), Errno::Ok);
    bench.bench.run(seconds{1});
    QVERIFY(machine.cpu(1).isIdle());
}

void IdleMachineTest::snapshotShowsWhatTheKernelPrints()
{
    Bench bench;
    QStringList names;
    for (const NamedValue& value : bench.row().idleStatistics) {
        names.append(QString::fromStdString(value.name));
    }
    QCOMPARE(names,
             (QStringList{"max_hang_time", "last_tick", "idle_jiffies", "idle_calls", "idle_sleeps",
                          "idle_entrytime", "idle_waketime", "idle_exittime", "idle_sleeptime",
                          "iowait_sleeptime", "last_jiffies", "next_timer", "idle_expires"}));
    QVERIFY(bench.statistic("idle_sleeps").toULong() > 0);
    QVERIFY(bench.statistic("last_tick").endsWith("0000000 nsecs")); // a whole period at HZ=100
}

void IdleMachineTest::fullNohzKeepsTheFirstCpuTicking()
{
    Bench bench("nohz_full=0-1", 2);
    QVERIFY(bench.booted);
    QVERIFY(bench.bench.dmesg().contains("NO_HZ: Full dynticks CPUs: 1.\n"));
    bench.bench.run(seconds{1});
    QCOMPARE(bench.row(0).tickStopped, std::optional(false));
    QCOMPARE(bench.row(1).tickStopped, std::optional(true));
    QCOMPARE(bench.bench.machine->snapshot().machine.doTimerCpu, std::optional(0U));
}

void IdleMachineTest::suspendFindsTheTickRunning()
{
    Bench bench;
    bench.bench.run(seconds{1});
    const std::uint64_t before = bench.bench.jiffies();
    QVERIFY(bench.bench.machine->suspend(seconds{10}).has_value());
    bench.bench.run(seconds{1});
    QCOMPARE(bench.row().tickStopped, std::optional(true));
    QCOMPARE(bench.bench.jiffies() - before, 100U);
}

namespace {

/// Two CPUs whose timers stop in C3.
class DeepBench
{
public:
    explicit DeepBench(bool withBroadcast = true)
        : bench(config(), devices(withBroadcast))
        , booted(bench.boot(withBroadcast ? 2 : 1))
    {
        bench.run(milliseconds{150});
    }
    /// The states that @p cpu fell asleep in since record @p from.
    [[nodiscard]] QStringList states(unsigned cpu, std::size_t from = 0) const
    {
        QStringList names;
        for (std::size_t i = from; i < bench.log.size(); ++i) {
            const TraceRecord& record = bench.log[i];
            if (record.kind == RecordKind::CpuIdle && record.cpu == cpu
                && record.a == idle_state::halt) {
                names.append(QString::fromStdString(std::string(bench.log.string(record.subject))));
            }
        }
        return names;
    }

    MachineBench bench;
    bool booted;

private:
    static MachineConfig config()
    {
        MachineConfig config = machineConfig();
        config.cpus = 2;
        config.config.smp = true;
        config.config.broadcast = true;
        config.idleStates = {{.name = "C1", .exitLatency = std::chrono::microseconds{2}},
                             {.name = "C2",
                              .exitLatency = std::chrono::microseconds{10},
                              .residency = std::chrono::microseconds{300}},
                             {.name = "C3",
                              .exitLatency = std::chrono::microseconds{100},
                              .residency = milliseconds{2},
                              .stopsTimer = true}};
        return config;
    }
    static std::vector<DeviceDescription> devices(bool withBroadcast)
    {
        EventDescription local = eventDevice("local", 300);
        local.features |= clock_event_feature::c3stop;
        local.perCpu = true;
        local.irq = std::nullopt;
        std::vector<DeviceDescription> all;
        all.push_back(deviceOf({counterDevice("counter", 24'000'000, 300, 56)}, {local}));
        if (withBroadcast) {
            all.push_back(deviceOf({}, {eventDevice("hpet", 50)}));
        }
        return all;
    }
};

} // namespace

void IdleMachineTest::theDeepestStateThatIsWorthItIsEntered()
{
    DeepBench deep;
    QVERIFY(deep.booted);
    const std::size_t from = deep.bench.log.size();
    for (const auto period : {std::chrono::microseconds{100}, std::chrono::microseconds{900},
                              std::chrono::microseconds{7000}}) {
        deep.bench.machine->startSleeping(task(period), 1);
        deep.bench.run(milliseconds{30});
    }
    const QStringList states = deep.states(1, from);
    QVERIFY(states.contains("C1"));
    QVERIFY(states.contains("C2"));
    QVERIFY(states.contains("C3"));
    QCOMPARE(states.first(), "C1");
}

void IdleMachineTest::aCpuWhoseTimerStandsIsWokenByTheBroadcastDevice()
{
    DeepBench deep;
    Machine& machine = *deep.bench.machine;
    deep.bench.run(milliseconds{50});
    QCOMPARE(deep.states(1).last(), "C3");
    QCOMPARE(machine.cpu(1).tick().device()->state(), ClockEventState::Shutdown);
    QVERIFY(machine.cpus().broadcast().masks().oneshot.has(1));
    machine.startSleeping(task(milliseconds{33}), 1);
    const std::int64_t expires = deep.bench.all(RecordKind::HrtimerStart).back().a;
    deep.bench.run(milliseconds{100});
    const auto expired = deep.bench.all(RecordKind::HrtimerExpireEntry);
    const auto woken = std::ranges::find_if(
        expired, [&](const TraceRecord& record) { return record.b == expires; });
    QVERIFY(woken != expired.end());
    QCOMPARE(woken->cpu, std::uint16_t{1});
    // Both CPUs had to wake: the one that the broadcast's interrupt comes to, and it.
    QVERIFY(woken->a - expires >= 100'000 && woken->a - expires <= 210'000);
    QVERIFY(!deep.bench.all(RecordKind::BroadcastSend).empty());
    QCOMPARE(deep.states(1).last(), "C3");
}

void IdleMachineTest::withoutABroadcastDeviceTheTimerMustNotStand()
{
    DeepBench deep(false);
    QVERIFY(deep.booted);
    const std::size_t from = deep.bench.log.size();
    deep.bench.run(milliseconds{50});
    QVERIFY(deep.states(1, from).contains("C2"));
    QVERIFY(!deep.states(1).contains("C3"));
    const auto entries = deep.bench.all(RecordKind::BroadcastEnter);
    QVERIFY(!entries.empty());
    QVERIFY(std::ranges::all_of(
        entries, [](const TraceRecord& record) { return record.a == returnValue(Errno::Busy); }));
}

void IdleMachineTest::idleStatesThatStopTheTimerAskForBroadcasts()
{
    DeepBench deep;
    TickBroadcast& broadcast = deep.bench.machine->cpus().broadcast();
    QCOMPARE(broadcast.masks().on, CpuMask::firstOf(2));
    QCOMPARE(deep.bench.machine->setCpuOnline(1, false), Errno::Ok);
    QCOMPARE(broadcast.masks().on, CpuMask::of(0));
    QCOMPARE(deep.bench.machine->setCpuOnline(1, true), Errno::Ok);
    QCOMPARE(broadcast.masks().on, CpuMask::firstOf(2));
}

/// A task wakes the CPU from C3 when its event has just passed, and the broadcast is on its way.
void IdleMachineTest::cpuWithABroadcastToComePolls()
{
    DeepBench deep;
    Machine& machine = *deep.bench.machine;
    machine.startSleeping(task(milliseconds{33}), 1);
    machine.settle();
    const auto expires = machine.cpu(1).tick().device()->nextEvent();
    const auto isDue = [&] { return machine.timekeeper().monotonicNow() >= expires; };
    while (!isDue()) {
        deep.bench.hardware.spend(std::chrono::microseconds{10}); // interrupts are still to come
    }
    const std::size_t from = deep.bench.log.size();
    machine.cpus().runOn(1, [] { });
    machine.settle();
    QVERIFY(machine.cpus().broadcast().masks().force.has(1));
    const auto idles = deep.bench.all(RecordKind::CpuIdle);
    QCOMPARE(idles.back().cpu, std::uint16_t{1});
    QCOMPARE(idles.back().a, idle_state::poll);
    deep.bench.run(milliseconds{1});
    QVERIFY(machine.cpus().broadcast().masks().force.isEmpty());
    QVERIFY(deep.states(1, from).contains("C3") || deep.states(1, from).contains("C2"));
}

void IdleMachineTest::stallSaysWhoseTickIsMissing()
{
    Bench bench("highres=off nohz=off", 2);
    QVERIFY(bench.booted);
    QVERIFY(bench.bench.hardware
                .inject({.target = "timer", .effect = FaultEffect::LostInterrupt, .amount = 1000})
                .has_value());
    bench.bench.run(seconds{3});
    const auto faults = bench.bench.all(RecordKind::MachineFault);
    QCOMPARE(faults.size(), 1U);
    QCOMPARE(std::string(bench.bench.log.string(faults.front().subject)),
             std::string("time stands: interrupts come, but none of timer comes to CPU 0, which "
                         "counts jiffies, so jiffies, timers and the watchdog stand as well"));
}

void IdleMachineTest::wakingTakesTheStatesLatency()
{
    MachineConfig config = machineConfig();
    config.idleStates = {{.name = "C1", .exitLatency = std::chrono::microseconds{50}}};
    MachineBench bench(
        config,
        {deviceOf({counterDevice("counter", 24'000'000, 300)}, {eventDevice("timer", 300)})});
    QVERIFY(bench.boot());
    bench.run(milliseconds{150});
    bench.machine->startSleeping(task(milliseconds{33}));
    const std::int64_t expires = bench.all(RecordKind::HrtimerStart).back().a;
    bench.run(milliseconds{50});
    const auto expired = bench.all(RecordKind::HrtimerExpireEntry);
    const auto found = std::ranges::find_if(expired, [&](const TraceRecord& record) {
        return record.b == expires && record.a - expires >= 50'000 && record.a - expires < 51'000;
    });
    QVERIFY(found != expired.end());
}

QTEST_GUILESS_MAIN(IdleMachineTest)
#include "idle_machine_test.moc"
