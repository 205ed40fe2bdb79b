// SPDX-License-Identifier: GPL-3.0-or-later
//! What may be done to an hrtimer, and by whom: from outside, from its own function, from
//! another's.
#include "tests/support/hrtimer_bench.h"

#include <QTest>

using namespace timerscope;
using namespace timerscope::test;

using Programmed = std::vector<MonotonicInstant>;

class HrtimerCallbackTest : public QObject
{
    Q_OBJECT
private slots:
    void timerIsActiveWhileItsFunctionRuns();
    void tryToCancelTellsWhatItFound();
    void tryToCancelLeavesATimerAloneWhoseFunctionRuns();
    void aStartFromItsOwnFunctionCountsMoreThanTheAnswer();
    void aTimerThatStartedItselfIsQueuedOnceHoweverOften();
    void softTimerMayStartItselfFromTheSoftirq();
    void startingItselfProgramsTheDeviceAtOnceWhenItWasSetForThisTimer();
    void restartKeepsExpiryAndSlack();
    void forwardOfAQueuedTimerDoesNothing();
    void forwardNowReadsTheTimersOwnClock();
    void intervalIsAtLeastTheResolution();
    void resolutionIsATickUntilTheFirstCpuIsInHighResolution();
    void remainingCountsToTheHardExpiry();
    void relativeTimerStartsFromNow();
    void relativeTimerOfACoarseClockGetsATickMore();
    void periodOfACoarseClockIsCountedFromTheExpiry();
    void endlessRelativeTimerNeverFires();
    void relativeRealtimeTimerIsCountedOnMonotonic();
    void hangIsToldOnce();
};

void HrtimerCallbackTest::timerIsActiveWhileItsFunctionRuns()
{
    HrtimerBench bench;
    Hrtimer& a = bench.add('a', [](Hrtimer& timer) {
        [&] {
            QVERIFY(timer.isActive());
            QVERIFY(timer.isCallbackRunning());
            QVERIFY(!timer.isQueued());
        }();
        return HrtimerRestart::No;
    });
    QVERIFY(!a.isActive());
    bench.start(a, 100);
    QVERIFY(a.isActive());
    QVERIFY(!a.isCallbackRunning());
    bench.interruptAt(100);
    QCOMPARE(bench.takeFires(), "a");
    QVERIFY(!a.isActive());
}

void HrtimerCallbackTest::tryToCancelTellsWhatItFound()
{
    HrtimerBench bench;
    Hrtimer& a = bench.add('a');
    QCOMPARE(bench.base.tryToCancel(a), HrtimerCancel::NotActive);
    bench.start(a, 100);
    QCOMPARE(bench.base.tryToCancel(a), HrtimerCancel::Cancelled);
    QCOMPARE(bench.base.tryToCancel(a), HrtimerCancel::NotActive);
    QCOMPARE(static_cast<int>(HrtimerCancel::CallbackRuns), -1);
    QCOMPARE(static_cast<int>(HrtimerCancel::Cancelled), 1);
}

void HrtimerCallbackTest::tryToCancelLeavesATimerAloneWhoseFunctionRuns()
{
    HrtimerBench bench;
    std::vector<HrtimerCancel> answers;
    Hrtimer& a = bench.add('a', [&](Hrtimer& timer) {
        answers.push_back(bench.base.tryToCancel(timer));
        bench.start(timer, 500);
        // It is queued again, but its function runs still.
        answers.push_back(bench.base.tryToCancel(timer));
        return HrtimerRestart::No;
    });
    bench.start(a, 100);
    bench.interruptAt(100);
    QCOMPARE(answers, (std::vector{HrtimerCancel::CallbackRuns, HrtimerCancel::CallbackRuns}));
    QVERIFY(a.isQueued());
    QCOMPARE(bench.base.tryToCancel(a), HrtimerCancel::Cancelled);
}

void HrtimerCallbackTest::aStartFromItsOwnFunctionCountsMoreThanTheAnswer()
{
    HrtimerBench bench;
    Hrtimer& a = bench.add('a', [&](Hrtimer& timer) {
        if (bench.host.now < at(900)) {
            bench.start(timer, 900, 50);
        }
        return bench.host.now < at(900) ? HrtimerRestart::Yes : HrtimerRestart::No;
    });
    bench.start(a, 100);
    bench.interruptAt(100);
    QCOMPARE(bench.base.queue(0).size(), 1U);
    QCOMPARE(a.softExpires(), HrtimerInstant{Ns{900}});
    QCOMPARE(bench.base.expiresNext(), at(950));
    bench.interruptAt(900);
    QCOMPARE(bench.takeFires(), "aa");
    QVERIFY(!a.isActive());
}

void HrtimerCallbackTest::aTimerThatStartedItselfIsQueuedOnceHoweverOften()
{
    HrtimerBench bench;
    Hrtimer& a = bench.add('a', [&](Hrtimer& timer) {
        bench.start(timer, 700);
        bench.start(timer, 800);
        bench.start(timer, 600);
        return HrtimerRestart::Yes;
    });
    bench.start(a, 100);
    bench.interruptAt(100);
    QCOMPARE(bench.base.queue(0).inOrder(), (std::vector<const Hrtimer*>{&a}));
    QCOMPARE(bench.base.expiresNext(), at(600));
}

void HrtimerCallbackTest::softTimerMayStartItselfFromTheSoftirq()
{
    HrtimerBench bench;
    Hrtimer& s = bench.add(
        's',
        [&](Hrtimer& timer) {
            bench.start(timer, 500);
            return HrtimerRestart::No;
        },
        true);
    bench.start(s, 100);
    bench.interruptAt(100);
    bench.base.runSoftirq();
    QCOMPARE(bench.takeFires(), "s");
    QCOMPARE(bench.base.expiresNext(), at(500));
    QCOMPARE(bench.host.programmed.back(), at(500));
}

void HrtimerCallbackTest::startingItselfProgramsTheDeviceAtOnceWhenItWasSetForThisTimer()
{
    HrtimerBench bench;
    Hrtimer& a = bench.add('a', [&](Hrtimer& timer) {
        bench.start(timer, 500);
        return HrtimerRestart::No;
    });
    bench.start(a, 100);
    static_cast<void>(bench.host.takeProgrammed());
    bench.interruptAt(100);
    // Once by the fresh look that its start takes, once more at the interrupt's end.
    QCOMPARE(bench.host.takeProgrammed(), (Programmed{at(500), at(500)}));
}

void HrtimerCallbackTest::restartKeepsExpiryAndSlack()
{
    HrtimerBench bench;
    Hrtimer& a = bench.add('a');
    bench.start(a, 100, 30);
    bench.base.cancel(a);
    bench.base.restart(a);
    QVERIFY(a.isQueued());
    QCOMPARE(a.softExpires(), HrtimerInstant{Ns{100}});
    QCOMPARE(a.hardExpires(), HrtimerInstant{Ns{130}});
    QCOMPARE(bench.host.programmed.back(), at(130));
}

void HrtimerCallbackTest::forwardOfAQueuedTimerDoesNothing()
{
    HrtimerBench bench;
    Hrtimer& a = bench.add('a');
    bench.start(a, 100);
    QCOMPARE(a.forward(HrtimerInstant{Ns{1000}}, Ns{10}, Ns{1}), 0U);
    QCOMPARE(a.hardExpires(), HrtimerInstant{Ns{100}});
}

void HrtimerCallbackTest::forwardNowReadsTheTimersOwnClock()
{
    HrtimerBench bench;
    bench.host.offsets[HrtimerClock::Boottime] = Ns{1000};
    Hrtimer& b = bench.add('b', {}, false, HrtimerClock::Boottime);
    b.setExpires(HrtimerInstant{Ns{1100}});
    bench.host.now = at(350);
    QCOMPARE(bench.base.forwardNow(b, Ns{100}), 3U);
    QCOMPARE(b.hardExpires(), HrtimerInstant{Ns{1400}});
}

void HrtimerCallbackTest::intervalIsAtLeastTheResolution()
{
    HrtimerBench bench(false);
    bench.shared.resolution = Ns{4'000'000};
    Hrtimer& a = bench.add('a');
    a.setExpires(HrtimerInstant{Ns{0}});
    bench.host.now = at(9'000'000);
    QCOMPARE(bench.base.forwardNow(a, Ns{1}), 3U);
    QCOMPARE(a.hardExpires(), HrtimerInstant{Ns{12'000'000}});
}

void HrtimerCallbackTest::resolutionIsATickUntilTheFirstCpuIsInHighResolution()
{
    HrtimerBench bench(false);
    bench.shared.resolution = Ns{4'000'000};
    QCOMPARE(bench.base.resolution(), Ns{4'000'000});
    bench.base.activateHres();
    QCOMPARE(bench.base.resolution(), Ns{1});
    QCOMPARE(bench.shared.resolution, Ns{1});
}

void HrtimerCallbackTest::remainingCountsToTheHardExpiry()
{
    HrtimerBench bench;
    Hrtimer& a = bench.add('a');
    bench.start(a, 100, 50);
    bench.host.now = at(30);
    QCOMPARE(bench.base.remaining(a), Ns{120});
    bench.host.now = at(200);
    QCOMPARE(bench.base.remaining(a), Ns{-50});
}

void HrtimerCallbackTest::relativeTimerStartsFromNow()
{
    HrtimerBench bench;
    bench.host.now = at(1000);
    bench.host.offsets[HrtimerClock::Tai] = Ns{37};
    Hrtimer& t = bench.add('t', {}, false, HrtimerClock::Tai);
    bench.base.reprogram();
    bench.base.startRelative(t, Ns{500}, Ns{20}, hrtimer_mode::hard);
    QCOMPARE(t.softExpires(), HrtimerInstant{Ns{1537}});
    QCOMPARE(t.hardExpires(), HrtimerInstant{Ns{1557}});
    QCOMPARE(bench.base.expiresNext(), at(1520));
    const auto starts = bench.trace.all(RecordKind::HrtimerStart);
    QCOMPARE(starts.back().flags, hrtimer_mode::relative | hrtimer_mode::hard);
}

void HrtimerCallbackTest::relativeTimerOfACoarseClockGetsATickMore()
{
    HrtimerBench bench(false);
    bench.shared.resolution = Ns{4'000'000};
    bench.shared.coarseClock = true;
    Hrtimer& a = bench.add('a');
    bench.base.startRelative(a, Ns{1000}, Ns::zero(), 0);
    QCOMPARE(a.hardExpires(), HrtimerInstant{Ns{4'001'000}});
    QCOMPARE(bench.base.remaining(a), Ns{4'001'000});
    QCOMPARE(bench.base.remainingAdjusted(a), Ns{1000});
    bench.start(a, 1000);
    QCOMPARE(a.hardExpires(), HrtimerInstant{Ns{1000}});
    QCOMPARE(bench.base.remainingAdjusted(a), Ns{1000});
}

void HrtimerCallbackTest::periodOfACoarseClockIsCountedFromTheExpiry()
{
    HrtimerBench bench(false);
    bench.shared.resolution = Ns{4'000'000};
    bench.shared.coarseClock = true;
    Hrtimer& a = bench.add('a', [&](Hrtimer& timer) {
        bench.base.forwardNow(timer, Ns{8'000'000});
        return HrtimerRestart::Yes;
    });
    bench.base.startRelative(a, Ns::zero(), Ns::zero(), 0);
    bench.host.now = at(4'000'000);
    bench.base.runQueues();
    QCOMPARE(a.hardExpires(), HrtimerInstant{Ns{12'000'000}});
    QCOMPARE(bench.base.remainingAdjusted(a), Ns{8'000'000});
}

void HrtimerCallbackTest::endlessRelativeTimerNeverFires()
{
    HrtimerBench bench;
    bench.host.now = at(1000);
    for (const Ns delay : {Ns::max(), Ns{-5000}}) {
        Hrtimer& a = bench.add('a');
        bench.base.startRelative(a, delay, Ns::zero(), 0);
        QCOMPARE(a.hardExpires(), never<HrtimerBaseClock>);
    }
    bench.interruptAt(1'000'000'000);
    QCOMPARE(bench.takeFires(), "");
}

void HrtimerCallbackTest::relativeRealtimeTimerIsCountedOnMonotonic()
{
    constexpr HrtimerKind relative{.clock = HrtimerClock::Realtime,
                                   .mode = hrtimer_mode::relative | hrtimer_mode::soft};
    HrtimerBench bench;
    Hrtimer& r = bench.add('r', relative, {});
    bench.base.init(r);
    QCOMPARE(r.clock(), HrtimerClock::Monotonic);
    QCOMPARE(r.baseIndex(), hrtimerClocks);
    // The record says what was asked for, as the tracepoint does.
    const TraceRecord made = bench.trace.all(RecordKind::HrtimerInit).at(0);
    QCOMPARE(made.b, static_cast<std::int64_t>(HrtimerClock::Realtime));
    QCOMPARE(made.flags, relative.mode);
    QCOMPARE(bench.add('a', {.clock = HrtimerClock::Realtime}, {}).clock(), HrtimerClock::Realtime);
    QCOMPARE(
        bench.add('t', {.clock = HrtimerClock::Tai, .mode = hrtimer_mode::relative}, {}).clock(),
        HrtimerClock::Tai);
}

void HrtimerCallbackTest::hangIsToldOnce()
{
    HrtimerBench bench;
    KernelLogBench log;
    bench.shared.kernelLog = &log;
    for (const std::int64_t begin : {1000, 5000}) {
        bench.host.callbackCost = Ns{30};
        for (const int expires : {0, 20, 50, 80}) {
            bench.start(bench.add('x'), begin + expires);
        }
        bench.interruptAt(begin);
        bench.host.callbackCost = Ns::zero();
        bench.interruptAt(begin + 1000);
    }
    QCOMPARE(bench.base.statistics().hangs, 2U);
    QCOMPARE(log.take(), "hrtimer: interrupt took 90 ns");
}

QTEST_GUILESS_MAIN(HrtimerCallbackTest)
#include "hrtimer_callback_test.moc"
