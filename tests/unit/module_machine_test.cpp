// SPDX-License-Identifier: GPL-3.0-or-later
//! Modules on a machine: who holds them, and what happens when nobody does (seed 000).
#include "tests/support/machine_bench.h"

#include <QTest>

#include <tuple>

using namespace timerscope;
using namespace timerscope::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

MachineConfig withOwners(bool owners = true)
{
    MachineConfig config = machineConfig();
    config.config.timerModuleOwners = owners;
    return config;
}

/// A built-in timer to boot on, and a better one that a module brings.
std::vector<DeviceDescription> bootAndLate(bool counter, bool event)
{
    std::vector<CounterDescription> counters;
    std::vector<EventDescription> events;
    if (counter) {
        CounterDescription better = counterDevice("better", 10'000'000, 400);
        better.schedClock = false;
        counters.push_back(better);
    }
    if (event) {
        events.push_back(eventDevice("better-event", 400));
    }
    DeviceDescription late = deviceOf(std::move(counters), std::move(events));
    late.driver.module = "better";
    late.driver.owner = DriverOwner::Patched;
    late.channels.push_back({.name = "dog", .role = ChannelRole::Watchdog});
    return {deviceOf({counterDevice("counter", 24'000'000, 300)}, {eventDevice("timer", 300)}),
            std::move(late)};
}

class Bench : public MachineBench
{
public:
    explicit Bench(bool counter, bool event, bool owners = true)
        : MachineBench(withOwners(owners), bootAndLate(counter, event))
    {
        booted = boot();
        run(milliseconds{50});
    }
    [[nodiscard]] Errno load() { return machine->loadModule("better", late).value(); }
    [[nodiscard]] ModuleRow module() const { return machine->snapshot().modules.at(0); }
    [[nodiscard]] std::string current() const
    {
        return machine->snapshot().currentClocksource()->name;
    }

    bool booted = false;
    std::array<const DeviceDescription*, 1> late{&devices.at(1)};
};

} // namespace

class ModuleMachineTest : public QObject
{
    Q_OBJECT
private slots:
    void theCurrentClocksourceHoldsItsModule();
    void aSwitchReleasesIt();
    void aClocksourceThatIsNotCurrentHoldsNothing();
    void anInstalledEventDeviceHoldsItsModuleForGood();
    void withoutOwnerTheMachinePanicsAtTheNextReading();
    void aDeviceLeftBehindIsAFaultForTheNextOneToRegister();
    void afterAPanicNoInterruptIsServed();
    void sched_clockIsNotForModulesUnlessExported();
    void onlyDriversOfTheSeriesDependOnIt();
    void anOpenWatchdogHoldsTheModuleEvenWithoutOwner();
    void aModuleIsLoadedOnce();
    void nobodyUnloadsWhatIsNotThere();
    void aWalkOfTheListFindsADanglingClocksource();
    void sysfsFilesAreReadAsTheKernelWritesThem();
};

void ModuleMachineTest::theCurrentClocksourceHoldsItsModule()
{
    Bench bench(true, false);
    QVERIFY(bench.booted);
    QCOMPARE(bench.load(), Errno::Ok);
    QCOMPARE(bench.current(), std::string{"better"});
    QCOMPARE(bench.module().holds.size(), std::size_t{1});
    QCOMPARE(bench.module().holds[0].role, HoldRole::CurrentClocksource);
    QCOMPARE(bench.module().holds[0].device, std::string{"better"});
    QCOMPARE(bench.machine->unloadModule("better"), Errno::Again);
}

void ModuleMachineTest::aSwitchReleasesIt()
{
    Bench bench(true, false);
    QCOMPARE(bench.load(), Errno::Ok);
    QCOMPARE(bench.machine->writeSysfs("clocksource/clocksource0/current_clocksource", "counter\n"),
             Errno::Ok);
    QVERIFY(bench.module().holds.empty());
    QCOMPARE(bench.machine->unloadModule("better"), Errno::Ok);
    QVERIFY(!bench.module().loaded);
    bench.run(seconds{1});
    QVERIFY(!bench.machine->fault());
}

void ModuleMachineTest::aClocksourceThatIsNotCurrentHoldsNothing()
{
    Bench bench(true, false);
    bench.devices.at(1).counters.at(0).rating = 10;
    QCOMPARE(bench.load(), Errno::Ok);
    QVERIFY(bench.module().holds.empty());
    QCOMPARE(bench.machine->unloadModule("better"), Errno::Ok);
    QCOMPARE(bench.machine->snapshot().clocksources.size(), std::size_t{2}); // counter, jiffies
    QVERIFY(!bench.machine->fault());
}

void ModuleMachineTest::anInstalledEventDeviceHoldsItsModuleForGood()
{
    Bench bench(false, true);
    QCOMPARE(bench.load(), Errno::Ok);
    QCOMPARE(bench.module().holds.size(), std::size_t{1});
    QCOMPARE(bench.module().holds[0].role, HoldRole::TickDevice);
    QCOMPARE(bench.machine->unloadModule("better"), Errno::Again);
    bench.run(seconds{1});
    QCOMPARE(bench.machine->unloadModule("better"), Errno::Again);
}

void ModuleMachineTest::withoutOwnerTheMachinePanicsAtTheNextReading()
{
    Bench bench(true, false, false);
    QCOMPARE(bench.load(), Errno::Ok);
    QCOMPARE(bench.current(), std::string{"better"});
    QVERIFY(bench.module().holds.empty());
    // Its exit function takes the clocksource off in time: nothing happens.
    QCOMPARE(bench.machine->unloadModule("better"), Errno::Ok);
    QCOMPARE(bench.current(), std::string{"counter"});
    QVERIFY(!bench.machine->fault());

    // The same driver without one.
    Bench careless(true, false, false);
    careless.devices.at(1).driver.leavesClocksources = true;
    QCOMPARE(careless.load(), Errno::Ok);
    QCOMPARE(careless.machine->unloadModule("better"), Errno::Ok);
    careless.run(milliseconds{50});
    QVERIFY(careless.machine->fault());
    QCOMPARE(careless.machine->fault()->kind, FaultKind::Panic);
    const Snapshot shown = careless.machine->snapshot();
    QCOMPARE(shown.fault, careless.machine->fault());
    QCOMPARE(shown.notices.size(), std::size_t{1});
    QVERIFY(shown.notices[0].text.starts_with("Kernel panic at "));
}

void ModuleMachineTest::aDeviceLeftBehindIsAFaultForTheNextOneToRegister()
{
    Bench bench(false, true);
    bench.devices.at(1).events.at(0).rating = 10; // not wanted: registered and unused
    QCOMPARE(bench.load(), Errno::Ok);
    QVERIFY(bench.module().holds.empty());
    QCOMPARE(bench.machine->unloadModule("better"), Errno::Ok);
    bench.run(seconds{1});
    QVERIFY(!bench.machine->fault()); // nobody has looked yet
    QCOMPARE(bench.machine->loadModule("other", bench.late).value(), Errno::Ok);
    QVERIFY(bench.machine->fault());
    QCOMPARE(bench.machine->fault()->kind, FaultKind::Oops);
    QCOMPARE(bench.all(RecordKind::MachineFault).size(), std::size_t{1});
}

void ModuleMachineTest::afterAPanicNoInterruptIsServed()
{
    Bench bench(true, false, false);
    bench.devices.at(1).driver.leavesClocksources = true;
    QCOMPARE(bench.load(), Errno::Ok);
    QCOMPARE(bench.machine->unloadModule("better"), Errno::Ok);
    bench.run(seconds{1});
    QVERIFY(bench.machine->fault());
    const std::size_t records = bench.log.size();
    const TraceInstant before = bench.machine->now();
    bench.run(seconds{1});
    QCOMPARE(bench.log.size(), records);
    QCOMPARE(bench.machine->now() - before, Ns{seconds{1}});
}

void ModuleMachineTest::sched_clockIsNotForModulesUnlessExported()
{
    Bench bench(true, false);
    bench.devices.at(1).counters.at(0).schedClock = true;
    QCOMPARE(bench.load(), Errno::NoEntry);
    QVERIFY(bench.dmesg().endsWith("better: Unknown symbol sched_clock_register (err -2)\n"));
    QVERIFY(!bench.module().loaded);
    QCOMPARE(bench.current(), std::string{"counter"});

    MachineConfig config = withOwners();
    config.config.schedClockForModules = true;
    MachineBench exported(config, bench.devices);
    QVERIFY(exported.boot());
    const std::array<const DeviceDescription*, 1> late{&exported.devices.at(1)};
    QCOMPARE(exported.machine->loadModule("better", late).value(), Errno::Ok);
}

void ModuleMachineTest::onlyDriversOfTheSeriesDependOnIt()
{
    for (const auto& [owner, patched, holds] : {std::tuple{DriverOwner::Never, true, false},
                                                std::tuple{DriverOwner::Patched, false, false},
                                                std::tuple{DriverOwner::Patched, true, true},
                                                std::tuple{DriverOwner::Always, false, true}}) {
        Bench bench(true, false, patched);
        bench.devices.at(1).driver.owner = owner;
        QCOMPARE(bench.load(), Errno::Ok);
        QCOMPARE(bench.module().holds.empty(), !holds);
    }
}

void ModuleMachineTest::anOpenWatchdogHoldsTheModuleEvenWithoutOwner()
{
    Bench bench(true, false, false);
    bench.devices.at(1).counters.at(0).rating = 10;
    const DeviceDescription& device = bench.devices.at(1);
    QCOMPARE(bench.machine->openChannel(device, device.channels.at(0)), Errno::NoDevice);
    QCOMPARE(bench.load(), Errno::Ok);
    QCOMPARE(bench.machine->openChannel(device, device.channels.at(0)), Errno::Ok);
    QCOMPARE(bench.machine->openChannel(device, device.channels.at(0)), Errno::Busy);
    QCOMPARE(bench.module().holds.at(0).role, HoldRole::Watchdog);
    QCOMPARE(bench.machine->unloadModule("better"), Errno::Again);
    QCOMPARE(bench.machine->closeChannel(device, device.channels.at(0)), Errno::Ok);
    QCOMPARE(bench.machine->closeChannel(device, device.channels.at(0)), Errno::Invalid);
    QCOMPARE(bench.machine->unloadModule("better"), Errno::Ok);
}

void ModuleMachineTest::aModuleIsLoadedOnce()
{
    Bench bench(true, false);
    QCOMPARE(bench.load(), Errno::Ok);
    QCOMPARE(bench.load(), Errno::Exists);
}

void ModuleMachineTest::nobodyUnloadsWhatIsNotThere()
{
    Bench bench(true, false);
    QCOMPARE(bench.machine->unloadModule("better"), Errno::NoEntry);
}

void ModuleMachineTest::aWalkOfTheListFindsADanglingClocksource()
{
    constexpr std::string_view available = "clocksource/clocksource0/available_clocksource";
    Bench bench(true, false);
    bench.devices.at(1).counters.at(0).rating = 10; // behind counter, in front of jiffies
    bench.devices.at(1).driver.leavesClocksources = true;
    QCOMPARE(bench.load(), Errno::Ok);
    QCOMPARE(bench.machine->unloadModule("better"), Errno::Ok);
    // The best is found in front of it: nobody has come so far.
    QCOMPARE(bench.machine->writeSysfs("clocksource/clocksource0/current_clocksource", "counter"),
             Errno::Ok);
    QVERIFY(!bench.machine->fault());
    QCOMPARE(bench.machine->readSysfs(available).error, Errno::Io);
    QVERIFY(bench.machine->fault());
    QCOMPARE(bench.machine->fault()->kind, FaultKind::Oops);
}

void ModuleMachineTest::sysfsFilesAreReadAsTheKernelWritesThem()
{
    Bench bench(true, false);
    const auto text = [&](std::string_view file) {
        return bench.machine->readSysfs("clocksource/clocksource0/" + std::string(file)).text;
    };
    QCOMPARE(text("available_clocksource"), std::string{"counter \n"}); // jiffies is hidden
    QCOMPARE(text("current_clocksource"), std::string{"counter\n"});
    const auto error = [&](std::string_view file) { return bench.machine->readSysfs(file).error; };
    QCOMPARE(error("clocksource/clocksource0/unbind_clocksource"), Errno::Io);
    QCOMPARE(error("clocksource/clocksource0/none"), Errno::NoEntry);
    QCOMPARE(bench.machine->writeSysfs("clocksource/clocksource0/available_clocksource", "x"),
             Errno::Io);
}

QTEST_APPLESS_MAIN(ModuleMachineTest)
#include "module_machine_test.moc"
