// SPDX-License-Identifier: GPL-3.0-or-later
//! One CPU's hrtimers on a scripted machine: what fires when, and what the device is told.
#include "tests/support/hrtimer_bench.h"

#include <QTest>

using namespace timerscope;
using namespace timerscope::test;

using Programmed = std::vector<MonotonicInstant>;

class HrtimerTest : public QObject
{
    Q_OBJECT
private slots:
    void timersFireInOrderOfTheirExpiry();
    void equalExpiriesFireFirstInFirstOut();
    void restartingAnEqualExpiryGoesToTheBack();
    void noTimerFiresBeforeItsExpiry();
    void timerWithSlackFiresFromItsSoftExpiryOn();
    void passStopsAtTheFirstUnexpiredHead();
    void deviceIsProgrammedForTheHardExpiry();
    void onlyAnEarlierStartProgramsTheDevice();
    void cancellingTheFirstTimerProgramsTheNext();
    void cancellingTheLastTimerStopsTheDevice();
    void cancellingALaterTimerLeavesTheDevice();
    void movingTheFirstTimerBackProgramsTheNewFirst();
    void restartingTheFirstTimerUnchangedLeavesTheDevice();
    void restartOfAQueuedTimerIsRecordedAsCancelAndStart();
    void cancelTellsWhetherTheTimerWasQueued();
    void callbackMayStartItsOwnTimer();
    void callbackMayForwardAndAskForARestart();
    void callbackMayCancelTheNextTimer();
    void callbackMayStartAnotherTimerThatIsDueAlready();
    void interruptProgramsTheDeviceOnceHoweverManyTimersStart();
    void softTimersWaitForTheSoftirq();
    void softTimersProgramTheDeviceUntilTheSoftirqIsPending();
    void softirqProgramsTheDeviceForTheNextSoftTimer();
    void hardTimersRunBeforeSoftOnesWhateverTheirExpiry();
    void interruptServesWhatExpiredWhileItRan();
    void threeFruitlessRoundsAreAHang();
    void nothingIsProgrammedWhileTheCpuRecoversFromAHang();
    void pauseAfterAHangIsAtMostATenthOfASecond();
    void lowResolutionRunsTimersFromTheTickOnly();
    void lowResolutionTickDoesNothingOnceHighResolutionIsActive();
    void realtimeTimersFollowTheirOffset();
    void settingTheClockForwardExpiresRealtimeTimers();
    void recordsTellTheLifeOfATimer();
};

void HrtimerTest::timersFireInOrderOfTheirExpiry()
{
    HrtimerBench bench;
    bench.start(bench.add('c'), 300);
    bench.start(bench.add('a'), 100);
    bench.start(bench.add('b'), 200);
    bench.interruptAt(1000);
    QCOMPARE(bench.takeFires(), "abc");
    QCOMPARE(bench.host.fired, 1);
    QCOMPARE(bench.base.statistics().events, 1U);
}

void HrtimerTest::equalExpiriesFireFirstInFirstOut()
{
    HrtimerBench bench;
    for (const char name : {'d', 'a', 'c', 'b', 'e', 'g', 'f'}) {
        bench.start(bench.add(name), 500);
    }
    bench.interruptAt(500);
    QCOMPARE(bench.takeFires(), "dacbegf");
}

void HrtimerTest::restartingAnEqualExpiryGoesToTheBack()
{
    HrtimerBench bench;
    Hrtimer& a = bench.add('a');
    bench.start(a, 500);
    bench.start(bench.add('b'), 500);
    bench.start(a, 500);
    bench.interruptAt(500);
    QCOMPARE(bench.takeFires(), "ba");
}

void HrtimerTest::noTimerFiresBeforeItsExpiry()
{
    HrtimerBench bench;
    bench.start(bench.add('a'), 500);
    bench.interruptAt(499);
    QCOMPARE(bench.takeFires(), "");
    bench.interruptAt(500);
    QCOMPARE(bench.takeFires(), "a");
}

void HrtimerTest::timerWithSlackFiresFromItsSoftExpiryOn()
{
    HrtimerBench bench;
    bench.start(bench.add('a'), 100, 50);
    bench.interruptAt(99);
    QCOMPARE(bench.takeFires(), "");
    bench.interruptAt(100);
    QCOMPARE(bench.takeFires(), "a");
}

void HrtimerTest::passStopsAtTheFirstUnexpiredHead()
{
    HrtimerBench bench;
    // Queued by hard expiry: a (300) before b (400), although b may fire from 100 on.
    bench.start(bench.add('a'), 300, 0);
    bench.start(bench.add('b'), 100, 300);
    bench.interruptAt(200);
    QCOMPARE(bench.takeFires(), "");
    bench.interruptAt(300);
    QCOMPARE(bench.takeFires(), "ab");
}

void HrtimerTest::deviceIsProgrammedForTheHardExpiry()
{
    HrtimerBench bench;
    bench.start(bench.add('a'), 100, 50);
    QCOMPARE(bench.host.takeProgrammed(), Programmed{at(150)});
    QCOMPARE(bench.base.expiresNext(), at(150));
}

void HrtimerTest::onlyAnEarlierStartProgramsTheDevice()
{
    HrtimerBench bench;
    bench.start(bench.add('a'), 500);
    bench.start(bench.add('b'), 700);
    bench.start(bench.add('c'), 500);
    bench.start(bench.add('d'), 499);
    QCOMPARE(bench.host.takeProgrammed(), (Programmed{at(500), at(499)}));
}

void HrtimerTest::cancellingTheFirstTimerProgramsTheNext()
{
    HrtimerBench bench;
    Hrtimer& a = bench.add('a');
    bench.start(a, 500);
    bench.start(bench.add('b'), 700);
    static_cast<void>(bench.host.takeProgrammed());
    QVERIFY(bench.base.cancel(a));
    QCOMPARE(bench.host.takeProgrammed(), Programmed{at(700)});
}

void HrtimerTest::cancellingTheLastTimerStopsTheDevice()
{
    HrtimerBench bench;
    Hrtimer& a = bench.add('a');
    bench.start(a, 500);
    static_cast<void>(bench.host.takeProgrammed());
    bench.base.cancel(a);
    QCOMPARE(bench.host.takeProgrammed(), Programmed{never<MonotonicClock>});
    QCOMPARE(bench.base.expiresNext(), never<MonotonicClock>);
}

void HrtimerTest::cancellingALaterTimerLeavesTheDevice()
{
    HrtimerBench bench;
    Hrtimer& b = bench.add('b');
    bench.start(bench.add('a'), 500);
    bench.start(b, 700);
    static_cast<void>(bench.host.takeProgrammed());
    bench.base.cancel(b);
    QVERIFY(bench.host.takeProgrammed().empty());
}

void HrtimerTest::movingTheFirstTimerBackProgramsTheNewFirst()
{
    HrtimerBench bench;
    Hrtimer& a = bench.add('a');
    bench.start(a, 500);
    bench.start(bench.add('b'), 700);
    static_cast<void>(bench.host.takeProgrammed());
    bench.start(a, 900);
    QCOMPARE(bench.host.takeProgrammed(), Programmed{at(700)});
}

void HrtimerTest::restartingTheFirstTimerUnchangedLeavesTheDevice()
{
    HrtimerBench bench;
    Hrtimer& a = bench.add('a');
    bench.start(a, 500);
    static_cast<void>(bench.host.takeProgrammed());
    bench.start(a, 500);
    QVERIFY(bench.host.takeProgrammed().empty());
}

void HrtimerTest::restartOfAQueuedTimerIsRecordedAsCancelAndStart()
{
    HrtimerBench bench;
    Hrtimer& a = bench.add('a');
    bench.start(a, 500);
    QCOMPARE(bench.trace.count(RecordKind::HrtimerCancel), 0U);
    bench.start(a, 600);
    QCOMPARE(bench.trace.count(RecordKind::HrtimerCancel), 1U);
    const auto starts = bench.trace.all(RecordKind::HrtimerStart);
    QCOMPARE(starts.size(), 2U);
    QCOMPARE(starts[1].a, 600);
}

void HrtimerTest::cancelTellsWhetherTheTimerWasQueued()
{
    HrtimerBench bench;
    Hrtimer& a = bench.add('a');
    QVERIFY(!bench.base.cancel(a));
    bench.start(a, 500);
    QVERIFY(a.isQueued());
    QVERIFY(bench.base.cancel(a));
    QVERIFY(!a.isQueued());
    QVERIFY(!bench.base.cancel(a));
    bench.interruptAt(1000);
    QCOMPARE(bench.takeFires(), "");
}

void HrtimerTest::callbackMayStartItsOwnTimer()
{
    HrtimerBench bench;
    Hrtimer& a = bench.add('a', [&](Hrtimer& timer) {
        if (bench.host.now < at(900)) {
            bench.start(timer, 900);
        }
        return HrtimerRestart::No;
    });
    bench.start(a, 500);
    bench.interruptAt(500);
    QVERIFY(a.isQueued());
    QCOMPARE(bench.base.expiresNext(), at(900));
    bench.interruptAt(900);
    QCOMPARE(bench.takeFires(), "aa");
}

void HrtimerTest::callbackMayForwardAndAskForARestart()
{
    HrtimerBench bench;
    Hrtimer& a = bench.add('a', [&](Hrtimer& timer) {
        timer.forward(bench.base.clockNow(timer), Ns{100}, Ns{1});
        return HrtimerRestart::Yes;
    });
    bench.start(a, 100);
    bench.interruptAt(350);
    QCOMPARE(bench.takeFires(), "a");
    QCOMPARE(a.hardExpires(), HrtimerInstant{Ns{400}});
    QCOMPARE(bench.base.expiresNext(), at(400));
}

void HrtimerTest::callbackMayCancelTheNextTimer()
{
    HrtimerBench bench;
    Hrtimer& b = bench.add('b');
    Hrtimer& a = bench.add('a', [&](Hrtimer&) {
        bench.base.cancel(b);
        return HrtimerRestart::No;
    });
    bench.start(a, 100);
    bench.start(b, 100);
    bench.start(bench.add('c'), 100);
    bench.interruptAt(100);
    QCOMPARE(bench.takeFires(), "ac");
}

void HrtimerTest::callbackMayStartAnotherTimerThatIsDueAlready()
{
    HrtimerBench bench;
    Hrtimer& b = bench.add('b');
    Hrtimer& a = bench.add('a', [&](Hrtimer&) {
        bench.start(b, 50);
        return HrtimerRestart::No;
    });
    bench.start(a, 100);
    bench.interruptAt(100);
    QCOMPARE(bench.takeFires(), "ab");
}

void HrtimerTest::interruptProgramsTheDeviceOnceHoweverManyTimersStart()
{
    HrtimerBench bench;
    Hrtimer& b = bench.add('b');
    Hrtimer& c = bench.add('c');
    Hrtimer& a = bench.add('a', [&](Hrtimer&) {
        bench.start(b, 900);
        bench.start(c, 800);
        bench.base.cancel(c);
        return HrtimerRestart::No;
    });
    bench.start(a, 100);
    static_cast<void>(bench.host.takeProgrammed());
    bench.interruptAt(100);
    QCOMPARE(bench.host.takeProgrammed(), Programmed{at(900)});
}

void HrtimerTest::softTimersWaitForTheSoftirq()
{
    HrtimerBench bench;
    bench.start(bench.add('s', {}, true), 100);
    bench.interruptAt(100);
    QCOMPARE(bench.takeFires(), "");
    QCOMPARE(bench.host.softirqsRaised, 1);
    bench.base.runSoftirq();
    QCOMPARE(bench.takeFires(), "s");
}

void HrtimerTest::softTimersProgramTheDeviceUntilTheSoftirqIsPending()
{
    HrtimerBench bench;
    bench.start(bench.add('s', {}, true), 100);
    QCOMPARE(bench.host.takeProgrammed(), Programmed{at(100)});
    bench.interruptAt(100);
    // The softirq is pending: it will look after the soft timers itself.
    static_cast<void>(bench.host.takeProgrammed());
    bench.start(bench.add('t', {}, true), 90);
    QVERIFY(bench.host.takeProgrammed().empty());
    bench.base.runSoftirq();
    QCOMPARE(bench.takeFires(), "ts");
}

void HrtimerTest::softirqProgramsTheDeviceForTheNextSoftTimer()
{
    HrtimerBench bench;
    bench.start(bench.add('s', {}, true), 100);
    bench.start(bench.add('t', {}, true), 300);
    bench.start(bench.add('h'), 500);
    bench.interruptAt(100);
    QCOMPARE(bench.base.expiresNext(), at(500));
    bench.base.runSoftirq();
    QCOMPARE(bench.base.expiresNext(), at(300));
    bench.interruptAt(300);
    QCOMPARE(bench.host.softirqsRaised, 2);
}

void HrtimerTest::hardTimersRunBeforeSoftOnesWhateverTheirExpiry()
{
    HrtimerBench bench;
    bench.start(bench.add('s', {}, true), 100);
    bench.start(bench.add('h'), 200);
    bench.interruptAt(250);
    bench.base.runSoftirq();
    QCOMPARE(bench.takeFires(), "hs");
}

void HrtimerTest::interruptServesWhatExpiredWhileItRan()
{
    HrtimerBench bench;
    bench.host.callbackCost = Ns{30};
    bench.start(bench.add('a'), 100);
    bench.start(bench.add('b'), 120);
    bench.interruptAt(100);
    // a took until 130: b had expired by then, so the device refused and a second round ran.
    QCOMPARE(bench.takeFires(), "ab");
    QCOMPARE(bench.base.statistics().events, 1U);
    QCOMPARE(bench.base.statistics().retries, 1U);
    QCOMPARE(bench.base.statistics().hangs, 0U);
}

void HrtimerTest::threeFruitlessRoundsAreAHang()
{
    HrtimerBench bench;
    bench.host.callbackCost = Ns{30};
    for (const int expires : {100, 120, 150, 180, 1000}) {
        bench.start(bench.add('x'), expires);
    }
    static_cast<void>(bench.host.takeProgrammed());
    bench.interruptAt(100);
    QCOMPARE(bench.takeFires(), "xxx");
    QCOMPARE(bench.base.statistics().retries, 3U);
    QCOMPARE(bench.base.statistics().hangs, 1U);
    QCOMPARE(bench.base.statistics().maxHangTime, Ns{90});
    // Three refused attempts, then as much air as the three rounds took: 190 + 90.
    QCOMPARE(bench.host.takeProgrammed(), (Programmed{at(120), at(150), at(180), at(280)}));
    QVERIFY(bench.host.forced.back());
}

void HrtimerTest::nothingIsProgrammedWhileTheCpuRecoversFromAHang()
{
    HrtimerBench bench;
    bench.host.callbackCost = Ns{30};
    for (const int expires : {100, 120, 150, 180}) {
        bench.start(bench.add('x'), expires);
    }
    bench.interruptAt(100);
    static_cast<void>(bench.host.takeProgrammed());
    bench.start(bench.add('y'), 170);
    QVERIFY(bench.host.takeProgrammed().empty());
    bench.host.callbackCost = Ns::zero();
    bench.interruptAt(280);
    QCOMPARE(bench.takeFires(), "xxxyx");
    bench.start(bench.add('z'), 900);
    QCOMPARE(bench.host.takeProgrammed(), (Programmed{never<MonotonicClock>, at(900)}));
}

void HrtimerTest::pauseAfterAHangIsAtMostATenthOfASecond()
{
    HrtimerBench bench;
    bench.host.callbackCost = Ns{1'000'000'000};
    for (const int expires : {100, 200, 300, 400}) {
        bench.start(bench.add('x'), expires * 1'000'000LL);
    }
    bench.start(bench.add('y'), 1'500'000'000);
    bench.start(bench.add('z'), 5'100'000'000);
    bench.start(bench.add('w'), 5'500'000'000);
    bench.interruptAt(100'000'000);
    QCOMPARE(bench.base.statistics().hangs, 1U);
    QCOMPARE(bench.host.programmed.back(), bench.host.now + Ns{100'000'000});
}

void HrtimerTest::lowResolutionRunsTimersFromTheTickOnly()
{
    HrtimerBench bench(false);
    bench.start(bench.add('a'), 100);
    bench.start(bench.add('s', {}, true), 100);
    QVERIFY(bench.host.takeProgrammed().empty());
    bench.host.now = at(99);
    bench.base.runQueues();
    QCOMPARE(bench.takeFires(), "");
    bench.host.now = at(4'000'000);
    bench.base.runQueues();
    QCOMPARE(bench.takeFires(), "a");
    QCOMPARE(bench.host.softirqsRaised, 1);
    bench.base.runSoftirq();
    QCOMPARE(bench.takeFires(), "s");
    QCOMPARE(bench.base.statistics().events, 0U);
    QVERIFY(bench.host.takeProgrammed().empty());
}

void HrtimerTest::lowResolutionTickDoesNothingOnceHighResolutionIsActive()
{
    HrtimerBench bench;
    bench.start(bench.add('a'), 100);
    bench.host.now = at(200);
    bench.base.runQueues();
    QCOMPARE(bench.takeFires(), "");
}

void HrtimerTest::realtimeTimersFollowTheirOffset()
{
    HrtimerBench bench;
    bench.host.offsets[HrtimerClock::Realtime] = Ns{1000};
    bench.base.reprogram();
    static_cast<void>(bench.host.takeProgrammed());
    bench.start(bench.add('r', {}, false, HrtimerClock::Realtime), 1500);
    QCOMPARE(bench.host.takeProgrammed(), Programmed{at(500)});
    bench.interruptAt(499);
    QCOMPARE(bench.takeFires(), "");
    bench.interruptAt(500);
    QCOMPARE(bench.takeFires(), "r");
}

void HrtimerTest::settingTheClockForwardExpiresRealtimeTimers()
{
    HrtimerBench bench;
    bench.host.now = at(100);
    bench.start(bench.add('r', {}, false, HrtimerClock::Realtime), 5000);
    bench.host.offsets[HrtimerClock::Realtime] = Ns{1'000'000};
    bench.base.reprogram();
    // Before the start of CLOCK_MONOTONIC there is no time: at once is as early as can be.
    QCOMPARE(bench.host.programmed.back(), at(0));
    bench.interruptAt(101);
    QCOMPARE(bench.takeFires(), "r");
}

void HrtimerTest::recordsTellTheLifeOfATimer()
{
    HrtimerBench bench;
    Hrtimer& a = bench.add('a');
    bench.base.init(a);
    bench.start(a, 100, 20);
    bench.interruptAt(110);
    const TraceLog& log = bench.trace.log();
    QCOMPARE(log.size(), 5U);
    QCOMPARE(log[0].kind, RecordKind::HrtimerInit);
    QCOMPARE(log.string(static_cast<std::uint32_t>(log[0].a)), std::string_view("a"));
    QCOMPARE(log[1].kind, RecordKind::HrtimerStart);
    QCOMPARE(log[1].a, 120);
    QCOMPARE(log[1].b, 100);
    // The kernel takes it off its queue by the same road as a cancel.
    QCOMPARE(log[2].kind, RecordKind::HrtimerCancel);
    QCOMPARE(log[3].kind, RecordKind::HrtimerExpireEntry);
    QCOMPARE(log[3].a, 110);
    QCOMPARE(log[4].kind, RecordKind::HrtimerExpireExit);
    QCOMPARE(log[4].subject, a.id());
}

QTEST_GUILESS_MAIN(HrtimerTest)
#include "hrtimer_test.moc"
