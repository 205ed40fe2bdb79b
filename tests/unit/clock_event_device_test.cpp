// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/clockevents/clock_events.h"
#include "tests/support/engine_bench.h"

#include <QTest>

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
                  .config = {.mult = 1, .shift = 0, .minDelta = minDelta, .maxDelta = maxDelta},
                  .cpu = 0},
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

/// Takes every device that is offered, and gives back the one before it.
class TakeAll final : public NewDeviceCheck
{
public:
    explicit TakeAll(ClockEvents& events)
        : m_events(events)
    {
    }
    void checkNewDevice(ClockEventDevice& device) override
    {
        offered += device.name();
        if (taken == nullptr || device.rating() > taken->rating()) {
            m_events.exchange(taken, device);
            taken = &device;
        }
    }
    std::string offered;
    ClockEventDevice* taken = nullptr;

private:
    ClockEvents& m_events;
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
    void listIsNewestFirst();
    void displacedDeviceIsDetachedAndOfferedAgain();
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

void ClockEventDeviceTest::listIsNewestFirst()
{
    Bench a;
    Bench b;
    TraceBench trace;
    ClockEvents events(trace.tracer());
    TakeAll tick(events);
    events.registerDevice(a.device, tick);
    events.registerDevice(b.device, tick);
    QVERIFY(events.devices()[0] == &b.device);
    QVERIFY(events.devices()[1] == &a.device);
    QVERIFY(tick.taken == &a.device);
    QCOMPARE(a.device.state(), ClockEventState::Shutdown);
    QCOMPARE(b.device.state(), ClockEventState::Detached);
}

void ClockEventDeviceTest::displacedDeviceIsDetachedAndOfferedAgain()
{
    TraceBench trace;
    ScriptedDriver driver;
    ClockEventDevice low({.name = "L", .rating = 100, .features = periodic, .config = {}}, driver,
                         trace.tracer());
    ClockEventDevice high({.name = "H", .rating = 200, .features = periodic, .config = {}}, driver,
                          trace.tracer());
    ClockEvents events(trace.tracer());
    TakeAll tick(events);
    events.registerDevice(low, tick);
    events.registerDevice(high, tick);
    QCOMPARE(tick.offered, std::string("LHL"));
    QVERIFY(tick.taken == &high);
    QCOMPARE(low.state(), ClockEventState::Detached);
    QCOMPARE(events.devices().size(), 2U);
    QVERIFY(events.devices()[0] == &low); // offered again, it heads the list
}

QTEST_GUILESS_MAIN(ClockEventDeviceTest)
#include "clock_event_device_test.moc"
