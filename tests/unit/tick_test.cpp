// SPDX-License-Identifier: GPL-3.0-or-later
//! The tick of a whole machine on simulated hardware: which mode it ends in, and that it counts.
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

} // namespace

class TickTest : public QObject
{
    Q_OBJECT
private slots:
    void bootEndsInTheModeThatTheCommandLineAllows_data();
    void bootEndsInTheModeThatTheCommandLineAllows();
    void configurationCanForbidWhatTheCommandLineCan();
    void newerProfilesNameTheirHandlers();
    void clocksourceJiffiesStaysPeriodicUntilABetterOneIsWritten();
    void tickStaysPeriodicUntilBootHasFinished();
    void deviceWithoutPeriodicModeIsToldEachTick();
    void deviceWithoutOneshotNeverSwitches();
    void deviceThatStopsInDeepIdleNeverSwitches();
    void betterDeviceTakesOverAHighResolutionTick();
    void betterDeviceTakesOverAPeriodicTick();
    void equalDeviceChangesNothing();
    void periodicOnlyDeviceNeverReplacesAOneshotOne();
    void jiffiesKeepTheirRateInEveryMode_data();
    void jiffiesKeepTheirRateInEveryMode();
    void jiffiesDoNotJumpAtTheSwitch_data();
    void jiffiesDoNotJumpAtTheSwitch();
    void highResolutionTicksFallOnWholePeriods();
    void longInterruptionIsCaughtUpInJiffies();
    void switchIsRecordedOnceAndInOrder();
};

void TickTest::bootEndsInTheModeThatTheCommandLineAllows_data()
{
    QTest::addColumn<QString>("commandLine");
    QTest::addColumn<QString>("tick");
    QTest::newRow("default") << "" << "timer oneshot hrtimer_interrupt oneshot highres hres";
    QTest::newRow("highres=off") << "highres=off"
                                 << "timer oneshot tick_nohz_handler oneshot lowres lowres";
    QTest::newRow("nohz=off") << "quiet nohz=off"
                              << "timer oneshot hrtimer_interrupt oneshot inactive hres";
    QTest::newRow("both off") << "highres=off nohz=off"
                              << "timer periodic tick_handle_periodic periodic inactive lowres";
    QTest::newRow("jiffies") << "clocksource=jiffies"
                             << "timer periodic tick_handle_periodic periodic inactive lowres";
    QTest::newRow("bogus") << "clocksource=bogus"
                           << "timer oneshot hrtimer_interrupt oneshot highres hres";
}

void TickTest::bootEndsInTheModeThatTheCommandLineAllows()
{
    QFETCH(QString, commandLine);
    QFETCH(QString, tick);
    MachineBench bench(machineConfig(commandLine.toStdString()), oneTimer());
    QVERIFY(bench.boot());
    bench.run(milliseconds{100});
    QCOMPARE(bench.tick(), tick);
}

void TickTest::configurationCanForbidWhatTheCommandLineCan()
{
    MachineConfig config = machineConfig();
    config.config.highResTimers = false;
    MachineBench lowres(config, oneTimer());
    QVERIFY(lowres.boot());
    lowres.run(milliseconds{100});
    QCOMPARE(lowres.tick(), "timer oneshot tick_nohz_handler oneshot lowres lowres");
    config.config.noHz = false;
    MachineBench periodicOnly(config, oneTimer());
    QVERIFY(periodicOnly.boot());
    periodicOnly.run(milliseconds{100});
    QCOMPARE(periodicOnly.tick(), "timer periodic tick_handle_periodic periodic inactive lowres");
}

void TickTest::newerProfilesNameTheirHandlers()
{
    const auto tickTimer = [](const MachineBench& bench) {
        return QString::fromStdString(bench.cpu().hrtimerBases[0].timers.at(0).function);
    };
    MachineBench old(machineConfig(), oneTimer());
    QVERIFY(old.boot());
    old.run(milliseconds{100});
    QCOMPARE(tickTimer(old), "tick_sched_timer");
    MachineBench newer(machineConfig("", 100, "linux-6.12"), oneTimer());
    QVERIFY(newer.boot());
    newer.run(milliseconds{100});
    QCOMPARE(tickTimer(newer), "tick_nohz_handler");
    MachineBench lowres(machineConfig("highres=off", 100, "linux-6.12"), oneTimer());
    QVERIFY(lowres.boot());
    lowres.run(milliseconds{100});
    QCOMPARE(QString::fromStdString(lowres.tickDevice().handler), "tick_nohz_lowres_handler");
}

void TickTest::clocksourceJiffiesStaysPeriodicUntilABetterOneIsWritten()
{
    MachineBench bench(machineConfig("clocksource=jiffies"), oneTimer());
    QVERIFY(bench.boot());
    bench.run(seconds{1});
    QVERIFY(bench.tick().startsWith("timer periodic"));
    const auto write = [&](std::string_view text) {
        return bench.machine->writeSysfs("clocksource/clocksource0/current_clocksource", text);
    };
    QCOMPARE(write("counter\n"), Errno::Ok);
    bench.run(milliseconds{20});
    QCOMPARE(bench.tick(), "timer oneshot hrtimer_interrupt oneshot highres hres");
    // There is no way back: jiffies cannot be used any more.
    QCOMPARE(write("jiffies\n"), Errno::Ok);
    bench.run(milliseconds{20});
    QCOMPARE(bench.machine->snapshot().currentClocksource()->name, std::string("counter"));
    QVERIFY(bench.dmesg().contains("jiffies is not currently HRT compatible - deferring"));
}

void TickTest::tickStaysPeriodicUntilBootHasFinished()
{
    MachineBench bench(machineConfig(), oneTimer());
    QVERIFY(bench.probe(0));
    bench.machine->schedClockInit();
    bench.run(seconds{2});
    QVERIFY(bench.tick().startsWith("timer periodic"));
}

void TickTest::deviceWithoutPeriodicModeIsToldEachTick()
{
    MachineBench bench(machineConfig("highres=off nohz=off"), oneTimer(oneshot));
    QVERIFY(bench.boot());
    bench.run(milliseconds{503});
    QCOMPARE(bench.tick(), "timer periodic tick_handle_periodic oneshot inactive lowres");
    const std::uint64_t before = bench.jiffies();
    bench.run(seconds{10});
    QCOMPARE(bench.jiffies() - before, 1000U);
}

void TickTest::deviceWithoutOneshotNeverSwitches()
{
    MachineBench bench(machineConfig(), oneTimer(periodic));
    QVERIFY(bench.boot());
    bench.run(seconds{1});
    QCOMPARE(bench.tick(), "timer periodic tick_handle_periodic periodic inactive lowres");
    QCOMPARE(bench.machine->snapshot().currentClocksource()->name, std::string("counter"));
}

void TickTest::deviceThatStopsInDeepIdleNeverSwitches()
{
    MachineBench bench(machineConfig(), oneTimer(periodicAndOneshot | c3stop));
    QVERIFY(bench.boot());
    bench.run(seconds{1});
    QCOMPARE(bench.tick(), "timer periodic tick_handle_periodic periodic inactive lowres");
}

void TickTest::betterDeviceTakesOverAHighResolutionTick()
{
    auto devices = oneTimer();
    devices.push_back(deviceOf({}, {eventDevice("better", 400, oneshot, 1'000'000)}));
    MachineBench bench(machineConfig(), devices);
    QVERIFY(bench.boot());
    bench.run(milliseconds{100});
    bench.passFirstCatchUp();
    const std::uint64_t before = bench.jiffies();
    QVERIFY(bench.probe(1));
    QCOMPARE(bench.tick(), "better oneshot hrtimer_interrupt oneshot highres hres");
    const Snapshot snapshot = bench.machine->snapshot();
    const ClockEventRow* old = snapshot.clockEvent("timer", 0);
    QCOMPARE(old->state, ClockEventState::Detached);
    QCOMPARE(old->handler, std::string("clockevents_handle_noop"));
    QCOMPARE(old->role, DeviceRole::Unused);
    bench.run(seconds{1});
    QCOMPARE(bench.jiffies() - before, 100U);
}

void TickTest::betterDeviceTakesOverAPeriodicTick()
{
    auto devices = oneTimer();
    devices.push_back(deviceOf({}, {eventDevice("better", 400, oneshot, 1'000'000)}));
    MachineBench bench(machineConfig("highres=off nohz=off"), devices);
    QVERIFY(bench.boot());
    bench.run(milliseconds{103});
    const std::uint64_t before = bench.jiffies();
    QVERIFY(bench.probe(1));
    QCOMPARE(bench.tick(), "better periodic tick_handle_periodic oneshot inactive lowres");
    bench.run(seconds{1});
    QCOMPARE(bench.jiffies() - before, 100U);
}

void TickTest::equalDeviceChangesNothing()
{
    auto devices = oneTimer();
    devices.push_back(deviceOf({}, {eventDevice("equal", 300)}));
    MachineBench bench(machineConfig(), devices);
    QVERIFY(bench.boot(2));
    bench.run(milliseconds{100});
    QCOMPARE(bench.tick(), "timer oneshot hrtimer_interrupt oneshot highres hres");
    const Snapshot snapshot = bench.machine->snapshot();
    QCOMPARE(snapshot.clockEvent("equal", 0)->state, ClockEventState::Detached);
    QCOMPARE(snapshot.clockEvents.front().name, std::string("equal")); // newest first
}

void TickTest::periodicOnlyDeviceNeverReplacesAOneshotOne()
{
    auto devices = oneTimer();
    devices.push_back(deviceOf({}, {eventDevice("pit", 900, periodic)}));
    MachineBench bench(machineConfig(), devices);
    QVERIFY(bench.boot(2));
    bench.run(milliseconds{100});
    QVERIFY(bench.tick().startsWith("timer oneshot"));
}

void TickTest::jiffiesKeepTheirRateInEveryMode_data()
{
    QTest::addColumn<QString>("commandLine");
    QTest::addColumn<unsigned>("hz");
    for (const unsigned hz : {100U, 250U, 1000U}) {
        for (const char* line : {"", "highres=off", "nohz=off", "highres=off nohz=off"}) {
            QTest::addRow("HZ %u %s", hz, line) << QString(line) << hz;
        }
    }
}

void TickTest::jiffiesKeepTheirRateInEveryMode()
{
    QFETCH(QString, commandLine);
    QFETCH(unsigned, hz);
    MachineBench bench(machineConfig(commandLine.toStdString(), hz), oneTimer());
    QVERIFY(bench.boot());
    bench.run(milliseconds{103});
    bench.passFirstCatchUp();
    const std::uint64_t before = bench.jiffies();
    bench.run(seconds{10});
    QCOMPARE(bench.jiffies() - before, 10ULL * hz);
}

void TickTest::jiffiesDoNotJumpAtTheSwitch_data()
{
    QTest::addColumn<QString>("commandLine");
    for (const char* line : {"", "highres=off", "nohz=off"}) {
        QTest::addRow("\"%s\"", line) << QString(line);
    }
}

void TickTest::jiffiesDoNotJumpAtTheSwitch()
{
    QFETCH(QString, commandLine);
    MachineBench bench(machineConfig(commandLine.toStdString()), oneTimer());
    const std::uint64_t first = bench.jiffies();
    QVERIFY(bench.boot());
    bench.keepBusy();
    bench.run(milliseconds{153}); // 203 ms since the first tick began
    QVERIFY(bench.tick().startsWith("timer oneshot"));
    const std::uint64_t passed = bench.jiffies() - first;
    QVERIFY2(passed == 19 || passed == 20, qPrintable(QString::number(passed)));
    const auto updates = bench.all(RecordKind::JiffiesUpdate);
    QVERIFY(std::ranges::all_of(updates, [](const TraceRecord& record) { return record.b == 1; }));
}

void TickTest::highResolutionTicksFallOnWholePeriods()
{
    MachineBench bench(machineConfig(), oneTimer());
    QVERIFY(bench.boot());
    bench.keepBusy();
    bench.run(seconds{1});
    const CpuRow row = bench.cpu();
    const HrtimerRow& tick = row.hrtimerBases[0].timers.at(0);
    QCOMPARE(nsOf(tick.softExpires) % 10'000'000, 0);
    QVERIFY(row.expiresNext == MonotonicInstant{tick.hardExpires.time_since_epoch()});
}

void TickTest::longInterruptionIsCaughtUpInJiffies()
{
    MachineBench bench(machineConfig(), oneTimer());
    QVERIFY(bench.boot());
    bench.keepBusy();
    bench.run(milliseconds{105});
    const std::uint64_t before = bench.jiffies();
    bench.hardware.spend(milliseconds{75});
    bench.run(milliseconds{10});
    const auto updates = bench.all(RecordKind::JiffiesUpdate);
    QVERIFY(std::ranges::any_of(updates, [](const TraceRecord& record) { return record.b >= 7; }));
    bench.run(milliseconds{915});
    QCOMPARE(bench.jiffies() - before, 100U);
}

void TickTest::switchIsRecordedOnceAndInOrder()
{
    MachineBench bench(machineConfig(), oneTimer());
    QVERIFY(bench.boot());
    bench.run(seconds{1});
    const auto modes = bench.all(RecordKind::TickMode);
    QCOMPARE(modes.size(), 1U);
    QCOMPARE(modes[0].a, static_cast<std::int64_t>(TickMode::Oneshot));
    const auto nohz = bench.all(RecordKind::NohzMode);
    QCOMPARE(nohz.size(), 1U);
    QVERIFY(modes[0].at <= nohz[0].at);
    QVERIFY(bench.all(RecordKind::ClocksourceSelect).back().at <= modes[0].at);
}

QTEST_GUILESS_MAIN(TickTest)
#include "tick_test.moc"
