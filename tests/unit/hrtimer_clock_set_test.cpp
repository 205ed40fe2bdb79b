// SPDX-License-Identifier: GPL-3.0-or-later
//! Clocks that are set while timers wait, and what a tick that may stop asks the queues.
#include "tests/support/hrtimer_bench.h"

#include <QTest>

using namespace timerscope;
using namespace timerscope::test;

using Programmed = std::vector<MonotonicInstant>;

class HrtimerClockSetTest : public QObject
{
    Q_OBJECT
private slots:
    void offsetsAreTakenOverByTheNextInterruptOnly();
    void settingForwardMakesARealtimeTimerFireAtOnce();
    void settingBackwardLeavesTheDeviceAlone();
    void onlyTimersOfTheClocksThatWereSetMatter();
    void anUnchangedOffsetNeedsNothing();
    void taiTimersFollowTheLeapSeconds();
    void softTimersNeedTheDeviceUnlessTheSoftirqIsPending();
    void interruptThatRunsSeesTheChangeItself();
    void lowResolutionWithoutNohzWaitsForTheTick();
    void lowResolutionWithNohzTakesTheOffsetsOver();
    void nextEventForAStoppedTickIsTheEarliestOfAll();
    void nextEventIgnoresSoftTimersWhileTheSoftirqIsPending();
    void highResolutionHasNoEventForTheTick();
    void nextEventWithoutTheTickSkipsOnlyThatTimer();
    void resumeSetsTheDeviceAgain();
};

namespace {

Hrtimer& realtimeTimer(HrtimerBench& bench, std::int64_t expires, bool soft = false)
{
    Hrtimer& timer = bench.add('r', {}, soft, HrtimerClock::Realtime);
    bench.start(timer, expires);
    static_cast<void>(bench.host.takeProgrammed());
    return timer;
}

} // namespace

void HrtimerClockSetTest::offsetsAreTakenOverByTheNextInterruptOnly()
{
    HrtimerBench bench;
    bench.host.offsets[HrtimerClock::Realtime] = Ns{1000};
    QCOMPARE(bench.base.offset(1), Ns::zero());
    bench.start(bench.add('r', {}, false, HrtimerClock::Realtime), 1500);
    QCOMPARE(bench.base.expiresNext(), at(1500));
    bench.interruptAt(100);
    QCOMPARE(bench.base.offset(1), Ns{1000});
    QCOMPARE(bench.base.expiresNext(), at(500));
}

void HrtimerClockSetTest::settingForwardMakesARealtimeTimerFireAtOnce()
{
    HrtimerBench bench;
    bench.host.now = at(100);
    realtimeTimer(bench, 5000);
    bench.host.offsets[HrtimerClock::Realtime] = Ns{10'000};
    QVERIFY(bench.base.clockWasSet(clock_set::wall));
    bench.base.reprogram();
    QCOMPARE(bench.host.takeProgrammed(), Programmed{at(0)});
    bench.interruptAt(101);
    QCOMPARE(bench.takeFires(), "r");
}

void HrtimerClockSetTest::settingBackwardLeavesTheDeviceAlone()
{
    HrtimerBench bench;
    realtimeTimer(bench, 5000);
    bench.host.offsets[HrtimerClock::Realtime] = Ns{-1000};
    QVERIFY(!bench.base.clockWasSet(clock_set::wall));
    QVERIFY(bench.host.takeProgrammed().empty());
    // The device fires for nothing, and the timer waits for its clock.
    bench.interruptAt(5000);
    QCOMPARE(bench.takeFires(), "");
    QCOMPARE(bench.base.expiresNext(), at(6000));
}

void HrtimerClockSetTest::onlyTimersOfTheClocksThatWereSetMatter()
{
    HrtimerBench bench;
    bench.host.now = at(100);
    realtimeTimer(bench, 5000);
    bench.host.offsets[HrtimerClock::Realtime] = Ns{1000};
    QVERIFY(!bench.base.clockWasSet(clock_set::boottime));
    bench.start(bench.add('b', {}, false, HrtimerClock::Boottime), 6000);
    bench.host.offsets[HrtimerClock::Boottime] = Ns{4000};
    QVERIFY(bench.base.clockWasSet(clock_set::boottime));
}

void HrtimerClockSetTest::anUnchangedOffsetNeedsNothing()
{
    HrtimerBench bench;
    realtimeTimer(bench, 5000);
    QVERIFY(!bench.base.clockWasSet(clock_set::wall | clock_set::boottime));
}

void HrtimerClockSetTest::taiTimersFollowTheLeapSeconds()
{
    HrtimerBench bench;
    bench.host.now = at(100);
    bench.start(bench.add('t', {}, false, HrtimerClock::Tai), 3'000'000'000);
    bench.host.offsets[HrtimerClock::Tai] = std::chrono::seconds{37};
    QVERIFY(bench.base.clockWasSet(clock_set::wall));
    bench.base.reprogram();
    bench.interruptAt(101);
    QCOMPARE(bench.takeFires(), "t");
}

void HrtimerClockSetTest::softTimersNeedTheDeviceUnlessTheSoftirqIsPending()
{
    HrtimerBench bench;
    bench.start(bench.add('s', {}, true), 100);
    realtimeTimer(bench, 5000, true);
    bench.host.offsets[HrtimerClock::Realtime] = Ns{4950};
    QVERIFY(bench.base.clockWasSet(clock_set::wall));
    bench.interruptAt(100); // the softirq is pending from here on
    QCOMPARE(bench.base.expiresNext(), never<MonotonicClock>);
    bench.host.offsets[HrtimerClock::Realtime] = Ns{4960};
    // Nothing is programmed, so any timer at all comes first.
    QVERIFY(bench.base.clockWasSet(clock_set::wall));
    bench.start(bench.add('h'), 20);
    bench.host.offsets[HrtimerClock::Realtime] = Ns{4970};
    QVERIFY(!bench.base.clockWasSet(clock_set::wall));
    bench.base.runSoftirq();
    QCOMPARE(bench.takeFires(), "sr");
}

void HrtimerClockSetTest::interruptThatRunsSeesTheChangeItself()
{
    HrtimerBench bench;
    bool needed = true;
    bench.start(bench.add('a',
                          [&](Hrtimer&) {
                              bench.host.offsets[HrtimerClock::Realtime] = Ns{10'000};
                              needed = bench.base.clockWasSet(clock_set::wall);
                              return HrtimerRestart::No;
                          }),
                100);
    realtimeTimer(bench, 5000);
    bench.interruptAt(100);
    QVERIFY(!needed);
    QCOMPARE(bench.takeFires(), "ar");
}

void HrtimerClockSetTest::lowResolutionWithoutNohzWaitsForTheTick()
{
    HrtimerBench bench(false);
    realtimeTimer(bench, 5000);
    bench.host.offsets[HrtimerClock::Realtime] = Ns{10'000};
    QVERIFY(!bench.base.clockWasSet(clock_set::wall));
    bench.base.reprogram();
    QCOMPARE(bench.base.offset(1), Ns::zero());
    bench.base.runQueues();
    QCOMPARE(bench.takeFires(), "r");
}

void HrtimerClockSetTest::lowResolutionWithNohzTakesTheOffsetsOver()
{
    HrtimerBench bench(false);
    bench.shared.nohzActive = true;
    realtimeTimer(bench, 5000);
    bench.host.offsets[HrtimerClock::Realtime] = Ns{1000};
    QVERIFY(bench.base.clockWasSet(clock_set::wall));
    bench.base.reprogram();
    QCOMPARE(bench.base.lowResolutionNextEvent(), at(4000));
    QVERIFY(bench.host.takeProgrammed().empty());
}

void HrtimerClockSetTest::nextEventForAStoppedTickIsTheEarliestOfAll()
{
    HrtimerBench bench(false);
    QCOMPARE(bench.base.lowResolutionNextEvent(), never<MonotonicClock>);
    bench.start(bench.add('h'), 900, 10);
    QCOMPARE(bench.base.lowResolutionNextEvent(), at(910));
    bench.start(bench.add('s', {}, true), 700);
    QCOMPARE(bench.base.lowResolutionNextEvent(), at(700));
    QCOMPARE(bench.base.nextEventWithout(bench.timers[0]), never<MonotonicClock>);
}

void HrtimerClockSetTest::nextEventIgnoresSoftTimersWhileTheSoftirqIsPending()
{
    HrtimerBench bench(false);
    bench.start(bench.add('s', {}, true), 100);
    bench.start(bench.add('h'), 900);
    bench.host.now = at(200);
    bench.base.runQueues();
    QCOMPARE(bench.base.lowResolutionNextEvent(), at(900));
    bench.base.runSoftirq();
    QCOMPARE(bench.takeFires(), "s");
}

void HrtimerClockSetTest::highResolutionHasNoEventForTheTick()
{
    HrtimerBench bench;
    bench.start(bench.add('h'), 900);
    QCOMPARE(bench.base.lowResolutionNextEvent(), never<MonotonicClock>);
}

void HrtimerClockSetTest::nextEventWithoutTheTickSkipsOnlyThatTimer()
{
    HrtimerBench bench;
    Hrtimer& tick = bench.add('t');
    bench.start(tick, 100);
    QCOMPARE(bench.base.nextEventWithout(tick), never<MonotonicClock>);
    bench.start(bench.add('s', {}, true), 800);
    QCOMPARE(bench.base.nextEventWithout(tick), at(800));
    for (const std::int64_t expires : {500, 300, 400, 350, 600}) {
        bench.start(bench.add('h'), expires);
    }
    QCOMPARE(bench.base.nextEventWithout(tick), at(300));
    bench.start(tick, 450);
    QCOMPARE(bench.base.nextEventWithout(tick), at(300));
}

void HrtimerClockSetTest::resumeSetsTheDeviceAgain()
{
    HrtimerBench bench;
    bench.start(bench.add('a'), 900);
    bench.start(bench.add('b', {}, false, HrtimerClock::Boottime), 5000);
    static_cast<void>(bench.host.takeProgrammed());
    // Asleep for 4500 ns: CLOCK_MONOTONIC stood still.
    bench.host.offsets[HrtimerClock::Boottime] = Ns{4500};
    bench.base.reprogram();
    QCOMPARE(bench.host.takeProgrammed(), Programmed{at(500)});
}

QTEST_GUILESS_MAIN(HrtimerClockSetTest)
#include "hrtimer_clock_set_test.moc"
