// SPDX-License-Identifier: GPL-3.0-or-later
//! The load averages and irq_work by themselves.
#include "engine/sched/global_load.h"
#include "engine/sched/irq_work.h"

#include <QTest>

#include <vector>

using namespace timerscope;

namespace {

/// One CPU that ticks, or not, and says what it has to do.
class LoadBench
{
public:
    LoadBench()
        : cpu(load.newCpu())
        , now(rate.initialJiffies())
    {
    }
    void tick(std::int64_t active, std::uint64_t jiffies)
    {
        for (std::uint64_t i = 0; i < jiffies; ++i) {
            ++now.count;
            load.jiffiesUpdated(now);
            load.tellByTick(cpu, active, now);
        }
    }
    void sleep(std::uint64_t jiffies)
    {
        load.tickStopped(cpu, 0, now);
        now.count += jiffies;
        load.jiffiesUpdated(now);
        load.tickRestarted(cpu, now);
    }

    TickRate rate{100};
    GlobalLoad load{rate};
    CpuLoad cpu;
    Jiffies now;
};

} // namespace

class SchedTest : public QObject
{
    Q_OBJECT
private slots:
    void loadIsCountedOnceInFiveSecondsAndAJiffy();
    void steadyLoadIsReached();
    void loadGoesDownByTheSameFactors();
    void sleepingCpuCountsForTheWindowsThatItSlept();
    void idleWindowsAllAtOnceAreAsOneByOne();
    void deadCpuTakesItsTasksAlong();
    void irqWorkRunsOnceHoweverOftenItIsQueued();
    void irqWorkMayQueueItselfAgain();
};

void SchedTest::loadIsCountedOnceInFiveSecondsAndAJiffy()
{
    LoadBench bench;
    bench.tick(1, 510);
    QCOMPARE(bench.load.averages()[0], 0U); // 501 jiffies, and ten for the CPUs to tell
    bench.tick(1, 1);
    // One task for one window: 2048 x (1 - 1884/2048), rounded up.
    QCOMPARE(bench.load.averages()[0], 164U);
    QCOMPARE(bench.load.averages()[1], 34U);
    QCOMPARE(bench.load.averages()[2], 11U);
    QCOMPARE(bench.load.text(), std::string("0.08 0.02 0.01"));
    bench.tick(1, 500);
    QCOMPARE(bench.load.averages()[0], 164U);
    bench.tick(1, 1);
    QCOMPARE(bench.load.averages()[0], 315U); // (164 x 1884 + 2048 x 164 + 2047) / 2048
}

void SchedTest::steadyLoadIsReached()
{
    LoadBench bench;
    bench.tick(3, 501U * 1000);
    QCOMPARE(bench.load.text(), std::string("3.00 3.00 3.00"));
}

void SchedTest::loadGoesDownByTheSameFactors()
{
    LoadBench bench;
    bench.tick(1, 501U * 1000 + 20);
    const std::uint64_t full = bench.load.averages()[0];
    bench.tick(0, 501);
    QCOMPARE(bench.load.averages()[0], full * 1884 / 2048);
}

void SchedTest::sleepingCpuCountsForTheWindowsThatItSlept()
{
    LoadBench bench;
    bench.tick(1, 501U * 20 + 20);
    const std::uint64_t before = bench.load.averages()[0];
    bench.sleep(501U * 12);
    // A minute of idling leaves about a third.
    QVERIFY(bench.load.averages()[0] < before * 2 / 5);
    QVERIFY(bench.load.averages()[0] > before / 3);
}

void SchedTest::idleWindowsAllAtOnceAreAsOneByOne()
{
    LoadBench ticking;
    LoadBench sleeping;
    ticking.tick(2, 501U * 40 + 20);
    sleeping.tick(2, 501U * 40 + 20);
    ticking.tick(0, 501U * 8 + 20);
    sleeping.sleep(501U * 8 + 20);
    for (std::size_t i = 0; i < 3; ++i) {
        const auto a = static_cast<std::int64_t>(ticking.load.averages().at(i));
        const auto b = static_cast<std::int64_t>(sleeping.load.averages().at(i));
        QVERIFY2(std::abs(a - b) <= 8, qPrintable(QString("%1 %2").arg(a).arg(b))); // rounding
    }
}

void SchedTest::deadCpuTakesItsTasksAlong()
{
    LoadBench bench;
    bench.tick(4, 501U * 1000);
    bench.load.cpuDied(bench.cpu, 0);
    CpuLoad other = bench.load.newCpu();
    for (int i = 0; i < 501 * 2000; ++i) {
        ++bench.now.count;
        bench.load.jiffiesUpdated(bench.now);
        bench.load.tellByTick(other, 0, bench.now);
    }
    QCOMPARE(bench.load.averages()[0], 0U);
}

void SchedTest::irqWorkRunsOnceHoweverOftenItIsQueued()
{
    IrqWorkQueue queue;
    int urgent = 0;
    int lazy = 0;
    IrqWork first{.function = "nohz_full_kick_func", .call = [&] { ++urgent; }};
    IrqWork second{.function = "wake_up_klogd_work_func", .call = [&] { ++lazy; }, .isLazy = true};
    QVERIFY(!queue.needsTick());
    QVERIFY(queue.queue(second));
    QVERIFY(!queue.hasRaised() && queue.needsTick());
    QVERIFY(queue.queue(first));
    QVERIFY(!queue.queue(first));
    QVERIFY(queue.hasRaised());
    queue.tick();
    queue.tick();
    QCOMPARE(urgent, 1);
    QCOMPARE(lazy, 1);
    QVERIFY(!queue.needsTick());
}

void SchedTest::irqWorkMayQueueItselfAgain()
{
    IrqWorkQueue queue;
    int runs = 0;
    IrqWork work{.function = "again", .call = {}, .isLazy = true};
    work.call = [&] {
        ++runs;
        queue.queue(work);
    };
    queue.queue(work);
    queue.tick();
    QCOMPARE(runs, 1);
    queue.tick();
    QCOMPARE(runs, 2);
}

QTEST_APPLESS_MAIN(SchedTest)
#include "sched_test.moc"
