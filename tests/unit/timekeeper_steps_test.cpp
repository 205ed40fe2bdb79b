// SPDX-License-Identifier: GPL-3.0-or-later
//! A timekeeper that is set, disciplined, switched and put to sleep.
#include "engine/timekeeping/timekeeper.h"
#include "tests/support/engine_bench.h"

#include <QTest>

#include <chrono>

using namespace timerscope;
using namespace timerscope::test;
using namespace std::chrono_literals;

namespace {

constexpr TickRate hz{100};
constexpr std::int64_t y2024 = 1'704'067'200;

/// A counter of 1 MHz, so that one cycle is 1000 ns and 10 000 cycles are a tick.
struct Bench
{
    explicit Bench(std::int64_t persistent = 0, TickRate rate = hz, unsigned bits = 64)
        : source(clocksourceOn(counter, "us", 1'000'000, bits, 300, 0))
        , timekeeper(source, rate, {.persistent = {.seconds = persistent}, .kernelLog = &kernelLog})
    {
    }
    void pass(Ns span) { counter.count += static_cast<std::uint64_t>(span / 1us); }
    void run(Ns span)
    {
        pass(span);
        timekeeper.accumulate();
    }
    AdjtimexAnswer ask(Timex timex) { return timekeeper.adjtimex(timex); }
    void setStatus(std::uint32_t status) { ask({.modes = timex_mode::status, .status = status}); }
    [[nodiscard]] Ns monotonic() const { return timekeeper.monotonicNow().time_since_epoch(); }
    [[nodiscard]] Ns realtime() const { return timekeeper.realtimeNow().time_since_epoch(); }
    [[nodiscard]] Ns boottime() const { return timekeeper.boottimeNow().time_since_epoch(); }

    KernelLogBench kernelLog;
    CounterBench counter;
    Clocksource source;
    Timekeeper timekeeper;
};

/// A driver that says what it was called for, and may refuse.
class DriverBench final : public ClocksourceCallbacks
{
public:
    Errno enable() override
    {
        calls += "enable ";
        return answer;
    }
    void disable() override { calls += "disable "; }

    Errno answer = Errno::Ok;
    QString calls;
};

Ns secondsOf(std::int64_t seconds)
{
    return std::chrono::seconds{seconds};
}

} // namespace

class TimekeeperStepsTest : public QObject
{
    Q_OBJECT
private slots:
    void bootTimeComesFromThePersistentClock();
    void aPersistentClockThatCannotBeSetIsToldAndIgnored();
    void coarseClocksShowTheLastUpdate();
    void aFrequencyTrimsTheCounterAtOnceAndMovesNoTime();
    void rawTimeKnowsNoFrequency();
    void wholeMultsAreMadeGoodOverManyTicks();
    void aTickThatIsNoWholeNanosecondIsFollowedToo();
    void aCorrectionMayTakeTheKeptTimeBackOverASecondsEnd();
    void settingWithinItsLimits_data();
    void settingWithinItsLimits();
    void aStepBelowMonotonicIsRefusedAndStillDropsThePhase();
    void aStepBelongsToRealtimeAlone();
    void adjtimexStepsAndAnswersTheNewTime();
    void aRefusedRequestIsLeftAsItWas();
    void taiFollowsItsOffset();
    void anInsertedSecondIsToldAndMovesTai();
    void aDeletedSecondIsToldAndMovesTai();
    void timersSeeAnInsertionBeforeItsTick();
    void switchingDropsWhatNtpKnewOfThePhase();
    void aClocksourceThatIsRefusedChangesNothing();
    void aSwitchEnablesTheNextAndDisablesTheOld();
    void yearsWithoutATickAreCountedAtOnce();
    void aRateFarOffIsToldOnce();
    void clocksStandWhileSuspended();
    void aNonstopClocksourceMeasuresTheSleep();
    void aNonstopClocksourceThatWrappedTellsNothing();
    void thePersistentClockMeasuresTheSleepWithoutItsRounding();
    void aPersistentClockThatWasSetIsTrustedAnew();
    void anUnknownSleepWaitsForTheRtc();
    void aNegativeSleepIsRefusedAloud();
};

void TimekeeperStepsTest::bootTimeComesFromThePersistentClock()
{
    CounterBench counter;
    Clocksource source = clocksourceOn(counter, "us", 1'000'000, 32, 300, 0);
    const Timekeeper timekeeper(source, hz,
                                {.persistent = {.seconds = y2024}, .sinceBoot = 1500ms});
    QCOMPARE(timekeeper.monotonicNow().time_since_epoch(), Ns{1500ms});
    QCOMPARE(timekeeper.realtimeNow().time_since_epoch(), secondsOf(y2024));
    QCOMPARE(timekeeper.state().monotonicSecond, 1);
    QCOMPARE(timekeeper.state().clockSetCount, 1U);
}

void TimekeeperStepsTest::aPersistentClockThatCannotBeSetIsToldAndIgnored()
{
    Bench bench(-1);
    QCOMPARE(bench.kernelLog.take(), "Persistent clock returned invalid value");
    QCOMPARE(bench.realtime(), Ns::zero());
    // 1970 is before the 1.5 s that the kernel already counted: it starts from zero instead.
    const Timekeeper early(bench.source, hz, {.sinceBoot = 1500ms});
    QCOMPARE(early.monotonicNow().time_since_epoch(), Ns::zero());
}

void TimekeeperStepsTest::coarseClocksShowTheLastUpdate()
{
    Bench bench(y2024);
    bench.run(25ms);
    QCOMPARE(bench.monotonic(), Ns{25ms});
    QCOMPARE(bench.timekeeper.coarseMonotonic().time_since_epoch(), Ns{20ms});
    QCOMPARE(bench.timekeeper.coarseRealtime().time_since_epoch(), secondsOf(y2024) + 20ms);
    QCOMPARE(bench.timekeeper.coarseBoottime().time_since_epoch(), Ns{20ms});
    QCOMPARE(bench.timekeeper.coarseTai().time_since_epoch(), secondsOf(y2024) + 20ms);
}

void TimekeeperStepsTest::aFrequencyTrimsTheCounterAtOnceAndMovesNoTime()
{
    Bench bench;
    bench.run(1005ms); // not on a tick: cycles are left over
    const Ns before = bench.monotonic();
    bench.ask({.modes = timex_mode::frequency, .frequency = 500 << 16});
    QCOMPARE(bench.monotonic(), before);
    QVERIFY(bench.timekeeper.state().mult > bench.source.rate.mult);
    bench.run(100s);
    // 500 ppm of 100 s
    const Ns gained = bench.monotonic() - before - 100s;
    QVERIFY(gained > 50ms - 1us && gained < 50ms + 1us);
}

void TimekeeperStepsTest::rawTimeKnowsNoFrequency()
{
    Bench bench;
    bench.ask({.modes = timex_mode::frequency | timex_mode::tick,
               .frequency = -(500 << 16),
               .tick = 9'900});
    for (int i = 1; i <= 1000; ++i) {
        bench.run(10ms);
        QCOMPARE(bench.timekeeper.rawNow().time_since_epoch(), Ns{i * 10ms});
    }
    QVERIFY(bench.monotonic() < 9'900ms);
}

void TimekeeperStepsTest::wholeMultsAreMadeGoodOverManyTicks()
{
    Bench bench;
    bench.ask({.modes = timex_mode::frequency, .frequency = 12'345});
    const std::uint32_t least = bench.timekeeper.state().mult;
    bool larger = false;
    for (int i = 0; i < 1000; ++i) {
        bench.run(10ms);
        const std::uint32_t mult = bench.timekeeper.state().mult;
        QVERIFY(mult == least || mult == least + 1);
        larger = larger || mult == least + 1;
        // One mult more or less for a tick is what the error may be off.
        const auto error = std::abs(bench.timekeeper.state().ntpError);
        QVERIFY(error <= (std::int64_t{10'000} << bench.timekeeper.state().tick.ntpErrorShift));
    }
    QVERIFY(larger);
}

void TimekeeperStepsTest::aTickThatIsNoWholeNanosecondIsFollowedToo()
{
    Bench bench(0, TickRate{300});
    const std::uint32_t nominal = bench.timekeeper.state().mult;
    bench.run(100ms);
    // NTP's tick of 1/300 s is a third of a nanosecond longer than the timekeeper's first one.
    QVERIFY(bench.timekeeper.state().mult >= nominal);
    QCOMPARE(bench.timekeeper.state().tick.ntpTick, (1'000'000'000ULL << 32) / 300);
}

void TimekeeperStepsTest::aCorrectionMayTakeTheKeptTimeBackOverASecondsEnd()
{
    Bench bench(y2024);
    bench.run(10ms);
    // The kept time is just past a second's end, and 9 ms of cycles wait beside it.
    QCOMPARE(bench.timekeeper.setRealtime(WallTime{.seconds = y2024}), Errno::Ok);
    bench.pass(9ms);
    const Ns before = bench.monotonic();
    bench.ask({.modes = timex_mode::frequency, .frequency = 500 << 16});
    QCOMPARE(bench.monotonic(), before);
    QCOMPARE(bench.timekeeper.state().wall.seconds, y2024 - 1);
    QVERIFY(bench.timekeeper.state().secondEndsTwice);
    const auto errorBefore = bench.timekeeper.ntp().maxErrorUs;
    bench.setStatus(ntp_status::pll);
    bench.ask({.modes = timex_mode::maxError});
    bench.run(1ms);
    QCOMPARE(bench.timekeeper.state().wall.seconds, y2024);
    QVERIFY(!bench.timekeeper.state().secondEndsTwice);
    QCOMPARE(bench.timekeeper.ntp().maxErrorUs, 0); // NTP was not told the second twice
    QVERIFY(errorBefore > 0);
}

void TimekeeperStepsTest::settingWithinItsLimits_data()
{
    QTest::addColumn<std::int64_t>("seconds");
    QTest::addColumn<std::int64_t>("nanoseconds");
    QTest::addColumn<Errno>("answer");
    constexpr std::int64_t latest = 9'223'372'036 - 30LL * 365 * 86'400 - 1;
    QTest::newRow("now") << y2024 << std::int64_t{5} << Errno::Ok;
    QTest::newRow("whole second of ns") << y2024 << std::int64_t{1'000'000'000} << Errno::Invalid;
    QTest::newRow("negative ns") << y2024 << std::int64_t{-1} << Errno::Invalid;
    QTest::newRow("before 1970") << std::int64_t{-1} << std::int64_t{0} << Errno::Invalid;
    QTest::newRow("before boot") << std::int64_t{9} << std::int64_t{999'999'999} << Errno::Invalid;
    QTest::newRow("boot") << std::int64_t{10} << std::int64_t{0} << Errno::Ok;
    QTest::newRow("latest") << latest << std::int64_t{999'999'999} << Errno::Ok;
    QTest::newRow("too late") << latest + 1 << std::int64_t{0} << Errno::Invalid;
}

void TimekeeperStepsTest::settingWithinItsLimits()
{
    QFETCH(std::int64_t, seconds);
    QFETCH(std::int64_t, nanoseconds);
    QFETCH(Errno, answer);
    Bench bench;
    bench.run(10s);
    const WallTime wanted{.seconds = seconds, .nanoseconds = nanoseconds};
    QCOMPARE(bench.timekeeper.setRealtime(wanted), answer);
    QCOMPARE(bench.monotonic(), Ns{10s});
    QCOMPARE(bench.realtime(), answer == Errno::Ok ? nsOf(wanted) : Ns{10s});
}

void TimekeeperStepsTest::aStepBelowMonotonicIsRefusedAndStillDropsThePhase()
{
    Bench bench;
    bench.run(10s);
    bench.setStatus(ntp_status::pll);
    bench.ask({.modes = timex_mode::offset, .offset = 1000});
    QVERIFY(bench.timekeeper.ntp().phase > 0);
    QCOMPARE(bench.timekeeper.injectOffset({.seconds = -1}), Errno::Invalid);
    QCOMPARE(bench.timekeeper.ntp().phase, 0);
    QCOMPARE(bench.realtime(), Ns{10s});
    bench.ask({.modes = timex_mode::offset, .offset = 1000});
    QCOMPARE(bench.timekeeper.injectOffset({.nanoseconds = 1'000'000'000}), Errno::Invalid);
    QVERIFY(bench.timekeeper.ntp().phase > 0); // refused before anything was touched
}

void TimekeeperStepsTest::aStepBelongsToRealtimeAlone()
{
    Bench bench(y2024);
    bench.run(5ms);
    const auto seen = bench.timekeeper.state().clockSetCount;
    QCOMPARE(bench.timekeeper.injectOffset({.seconds = -2, .nanoseconds = 500'000'000}), Errno::Ok);
    QCOMPARE(bench.realtime(), secondsOf(y2024) - 1500ms + 5ms);
    QCOMPARE(bench.monotonic(), Ns{5ms});
    QCOMPARE(bench.boottime(), Ns{5ms});
    QCOMPARE(bench.timekeeper.realtimeOffset(), secondsOf(y2024) - 1500ms);
    QCOMPARE(bench.timekeeper.state().clockSetCount, seen + 1);
}

void TimekeeperStepsTest::adjtimexStepsAndAnswersTheNewTime()
{
    Bench bench(y2024);
    Timex timex{.modes = timex_mode::setOffset, .seconds = 7, .subseconds = 250'000};
    QCOMPARE(bench.timekeeper.adjtimex(timex).returnValue(), 5);
    QCOMPARE(timex.seconds, y2024 + 7);
    QCOMPARE(timex.subseconds, 250'000);
    timex = {.modes = timex_mode::setOffset | timex_mode::nano, .subseconds = 250'000};
    bench.timekeeper.adjtimex(timex);
    QCOMPARE(timex.subseconds, 250'250'000);
}

void TimekeeperStepsTest::aRefusedRequestIsLeftAsItWas()
{
    Bench bench;
    Timex timex{.modes = timex_mode::tick, .maxError = 77, .tick = 1};
    QCOMPARE(bench.timekeeper.adjtimex(timex).returnValue(), -22);
    QCOMPARE(timex.maxError, 77);
    QCOMPARE(timex.tick, 1);
    timex = {.modes = timex_mode::setOffset, .maxError = 77, .seconds = -1}; // before boot
    QCOMPARE(bench.timekeeper.adjtimex(timex).returnValue(), -22);
    QCOMPARE(timex.maxError, 77);
}

void TimekeeperStepsTest::taiFollowsItsOffset()
{
    Bench bench(y2024);
    bench.ask({.modes = timex_mode::tai, .constant = 37});
    const auto tai = [&bench] { return bench.timekeeper.taiNow().time_since_epoch(); };
    QCOMPARE(tai() - bench.realtime(), Ns{37s});
    bench.timekeeper.injectOffset({.seconds = 100});
    QCOMPARE(tai() - bench.realtime(), Ns{37s});
    QCOMPARE(tai() - bench.monotonic(), bench.timekeeper.taiOffset());
}

void TimekeeperStepsTest::anInsertedSecondIsToldAndMovesTai()
{
    Bench bench(y2024 - 3);
    bench.ask({.modes = timex_mode::tai, .constant = 37});
    bench.setStatus(ntp_status::insertLeap);
    bench.run(2500ms);
    QCOMPARE(bench.kernelLog.take(), "");
    bench.run(1s);
    QCOMPARE(bench.kernelLog.take(), "Clock: inserting leap second 23:59:60 UTC");
    QCOMPARE(bench.realtime(), secondsOf(y2024) - 500ms);
    QCOMPARE(bench.monotonic(), Ns{3500ms});
    QCOMPARE(bench.timekeeper.state().taiOffset, 38);
    QCOMPARE(bench.timekeeper.taiNow().time_since_epoch(), secondsOf(y2024) + 37500ms);
}

void TimekeeperStepsTest::aDeletedSecondIsToldAndMovesTai()
{
    Bench bench(y2024 - 3);
    bench.setStatus(ntp_status::deleteLeap);
    bench.run(1500ms);
    bench.run(1s); // second 59 would begin
    QCOMPARE(bench.kernelLog.take(), "Clock: deleting leap second 23:59:59 UTC");
    QCOMPARE(bench.realtime(), secondsOf(y2024) + 500ms);
    QCOMPARE(bench.timekeeper.state().taiOffset, -1);
}

void TimekeeperStepsTest::timersSeeAnInsertionBeforeItsTick()
{
    Bench bench(y2024 - 3);
    bench.setStatus(ntp_status::insertLeap);
    QCOMPARE(bench.timekeeper.state().nextLeap, Ns::max()); // known at the next second's end
    bench.run(1500ms);
    QCOMPARE(bench.timekeeper.state().nextLeap, Ns{3s});
    bench.setStatus(0);
    QCOMPARE(bench.timekeeper.state().nextLeap, Ns::max());
}

void TimekeeperStepsTest::switchingDropsWhatNtpKnewOfThePhase()
{
    Bench bench;
    CounterBench fast;
    Clocksource next = clocksourceOn(fast, "fast", 400'000'000, 64, 400, 0);
    bench.setStatus(ntp_status::pll);
    bench.ask({.modes = timex_mode::offset | timex_mode::frequency,
               .offset = 1000,
               .frequency = 1 << 16});
    bench.run(1s);
    const std::int64_t base = bench.timekeeper.ntp().tickLengthBase;
    QVERIFY(bench.timekeeper.ntp().tickLength > base);
    bench.timekeeper.changeClocksource(next);
    QCOMPARE(bench.timekeeper.ntp().tickLength, base);
    QCOMPARE(bench.timekeeper.ntp().frequency, ntpFrequencyUnit << 16);
    QCOMPARE(bench.timekeeper.state().ntpError, 0);
    QCOMPARE(bench.timekeeper.state().mult, next.rate.mult); // trimmed at the next tick
    fast.count += 4'000'000;
    bench.timekeeper.accumulate();
    QVERIFY(bench.timekeeper.state().mult > next.rate.mult);
}

void TimekeeperStepsTest::aClocksourceThatIsRefusedChangesNothing()
{
    Bench bench;
    TraceBench trace;
    Module module("m", trace.tracer());
    DriverBench driver;
    CounterBench fast;
    Clocksource next = clocksourceOn(fast, "fast", 400'000'000, 64, 400, 0);
    next.callbacks = &driver;
    next.owner = &module;
    bench.run(1s);
    // Its module is not there: the driver is not even asked.
    QVERIFY(!bench.timekeeper.changeClocksource(next));
    QCOMPARE(driver.calls, QString());
    module.load();
    driver.answer = Errno::Busy;
    QVERIFY(!bench.timekeeper.changeClocksource(next));
    QCOMPARE(driver.calls, QString("enable "));
    QVERIFY(module.holds().empty());
    QCOMPARE(&bench.timekeeper.clock(), &bench.source);
    const Ns before = bench.monotonic();
    bench.run(1s);
    QCOMPARE(bench.monotonic() - before, Ns{1s});
    // It is asked anew each time.
    driver.answer = Errno::Ok;
    QVERIFY(bench.timekeeper.changeClocksource(next));
    QCOMPARE(module.holds().size(), std::size_t{1});
}

void TimekeeperStepsTest::aSwitchEnablesTheNextAndDisablesTheOld()
{
    Bench bench;
    TraceBench trace;
    Module module("m", trace.tracer());
    module.load();
    DriverBench driver;
    CounterBench fast;
    Clocksource next = clocksourceOn(fast, "fast", 400'000'000, 64, 400, 0);
    next.callbacks = &driver;
    next.owner = &module;
    QVERIFY(bench.timekeeper.changeClocksource(next));
    QVERIFY(bench.timekeeper.changeClocksource(bench.source));
    QCOMPARE(driver.calls, QString("enable disable "));
    QVERIFY(module.holds().empty());
    QCOMPARE(module.beginUnload(), Errno::Ok);
}

void TimekeeperStepsTest::yearsWithoutATickAreCountedAtOnce()
{
    CounterBench counter;
    Clocksource source = clocksourceOn(counter, "slow", 1'000, 64, 300, 0);
    Timekeeper timekeeper(source, TickRate{1000});
    // 200 years: in 64 bits they are some 10^24 shifted ns too long, and 6 x 10^9 seconds' ends.
    const std::int64_t years = 200LL * 365 * 86'400;
    counter.count += static_cast<std::uint64_t>(years) * 1'000;
    timekeeper.accumulate();
    QCOMPARE(timekeeper.coarseMonotonic().time_since_epoch(), secondsOf(years));
    QCOMPARE(timekeeper.state().raw.seconds, years);
}

void TimekeeperStepsTest::aRateFarOffIsToldOnce()
{
    CounterBench counter;
    KernelLogBench kernelLog;
    // 1.4 cycles a tick: one stands for it, so that 10 % of the tick are 14 % of mult.
    Clocksource source = clocksourceOn(counter, "crawl", 1'400, 64, 300, 0);
    Timekeeper timekeeper(source, TickRate{1000}, {.kernelLog = &kernelLog});
    Timex timex{.modes = timex_mode::tick, .tick = 10'700};
    timekeeper.adjtimex(timex);
    QCOMPARE(kernelLog.take(), "");
    timex = {.modes = timex_mode::tick, .tick = 11'000};
    timekeeper.adjtimex(timex);
    QVERIFY(kernelLog.take().startsWith("Adjusting crawl more than 11% ("));
    timex = {.modes = timex_mode::tick, .tick = 9'000};
    timekeeper.adjtimex(timex);
    QCOMPARE(kernelLog.take(), "");
}

void TimekeeperStepsTest::clocksStandWhileSuspended()
{
    Bench bench(y2024);
    bench.run(1005ms);
    bench.timekeeper.suspend({});
    QVERIFY(bench.timekeeper.isSuspended());
    bench.pass(30s);
    bench.timekeeper.accumulate();
    QCOMPARE(bench.monotonic(), Ns{1005ms});
    QCOMPARE(bench.timekeeper.rawNow().time_since_epoch(), Ns{1005ms});
    QCOMPARE(bench.realtime(), secondsOf(y2024) + 1005ms);
    bench.timekeeper.resume({});
    QCOMPARE(bench.monotonic(), Ns{1005ms});
    bench.pass(1ms);
    QCOMPARE(bench.monotonic(), Ns{1006ms});
}

void TimekeeperStepsTest::aNonstopClocksourceMeasuresTheSleep()
{
    Bench bench(y2024);
    CounterBench other;
    Clocksource nonstop
        = clocksourceOn(other, "nonstop", 32'768, 32, 200, clocksource_flag::suspendNonstop);
    bench.timekeeper.suspend({.persistent = {.seconds = y2024}, .nonstop = &nonstop});
    other.count += 5 * 32'768 + 16'384;
    bench.timekeeper.resume({.persistent = {.seconds = y2024 + 6}, .nonstop = &nonstop});
    // mult and shift of a slow counter are not exact to the ns.
    QVERIFY(std::abs((bench.boottime() - 5500ms).count()) < 1000);
    QCOMPARE(bench.monotonic(), Ns::zero());
    QCOMPARE(bench.realtime() - secondsOf(y2024), bench.boottime());
    QVERIFY(!bench.timekeeper.isSleepUnknown());
}

void TimekeeperStepsTest::aNonstopClocksourceThatWrappedTellsNothing()
{
    Bench bench(0, hz, 32);
    bench.source.flags = clocksource_flag::suspendNonstop;
    bench.counter.count = 0xffff'0000;
    bench.timekeeper.suspend({.nonstop = &bench.source});
    bench.counter.count = 0x1'0000'0000 + 1'000'000;
    bench.timekeeper.resume({.nonstop = &bench.source});
    QCOMPARE(bench.boottime(), bench.monotonic());
    QVERIFY(bench.timekeeper.isSleepUnknown());
}

void TimekeeperStepsTest::thePersistentClockMeasuresTheSleepWithoutItsRounding()
{
    Bench bench(y2024);
    bench.run(1700ms); // the persistent clock shows whole seconds: 0.7 s behind
    std::int64_t persistent = y2024 + 1;
    Ns slept{};
    for (int i = 0; i < 50; ++i) {
        bench.timekeeper.suspend({.persistent = {.seconds = persistent}});
        persistent += 10;
        bench.timekeeper.resume({.persistent = {.seconds = persistent}});
        slept = bench.boottime() - bench.monotonic();
        bench.run(1400ms);
        persistent += i % 5 < 2 ? 2 : 1; // 1.4 s each, in whole seconds
    }
    QVERIFY(std::abs((slept - 500s).count()) < Ns{2s}.count());
    QVERIFY(std::abs((bench.realtime() - secondsOf(persistent)).count()) < Ns{2s}.count());
}

void TimekeeperStepsTest::aPersistentClockThatWasSetIsTrustedAnew()
{
    Bench bench(y2024);
    bench.timekeeper.suspend({.persistent = {.seconds = y2024 + 3600}}); // somebody set it
    bench.timekeeper.resume({.persistent = {.seconds = y2024 + 3610}});
    QCOMPARE(bench.boottime(), Ns{10s});
    // That hour is the distance from now on: it is not made good by the next sleep.
    bench.timekeeper.suspend({.persistent = {.seconds = y2024 + 3611}});
    bench.timekeeper.resume({.persistent = {.seconds = y2024 + 3621}});
    QCOMPARE(bench.boottime(), Ns{21s});
}

void TimekeeperStepsTest::anUnknownSleepWaitsForTheRtc()
{
    Bench bench(y2024);
    bench.timekeeper.suspend({});
    bench.timekeeper.resume({});
    QVERIFY(bench.timekeeper.isSleepUnknown());
    bench.timekeeper.injectSleep({.seconds = 8, .nanoseconds = 500'000'000});
    QVERIFY(!bench.timekeeper.isSleepUnknown());
    QCOMPARE(bench.boottime(), Ns{8500ms});
    QCOMPARE(bench.monotonic(), Ns::zero());
    QCOMPARE(bench.realtime(), secondsOf(y2024) + 8500ms);
}

void TimekeeperStepsTest::aNegativeSleepIsRefusedAloud()
{
    Bench bench(y2024);
    bench.timekeeper.injectSleep({.seconds = -1});
    QCOMPARE(bench.kernelLog.take(), "__timekeeping_inject_sleeptime: Invalid sleep delta value!");
    QCOMPARE(bench.realtime(), secondsOf(y2024));
}

QTEST_GUILESS_MAIN(TimekeeperStepsTest)
#include "timekeeper_steps_test.moc"
