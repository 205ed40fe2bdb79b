// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/timekeeping/sched_clock.h"
#include "tests/support/engine_bench.h"

#include <QTest>

using namespace timerscope;
using namespace timerscope::test;

namespace {

constexpr TickRate hz{100};

struct SchedBench
{
    explicit SchedBench(LongWidth width = LongWidth::Bits64)
        : jiffies(hz)
        , sinceBoot(jiffies, hz, width)
        , clock(sinceBoot, hz, RateLabel::Rounded, kernelLog, trace.tracer())
    {
    }
    bool add(CounterBench& counter, std::string name, unsigned bits, std::uint64_t rate)
    {
        counter.mask = counterMask(bits);
        return clock.registerCounter(counter, std::move(name),
                                     schedClockRate(bits, Hertz{rate}).value());
    }
    TraceBench trace;
    KernelLogBench kernelLog;
    JiffiesCounter jiffies;
    JiffiesSinceBoot sinceBoot;
    SchedClock clock;
};

} // namespace

class SchedClockTest : public QObject
{
    Q_OBJECT
private slots:
    void nothingCountsUntilSomethingIsRegistered();
    void jiffiesCountWhenNoDriverCame();
    void jiffiesAreAsWideAsALong();
    void bootRenewsTheEpochOfADriversCounter();
    void timeGoesOnWhereItStood();
    void slowerCounterIsRefusedInSilence();
    void counterSlowerThanTheTickIsRefusedOnceJiffiesCount();
    void equalOrFasterCounterIsTaken();
    void wrapsThatAreRenewedAreSurvived();
    void wrapThatIsMissedLosesTime();
    void timeStandsWhileSuspended();
    void registrationDuringSuspendCountsAtOnce();
    void refusedRegistrationDuringSuspendDoesNot();
    void renewalDropsFractions();
};

void SchedClockTest::nothingCountsUntilSomethingIsRegistered()
{
    SchedBench bench;
    QCOMPARE(bench.clock.now(), Ns::zero());
    bench.jiffies.advance(7);
    QCOMPARE(bench.clock.now(), Ns::zero());
    bench.clock.renewEpoch();
    QCOMPARE(bench.clock.epochCycles(), Cycles{7});
    QCOMPARE(bench.clock.epoch(), Ns::zero());
}

void SchedClockTest::jiffiesCountWhenNoDriverCame()
{
    SchedBench bench;
    bench.jiffies.advance(5);
    bench.clock.genericInit();
    QCOMPARE(bench.kernelLog.take(),
             "sched_clock: 64 bits at 100 Hz, resolution 10000000ns, wraps "
             "every 36028797015000000ns");
    QCOMPARE(bench.clock.now(), Ns::zero());
    bench.jiffies.advance(7);
    QCOMPARE(bench.clock.now(), Ns{70'000'000});
}

void SchedClockTest::jiffiesAreAsWideAsALong()
{
    SchedBench bench(LongWidth::Bits32);
    bench.clock.genericInit();
    QCOMPARE(bench.kernelLog.take(),
             "sched_clock: 32 bits at 100 Hz, resolution 10000000ns, wraps "
             "every 21474836475000000ns");
    bench.jiffies.advance((std::uint64_t{1} << 32) - 1);
    bench.clock.renewEpoch();
    bench.jiffies.advance(2); // 497 days: the count is back at 1
    QCOMPARE(bench.sinceBoot.observeCounter(), Cycles{1});
    QCOMPARE(bench.clock.now(), Ns{((std::int64_t{1} << 32) + 1) * 10'000'000});
}

void SchedClockTest::bootRenewsTheEpochOfADriversCounter()
{
    SchedBench bench;
    CounterBench counter;
    QVERIFY(bench.add(counter, "c", 32, 24'000'000));
    bench.kernelLog.take();
    counter.count = 24'000;
    bench.clock.genericInit();
    QCOMPARE(bench.kernelLog.take(), "");
    QCOMPARE(bench.clock.counterName(), std::string("c"));
    QCOMPARE(bench.clock.epochCycles(), Cycles{24'000});
}

void SchedClockTest::timeGoesOnWhereItStood()
{
    SchedBench bench;
    CounterBench counter;
    counter.count = 0xffff'ffff;
    bench.clock.genericInit();
    bench.kernelLog.take();
    bench.jiffies.advance(7);
    QVERIFY(bench.add(counter, "c", 32, 1'000'000));
    QCOMPARE(bench.clock.now(), Ns{70'000'000});
    counter.count += 10; // over its wrap
    QCOMPARE(bench.clock.now(), Ns{70'010'000});
    QCOMPARE(bench.kernelLog.take(),
             "sched_clock: 32 bits at 1000kHz, resolution 1000ns, wraps every 2147483647500ns");
}

void SchedClockTest::slowerCounterIsRefusedInSilence()
{
    SchedBench bench;
    CounterBench fast;
    CounterBench slow;
    QVERIFY(bench.add(fast, "fast", 32, 24'000'000));
    bench.kernelLog.take();
    QVERIFY(!bench.add(slow, "slow", 64, 1'000'000));
    QCOMPARE(bench.kernelLog.take(), "");
    QCOMPARE(bench.clock.counterName(), std::string("fast"));
}

void SchedClockTest::counterSlowerThanTheTickIsRefusedOnceJiffiesCount()
{
    CounterBench slow;
    SchedBench early;
    QVERIFY(early.add(slow, "slow", 64, 99));
    SchedBench late;
    late.clock.genericInit();
    QVERIFY(!late.add(slow, "slow", 64, 99));
    QVERIFY(late.add(slow, "slow", 64, 100));
}

void SchedClockTest::equalOrFasterCounterIsTaken()
{
    SchedBench bench;
    CounterBench first;
    CounterBench second;
    QVERIFY(bench.add(first, "first", 32, 24'000'000));
    QVERIFY(bench.add(second, "second", 32, 24'000'000));
    QCOMPARE(bench.clock.counterName(), std::string("second"));
    QCOMPARE(bench.trace.count(RecordKind::SchedClockRegister), 2U);
}

void SchedClockTest::wrapsThatAreRenewedAreSurvived()
{
    SchedBench bench;
    CounterBench counter;
    QVERIFY(bench.add(counter, "c", 16, 1'000'000)); // wraps every 65 ms
    for (int i = 1; i <= 10'000; ++i) {
        counter.count += 30'000;
        bench.clock.renewEpoch();
        QCOMPARE(bench.clock.now(), Ns{i * 30'000'000LL});
    }
}

void SchedClockTest::wrapThatIsMissedLosesTime()
{
    SchedBench bench;
    CounterBench counter;
    QVERIFY(bench.add(counter, "c", 16, 1'000'000));
    counter.count = 65'536 + 10;
    QCOMPARE(bench.clock.now(), Ns{10'000});
}

void SchedClockTest::timeStandsWhileSuspended()
{
    SchedBench bench;
    CounterBench counter;
    QVERIFY(bench.add(counter, "c", 32, 1'000'000));
    counter.count = 500;
    bench.clock.suspend();
    counter.count = 900;
    QCOMPARE(bench.clock.now(), Ns{500'000});
    counter.count = 20; // it lost its count with its power
    bench.clock.resume();
    QCOMPARE(bench.clock.now(), Ns{500'000});
    counter.count = 21;
    QCOMPARE(bench.clock.now(), Ns{501'000});
}

void SchedClockTest::registrationDuringSuspendCountsAtOnce()
{
    SchedBench bench;
    CounterBench old;
    CounterBench counter;
    QVERIFY(bench.add(old, "old", 32, 1'000'000));
    bench.clock.suspend();
    old.count = 40;
    QVERIFY(bench.add(counter, "new", 32, 1'000'000));
    counter.count = 2;
    QCOMPARE(bench.clock.now(), Ns{42'000});
}

void SchedClockTest::refusedRegistrationDuringSuspendDoesNot()
{
    SchedBench bench;
    CounterBench old;
    CounterBench slow;
    QVERIFY(bench.add(old, "old", 32, 1'000'000));
    bench.clock.suspend();
    old.count = 40;
    QVERIFY(!bench.add(slow, "slow", 32, 1000));
    QCOMPARE(bench.clock.now(), Ns::zero());
}

void SchedClockTest::renewalDropsFractions()
{
    SchedBench bench;
    CounterBench counter;
    QVERIFY(bench.add(counter, "c", 32, 24'000'000)); // 41.67 ns a cycle
    for (int i = 1; i <= 3; ++i) {
        counter.count += 1;
        bench.clock.renewEpoch();
    }
    QCOMPARE(bench.clock.now(), Ns{123});
}

QTEST_GUILESS_MAIN(SchedClockTest)
#include "sched_clock_test.moc"
