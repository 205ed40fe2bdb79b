// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/clockevents/clock_events.h"
#include "tests/support/engine_bench.h"

#include <QTest>

#include <deque>
#include <map>

using namespace timerscope;
using namespace timerscope::test;
using namespace clock_event_feature;

namespace {

constexpr MonotonicInstant at(std::int64_t ns)
{
    return MonotonicInstant{Ns{ns}};
}

/// Notes what it is asked for and refuses as often as it is told.
class ScriptedDriver final : public ClockEventDriver
{
public:
    Errno setState(ClockEventState state) override
    {
        states.push_back(state);
        return refusesStates ? Errno::NoSys : Errno::Ok;
    }
    Errno setNextEvent(std::uint64_t ticks) override
    {
        asked.push_back(ticks);
        return refusals-- > 0 ? Errno::Time : Errno::Ok;
    }

    std::vector<ClockEventState> states;
    std::vector<std::uint64_t> asked;
    int refusals = 0;
    bool refusesStates = false;
};

/// A 1 GHz device: a tick is a nanosecond.
struct Bench
{
    explicit Bench(std::uint32_t features = periodic | oneshot, Ns minDelta = Ns{1000},
                   Ns maxDelta = Ns{1'000'000})
        : device({.name = "ce0",
                  .rating = 300,
                  .features = features,
                  .config = {.mult = 1, .shift = 0, .minDelta = minDelta, .maxDelta = maxDelta}},
                 driver, trace.tracer())
    {
    }
    /// In oneshot, as a running tick has it.
    Bench& armed()
    {
        static_cast<void>(device.switchState(ClockEventState::Oneshot));
        return *this;
    }
    [[nodiscard]] std::uint8_t lastFlags() const
    {
        return trace.all(RecordKind::ClockEventProgram).back().flags;
    }

    TraceBench trace;
    ScriptedDriver driver;
    ClockEventDevice device;
};

using Asked = std::vector<std::uint64_t>;

/// Takes the best of the devices that are offered, and gives back the one before it.
class TakeBest final : public TickLayer
{
public:
    explicit TakeBest(ClockEvents& events)
        : m_events(events)
    {
        events.attach(*this);
    }
    void checkNewDevice(ClockEventDevice& device, unsigned cpu) override
    {
        offered += device.name();
        if (isReplacement(taken, device, cpu) && device.hold(HoldRole::TickDevice, cpu)) {
            installReplacement(device, cpu);
        }
    }
    [[nodiscard]] bool isReplacement(const ClockEventDevice* current,
                                     const ClockEventDevice& candidate,
                                     unsigned /*cpu*/) const override
    {
        return current == nullptr || candidate.rating() > current->rating();
    }
    void installReplacement(ClockEventDevice& device, unsigned /*cpu*/) override
    {
        m_events.exchange(taken, &device);
        taken = &device;
    }
    [[nodiscard]] bool isTickDevice(const ClockEventDevice& device, unsigned cpu) const override
    {
        return cpu == 0 && &device == taken;
    }
    [[nodiscard]] bool isBroadcastDevice(const ClockEventDevice& device) const override
    {
        return &device == broadcasts;
    }
    [[nodiscard]] bool isOnline(unsigned cpu) const override { return cpu == 0; }
    [[nodiscard]] CpuMask possibleCpus() const override { return CpuMask::firstOf(2); }

    std::string offered;
    ClockEventDevice* taken = nullptr;
    const ClockEventDevice* broadcasts = nullptr;

private:
    ClockEvents& m_events;
};

/// The list of devices, and whoever takes from it.
struct ListBench
{
    ClockEventDevice& add(const std::string& name, int rating, CpuMask cpus = CpuMask::of(0))
    {
        ClockEventDevice& device
            = devices.emplace_back(ClockEventDevice::Description{.name = name,
                                                                 .rating = rating,
                                                                 .features = periodic | oneshot,
                                                                 .config = {.mult = 1},
                                                                 .cpus = cpus},
                                   driver, trace.tracer());
        events.registerDevice(device, 0);
        return device;
    }
    [[nodiscard]] QString list() const
    {
        QString text;
        for (const ClockEventDevice* device : events.devices()) {
            text += QString::fromStdString(device->name());
        }
        return text;
    }

    TraceBench trace;
    KernelLogBench log;
    ScriptedDriver driver;
    std::deque<ClockEventDevice> devices;
    struct Faults final : DeviceListFaults
    {
        void touchedGoneDevice(std::string_view device) override { told.emplace_back(device); }
        void walksForEver(std::string_view device) override
        {
            told.push_back("for ever " + std::string{device});
        }
        void displacedForEver(std::string_view device) override
        {
            told.push_back("displaced " + std::string{device});
        }
        std::vector<std::string> told;
    } faults;
    ClockEvents events{faults, log, trace.tracer()};
    TakeBest tick{events};
};

} // namespace

class ClockEventDeviceTest : public QObject
{
    Q_OBJECT
private slots:
    void newDeviceIsDetachedAndHasNothingProgrammed();
    void statesAreAskedOfTheDriverOnce();
    void detachedIsAskedForAsShutdown();
    void missingFeaturesRefuseTheirStates();
    void oneshotStoppedNeedsOneshot();
    void driversRefusalKeepsTheState();
    void dummyDevicesTakeAnyStateInSilence();
    void shutdownForgetsTheNextEvent();
    void eventIsProgrammedInTicks();
    void deltasAreClampedToTheLimits();
    void minimumAboveTheMaximumWins();
    void passedExpiryIsRefusedButStored();
    void forcedPassedExpiryAsksForTheShortestDelta();
    void forceTriesEverLongerDeltasUpToTenTimes();
    void forceHelpsARefusedFutureEventToo();
    void unforcedRefusalIsAnsweredAsItIs();
    void negativeExpiryIsNotEvenStored();
    void deviceThatIsShutDownOnlyNotesTheTime();
    void handlerMayReplaceItselfWhileItRuns();
    void deviceWithoutHandlerIgnoresItsInterrupt();
    void refusedMinimumIsRaisedWhereTheKernelIsBuiltToDoSo();
    void raisingEndsAtOneTickAndGivesUp();
    void newFrequencyProgramsTheNextEventAnew();
    void listIsNewestFirst();
    void displacedDeviceIsDetachedAndOfferedAgain();
    void deviceThatNobodyUsesIsUnboundAtOnce();
    void tickDeviceIsUnboundOnlyForAReplacement();
    void deviceInAnotherRoleCannotBeUnbound();
    void offlineCpuHasNobodyToUnbindFor();
    void namesThatAreNoneAreInvalid();
    void walkFaultsOnADeviceWhoseMemoryIsGone();
    void walkNeverEndsOnAListThatLeadsBackToItself();
    void deadCpuTakesItsOwnDevicesWithIt();
    void missingOrWrongCpusAreWarnedOf();
};

void ClockEventDeviceTest::newDeviceIsDetachedAndHasNothingProgrammed()
{
    Bench bench;
    QCOMPARE(bench.device.state(), ClockEventState::Detached);
    QCOMPARE(bench.device.nextEvent(), never<MonotonicClock>);
    QVERIFY(bench.device.handler().name.empty());
    QVERIFY(bench.driver.states.empty());
}

void ClockEventDeviceTest::statesAreAskedOfTheDriverOnce()
{
    Bench bench;
    QCOMPARE(bench.device.switchState(ClockEventState::Periodic), Errno::Ok);
    QCOMPARE(bench.device.switchState(ClockEventState::Periodic), Errno::Ok);
    QCOMPARE(bench.device.switchState(ClockEventState::Oneshot), Errno::Ok);
    QCOMPARE(bench.device.switchState(ClockEventState::OneshotStopped), Errno::Ok);
    QCOMPARE(bench.driver.states,
             (std::vector{ClockEventState::Periodic, ClockEventState::Oneshot,
                          ClockEventState::OneshotStopped}));
    const auto records = bench.trace.all(RecordKind::ClockEventState);
    QCOMPARE(records.size(), 3U);
    QCOMPARE(records[2].a, static_cast<std::int64_t>(ClockEventState::OneshotStopped));
    QCOMPARE(records[2].b, static_cast<std::int64_t>(ClockEventState::Oneshot));
}

void ClockEventDeviceTest::detachedIsAskedForAsShutdown()
{
    Bench bench;
    bench.armed();
    QCOMPARE(bench.device.switchState(ClockEventState::Detached), Errno::Ok);
    QCOMPARE(bench.driver.states.back(), ClockEventState::Shutdown);
    QCOMPARE(bench.device.state(), ClockEventState::Detached);
}

void ClockEventDeviceTest::missingFeaturesRefuseTheirStates()
{
    Bench periodicOnly(periodic);
    QCOMPARE(periodicOnly.device.switchState(ClockEventState::Oneshot), Errno::NoSys);
    QCOMPARE(periodicOnly.device.state(), ClockEventState::Detached);
    Bench oneshotOnly(oneshot);
    QCOMPARE(oneshotOnly.device.switchState(ClockEventState::Periodic), Errno::NoSys);
    QVERIFY(oneshotOnly.driver.states.empty());
    QVERIFY(oneshotOnly.trace.all(RecordKind::ClockEventState).empty());
}

void ClockEventDeviceTest::oneshotStoppedNeedsOneshot()
{
    Bench bench;
    QCOMPARE(bench.device.switchState(ClockEventState::OneshotStopped), Errno::Invalid);
    static_cast<void>(bench.device.switchState(ClockEventState::Periodic));
    QCOMPARE(bench.device.switchState(ClockEventState::OneshotStopped), Errno::Invalid);
    QCOMPARE(bench.device.state(), ClockEventState::Periodic);
}

void ClockEventDeviceTest::driversRefusalKeepsTheState()
{
    Bench bench;
    bench.driver.refusesStates = true;
    QCOMPARE(bench.device.switchState(ClockEventState::Oneshot), Errno::NoSys);
    QCOMPARE(bench.device.state(), ClockEventState::Detached);
}

void ClockEventDeviceTest::dummyDevicesTakeAnyStateInSilence()
{
    Bench bench(dummy);
    QCOMPARE(bench.device.switchState(ClockEventState::Periodic), Errno::Ok);
    QCOMPARE(bench.device.switchState(ClockEventState::Oneshot), Errno::Ok);
    QVERIFY(bench.driver.states.empty());
}

void ClockEventDeviceTest::shutdownForgetsTheNextEvent()
{
    Bench bench;
    static_cast<void>(bench.armed().device.program(at(5000), at(0), false));
    bench.device.shutdown();
    QCOMPARE(bench.device.state(), ClockEventState::Shutdown);
    QCOMPARE(bench.device.nextEvent(), never<MonotonicClock>);
}

void ClockEventDeviceTest::eventIsProgrammedInTicks()
{
    Bench bench;
    QCOMPARE(bench.armed().device.program(at(7000), at(2000), false), Errno::Ok);
    QCOMPARE(bench.driver.asked, Asked{5000});
    QCOMPARE(bench.device.nextEvent(), at(7000));
    QCOMPARE(bench.lastFlags(), 0);
    bench.device.markFired();
    QCOMPARE(bench.device.nextEvent(), never<MonotonicClock>);
}

void ClockEventDeviceTest::deltasAreClampedToTheLimits()
{
    Bench bench;
    bench.armed();
    QCOMPARE(bench.device.program(at(1), at(0), false), Errno::Ok);
    QCOMPARE(bench.lastFlags(), program_flag::clamped);
    QCOMPARE(bench.device.program(at(2'000'000), at(0), false), Errno::Ok);
    QCOMPARE(bench.device.program(never<MonotonicClock>, at(0), false), Errno::Ok);
    QCOMPARE(bench.driver.asked, (Asked{1000, 1'000'000, 1'000'000}));
    QCOMPARE(bench.device.nextEvent(), never<MonotonicClock>); // what was asked, not the clamp
}

void ClockEventDeviceTest::minimumAboveTheMaximumWins()
{
    Bench bench(oneshot, Ns{5000}, Ns{2000});
    static_cast<void>(bench.armed().device.program(at(3000), at(0), false));
    QCOMPARE(bench.driver.asked, Asked{5000});
}

void ClockEventDeviceTest::passedExpiryIsRefusedButStored()
{
    Bench bench;
    bench.armed();
    QCOMPARE(bench.device.program(at(2000), at(2000), false), Errno::Time);
    QVERIFY(bench.driver.asked.empty());
    QCOMPARE(bench.device.nextEvent(), at(2000));
    QCOMPARE(bench.lastFlags(), program_flag::refused);
    QCOMPARE(bench.device.retries(), 0U);
}

void ClockEventDeviceTest::forcedPassedExpiryAsksForTheShortestDelta()
{
    Bench bench;
    QCOMPARE(bench.armed().device.program(at(1000), at(9000), true), Errno::Ok);
    QCOMPARE(bench.driver.asked, Asked{1000});
    QCOMPARE(bench.device.nextEvent(), at(10'000));
    QCOMPARE(bench.device.retries(), 1U);
    QCOMPARE(bench.lastFlags(), program_flag::forced);
}

void ClockEventDeviceTest::forceTriesEverLongerDeltasUpToTenTimes()
{
    Bench bench;
    bench.driver.refusals = 2;
    QCOMPARE(bench.armed().device.program(at(0), at(9000), true), Errno::Ok);
    QCOMPARE(bench.driver.asked, (Asked{1000, 2000, 3000}));
    QCOMPARE(bench.device.nextEvent(), at(12'000));
    QCOMPARE(bench.device.retries(), 3U);
    bench.driver.refusals = 100;
    bench.driver.asked.clear();
    QCOMPARE(bench.device.program(at(0), at(9000), true), Errno::Time);
    QCOMPARE(bench.driver.asked.size(), 10U);
    QCOMPARE(bench.device.retries(), 13U);
}

void ClockEventDeviceTest::forceHelpsARefusedFutureEventToo()
{
    Bench bench;
    bench.driver.refusals = 1;
    QCOMPARE(bench.armed().device.program(at(20'000), at(9000), true), Errno::Ok);
    QCOMPARE(bench.driver.asked, (Asked{11'000, 1000}));
}

void ClockEventDeviceTest::unforcedRefusalIsAnsweredAsItIs()
{
    Bench bench;
    bench.driver.refusals = 1;
    QCOMPARE(bench.armed().device.program(at(20'000), at(9000), false), Errno::Time);
    QCOMPARE(bench.driver.asked, Asked{11'000});
    QCOMPARE(bench.device.retries(), 0U);
}

void ClockEventDeviceTest::negativeExpiryIsNotEvenStored()
{
    Bench bench;
    static_cast<void>(bench.armed().device.program(at(5000), at(0), false));
    QCOMPARE(bench.device.program(at(-1), at(0), true), Errno::Time);
    QCOMPARE(bench.device.nextEvent(), at(5000));
    QCOMPARE(bench.driver.asked, Asked{5000});
}

void ClockEventDeviceTest::deviceThatIsShutDownOnlyNotesTheTime()
{
    Bench bench;
    bench.device.shutdown();
    QCOMPARE(bench.device.program(at(10), at(9000), false), Errno::Ok);
    QCOMPARE(bench.device.nextEvent(), at(10));
    QVERIFY(bench.driver.asked.empty());
}

void ClockEventDeviceTest::handlerMayReplaceItselfWhileItRuns()
{
    Bench bench;
    QString calls;
    bench.device.setHandler({.name = "first", .call = [&] {
                                 bench.device.setHandler(
                                     {.name = "second", .call = [&] { calls += "2"; }});
                                 calls += "1";
                             }});
    bench.device.fire();
    bench.device.fire();
    QCOMPARE(calls, "12");
    QCOMPARE(bench.device.handler().name, std::string("second"));
    QCOMPARE(bench.trace.count(RecordKind::ClockEventHandler), 2U);
}

void ClockEventDeviceTest::deviceWithoutHandlerIgnoresItsInterrupt()
{
    Bench bench;
    bench.device.fire();
    QCOMPARE(bench.trace.log().size(), 0U);
}

void ClockEventDeviceTest::refusedMinimumIsRaisedWhereTheKernelIsBuiltToDoSo()
{
    TraceBench trace;
    KernelLogBench log;
    ScriptedDriver driver;
    ClockEventDevice device(
        {.name = "ce0",
         .features = oneshot,
         .config = {.mult = 1, .minDelta = Ns{1000}, .maxDelta = Ns{1'000'000}}},
        driver, trace.tracer(), {.adjusts = true, .limit = Ns{12'000}, .log = &log});
    static_cast<void>(device.switchState(ClockEventState::Oneshot));
    driver.refusals = 7;
    QCOMPARE(device.program(at(500), at(1000), true), Errno::Ok);
    QCOMPARE(driver.asked, (Asked{1000, 1000, 1000, 5000, 5000, 5000, 7500, 7500}));
    QCOMPARE(device.config().minDelta, Ns{7500});
    QCOMPARE(device.retries(), 8U);
    QCOMPARE(log.take(),
             QString("CE: ce0 increased min_delta_ns to 5000 nsec|"
                     "CE: ce0 increased min_delta_ns to 7500 nsec"));
}

void ClockEventDeviceTest::raisingEndsAtOneTickAndGivesUp()
{
    TraceBench trace;
    KernelLogBench log;
    ScriptedDriver driver;
    ClockEventDevice device(
        {.name = "ce0",
         .features = oneshot,
         .config = {.mult = 1, .minDelta = Ns{1000}, .maxDelta = Ns{1'000'000}}},
        driver, trace.tracer(), {.adjusts = true, .limit = Ns{6000}, .log = &log});
    static_cast<void>(device.switchState(ClockEventState::Oneshot));
    driver.refusals = 100;
    QCOMPARE(device.program(at(500), at(1000), true), Errno::Time);
    QCOMPARE(device.nextEvent(), never<MonotonicClock>);
    QCOMPARE(device.config().minDelta, Ns{6000});
    QVERIFY(log.take().endsWith("CE: Reprogramming failure. Giving up"));
}

void ClockEventDeviceTest::newFrequencyProgramsTheNextEventAnew()
{
    TraceBench trace;
    ScriptedDriver driver;
    ClockEventDevice device({.name = "ce0",
                             .features = oneshot,
                             .config = {.mult = 1, .minDelta = Ns{1000}, .maxDelta = Ns{1'000'000}},
                             .minTicks = 500,
                             .maxTicks = 0xffff'ffff},
                            driver, trace.tracer());
    static_cast<void>(device.switchState(ClockEventState::Oneshot));
    QCOMPARE(device.program(at(5000), at(1000), false), Errno::Ok);
    QCOMPARE(device.updateFrequency(500'000'000, at(1000)).value(), Errno::Ok);
    QCOMPARE(driver.asked, (Asked{4000, 2000}));
    QVERIFY(device.config().minDelta >= Ns{1000}); // 500 ticks of 2 ns
    QVERIFY(!device.updateFrequency(0, at(1000)));
}

void ClockEventDeviceTest::listIsNewestFirst()
{
    ListBench bench;
    ClockEventDevice& first = bench.add("A", 300);
    ClockEventDevice& second = bench.add("B", 300);
    QCOMPARE(bench.list(), QString("BA"));
    QVERIFY(bench.tick.taken == &first);
    QCOMPARE(first.state(), ClockEventState::Shutdown);
    QCOMPARE(second.state(), ClockEventState::Detached);
}

void ClockEventDeviceTest::displacedDeviceIsDetachedAndOfferedAgain()
{
    ListBench bench;
    ClockEventDevice& low = bench.add("L", 100);
    ClockEventDevice& high = bench.add("H", 200);
    QCOMPARE(bench.tick.offered, std::string("LHL"));
    QVERIFY(bench.tick.taken == &high);
    QCOMPARE(low.state(), ClockEventState::Detached);
    QCOMPARE(bench.list(), QString("LH")); // offered again, it heads the list
}

void ClockEventDeviceTest::deviceThatNobodyUsesIsUnboundAtOnce()
{
    ListBench bench;
    bench.add("H", 200);
    ClockEventDevice& low = bench.add("L", 100);
    QCOMPARE(bench.events.writeUnbind("L\n", 0), Errno::Ok);
    QCOMPARE(bench.list(), QString("H"));
    QCOMPARE(low.state(), ClockEventState::Detached);
    QCOMPARE(bench.events.writeUnbind("L", 0), Errno::NoDevice);
}

void ClockEventDeviceTest::tickDeviceIsUnboundOnlyForAReplacement()
{
    ListBench bench;
    ClockEventDevice& only = bench.add("A", 200);
    QCOMPARE(bench.events.unbind(only, 0), Errno::Busy);
    QVERIFY(bench.tick.taken == &only);
    bench.add("B", 50);
    ClockEventDevice& better = bench.add("C", 60);
    QCOMPARE(bench.events.unbind(only, 0), Errno::Ok);
    QVERIFY(bench.tick.taken == &better);
    QCOMPARE(bench.list(), QString("CB"));
    // The first phase met the tick device, the second replaced it.
    const auto answers = bench.trace.all(RecordKind::ClockEventUnbind);
    QCOMPARE(answers.at(answers.size() - 2).b, std::int64_t{returnValue(Errno::Again)});
    QCOMPARE(answers.back().b, std::int64_t{0});
}

void ClockEventDeviceTest::deviceInAnotherRoleCannotBeUnbound()
{
    ListBench bench;
    bench.add("A", 200);
    ClockEventDevice& other = bench.add("B", 100);
    other.shutdown(); // as the broadcast device would be
    QCOMPARE(bench.events.unbind(other, 0), Errno::Busy);
}

void ClockEventDeviceTest::offlineCpuHasNobodyToUnbindFor()
{
    ListBench bench;
    ClockEventDevice& device = bench.add("A", 200);
    QCOMPARE(bench.events.unbind(device, 1), Errno::NoDevice);
}

void ClockEventDeviceTest::namesThatAreNoneAreInvalid()
{
    ListBench bench;
    QCOMPARE(bench.events.writeUnbind("", 0), Errno::Invalid);
    QCOMPARE(bench.events.writeUnbind(std::string(32, 'x'), 0), Errno::Invalid);
    QCOMPARE(bench.events.writeUnbind(std::string(31, 'x'), 0), Errno::NoDevice);
    QCOMPARE(bench.events.writeUnbind("\n", 0), Errno::NoDevice);
}

void ClockEventDeviceTest::walkFaultsOnADeviceWhoseMemoryIsGone()
{
    ListBench bench;
    bench.add("A", 200);
    ClockEventDevice& gone = bench.add("B", 100);
    gone.setDangling();
    QCOMPARE(bench.events.writeUnbind("A", 0), Errno::NoDevice);
    QCOMPARE(bench.faults.told, std::vector<std::string>{"B"});
}

void ClockEventDeviceTest::walkNeverEndsOnAListThatLeadsBackToItself()
{
    ListBench bench;
    ClockEventDevice& twice = bench.add("A", 200);
    QVERIFY(bench.events.canBeWalked());
    bench.events.registerDevice(twice, 0);
    QVERIFY(!bench.events.canBeWalked());
    QCOMPARE(bench.faults.told, std::vector<std::string>{"for ever A"});
}

void ClockEventDeviceTest::deadCpuTakesItsOwnDevicesWithIt()
{
    ListBench bench;
    bench.add("A", 200);
    bench.add("B", 100, CpuMask::of(1));
    ClockEventDevice& broadcasts = bench.add("C", 100, CpuMask::of(1));
    bench.add("D", 100, CpuMask::firstOf(2));
    bench.tick.broadcasts = &broadcasts;
    bench.events.cleanUpDeadCpu(1);
    QCOMPARE(bench.list(), QString("DCA"));
}

void ClockEventDeviceTest::missingOrWrongCpusAreWarnedOf()
{
    ListBench bench;
    QCOMPARE(bench.add("A", 1, CpuMask{}).cpus(), CpuMask::of(0));
    QCOMPARE(bench.log.take(), QString("A names no CPU that it serves"));
    QCOMPARE(bench.add("B", 1, CpuMask::firstOf(64)).cpus(), CpuMask::firstOf(2));
    QCOMPARE(bench.log.take(),
             QString("B cpumask == cpu_all_mask, using cpu_possible_mask instead"));
}

QTEST_GUILESS_MAIN(ClockEventDeviceTest)
#include "clock_event_device_test.moc"
