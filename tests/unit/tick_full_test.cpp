// SPDX-License-Identifier: GPL-3.0-or-later
//! How a CPU in full nohz runs a task without its tick, and what keeps the tick.
#include "tests/support/tick_bench.h"

#include <QTest>

using namespace timerscope;
using namespace timerscope::test;
using std::chrono::seconds;

namespace {

TickOptions fullNohz(std::initializer_list<unsigned> cpus)
{
    TickOptions options;
    for (const unsigned cpu : cpus) {
        options.fullNohz.add(cpu);
    }
    return options;
}

} // namespace

class TickFullTest : public QObject
{
    Q_OBJECT
private slots:
    void fullNohzStopsTheTickOfARunningTask();
    void dependencyKeepsTheTickAndIsNamed_data();
    void dependencyKeepsTheTickAndIsNamed();
    void cpuThatCountsJiffiesForFullNohzNeverStops();
};

void TickFullTest::fullNohzStopsTheTickOfARunningTask()
{
    TickBench bench(2, fullNohz({1}));
    bench.settleTicks();
    bench.cpu(1).interrupt(false);
    QVERIFY(bench.cpu(1).sched().isTickStopped());
    QVERIFY(!bench.cpu(1).sched().isIdle());
    QCOMPARE(bench.cpu(1).sched().idleStatistics().idleCalls, 0U);
    bench.cpu(0).interrupt(false); // the other one may not
    QVERIFY(!bench.cpu(0).sched().isTickStopped());
}

void TickFullTest::dependencyKeepsTheTickAndIsNamed_data()
{
    QTest::addColumn<int>("whose");
    QTest::addColumn<int>("dependency");
    QTest::addColumn<int>("mask");
    using enum TickDependency;
    QTest::newRow("all CPUs") << 0 << static_cast<int>(ClockUnstable) << 0x8;
    QTest::newRow("CPU") << 1 << static_cast<int>(Sched) << 0x4;
    QTest::newRow("task") << 2 << static_cast<int>(PosixTimer) << 0x1;
    QTest::newRow("process") << 3 << static_cast<int>(RcuExpedited) << 0x20;
}

void TickFullTest::dependencyKeepsTheTickAndIsNamed()
{
    QFETCH(int, whose);
    QFETCH(int, dependency);
    QFETCH(int, mask);
    TickBench bench(2, fullNohz({1}));
    bench.settleTicks();
    bench.cpu(1).interrupt(false);
    QVERIFY(bench.cpu(1).sched().isTickStopped());
    TickDependencies& set = whose == 0 ? bench.shared().dependencies
        : whose == 1                   ? bench.cpu(1).sched().dependencies()
        : whose == 2                   ? bench.cpu(1).around.task
                                       : bench.cpu(1).around.process;
    QVERIFY(set.set(static_cast<TickDependency>(dependency)));
    bench.cpu(1).interrupt(false);
    QVERIFY(!bench.cpu(1).sched().isTickStopped());
    const TraceRecord record = bench.all(RecordKind::TickStop).back();
    QCOMPARE(record.a, 0);
    QCOMPARE(record.b, mask);
    QCOMPARE(record.cpu, std::uint16_t{1});
    set.clear(static_cast<TickDependency>(dependency));
    bench.cpu(1).interrupt(false);
    QVERIFY(bench.cpu(1).sched().isTickStopped());
    // An idle CPU does not ask.
    set.set(static_cast<TickDependency>(dependency));
    bench.cpu(1).interrupt(false);
    QVERIFY(!bench.cpu(1).sched().isTickStopped());
    bench.cpu(1).goIdle();
    QVERIFY(bench.cpu(1).sched().isTickStopped());
}

void TickFullTest::cpuThatCountsJiffiesForFullNohzNeverStops()
{
    TickBench bench(2, fullNohz({1}));
    bench.settleTicks();
    QVERIFY(bench.shared().doTimer.isOn(0));
    bench.cpu(0).goIdle();
    bench.cpu(1).goIdle();
    QVERIFY(!bench.cpu(0).sched().isTickStopped());
    QVERIFY(bench.cpu(1).sched().isTickStopped());
    bench.run(seconds{1});
    QVERIFY(bench.shared().doTimer.isOn(0));
}

QTEST_GUILESS_MAIN(TickFullTest)
#include "tick_full_test.moc"
