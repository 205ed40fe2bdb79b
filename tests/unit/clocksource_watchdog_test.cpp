// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/watchdog_bench.h"

#include <QTest>

#include <numeric>

using namespace timerscope;
using namespace timerscope::test;
using namespace timerscope::clocksource_flag;

namespace {

constexpr std::uint32_t verified = continuous | mustVerify;

WatchdogConfig newerKernel()
{
    WatchdogConfig config;
    config.marginsLimitReadout = true;
    config.printsSkew = true;
    return config;
}

/// Whether a clock that counts @p ppm too fast is still trusted after three passes.
bool survives(std::int64_t ppm)
{
    WatchdogBench bench;
    bench.boot();
    bench.tsc->counter.drift(ppm);
    for (int i = 0; i < 3; ++i) {
        bench.pass(128); // 512 ms, as a wheel timer of 125 jiffies comes
    }
    return !bench.tsc->source.has(unstable);
}

} // namespace

class ClocksourceWatchdogTest : public QObject
{
    Q_OBJECT
private slots:
    void sourceThatMustBeVerifiedIsNotValidAtOnce();
    void secondGoodPassMakesItValidAndChosen();
    void currentSourceThatBecomesValidLetsTheTickKnow();
    void validityEarnedBeforeTheEndOfBootNeedsNoWork();
    void referenceThatIsNotContinuousProvesNothing();
    void limitIsTheSumOfBothMargins();
    void widerMarginForgivesMore();
    void badCurrentSourceIsNamedDemotedAndReplaced();
    void badOtherSourceIsToldFromTheCurrent();
    void badSourceBeforeTheEndOfBootWaitsForIt();
    void newerKernelsPrintTheSkewInMilliseconds();
    void jumpIsCaughtOnce();
    void driftingReferenceCondemnsTheGoodClock();
    void longIntervalIsSkippedAndTheNextCountsFromNow();
    void onlyMuchLongerIntervalsAreWorthAnotherLine();
    void longIntervalsOfTheBootAreSilent();
    void busyMachineIsLeftAloneForFiveMinutes();
    void slowClockIsCondemnedWhenItsTriesAreUsedUp();
    void manyRetriesThatSucceedAreMentioned();
    void moreCpusGiveMoreTries();
    void newerKernelsLimitReadoutsByMargins();
    void afterASleepThePassOnlyReads();
    void backwardStepCountsAsNoneWhereStepsAreValidated();
    void timerRunsOnlyWhileThereIsSomethingToWatch();
    void timerMovesFromCpuToCpu();
    void referenceIsTheBestThatNeedsNoVerifying();
    void leavingReferenceIsReplacedOrKept();
    void newReferenceStartsAllOver();
    void unstableReferenceStaysReference();
    void markingTwiceDoesNothing();
    void markedUnlistedSourceLosesItsRating();
    void sourceMarkedAndUnregisteredDuringBootComesBack();
    void goodCurrentSourceHearsOfEachPass();
};

void ClocksourceWatchdogTest::sourceThatMustBeVerifiedIsNotValidAtOnce()
{
    WatchdogBench bench;
    QVERIFY(!bench.add("a", 300, verified).source.has(validForHres));
    QVERIFY(bench.add("b", 300, continuous).source.has(validForHres));
    QVERIFY(!bench.add("c", 300, mustVerify).source.has(validForHres));
}

void ClocksourceWatchdogTest::secondGoodPassMakesItValidAndChosen()
{
    WatchdogBench bench;
    bench.oneshot = true;
    bench.boot();
    QCOMPARE(bench.current(), "hpet");
    bench.pass();
    QCOMPARE(bench.tsc->source.flags, verified | watchdog);
    bench.pass();
    QCOMPARE(bench.tsc->source.flags, verified | watchdog | validForHres);
    QCOMPARE(bench.current(), "tsc");
    QCOMPARE(bench.workRuns, 1);
    bench.pass();
    QCOMPARE(bench.workRuns, 1);
    QCOMPARE(bench.validNotices, 0);
}

void ClocksourceWatchdogTest::currentSourceThatBecomesValidLetsTheTickKnow()
{
    WatchdogBench bench;
    bench.boot();
    QCOMPARE(bench.current(), "tsc");
    bench.pass();
    bench.pass();
    QCOMPARE(bench.validNotices, 1);
    QCOMPARE(bench.workRuns, 0);
}

void ClocksourceWatchdogTest::validityEarnedBeforeTheEndOfBootNeedsNoWork()
{
    WatchdogBench bench;
    bench.add("hpet", 250, continuous);
    const WatchedClock& tsc = bench.add("tsc", 300, verified);
    bench.pass();
    bench.pass();
    QVERIFY(tsc.source.has(validForHres));
    QVERIFY(!tsc.source.has(reselect));
    QCOMPARE(bench.workRuns, 0);
}

void ClocksourceWatchdogTest::referenceThatIsNotContinuousProvesNothing()
{
    WatchdogBench bench;
    bench.add("pit", 250, 0);
    const WatchedClock& tsc = bench.add("tsc", 300, verified);
    for (int i = 0; i < 4; ++i) {
        bench.pass();
    }
    QCOMPARE(bench.reference(), "pit");
    QCOMPARE(tsc.source.flags, verified | watchdog);
}

void ClocksourceWatchdogTest::limitIsTheSumOfBothMargins()
{
    // 400 us in 512 ms are 781 ppm.
    for (const std::int64_t sign : {1, -1}) {
        QVERIFY(survives(sign * 700));
        QVERIFY(survives(sign * 780));
        QVERIFY(!survives(sign * 783));
    }
}

void ClocksourceWatchdogTest::widerMarginForgivesMore()
{
    WatchdogBench bench;
    bench.boot();
    WatchedClock& other = bench.add("coarse", 100, verified, 64, Ns{5'000'000});
    bench.pass();
    other.counter.jump(500'000); // 5 ms
    bench.pass();
    QVERIFY(!other.source.has(unstable));
    other.counter.jump(521'000);
    bench.pass();
    QVERIFY(other.source.has(unstable));
}

void ClocksourceWatchdogTest::badCurrentSourceIsNamedDemotedAndReplaced()
{
    WatchdogBench bench;
    bench.boot();
    bench.pass(128);
    bench.tsc->counter.jump(100'000); // 1 ms
    bench.pass(128);
    QCOMPARE(bench.lines.take(),
             "clocksource: timekeeping watchdog on CPU0: Marking clocksource 'tsc' as unstable "
             "because the skew is too large:|"
             "clocksource:                       'hpet' wd_nsec: 512000000 wd_now: 61a8000 "
             "wd_last: 30d4000 mask: ffffffffffffffff|"
             "clocksource:                       'tsc' cs_nsec: 513000000 cs_now: 61c06a0 "
             "cs_last: 30d4000 mask: ffffffffffffffff|"
             "clocksource:                       'tsc' is current clocksource.|"
             "clocksource: Switched to clocksource hpet");
    QCOMPARE(bench.tsc->source.flags, verified | unstable);
    QCOMPARE(bench.tsc->source.rating, 0);
    QCOMPARE(bench.registry.list().back(), &bench.tsc->source);
    QCOMPARE(bench.tsc->calls, "unstable ");
    QVERIFY(!bench.armed.has_value());
}

void ClocksourceWatchdogTest::badOtherSourceIsToldFromTheCurrent()
{
    WatchdogBench bench;
    bench.boot();
    WatchedClock& other = bench.add("other", 100, verified);
    bench.pass();
    other.counter.stoppedAt = bench.trueNs;
    bench.pass();
    QVERIFY(bench.lines.take().endsWith("'tsc' (not 'other') is current clocksource."));
    QCOMPARE(bench.current(), "tsc");
    QVERIFY(bench.armed.has_value());
}

void ClocksourceWatchdogTest::badSourceBeforeTheEndOfBootWaitsForIt()
{
    WatchdogBench bench;
    bench.add("hpet", 250, continuous);
    WatchedClock& tsc = bench.add("tsc", 300, verified);
    bench.pass();
    tsc.counter.jump(1'000'000);
    bench.pass();
    QVERIFY(bench.lines.take().endsWith("No current clocksource."));
    QCOMPARE(tsc.source.flags, verified | unstable);
    QCOMPARE(tsc.source.rating, 300);
    QCOMPARE(bench.workRuns, 0);
    bench.registry.doneBooting();
    QCOMPARE(tsc.source.rating, 0);
    QCOMPARE(bench.current(), "hpet");
}

void ClocksourceWatchdogTest::newerKernelsPrintTheSkewInMilliseconds()
{
    WatchdogBench bench(newerKernel());
    bench.boot();
    bench.pass(128);
    bench.tsc->counter.jump(-250'000);
    bench.pass(128);
    QVERIFY(bench.lines.take().contains(
        "|clocksource:                       Clocksource 'tsc' skewed -2500000 ns (-2 ms) over "
        "watchdog 'hpet' interval of 512000000 ns (512 ms)|"));
}

void ClocksourceWatchdogTest::jumpIsCaughtOnce()
{
    WatchdogBench bench;
    bench.boot();
    bench.pass();
    bench.tsc->counter.jump(1'000'000);
    bench.pass();
    static_cast<void>(bench.lines.take());
    bench.pass();
    QCOMPARE(bench.lines.take(), QString());
    QCOMPARE(bench.workRuns, 1);
}

void ClocksourceWatchdogTest::driftingReferenceCondemnsTheGoodClock()
{
    WatchdogBench bench;
    bench.boot();
    bench.hpet->counter.drift(-2000);
    bench.pass();
    bench.pass();
    QVERIFY(bench.tsc->source.has(unstable));
    QVERIFY(!bench.hpet->source.has(unstable));
}

void ClocksourceWatchdogTest::longIntervalIsSkippedAndTheNextCountsFromNow()
{
    WatchdogBench bench;
    bench.boot();
    bench.pass();
    bench.tsc->counter.jump(1'000'000);
    bench.pass(251);
    QCOMPARE(bench.lines.take(),
             "clocksource: Long readout interval, skipping watchdog check: cs_nsec: 1014000000 "
             "wd_nsec: 1004000000");
    QVERIFY(!bench.tsc->source.has(unstable));
    QCOMPARE(bench.armed->first.count, bench.now.count + WatchdogBench::interval);
    // A pass in time counts from when the timer was due, not from when it ran.
    const std::uint64_t due = bench.armed->first.count;
    bench.pass();
    QCOMPARE(bench.armed->first.count, due + WatchdogBench::interval);
    QVERIFY(!bench.tsc->source.has(unstable));
}

void ClocksourceWatchdogTest::onlyMuchLongerIntervalsAreWorthAnotherLine()
{
    WatchdogBench bench;
    bench.boot();
    bench.pass();
    for (const auto& [ticks, said] : {std::pair{300U, true}, {600U, false}, {601U, true}}) {
        bench.pass(ticks);
        QCOMPARE(!bench.lines.take().isEmpty(), said);
    }
}

void ClocksourceWatchdogTest::longIntervalsOfTheBootAreSilent()
{
    WatchdogBench bench;
    bench.boot();
    bench.systemUp = false;
    bench.pass();
    bench.pass(1000);
    QCOMPARE(bench.lines.take(), QString());
    QVERIFY(!bench.tsc->source.has(validForHres));
}

void ClocksourceWatchdogTest::busyMachineIsLeftAloneForFiveMinutes()
{
    WatchdogBench bench;
    bench.boot();
    bench.pass();
    bench.hpet->counter.cost = 60'000;
    bench.tsc->counter.cost = 50'000;
    const std::uint64_t due = bench.armed->first.count;
    bench.pass();
    QCOMPARE(bench.lines.take(),
             "clocksource: timekeeping watchdog on CPU0: hpet wd-wd read-back delay of 60000ns|"
             "clocksource: wd-tsc-wd read-back delay of 110000ns, clock-skew test skipped!");
    QCOMPARE(bench.armed->first.count,
             due + WatchdogBench::interval + std::uint64_t{300} * WatchdogBench::hz);
    QVERIFY(!bench.tsc->source.has(watchdog));
}

void ClocksourceWatchdogTest::slowClockIsCondemnedWhenItsTriesAreUsedUp()
{
    WatchdogBench bench;
    bench.boot();
    bench.tsc->counter.cost = 100'010;
    bench.hpet->counter.cost = 50'000;
    bench.pass();
    QCOMPARE(bench.lines.take(),
             "clocksource: timekeeping watchdog on CPU0: wd-tsc-wd excessive read-back delay of "
             "150010ns vs. limit of 100000ns, wd-wd read-back delay only 50000ns, attempt 2, "
             "marking tsc unstable|clocksource: Switched to clocksource hpet");
}

void ClocksourceWatchdogTest::manyRetriesThatSucceedAreMentioned()
{
    WatchdogConfig config;
    config.readRetries = 2;
    for (const int slowReads : {1, 2}) {
        WatchdogBench bench(config);
        bench.boot();
        bench.tsc->counter.slowReads = slowReads;
        bench.pass();
        QCOMPARE(bench.lines.take(),
                 slowReads == 1
                     ? QString()
                     : "clocksource: timekeeping watchdog on CPU0: hpet retried 2 times before "
                       "success");
        QVERIFY(bench.tsc->source.has(watchdog));
    }
}

void ClocksourceWatchdogTest::moreCpusGiveMoreTries()
{
    for (const auto& [cpus, attempts] : {std::pair{1U, 2}, {3U, 2}, {4U, 3}, {16U, 4}}) {
        WatchdogBench bench;
        bench.online.resize(cpus);
        std::iota(bench.online.begin(), bench.online.end(), 0U);
        bench.boot();
        bench.tsc->counter.cost = 200'000;
        bench.pass();
        QVERIFY(bench.lines.take().contains(QString("attempt %1,").arg(attempts)));
    }
}

void ClocksourceWatchdogTest::newerKernelsLimitReadoutsByMargins()
{
    WatchdogBench bench(newerKernel());
    bench.boot();
    bench.hpet->counter.cost = 200'000;
    bench.tsc->counter.cost = 200'000;
    bench.pass();
    QVERIFY(bench.tsc->source.has(watchdog));
    bench.tsc->counter.cost = 200'010;
    bench.pass();
    QVERIFY(bench.tsc->source.has(unstable));
}

void ClocksourceWatchdogTest::afterASleepThePassOnlyReads()
{
    WatchdogBench bench;
    bench.boot();
    bench.pass();
    bench.tsc->counter.jump(1'000'000'000);
    bench.registry.resumeWatchdog();
    bench.pass();
    QVERIFY(!bench.tsc->source.has(unstable));
    QVERIFY(!bench.tsc->source.has(validForHres));
    bench.pass();
    QVERIFY(bench.tsc->source.has(validForHres));
}

void ClocksourceWatchdogTest::backwardStepCountsAsNoneWhereStepsAreValidated()
{
    for (const bool validates : {false, true}) {
        WatchdogConfig config;
        config.validatesSteps = validates;
        WatchdogBench bench(config);
        bench.boot();
        bench.pass(128);
        bench.tsc->counter.jump(-100'000'000); // a second
        bench.pass(128);
        // Not validated, it is most of the counter's range forward: too long to be compared.
        QCOMPARE(bench.lines.take().contains("cs_nsec: 0 "), validates);
        QCOMPARE(bench.tsc->source.has(unstable), validates);
    }
}

void ClocksourceWatchdogTest::timerRunsOnlyWhileThereIsSomethingToWatch()
{
    WatchdogBench bench;
    bench.add("hpet", 250, continuous);
    QVERIFY(!bench.armed.has_value());
    WatchedClock& tsc = bench.add("tsc", 300, verified);
    QCOMPARE(bench.armed->first.count, bench.now.count + WatchdogBench::interval);
    QVERIFY(bench.registry.watchdog()->isRunning());
    QCOMPARE(bench.registry.unregisterSource(tsc.source), Errno::Ok);
    QVERIFY(!bench.armed.has_value());
    QVERIFY(!bench.registry.watchdog()->isRunning());
}

void ClocksourceWatchdogTest::timerMovesFromCpuToCpu()
{
    WatchdogBench bench;
    bench.online = {1, 2, 5};
    bench.boot();
    std::vector<unsigned> visited;
    for (int i = 0; i < 4; ++i) {
        bench.pass();
        visited.push_back(bench.cpu);
    }
    QCOMPARE(visited, (std::vector<unsigned>{1, 2, 5, 1}));
}

void ClocksourceWatchdogTest::referenceIsTheBestThatNeedsNoVerifying()
{
    WatchdogBench bench;
    QCOMPARE(bench.reference(), "jiffies");
    bench.boot();
    QCOMPARE(bench.reference(), "hpet");
    bench.add("equal", 250, continuous);
    QCOMPARE(bench.reference(), "hpet");
    bench.registry.changeRating(bench.hpet->source, 240);
    QCOMPARE(bench.reference(), "equal");
}

void ClocksourceWatchdogTest::leavingReferenceIsReplacedOrKept()
{
    WatchdogBench bench;
    bench.boot();
    QCOMPARE(bench.registry.unregisterSource(bench.hpet->source), Errno::Ok);
    QCOMPARE(bench.reference(), "jiffies");
    QCOMPARE(bench.registry.unregisterSource(bench.bootClock), Errno::Busy);
    QVERIFY(bench.registry.find("jiffies") != nullptr);
}

void ClocksourceWatchdogTest::newReferenceStartsAllOver()
{
    WatchdogBench bench;
    bench.boot();
    bench.pass();
    bench.pass();
    bench.add("better", 260, continuous);
    QVERIFY(!bench.tsc->source.has(watchdog));
    bench.tsc->counter.jump(1'000'000);
    bench.pass();
    QVERIFY(!bench.tsc->source.has(unstable));
    QVERIFY(bench.tsc->source.has(watchdog));
}

void ClocksourceWatchdogTest::unstableReferenceStaysReference()
{
    WatchdogBench bench;
    bench.boot();
    bench.registry.markUnstable(bench.hpet->source);
    bench.runWork();
    QCOMPARE(bench.hpet->source.rating, 0);
    QCOMPARE(bench.reference(), "hpet");
    bench.registry.changeRating(bench.tsc->source, 310);
    QCOMPARE(bench.reference(), "jiffies"); // of rating 1, so better than 0
}

void ClocksourceWatchdogTest::markingTwiceDoesNothing()
{
    WatchdogBench bench;
    bench.boot();
    bench.registry.markUnstable(bench.tsc->source);
    bench.runWork();
    QCOMPARE(bench.current(), "hpet");
    bench.registry.changeRating(bench.tsc->source, 500);
    bench.registry.markUnstable(bench.tsc->source);
    bench.runWork();
    QCOMPARE(bench.tsc->source.rating, 500);
    QCOMPARE(bench.tsc->calls, "unstable ");
}

void ClocksourceWatchdogTest::markedUnlistedSourceLosesItsRating()
{
    WatchdogBench bench;
    bench.boot();
    QCOMPARE(bench.registry.unregisterSource(bench.tsc->source), Errno::Ok);
    bench.registry.markUnstable(bench.tsc->source);
    QCOMPARE(bench.tsc->source.rating, 0);
    QVERIFY(!bench.workScheduled);
    QCOMPARE(bench.tsc->calls, QString());
}

void ClocksourceWatchdogTest::sourceMarkedAndUnregisteredDuringBootComesBack()
{
    WatchdogBench bench;
    WatchedClock& plain = bench.add("plain", 250, continuous);
    WatchedClock& tsc = bench.add("tsc", 300, verified);
    bench.add("best", 400, continuous);
    for (WatchedClock* const clock : {&plain, &tsc}) {
        bench.registry.markUnstable(clock->source);
        QCOMPARE(bench.registry.unregisterSource(clock->source), Errno::Ok);
    }
    bench.registry.doneBooting();
    QCOMPARE(bench.registry.find("plain"), &plain.source);
    QCOMPARE(plain.source.rating, 0);
    QCOMPARE(bench.registry.find("tsc"), nullptr);
}

void ClocksourceWatchdogTest::goodCurrentSourceHearsOfEachPass()
{
    WatchdogBench bench;
    bench.boot();
    WatchedClock& other = bench.add("other", 100, verified);
    for (int i = 0; i < 3; ++i) {
        bench.pass();
    }
    QCOMPARE(bench.tsc->calls, "stable stable ");
    QCOMPARE(other.calls, QString());
}

QTEST_GUILESS_MAIN(ClocksourceWatchdogTest)
#include "clocksource_watchdog_test.moc"
