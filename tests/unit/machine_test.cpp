// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/machine_bench.h"

#include <QTest>

using namespace timerscope;
using namespace timerscope::test;
using namespace clock_event_feature;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

std::vector<DeviceDescription> oneTimer(std::uint32_t features = periodicAndOneshot)
{
    return {deviceOf({counterDevice("counter", 24'000'000, 300)},
                     {eventDevice("timer", 300, features)})};
}

/// Hardware that is unplugged at some time.
class FragileHardware final : public Hardware
{
public:
    explicit FragileHardware(SimulatedHardware& board)
        : m_board(board)
    {
    }
    [[nodiscard]] std::span<const CounterInfo> counters() const override
    {
        return m_board.counters();
    }
    [[nodiscard]] std::span<const EventChannelInfo> channels() const override
    {
        return m_board.channels();
    }
    [[nodiscard]] Result<Cycles> read(CounterIndex counter) override
    {
        return lost ? Result<Cycles>(gone()) : m_board.read(counter);
    }
    [[nodiscard]] Cycles observe(CounterIndex counter) const override
    {
        return m_board.observe(counter);
    }
    [[nodiscard]] Result<void> set(ChannelIndex channel, ClockEventState state,
                                   std::uint64_t periodTicks) override
    {
        return lost ? Result<void>(gone()) : m_board.set(channel, state, periodTicks);
    }
    [[nodiscard]] Result<void> program(ChannelIndex channel, std::uint64_t ticks) override
    {
        return lost ? Result<void>(gone()) : m_board.program(channel, ticks);
    }
    [[nodiscard]] TraceInstant now() const override { return m_board.now(); }
    void spend(Ns span) override { m_board.spend(span); }
    [[nodiscard]] Result<std::optional<ChannelIndex>> waitUntil(TraceInstant limit) override
    {
        auto fired = m_board.waitUntil(limit);
        lost = lost || (losesAt <= m_board.now());
        return fired;
    }

    bool lost = false; ///< from now on every call fails
    TraceInstant losesAt = never<TraceClock>; ///< with the interrupt that comes then

private:
    static tl::unexpected<Error> gone()
    {
        return fail(ErrorCode::DeviceLost, "the board was unplugged");
    }
    SimulatedHardware& m_board;
};

} // namespace

class MachineTest : public QObject
{
    Q_OBJECT
private slots:
    void impossibleNumbersOfCpusAreRefused();
    void unknownHardwareIsNamed();
    void impossibleRatesAreRefused();
    void bootLogHasTheKernelsLinesInOrder();
    void labelFollowsTheProfile();
    void schedClockOfJiffiesIsAsWideAsALong();
    void snapshotShowsWhatIsThere();
    void snapshotChangesNothing();
    void sleepersAreLateByATickBeforeHighResolutionAndOnTimeAfter();
    void waitersWakeByTheWheel();
    void tasksOfACpuThatGoesOfflineGoOnElsewhere();
    void schedClockWrapTimerKeepsANarrowCounterGoing();
    void lostHardwareStopsTheMachine_data();
    void lostHardwareStopsTheMachine();
    void lowResolutionNeverProgramsForTimers();
    void costsMakeTimePass();
};

void MachineTest::impossibleNumbersOfCpusAreRefused()
{
    SimulatedHardware hardware({}, {});
    TraceLog log;
    MachineConfig config = machineConfig();
    const auto problem = [&](unsigned cpus, bool smp) {
        config.cpus = cpus;
        config.config.smp = smp;
        const auto machine = Machine::powerOn(config, hardware, log);
        return machine ? QString{} : QString::fromStdString(machine.error().what);
    };
    QCOMPARE(problem(0, true), "the machine has 0 CPUs; 1 to 64 are allowed");
    QCOMPARE(problem(65, true), "the machine has 65 CPUs; 1 to 64 are allowed");
    QCOMPARE(problem(2, false),
             "the machine has 2 CPUs, but SMP is false, so its kernel can use only 1");
    QCOMPARE(problem(64, true), QString{});
    QCOMPARE(problem(1, false), QString{});
}

void MachineTest::unknownHardwareIsNamed()
{
    MachineBench bench(machineConfig(), oneTimer());
    const auto counter = bench.machine->probe(deviceOf({counterDevice("other", 1'000'000, 1)}, {}));
    QCOMPARE(counter.error().code, ErrorCode::NotFound);
    QCOMPARE(QString::fromStdString(counter.error().what),
             "the hardware has no counter named other");
    const auto event = bench.machine->probe(deviceOf({}, {eventDevice("other", 1)}));
    QCOMPARE(QString::fromStdString(event.error().what),
             "the hardware has no event channel named other");
}

void MachineTest::impossibleRatesAreRefused()
{
    auto devices = oneTimer();
    devices[0].counters[0].rate = Hertz{0};
    MachineBench bench(machineConfig(), devices);
    QCOMPARE(bench.machine->probe(devices[0]).error().code, ErrorCode::InvalidArgument);
    devices = oneTimer();
    devices[0].counters.clear();
    devices[0].events[0].rate = Hertz{0};
    MachineBench other(machineConfig(), devices);
    QCOMPARE(other.machine->probe(devices[0]).error().code, ErrorCode::InvalidArgument);
}

void MachineTest::bootLogHasTheKernelsLinesInOrder()
{
    auto devices = oneTimer();
    devices[0].counters[0].delayTimer = true;
    MachineBench bench(machineConfig(), devices);
    QVERIFY(bench.probe(0));
    bench.machine->schedClockInit();
    bench.machine->calibrateDelay();
    bench.machine->initJiffiesClocksource();
    bench.machine->clocksourceDoneBooting();
    const QStringList lines = bench.dmesg().split('\n', Qt::SkipEmptyParts);
    QCOMPARE(lines.size(), 6);
    QVERIFY(lines[0].startsWith("clocksource: counter: mask: 0xffffffff"));
    QVERIFY(lines[1].startsWith("sched_clock: 32 bits at 24MHz, resolution 41ns"));
    QCOMPARE(lines[2], "Switching to timer-based delay loop, resolution 41ns");
    QCOMPARE(lines[3],
             "Calibrating delay loop (skipped), value calculated using timer "
             "frequency.. 48.00 BogoMIPS (lpj=240000)");
    QVERIFY(lines[4].startsWith("clocksource: jiffies: mask: 0xffffffff"));
    QCOMPARE(lines[5], "clocksource: Switched to clocksource counter");
}

void MachineTest::labelFollowsTheProfile()
{
    auto devices = oneTimer();
    devices[0].counters[0].rate = Hertz{24'750'000};
    MachineBench old(machineConfig("", 100, "linux-5.15"), devices);
    QVERIFY(old.probe(0));
    QVERIFY(old.dmesg().contains("32 bits at 24MHz, resolution 40ns, wraps every 86767015915ns"));
    MachineBench reference(machineConfig(), devices);
    QVERIFY(reference.probe(0));
    QVERIFY(reference.dmesg().contains("32 bits at 25MHz, resolution 40ns"));
}

void MachineTest::schedClockOfJiffiesIsAsWideAsALong()
{
    auto devices = oneTimer();
    devices[0].counters[0].schedClock = false;
    const auto lineOf = [&](unsigned bits) {
        MachineConfig config = machineConfig();
        config.bits = bits;
        MachineBench bench(config, devices);
        return bench.boot() ? bench.dmesg() : QString();
    };
    QVERIFY(lineOf(32).contains("sched_clock: 32 bits at 100 Hz, resolution 10000000ns, wraps "
                                "every 21474836475000000ns"));
    QVERIFY(lineOf(64).contains("sched_clock: 64 bits at 100 Hz, resolution 10000000ns, wraps "
                                "every 36028797015000000ns"));
}

void MachineTest::snapshotShowsWhatIsThere()
{
    MachineBench bench(machineConfig(), oneTimer());
    const Snapshot before = bench.machine->snapshot();
    QVERIFY(before.clocksources.empty() && before.clockEvents.empty());
    QCOMPARE(before.cpus.size(), 1U);
    QCOMPARE(*before.cpus[0].tickDevice, std::string());
    QCOMPARE(*before.machine.bootFinished, false);
    QVERIFY(bench.boot());
    bench.run(milliseconds{100});
    const Snapshot after = bench.machine->snapshot();
    QCOMPARE(after.currentClocksource()->name, std::string("counter"));
    QCOMPARE(after.clocksources.size(), 2U);
    QCOMPARE(after.clocksources[1].available, false); // jiffies, in oneshot mode
    QCOMPARE(after.records, bench.log.size());
    QCOMPARE(after.at, bench.machine->now());
    QCOMPARE(after.cpus[0].hrtimerBases.size(), 8U);
    QCOMPARE(after.schedClock->counter, std::string("counter"));
}

void MachineTest::snapshotChangesNothing()
{
    auto devices = oneTimer();
    devices[0].counters[0].readCost = Ns{500};
    MachineBench bench(machineConfig(), devices);
    QVERIFY(bench.boot());
    bench.run(milliseconds{100});
    const TraceInstant now = bench.machine->now();
    const std::size_t records = bench.log.size();
    const Snapshot first = bench.machine->snapshot();
    QVERIFY(first == bench.machine->snapshot());
    QCOMPARE(bench.machine->now(), now);
    QCOMPARE(bench.log.size(), records);
}

void MachineTest::sleepersAreLateByATickBeforeHighResolutionAndOnTimeAfter()
{
    for (const bool hres : {false, true}) {
        MachineBench bench(machineConfig(hres ? "" : "highres=off nohz=off"), oneTimer());
        QVERIFY(bench.boot());
        bench.run(milliseconds{104});
        const std::size_t from = bench.log.size();
        bench.machine->startSleeping({.task = "t",
                                      .function = "sleeper",
                                      .period = Ns{3'333'333},
                                      .slack = {},
                                      .count = 20});
        bench.run(seconds{1});
        Ns latest{};
        Ns earliest = Ns::max();
        int fired = 0;
        std::uint32_t id = 0;
        for (std::size_t i = from; i < bench.log.size(); ++i) {
            const TraceRecord& record = bench.log[i];
            if (record.kind == RecordKind::HrtimerInit) {
                id = record.subject;
            }
            if (record.kind == RecordKind::HrtimerExpireEntry && record.subject == id) {
                ++fired;
                latest = std::max(latest, Ns{record.a - record.b});
                earliest = std::min(earliest, Ns{record.a - record.b});
            }
        }
        QCOMPARE(fired, 20);
        QVERIFY(earliest >= Ns::zero());
        if (hres) {
            QVERIFY(latest <= Ns{2000}); // the device's granularity and its shortest delta
        } else {
            QVERIFY(latest > milliseconds{5} && latest <= milliseconds{10});
        }
    }
}

void MachineTest::tasksOfACpuThatGoesOfflineGoOnElsewhere()
{
    MachineConfig config = machineConfig("", 250);
    config.cpus = 2;
    config.config.smp = true;
    EventDescription local = eventDevice("local", 300);
    local.perCpu = true;
    local.irq = std::nullopt;
    MachineBench bench(config, {deviceOf({counterDevice("counter", 24'000'000, 300)}, {local})});
    QVERIFY(bench.boot());
    bench.machine->startWaiting(
        {.task = "w", .function = "waiter", .period = milliseconds{30}, .slack = {}, .count = 0},
        1);
    bench.machine->startSleeping(
        {.task = "s", .function = "sleeper", .period = milliseconds{30}, .slack = {}, .count = 0},
        1);
    bench.run(seconds{1});
    QCOMPARE(bench.machine->setCpuOnline(1, false), Errno::Ok);
    const std::size_t waits = bench.all(RecordKind::TimerExpireEntry).size();
    const std::size_t sleeps = bench.all(RecordKind::HrtimerExpireEntry).size();
    bench.run(seconds{1});
    QVERIFY(bench.all(RecordKind::TimerExpireEntry).size() >= waits + 25);
    QVERIFY(bench.all(RecordKind::HrtimerExpireEntry).size() >= sleeps + 30);
}

void MachineTest::waitersWakeByTheWheel()
{
    MachineBench bench(machineConfig("", 250), oneTimer());
    QVERIFY(bench.boot());
    bench.run(milliseconds{50});
    bench.passFirstCatchUp();
    bench.machine->startWaiting(
        {.task = "t", .function = "waiter", .period = milliseconds{30}, .slack = {}, .count = 10});
    bench.run(seconds{2});
    const auto entries = bench.all(RecordKind::TimerExpireEntry);
    const auto starts = bench.all(RecordKind::TimerStart);
    QCOMPARE(entries.size(), 10U);
    QCOMPARE(starts.size(), 10U);
    for (std::size_t i = 0; i < entries.size(); ++i) {
        QCOMPARE(entries[i].a, starts[i].b); // in its bucket's jiffy
        QCOMPARE(starts[i].b, starts[i].a + 1); // level 0: one later than asked
    }
    // 30 ms are 8 jiffies of 4 ms, and one more.
    QCOMPARE(entries[9].a - entries[0].a, 81);
    QVERIFY(bench.machine->snapshot().cpus[0].wheels[0].timers.empty());
}

void MachineTest::schedClockWrapTimerKeepsANarrowCounterGoing()
{
    auto devices = oneTimer();
    devices[0].counters.push_back(counterDevice("narrow", 25'000'000, 10, 24)); // 0.67 s
    MachineBench bench(machineConfig(), devices);
    QVERIFY(bench.boot());
    QCOMPARE(bench.machine->snapshot().schedClock->counter, std::string("narrow"));
    bench.run(seconds{20});
    static_cast<void>(bench.machine->changeRating("counter", 5)); // prints with its stamp
    const TraceRecord last = bench.all(RecordKind::Printk).back();
    const Ns error = Ns{last.a} - last.at.time_since_epoch();
    QVERIFY2(error > -milliseconds{1} && error < milliseconds{1}, qPrintable(bench.dmesg()));
}

void MachineTest::lostHardwareStopsTheMachine_data()
{
    QTest::addColumn<QString>("commandLine");
    QTest::addColumn<unsigned>("features");
    QTest::newRow("high resolution") << "" << periodicAndOneshot;
    QTest::newRow("low resolution") << "highres=off" << periodicAndOneshot;
    QTest::newRow("periodic") << "highres=off nohz=off" << periodicAndOneshot;
    QTest::newRow("periodic by oneshot") << "highres=off nohz=off" << unsigned{oneshot};
}

void MachineTest::lostHardwareStopsTheMachine()
{
    QFETCH(QString, commandLine);
    QFETCH(unsigned, features);
    const auto devices = oneTimer(features);
    SimulatedHardware board = hardwareFor(devices);
    FragileHardware hardware(board);
    TraceLog log;
    const auto machine
        = Machine::powerOn(machineConfig(commandLine.toStdString()), hardware, log).value();
    QVERIFY(machine->probe(devices[0]));
    machine->schedClockInit();
    machine->clocksourceDoneBooting();
    // An idle machine would not touch it.
    machine->startSleeping(
        {.task = "t", .function = "sleeper", .period = milliseconds{1}, .slack = {}, .count = 0});
    const TraceInstant end{seconds{1}};
    hardware.losesAt = TraceInstant{milliseconds{200}};
    Result<bool> ran = true;
    while (ran && machine->now() < end) {
        ran = machine->runOnce(end);
    }
    QVERIFY(!ran);
    QCOMPARE(ran.error().code, ErrorCode::DeviceLost);
    QVERIFY(machine->now() < TraceInstant{milliseconds{250}});
}

void MachineTest::lowResolutionNeverProgramsForTimers()
{
    MachineBench bench(machineConfig("highres=off nohz=off"), oneTimer());
    QVERIFY(bench.boot());
    bench.machine->startSleeping(
        {.task = "t", .function = "sleeper", .period = milliseconds{1}, .slack = {}, .count = 0});
    bench.run(seconds{1});
    QVERIFY(bench.all(RecordKind::ClockEventProgram).empty());
    QCOMPARE(*bench.cpu().hrtimerEvents, 0U);
}

void MachineTest::costsMakeTimePass()
{
    MachineConfig config = machineConfig();
    config.cost.printk = Ns{100'000};
    config.cost.registration = Ns{10'000};
    MachineBench bench(config, oneTimer());
    QVERIFY(bench.probe(0));
    // Two lines, and the registrations of clocksource, sched_clock and event device.
    QCOMPARE(bench.machine->now(), TraceInstant{Ns{230'000}});
}

QTEST_GUILESS_MAIN(MachineTest)
#include "machine_test.moc"
