// SPDX-License-Identifier: GPL-3.0-or-later
//! How the tick of an idle CPU stops, for how long, and how it goes on.
#include "tests/support/tick_bench.h"

#include <QTest>

using namespace timerscope;
using namespace timerscope::test;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr Ns tickPeriod = milliseconds{10}; // HZ=100, if nothing else is said

TickOptions lowRes()
{
    TickOptions options;
    options.highRes = false;
    return options;
}

/// A wheel timer that only counts.
struct CountedTimer
{
    explicit CountedTimer(std::uint8_t flags = 0)
        : timer(7, "counted", [this](WheelTimer&) { ++fired; }, flags)
    {
    }
    unsigned fired = 0;
    WheelTimer timer;
};

void arm(TickBench& bench, CountedTimer& counted, std::uint64_t jiffies, unsigned cpu = 0)
{
    bench.cpu(cpu).wheel().modify(counted.timer, Jiffies{bench.jiffies().count + jiffies},
                                  bench.jiffies());
}

MonotonicInstant at(Ns sinceStart)
{
    return MonotonicInstant{sinceStart};
}

} // namespace

class TickIdleTest : public QObject
{
    Q_OBJECT
private slots:
    void tickStopsUntilTheFirstTimerOfTheWheel_data();
    void tickStopsUntilTheFirstTimerOfTheWheel();
    void tickThatIsNeededNextPeriodGoesOn();
    void stoppedTickIsSetForTheNextPeriodWhenATimerIsThatNear();
    void lowResolutionHrtimerIsMetByTheTickAfterIt();
    void highResolutionHrtimerNeedsNoTick();
    void deferrableTimerWakesNobody();
    void tickStaysWhileSomebodyNeedsIt();
    void pendingTimerSoftirqIsWaitedForWithoutALook();
    void tickStaysWhileATaskWaits();
    void tickStaysOnSoftirqsThatNobodyRunsAndTenTimesSaysSo();
    void periodicTickNeverStops();
    void cpuThatIsOfflineGivesUpItsDuty();

    void lastCpuThatCountedJiffiesWakesBeforeTheClockWraps();
    void cpuThatNeverCountedJiffiesSleepsForEver();
    void nextCpuThatTicksTakesTheDuty();
    void whileAnotherCpuCountsOnlyTimersMatter();

    void ticksGoOnWhereTheyWouldHaveCome_data();
    void ticksGoOnWhereTheyWouldHaveCome();
    void interruptFindsJiffiesUpToDate();
    void unchangedSleepIsNotProgrammedAgain();
    void idleTimesAddUp();
    void waitingForIoIsCountedByItself();
    void everyJiffyIsAccountedOnce_data();
    void everyJiffyIsAccountedOnce();
    void deadCpuKeepsItsTotals();

    void sleepLengthIsAskedBeforeStopping();
    void retainedTickGoesOn();
    void idleTickIsReportedOnce();
    void restartedIdleTickLeavesTheCpuIdle();
};

// --- how long ----------------------------------------------------------------------------------

void TickIdleTest::tickStopsUntilTheFirstTimerOfTheWheel_data()
{
    QTest::addColumn<bool>("highRes");
    QTest::newRow("high resolution") << true;
    QTest::newRow("low resolution") << false;
}

void TickIdleTest::tickStopsUntilTheFirstTimerOfTheWheel()
{
    QFETCH(bool, highRes);
    TickBench bench(1, highRes ? TickOptions{} : lowRes());
    bench.settleTicks();
    QCOMPARE(bench.cpu().sched().nohzMode(), highRes ? NohzMode::HighRes : NohzMode::LowRes);
    CountedTimer counted;
    arm(bench, counted, 20);
    const MonotonicInstant due
        = *bench.shared().periods.lastUpdate + 21 * tickPeriod; // the wheel rounds up by one
    bench.cpu().goIdle();
    QVERIFY(bench.cpu().sched().isTickStopped());
    QCOMPARE(bench.cpu().device().nextEvent(), due);
    QCOMPARE(bench.cpu().sched().nextTick(), std::optional(due));
    const auto records = bench.all(RecordKind::TickStop);
    QCOMPARE(records.size(), std::size_t{1});
    QCOMPARE(records[0].a, 1);
    QCOMPARE(records[0].b, 0);
    bench.run(due - bench.now() - Ns{1});
    QCOMPARE(counted.fired, 0U);
    bench.run(Ns{1});
    QCOMPARE(counted.fired, 1U);
}

void TickIdleTest::tickThatIsNeededNextPeriodGoesOn()
{
    TickBench bench;
    bench.settleTicks();
    CountedTimer counted;
    arm(bench, counted, 0); // fires one jiffy from now
    const MonotonicInstant tick = bench.cpu().device().nextEvent();
    bench.cpu().goIdle();
    QVERIFY(!bench.cpu().sched().isTickStopped());
    QCOMPARE(bench.cpu().device().nextEvent(), tick);
    const IdleStatistics idle = bench.cpu().sched().idleStatistics();
    QCOMPARE(idle.idleCalls, 1U);
    QCOMPARE(idle.idleSleeps, 0U);
    QVERIFY(!bench.cpu().wheel().base(TimerBaseKind::Standard).isIdle());
}

void TickIdleTest::stoppedTickIsSetForTheNextPeriodWhenATimerIsThatNear()
{
    TickBench bench;
    bench.settleTicks();
    bench.cpu().goIdle();
    bench.run(seconds{1});
    bench.cpu().interrupt(false);
    CountedTimer counted;
    arm(bench, counted, 0);
    bench.cpu().goIdle();
    QVERIFY(bench.cpu().sched().isTickStopped());
    QCOMPARE(bench.cpu().device().nextEvent(), *bench.shared().periods.lastUpdate + tickPeriod);
}

void TickIdleTest::lowResolutionHrtimerIsMetByTheTickAfterIt()
{
    TickBench bench(1, lowRes());
    bench.settleTicks();
    Hrtimer timer(9, HrtimerClock::Monotonic, false, "timer",
                  [](Hrtimer&) { return HrtimerRestart::No; });
    bench.cpu().hrtimers().start(timer, HrtimerInstant{milliseconds{203}}, Ns::zero(),
                                 hrtimer_mode::absolute);
    bench.cpu().goIdle();
    QCOMPARE(bench.cpu().device().nextEvent(), at(milliseconds{210}));
    bench.run(seconds{1});
    QVERIFY(!timer.isQueued());
}

void TickIdleTest::highResolutionHrtimerNeedsNoTick()
{
    TickBench bench;
    bench.settleTicks();
    Hrtimer timer(9, HrtimerClock::Monotonic, false, "timer",
                  [](Hrtimer&) { return HrtimerRestart::No; });
    bench.cpu().hrtimers().start(timer, HrtimerInstant{milliseconds{203}}, Ns::zero(),
                                 hrtimer_mode::absolute);
    bench.cpu().goIdle();
    QCOMPARE(bench.cpu().device().nextEvent(), at(milliseconds{203}));
    QVERIFY(*bench.cpu().sched().nextTick() > at(seconds{60}));
}

void TickIdleTest::deferrableTimerWakesNobody()
{
    TickBench bench(2);
    bench.settleTicks();
    CountedTimer counted(timer_flag::deferrable);
    arm(bench, counted, 5, 1);
    bench.cpu(1).goIdle();
    QCOMPARE(bench.cpu(1).device().nextEvent(), never<MonotonicClock>);
    bench.run(seconds{1});
    QCOMPARE(counted.fired, 0U);
    bench.cpu(1).leaveIdle();
    bench.run(tickPeriod);
    QCOMPARE(counted.fired, 1U);
}

void TickIdleTest::tickStaysWhileSomebodyNeedsIt()
{
    TickBench bench;
    bench.settleTicks();
    bench.cpu().around.needsTick = true;
    bench.cpu().goIdle();
    QVERIFY(!bench.cpu().sched().isTickStopped());
    bench.cpu().around.needsTick = false;
    bench.cpu().goIdle();
    QVERIFY(bench.cpu().sched().isTickStopped());
}

void TickIdleTest::pendingTimerSoftirqIsWaitedForWithoutALook()
{
    TickBench bench;
    bench.settleTicks();
    NextTick next = bench.nextTick(0);
    QVERIFY(!next.find(false).keepsTicking);
    const MonotonicInstant before = next.nextTimer();
    CountedTimer counted;
    arm(bench, counted, 40);
    bench.cpu().around.stuckSoftirqs = 1U << 1;
    QVERIFY(next.find(false).keepsTicking);
    QCOMPARE(next.find(true).at, *bench.shared().periods.lastUpdate + tickPeriod);
    QCOMPARE(next.nextTimer(), before);
}

void TickIdleTest::tickStaysWhileATaskWaits()
{
    TickBench bench;
    bench.settleTicks();
    bench.cpu().around.tasks = true;
    bench.cpu().goIdle();
    QVERIFY(!bench.cpu().sched().isTickStopped());
    QCOMPARE(bench.cpu().sched().idleStatistics().idleCalls, 0U);
}

void TickIdleTest::tickStaysOnSoftirqsThatNobodyRunsAndTenTimesSaysSo()
{
    TickBench bench;
    bench.settleTicks();
    bench.cpu().around.stuckSoftirqs = 0x202;
    for (int i = 0; i < 10; ++i) {
        bench.cpu().goIdle();
        QVERIFY(!bench.cpu().sched().isTickStopped());
    }
    QCOMPARE(bench.kernelLines().size(), std::size_t{10});
    QCOMPARE(bench.kernelLines().back(),
             std::string("NOHZ tick-stop error: local softirq work is pending, handler #202!!!"));
    // Then it gives up.
    bench.cpu().around.stuckSoftirqs = 0x200;
    bench.cpu().goIdle();
    QVERIFY(bench.cpu().sched().isTickStopped());
    QCOMPARE(bench.kernelLines().size(), std::size_t{10});
}

void TickIdleTest::periodicTickNeverStops()
{
    TickOptions options = lowRes();
    options.noHz = false;
    TickBench bench(1, options);
    bench.settleTicks();
    const std::uint64_t before = bench.jiffies().count;
    bench.cpu().goIdle();
    bench.run(seconds{1});
    QCOMPARE(bench.jiffies().count - before, 100U);
    const IdleStatistics idle = bench.cpu().sched().idleStatistics();
    QCOMPARE(idle.idleCalls, 0U);
    QCOMPARE(idle.idleSleepTime, Ns{seconds{1}}); // but idle it was
}

void TickIdleTest::cpuThatIsOfflineGivesUpItsDuty()
{
    TickBench bench;
    bench.settleTicks();
    QVERIFY(bench.shared().doTimer.isOn(0));
    bench.cpu().around.online = false;
    bench.cpu().goIdle();
    QVERIFY(bench.shared().doTimer.isFree());
    QVERIFY(!bench.cpu().sched().isTickStopped());
}

// --- who keeps the time ------------------------------------------------------------------------

void TickIdleTest::lastCpuThatCountedJiffiesWakesBeforeTheClockWraps()
{
    TickBench bench(1, {}, 100, 32); // 4.3 s
    bench.settleTicks();
    const Ns longest = bench.timekeeper().clock().rate.maxIdle;
    QVERIFY(longest > seconds{1} && longest < seconds{3});
    bench.cpu().goIdle();
    QVERIFY(bench.shared().doTimer.isFree());
    const MonotonicInstant base = *bench.shared().periods.lastUpdate;
    QCOMPARE(bench.cpu().device().nextEvent(), base + longest);
    const std::uint64_t before = bench.jiffies().count;
    bench.run(seconds{100});
    bench.cpu().leaveIdle();
    QCOMPARE(bench.timekeeper().monotonicNow(), bench.now()); // no wrap was missed
    QCOMPARE(bench.jiffies().count - before, 10'000U);
}

void TickIdleTest::cpuThatNeverCountedJiffiesSleepsForEver()
{
    TickBench bench(2, {}, 100, 32);
    bench.settleTicks();
    bench.cpu(1).goIdle();
    QCOMPARE(bench.cpu(1).device().state(), ClockEventState::OneshotStopped);
    QCOMPARE(bench.cpu(1).sched().nextTick(), std::optional(never<MonotonicClock>));
    // Also once the other one sleeps: that one wakes for the clock.
    bench.cpu(0).goIdle();
    bench.cpu(1).interrupt(false);
    bench.cpu(1).goIdle();
    QCOMPARE(bench.cpu(1).device().state(), ClockEventState::OneshotStopped);
    QCOMPARE(bench.cpu(0).device().state(), ClockEventState::Oneshot);
}

void TickIdleTest::nextCpuThatTicksTakesTheDuty()
{
    TickBench bench(2);
    bench.settleTicks();
    bench.cpu(0).goIdle();
    QVERIFY(bench.shared().doTimer.isFree());
    const std::uint64_t before = bench.jiffies().count;
    bench.run(tickPeriod);
    QVERIFY(bench.shared().doTimer.isOn(1));
    QCOMPARE(bench.jiffies().count - before, 1U);
    const auto records = bench.all(RecordKind::DoTimerCpu);
    QCOMPARE(records.at(records.size() - 2).a, -1);
    QCOMPARE(records.back().a, 1);
}

void TickIdleTest::whileAnotherCpuCountsOnlyTimersMatter()
{
    TickBench bench(2, {}, 100, 32);
    bench.settleTicks();
    bench.cpu(0).goIdle(); // it had the duty, and keeps its eye on the clock …
    QVERIFY(bench.cpu(0).device().nextEvent() < at(seconds{4}));
    bench.run(tickPeriod);
    QVERIFY(bench.shared().doTimer.isOn(1));
    bench.cpu(0).interrupt(false);
    bench.cpu(0).goIdle(); // … until it finds that the other one has it.
    QCOMPARE(bench.cpu(0).device().nextEvent(), never<MonotonicClock>);
}

// --- going on ----------------------------------------------------------------------------------

void TickIdleTest::ticksGoOnWhereTheyWouldHaveCome_data()
{
    tickStopsUntilTheFirstTimerOfTheWheel_data();
}

void TickIdleTest::ticksGoOnWhereTheyWouldHaveCome()
{
    QFETCH(bool, highRes);
    TickBench bench(1, highRes ? TickOptions{} : lowRes());
    bench.settleTicks();
    bench.cpu().goIdle();
    bench.advance(milliseconds{1234});
    const std::uint64_t before = bench.jiffies().count;
    bench.cpu().leaveIdle();
    QVERIFY(!bench.cpu().sched().isTickStopped());
    QCOMPARE(bench.jiffies().count - before, 123U);
    QCOMPARE(bench.cpu().device().nextEvent(), at(milliseconds{1270}));
    QVERIFY(!bench.cpu().sched().nextTick().has_value());
    QVERIFY(!bench.cpu().wheel().base(TimerBaseKind::Standard).isIdle());
    bench.run(seconds{1});
    QCOMPARE(bench.jiffies().count - before, 223U);
}

void TickIdleTest::interruptFindsJiffiesUpToDate()
{
    TickBench bench;
    bench.settleTicks();
    bench.cpu().goIdle();
    const std::uint64_t before = bench.jiffies().count;
    bench.advance(milliseconds{555});
    bench.cpu().interrupt(false);
    QCOMPARE(bench.jiffies().count - before, 55U);
    QCOMPARE(bench.cpu().sched().idleStatistics().idleWakeTime, bench.now());
    QVERIFY(bench.cpu().sched().isTickStopped());
}

void TickIdleTest::unchangedSleepIsNotProgrammedAgain()
{
    TickBench bench;
    bench.settleTicks();
    CountedTimer counted;
    arm(bench, counted, 50);
    bench.cpu().goIdle();
    const std::size_t programmed = bench.all(RecordKind::ClockEventProgram).size();
    bench.advance(milliseconds{100});
    bench.cpu().interrupt(false);
    bench.cpu().goIdle();
    QCOMPARE(bench.all(RecordKind::ClockEventProgram).size(), programmed);
    QCOMPARE(bench.all(RecordKind::TickStop).size(), std::size_t{1});
    QCOMPARE(bench.cpu().sched().idleStatistics().idleSleeps, 2U);
}

void TickIdleTest::idleTimesAddUp()
{
    TickBench bench;
    bench.settleTicks();
    const MonotonicInstant entry = bench.now();
    bench.cpu().goIdle();
    QCOMPARE(bench.cpu().sched().idleStatistics().idleEntryTime, entry);
    bench.advance(milliseconds{100});
    bench.cpu().sched().interruptEntered();
    bench.advance(milliseconds{7}); // the interrupt takes its time, and that is not idle
    bench.cpu().sched().interruptLeft();
    QCOMPARE(bench.cpu().sched().idleStatistics().idleEntryTime, bench.now());
    bench.advance(milliseconds{30});
    bench.cpu().leaveIdle();
    const IdleStatistics idle = bench.cpu().sched().idleStatistics();
    QCOMPARE(idle.idleSleepTime, Ns{milliseconds{130}});
    QCOMPARE(idle.iowaitSleepTime, Ns::zero());
    QCOMPARE(idle.idleWakeTime, entry + milliseconds{100});
    QCOMPARE(idle.idleExitTime, bench.now());
    bench.advance(milliseconds{50}); // and busy time is none either
    bench.cpu().goIdle();
    bench.cpu().leaveIdle();
    QCOMPARE(bench.cpu().sched().idleStatistics().idleSleepTime, Ns{milliseconds{130}});
}

void TickIdleTest::waitingForIoIsCountedByItself()
{
    TickBench bench;
    bench.settleTicks();
    bench.cpu().around.waitsForIo = true;
    bench.cpu().goIdle();
    bench.advance(milliseconds{200});
    bench.cpu().leaveIdle();
    const IdleStatistics idle = bench.cpu().sched().idleStatistics();
    QCOMPARE(idle.iowaitSleepTime, Ns{milliseconds{200}});
    QCOMPARE(idle.idleSleepTime, Ns::zero());
    QCOMPARE(bench.cpu().sched().account().of(CpuActivity::WaitingForIo), 20U);
    QCOMPARE(bench.cpu().sched().account().of(CpuActivity::Idle), 0U);
}

void TickIdleTest::everyJiffyIsAccountedOnce_data()
{
    tickStopsUntilTheFirstTimerOfTheWheel_data();
}

void TickIdleTest::everyJiffyIsAccountedOnce()
{
    QFETCH(bool, highRes);
    TickBench bench(1, highRes ? TickOptions{} : lowRes());
    bench.settleTicks();
    const auto total = [&] {
        const TickAccount& account = bench.cpu().sched().account();
        return account.of(CpuActivity::Idle) + account.of(CpuActivity::System);
    };
    const std::uint64_t accounted = total();
    const std::uint64_t before = bench.jiffies().count;
    CountedTimer counted;
    for (int round = 0; round < 5; ++round) {
        arm(bench, counted, 13);
        bench.cpu().goIdle();
        bench.run(milliseconds{777}); // with the timer's tick in it
        bench.cpu().leaveIdle();
        bench.run(milliseconds{233});
    }
    QCOMPARE(counted.fired, 5U);
    QCOMPARE(bench.jiffies().count - before, 505U);
    QCOMPARE(total() - accounted, 505U);
    QVERIFY(bench.cpu().sched().account().of(CpuActivity::Idle) >= 5 * 76);
}

void TickIdleTest::deadCpuKeepsItsTotals()
{
    TickBench bench(2);
    bench.settleTicks();
    bench.cpu(1).goIdle();
    bench.advance(seconds{1});
    bench.cpu(1).leaveIdle();
    bench.cpu(1).sched().shutDown();
    const IdleStatistics idle = bench.cpu(1).sched().idleStatistics();
    QCOMPARE(idle.idleSleepTime, Ns{seconds{1}});
    QCOMPARE(idle.idleCalls, 1U);
    QCOMPARE(idle.idleSleeps, 1U);
    QCOMPARE(idle.idleEntryTime, MonotonicInstant{});
    QCOMPARE(idle.lastTick, MonotonicInstant{});
    QCOMPARE(idle.lastJiffies, Jiffies{});
    QVERIFY(!bench.cpu(1).sched().isTickStopped());
}

// --- how deep ----------------------------------------------------------------------------------

void TickIdleTest::sleepLengthIsAskedBeforeStopping()
{
    TickBench bench;
    bench.settleTicks();
    Hrtimer timer(9, HrtimerClock::Monotonic, false, "timer",
                  [](Hrtimer&) { return HrtimerRestart::No; });
    bench.cpu().hrtimers().start(timer, HrtimerInstant{milliseconds{203}}, Ns::zero(),
                                 hrtimer_mode::absolute);
    CountedTimer counted;
    arm(bench, counted, 99);
    bench.cpu().enterIdleOnly();
    QCOMPARE(bench.cpu().sched().sleepLength(), at(milliseconds{203}) - bench.now());
    QVERIFY(!bench.cpu().sched().isTickStopped());
    const auto jiffies
        = static_cast<std::int64_t>(counted.timer.bucketExpiry().count - bench.jiffies().count);
    static_cast<void>(bench.cpu().wheel().remove(counted.timer)); // the answer is known by now
    bench.cpu().sched().stopIdleTick();
    QCOMPARE(bench.cpu().sched().nextTick(),
             std::optional(*bench.shared().periods.lastUpdate + jiffies * tickPeriod));
}

void TickIdleTest::retainedTickGoesOn()
{
    TickBench bench;
    bench.settleTicks();
    const MonotonicInstant tick = bench.cpu().device().nextEvent();
    bench.cpu().enterIdleOnly();
    static_cast<void>(bench.cpu().sched().sleepLength());
    bench.cpu().sched().retainIdleTick();
    QVERIFY(!bench.cpu().sched().isTickStopped());
    QCOMPARE(bench.cpu().device().nextEvent(), tick);
    QCOMPARE(bench.cpu().sched().idleStatistics().idleCalls, 0U);
    // What was found then does not count any more.
    bench.advance(milliseconds{3});
    CountedTimer counted;
    arm(bench, counted, 20);
    bench.cpu().sched().stopIdleTick();
    QCOMPARE(bench.cpu().sched().nextTick(),
             std::optional(*bench.shared().periods.lastUpdate + 21 * tickPeriod));
}

void TickIdleTest::idleTickIsReportedOnce()
{
    TickBench bench;
    bench.settleTicks();
    QVERIFY(!bench.cpu().sched().takeIdleTick());
    bench.cpu().enterIdleOnly();
    bench.run(tickPeriod);
    QVERIFY(bench.cpu().sched().takeIdleTick());
    QVERIFY(!bench.cpu().sched().takeIdleTick());
}

void TickIdleTest::restartedIdleTickLeavesTheCpuIdle()
{
    TickBench bench;
    bench.settleTicks();
    bench.cpu().goIdle();
    bench.advance(milliseconds{512});
    bench.cpu().sched().restartIdleTick();
    QVERIFY(!bench.cpu().sched().isTickStopped());
    QVERIFY(bench.cpu().sched().isIdle());
    QCOMPARE(bench.cpu().sched().idleStatistics().idleExitTime, bench.now());
    QCOMPARE(bench.cpu().device().nextEvent(), at(milliseconds{550}));
}

QTEST_GUILESS_MAIN(TickIdleTest)
#include "tick_idle_test.moc"
