// SPDX-License-Identifier: GPL-3.0-or-later
//! Hrtimers of several CPUs: who serves a timer, and where those of a CPU go that leaves.
#include "engine/trace/hrtimer_trees.h"
#include "tests/support/hrtimer_bench.h"

#include <QTest>

using namespace timerscope;
using namespace timerscope::test;

using Programmed = std::vector<MonotonicInstant>;

namespace {

/// Two CPUs in high resolution; timers that need not stay go from CPU 0 to CPU 1.
class TwoCpus
{
public:
    TwoCpus()
        : idle(idleHost, trace.tracer(0), shared)
        , busy(busyHost, trace.tracer(1), shared)
    {
        idle.activateHres();
        busy.activateHres();
        idleHost.target = &busy;
        busyHost.target = &busy;
    }
    ~TwoCpus()
    {
        for (Hrtimer& timer : timers) {
            idle.cancel(timer);
        }
    }
    TwoCpus(const TwoCpus&) = delete;
    TwoCpus& operator=(const TwoCpus&) = delete;

    Hrtimer& add(char name, Hrtimer::Function also = {}, bool soft = false)
    {
        const auto id = static_cast<std::uint32_t>(name);
        return timers.emplace_back(id, HrtimerClock::Monotonic, soft, std::string(1, name),
                                   [this, name, also](Hrtimer& timer) {
                                       fires += QLatin1Char(name);
                                       return also ? also(timer) : HrtimerRestart::No;
                                   });
    }
    static void start(HrtimerCpuBase& cpu, Hrtimer& timer, std::int64_t expires,
                      std::uint8_t mode = hrtimer_mode::absolute)
    {
        cpu.start(timer, HrtimerInstant{Ns{expires}}, Ns::zero(), mode);
    }
    /// Names of what is queued on a base, in order.
    static QString queued(const HrtimerCpuBase& cpu, std::size_t base = 0)
    {
        QString names;
        for (const Hrtimer* timer : cpu.queue(base).inOrder()) {
            names += QLatin1Char(timer->functionName().front());
        }
        return names;
    }
    /// The same, rebuilt from the records.
    [[nodiscard]] QString recorded(unsigned cpu, unsigned base = 0) const
    {
        HrtimerTrees trees;
        for (std::size_t i = 0; i < trace.log().size(); ++i) {
            trees.apply(trace.log()[i]);
        }
        QString names;
        for (const TimerTree::Id id : trees.tree({.cpu = cpu, .base = base}).inOrder()) {
            names += QLatin1Char(static_cast<char>(id));
        }
        return names;
    }

    TraceBench trace;
    HrtimerShared shared;
    ScriptedHost idleHost;
    ScriptedHost busyHost;
    HrtimerCpuBase idle; ///< CPU 0
    HrtimerCpuBase busy; ///< CPU 1
    std::deque<Hrtimer> timers;
    QString fires;
};

} // namespace

class HrtimerMigrationTest : public QObject
{
    Q_OBJECT
private slots:
    void timerGoesToTheBusyCpu();
    void pinnedTimerStays();
    void timerThatWouldComeFirstThereStays();
    void timerComesBackWhenItWouldComeFirstThere();
    void timerThatThisCpusDeviceIsSetForStays();
    void timerWhoseFunctionRunsStaysWhereItRuns();
    void timerThatAsksForARestartStaysWhereItRuns();
    void cancellingOnAnotherCpuLeavesItsDevice();
    void softTimerThatMovesCountsForTheOtherCpusSoftirq();
    void nothingMovesToACpuThatRunsItsInterrupt();
    void timersOfADeadCpuMoveInTheirOrder();
    void equalExpiriesOfADeadCpuGoBehind();
    void softTimersOfADeadCpuFireOnTheOther();
    void otherCpuIsSetForWhatItInherits();
    void whatADyingCpuStartsGoesToAnother();
    void cpuThatComesUpAgainStartsAnew();
    void recordsTellWhereATimerIsQueued();
};

void HrtimerMigrationTest::timerGoesToTheBusyCpu()
{
    TwoCpus cpus;
    TwoCpus::start(cpus.busy, cpus.add('b'), 100);
    Hrtimer& a = cpus.add('a');
    TwoCpus::start(cpus.idle, a, 500);
    QCOMPARE(TwoCpus::queued(cpus.idle), "");
    QCOMPARE(TwoCpus::queued(cpus.busy), "ba");
    QCOMPARE(a.cpuBase(), &cpus.busy);
    QVERIFY(cpus.idleHost.programmed.empty());
    QCOMPARE(cpus.busyHost.programmed, Programmed{at(100)});
}

void HrtimerMigrationTest::pinnedTimerStays()
{
    TwoCpus cpus;
    TwoCpus::start(cpus.busy, cpus.add('b'), 100);
    TwoCpus::start(cpus.idle, cpus.add('a'), 500, hrtimer_mode::pinned);
    QCOMPARE(TwoCpus::queued(cpus.idle), "a");
    QCOMPARE(cpus.idleHost.programmed, Programmed{at(500)});
}

void HrtimerMigrationTest::timerThatWouldComeFirstThereStays()
{
    TwoCpus cpus;
    TwoCpus::start(cpus.busy, cpus.add('b'), 600);
    TwoCpus::start(cpus.idle, cpus.add('a'), 599);
    TwoCpus::start(cpus.idle, cpus.add('c'), 600);
    QCOMPARE(TwoCpus::queued(cpus.idle), "a");
    QCOMPARE(TwoCpus::queued(cpus.busy), "bc");
    // With nothing to wait for it would be the first as well.
    cpus.idle.cancel(cpus.timers[0]);
    TwoCpus idleToo;
    TwoCpus::start(idleToo.idle, idleToo.add('a'), 1'000'000);
    QCOMPARE(TwoCpus::queued(idleToo.idle), "a");
}

void HrtimerMigrationTest::timerComesBackWhenItWouldComeFirstThere()
{
    TwoCpus cpus;
    TwoCpus::start(cpus.busy, cpus.add('b'), 100);
    Hrtimer& a = cpus.add('a');
    TwoCpus::start(cpus.idle, a, 500);
    QCOMPARE(a.cpuBase(), &cpus.busy);
    TwoCpus::start(cpus.idle, a, 50);
    QCOMPARE(a.cpuBase(), &cpus.idle);
    QCOMPARE(cpus.idleHost.programmed, Programmed{at(50)});
    TwoCpus::start(cpus.busy, a, 70);
    QCOMPARE(a.cpuBase(), &cpus.busy);
}

void HrtimerMigrationTest::timerThatThisCpusDeviceIsSetForStays()
{
    TwoCpus cpus;
    TwoCpus::start(cpus.busy, cpus.add('b'), 100);
    Hrtimer& a = cpus.add('a');
    TwoCpus::start(cpus.idle, a, 50);
    TwoCpus::start(cpus.idle, a, 500);
    QCOMPARE(a.cpuBase(), &cpus.idle);
    QCOMPARE(cpus.idleHost.programmed, (Programmed{at(50), at(500)}));
}

void HrtimerMigrationTest::timerWhoseFunctionRunsStaysWhereItRuns()
{
    TwoCpus cpus;
    TwoCpus::start(cpus.busy, cpus.add('b'), 10'000);
    Hrtimer& a = cpus.add('a', [&](Hrtimer& timer) {
        TwoCpus::start(cpus.busy, timer, 20'000, hrtimer_mode::pinned);
        return HrtimerRestart::No;
    });
    TwoCpus::start(cpus.idle, a, 100, hrtimer_mode::pinned);
    cpus.idleHost.now = at(100);
    cpus.idle.interrupt();
    QCOMPARE(cpus.fires, "a");
    QCOMPARE(a.cpuBase(), &cpus.idle);
    // The interrupt that ran it has set the device for it.
    QCOMPARE(cpus.idle.expiresNext(), at(20'000));
}

void HrtimerMigrationTest::timerThatAsksForARestartStaysWhereItRuns()
{
    TwoCpus cpus;
    TwoCpus::start(cpus.busy, cpus.add('b'), 100);
    Hrtimer& a = cpus.add('a', [&](Hrtimer& timer) {
        cpus.idle.forwardNow(timer, Ns{1000});
        return HrtimerRestart::Yes;
    });
    TwoCpus::start(cpus.idle, a, 50);
    cpus.idleHost.now = at(50);
    cpus.idle.interrupt();
    QCOMPARE(a.cpuBase(), &cpus.idle);
    QCOMPARE(cpus.idle.expiresNext(), at(1050));
}

void HrtimerMigrationTest::cancellingOnAnotherCpuLeavesItsDevice()
{
    TwoCpus cpus;
    Hrtimer& b = cpus.add('b');
    TwoCpus::start(cpus.busy, b, 100);
    QVERIFY(cpus.idle.cancel(b));
    QCOMPARE(cpus.busyHost.programmed, Programmed{at(100)});
    QCOMPARE(cpus.busy.expiresNext(), at(100));
    QVERIFY(cpus.idleHost.programmed.empty());
}

void HrtimerMigrationTest::softTimerThatMovesCountsForTheOtherCpusSoftirq()
{
    TwoCpus cpus;
    TwoCpus::start(cpus.busy, cpus.add('b'), 100);
    TwoCpus::start(cpus.idle, cpus.add('s', {}, true), 500);
    QCOMPARE(TwoCpus::queued(cpus.busy, hrtimerClocks), "s");
    QCOMPARE(cpus.busy.softirqExpiresNext(), at(500));
    cpus.busyHost.now = at(500);
    cpus.busy.interrupt();
    QCOMPARE(cpus.busyHost.softirqsRaised, 1);
    cpus.busy.runSoftirq();
    QCOMPARE(cpus.fires, "bs");
}

void HrtimerMigrationTest::nothingMovesToACpuThatRunsItsInterrupt()
{
    TwoCpus cpus;
    Hrtimer& a = cpus.add('a');
    TwoCpus::start(cpus.busy,
                   cpus.add('b',
                            [&](Hrtimer&) {
                                TwoCpus::start(cpus.idle, a, 1'000'000);
                                return HrtimerRestart::No;
                            }),
                   100);
    cpus.busyHost.now = at(100);
    cpus.busy.interrupt();
    QCOMPARE(a.cpuBase(), &cpus.idle);
    QCOMPARE(cpus.idleHost.programmed, Programmed{at(1'000'000)});
}

void HrtimerMigrationTest::timersOfADeadCpuMoveInTheirOrder()
{
    TwoCpus cpus;
    TwoCpus::start(cpus.busy, cpus.add('m'), 250);
    for (const auto& [name, expires] :
         {std::pair{'c', 300}, std::pair{'a', 100}, std::pair{'d', 400}, std::pair{'b', 200}}) {
        TwoCpus::start(cpus.idle, cpus.add(name), expires, hrtimer_mode::pinned);
    }
    cpus.idle.migrateTo(cpus.busy);
    QCOMPARE(TwoCpus::queued(cpus.idle), "");
    QCOMPARE(TwoCpus::queued(cpus.busy), "abmcd");
    QCOMPARE(cpus.timers.back().cpuBase(), &cpus.busy);
    cpus.busyHost.now = at(1000);
    cpus.busy.interrupt();
    QCOMPARE(cpus.fires, "abmcd");
}

void HrtimerMigrationTest::equalExpiriesOfADeadCpuGoBehind()
{
    TwoCpus cpus;
    TwoCpus::start(cpus.idle, cpus.add('a'), 100, hrtimer_mode::pinned);
    TwoCpus::start(cpus.idle, cpus.add('b'), 100, hrtimer_mode::pinned);
    TwoCpus::start(cpus.busy, cpus.add('m'), 100);
    cpus.idle.migrateTo(cpus.busy);
    QCOMPARE(TwoCpus::queued(cpus.busy), "mab");
}

void HrtimerMigrationTest::softTimersOfADeadCpuFireOnTheOther()
{
    TwoCpus cpus;
    TwoCpus::start(cpus.idle, cpus.add('s', {}, true), 100, hrtimer_mode::pinned);
    TwoCpus::start(cpus.idle, cpus.add('t', {}, true), 200, hrtimer_mode::pinned);
    cpus.idle.migrateTo(cpus.busy);
    QCOMPARE(cpus.busy.softirqExpiresNext(), at(100));
    cpus.busyHost.now = at(200);
    cpus.busy.interrupt();
    cpus.busy.runSoftirq();
    QCOMPARE(cpus.fires, "st");
}

void HrtimerMigrationTest::otherCpuIsSetForWhatItInherits()
{
    TwoCpus cpus;
    TwoCpus::start(cpus.busy, cpus.add('m'), 500);
    TwoCpus::start(cpus.idle, cpus.add('a'), 100, hrtimer_mode::pinned);
    cpus.idle.migrateTo(cpus.busy);
    QCOMPARE(cpus.idleHost.kicks, 1);
    QCOMPARE(cpus.busyHost.programmed, (Programmed{at(500), at(100)}));
}

void HrtimerMigrationTest::whatADyingCpuStartsGoesToAnother()
{
    TwoCpus cpus;
    cpus.idle.migrateTo(cpus.busy);
    QVERIFY(!cpus.idle.isOnline());
    Hrtimer& a = cpus.add('a');
    TwoCpus::start(cpus.idle, a, 100, hrtimer_mode::pinned);
    QCOMPARE(a.cpuBase(), &cpus.busy);
    QCOMPARE(cpus.idleHost.kicks, 2);
    QCOMPARE(cpus.busyHost.programmed.back(), at(100));
}

void HrtimerMigrationTest::cpuThatComesUpAgainStartsAnew()
{
    TwoCpus cpus;
    TwoCpus::start(cpus.idle, cpus.add('a'), 100, hrtimer_mode::pinned);
    cpus.idle.migrateTo(cpus.busy);
    cpus.idle.prepareCpu();
    QVERIFY(cpus.idle.isOnline());
    QVERIFY(!cpus.idle.isHresActive());
    QCOMPARE(cpus.idle.expiresNext(), never<MonotonicClock>);
    QCOMPARE(cpus.idle.resolution(), Ns{1});
    TwoCpus::start(cpus.idle, cpus.add('b'), 50);
    QCOMPARE(TwoCpus::queued(cpus.idle), "b");
}

void HrtimerMigrationTest::recordsTellWhereATimerIsQueued()
{
    TwoCpus cpus;
    TwoCpus::start(cpus.busy, cpus.add('b'), 100);
    for (const char name : {'c', 'd', 'e', 'f'}) {
        TwoCpus::start(cpus.idle, cpus.add(name), 10 * name,
                       name < 'e' ? hrtimer_mode::absolute : hrtimer_mode::pinned);
    }
    QCOMPARE(cpus.recorded(0), "ef");
    QCOMPARE(cpus.recorded(1), "bcd");
    TwoCpus::start(cpus.idle, cpus.timers[1], 2000, hrtimer_mode::pinned);
    QCOMPARE(cpus.recorded(0), "efc");
    QCOMPARE(cpus.recorded(1), "bd");
    cpus.idle.migrateTo(cpus.busy);
    QCOMPARE(cpus.recorded(0), "");
    QCOMPARE(cpus.recorded(1), TwoCpus::queued(cpus.busy));
}

QTEST_GUILESS_MAIN(HrtimerMigrationTest)
#include "hrtimer_migration_test.moc"
