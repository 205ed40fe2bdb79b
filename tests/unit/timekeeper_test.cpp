// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/wide.h"
#include "engine/timekeeping/jiffies_counter.h"
#include "engine/timekeeping/timekeeper.h"
#include "tests/support/engine_bench.h"

#include <QTest>

using namespace timerscope;
using namespace timerscope::test;

namespace {

constexpr TickRate hz{100};

struct Bench
{
    /// Cycles of @p source that @p ns take.
    static void pass(CounterBench& counter, std::uint64_t cycles) { counter.count += cycles; }

    CounterBench first;
    CounterBench second;
    Clocksource coarse = clocksourceOn(first, "coarse", 1'000'000, 32, 100, 0);
    Clocksource fine = clocksourceOn(second, "fine", 400'000'000, 64, 300, 0);
};

} // namespace

class TimekeeperTest : public QObject
{
    Q_OBJECT
private slots:
    void timeStartsAtZeroWhereverTheCounterStands();
    void jiffiesCountWholeTicks();
    void timeGoesOnOverWrapsThatAreAccumulated();
    void longRunKeepsTheCountersRate();
    void switchDoesNotJump();
    void fractionsSurviveASwitchThereAndBack();
    void settingTheTimeMovesRealtimeOnly();
    void validityForHighResolutionIsTheClocks();
};

void TimekeeperTest::timeStartsAtZeroWhereverTheCounterStands()
{
    Bench bench;
    bench.first.count = 0xffff'fff0;
    const Timekeeper timekeeper(bench.coarse, hz);
    QCOMPARE(nsOf(timekeeper.monotonicNow()), 0);
    bench.first.count += 0x20; // over the wrap
    QCOMPARE(nsOf(timekeeper.monotonicNow()), 32'000);
}

void TimekeeperTest::jiffiesCountWholeTicks()
{
    JiffiesCounter jiffies(hz);
    Clocksource source = makeJiffiesClocksource(jiffies, hz);
    Timekeeper timekeeper(source, hz);
    for (int i = 1; i <= 70'000; ++i) { // over the 32-bit wrap of jiffies after 300 s
        jiffies.advance(1);
        timekeeper.accumulate();
        QCOMPARE(nsOf(timekeeper.monotonicNow()), i * 10'000'000LL);
    }
}

void TimekeeperTest::timeGoesOnOverWrapsThatAreAccumulated()
{
    Bench bench;
    Timekeeper timekeeper(bench.coarse, hz);
    // 2^32 us are 71.6 minutes: a day has 20 wraps.
    for (int minute = 1; minute <= 24 * 60; ++minute) {
        Bench::pass(bench.first, 60'000'000);
        timekeeper.accumulate();
        QCOMPARE(nsOf(timekeeper.monotonicNow()), minute * 60'000'000'000LL);
    }
}

void TimekeeperTest::longRunKeepsTheCountersRate()
{
    Bench bench;
    bench.coarse = clocksourceOn(bench.first, "odd", 3'579'545, 24, 200, 0);
    Timekeeper timekeeper(bench.coarse, hz);
    std::uint64_t cycles = 0;
    for (int i = 0; i < 100'000; ++i) {
        Bench::pass(bench.first, 35'795);
        cycles += 35'795;
        timekeeper.accumulate();
    }
    const double trueNs = static_cast<double>(cycles) * 1e9 / 3'579'545;
    const double error = (static_cast<double>(nsOf(timekeeper.monotonicNow())) - trueNs) / trueNs;
    QVERIFY(std::abs(error) < 1e-6); // mult is as exact as its bits, accumulation adds nothing
    const auto whole
        = static_cast<WideUnsigned>(cycles) * bench.coarse.rate.mult >> bench.coarse.rate.shift;
    QCOMPARE(nsOf(timekeeper.monotonicNow()), static_cast<std::int64_t>(whole));
}

void TimekeeperTest::switchDoesNotJump()
{
    Bench bench;
    bench.first.count = 123'456;
    bench.second.count = 0xdead'beef'dead'beef;
    Timekeeper timekeeper(bench.coarse, hz);
    Bench::pass(bench.first, 12'345'678);
    timekeeper.changeClocksource(bench.fine);
    QCOMPARE(nsOf(timekeeper.monotonicNow()), 12'345'678'000);
    Bench::pass(bench.second, 4);
    QCOMPARE(nsOf(timekeeper.monotonicNow()), 12'345'678'010);
    QCOMPARE(timekeeper.clock().name, std::string("fine"));
}

void TimekeeperTest::fractionsSurviveASwitchThereAndBack()
{
    Bench bench;
    QVERIFY(bench.coarse.rate.shift != bench.fine.rate.shift);
    Timekeeper timekeeper(bench.fine, hz);
    for (int i = 0; i < 1000; ++i) {
        Bench::pass(bench.second, 1); // 2.5 ns
        timekeeper.changeClocksource(i % 2 == 0 ? bench.coarse : bench.fine);
        timekeeper.changeClocksource(bench.fine);
    }
    // Half nanoseconds were kept: 1000 x 2.5 ns, less what the shorter shift cut off.
    QVERIFY(nsOf(timekeeper.monotonicNow()) >= 2499);
    QVERIFY(nsOf(timekeeper.monotonicNow()) <= 2500);
}

void TimekeeperTest::settingTheTimeMovesRealtimeOnly()
{
    Bench bench;
    Timekeeper timekeeper(bench.coarse, hz);
    Bench::pass(bench.first, 5000);
    timekeeper.setRealtime(RealtimeInstant{std::chrono::seconds{1'000'000'000}});
    QCOMPARE(nsOf(timekeeper.monotonicNow()), 5'000'000);
    QCOMPARE(timekeeper.realtimeOffset().count(), 1'000'000'000'000'000'000 - 5'000'000);
}

void TimekeeperTest::validityForHighResolutionIsTheClocks()
{
    Bench bench;
    Timekeeper timekeeper(bench.coarse, hz);
    QVERIFY(!timekeeper.isValidForHres());
    bench.fine.flags = clocksource_flag::validForHres;
    timekeeper.changeClocksource(bench.fine);
    QVERIFY(timekeeper.isValidForHres());
}

QTEST_GUILESS_MAIN(TimekeeperTest)
#include "timekeeper_test.moc"
