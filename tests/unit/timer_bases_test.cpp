// SPDX-License-Identifier: GPL-3.0-or-later
//! What the wheels of several CPUs, deferrable timers and idle CPUs add to a timer wheel.
#include "engine/timer/timer_wheel.h"
#include "tests/support/engine_bench.h"

#include <QTest>

#include <deque>

using namespace timerscope;
using namespace timerscope::test;

namespace {

constexpr TickRate rate{250};
constexpr std::uint64_t start = 10'000'000 * 512ULL; // a multiple of level 3's bucket
constexpr MonotonicInstant at{Ns{7'000'000'000}};

/// Two CPUs, neither of which runs anything but timers.
class Bench
{
public:
    class Cpu final : private TimerWheel::Host
    {
    public:
        Cpu(Bench& bench, unsigned index, bool noHz)
            : wheel(rate, Jiffies{start}, *this, bench.trace.tracer(), {.cpu = index, .noHz = noHz})
        {
        }
        [[nodiscard]] QList<unsigned> takeWoken() { return std::exchange(m_woken, {}); }

        TimerWheel* target = nullptr;
        bool fullNohz = false;
        TimerWheel wheel;

    private:
        void spendCallback() override { }
        void wakeIdleCpu(unsigned cpu) override { m_woken << cpu; }
        [[nodiscard]] bool isFullNohz(unsigned /*cpu*/) const override { return fullNohz; }
        [[nodiscard]] TimerWheel* migrationTarget() override { return target; }

        QList<unsigned> m_woken;
    };

    explicit Bench(bool noHz = true)
        : zero(*this, 0, noHz)
        , one(*this, 1, noHz)
    {
    }

    WheelTimer& add(char name, std::uint8_t flags = 0, WheelTimer::Function also = {})
    {
        const auto id = static_cast<std::uint32_t>(timers.size() + 1);
        return timers.emplace_back(
            id, std::string(1, name),
            [this, name, also](WheelTimer& timer) {
                fires += QLatin1Char(name);
                if (also) {
                    also(timer);
                }
            },
            flags);
    }
    /// Arms @p timer on CPU 0 for @p delta jiffies from now.
    bool arm(WheelTimer& timer, std::uint64_t delta)
    {
        return zero.wheel.modify(timer, Jiffies{now + delta}, Jiffies{now});
    }
    /// What fires on a CPU, the jiffies passing one by one on that CPU only.
    QString pass(Cpu& cpu, std::uint64_t jiffies)
    {
        for (const std::uint64_t end = now + jiffies; now < end;) {
            ++now;
            if (cpu.wheel.isDue(Jiffies{now})) {
                cpu.wheel.run(Jiffies{now});
            }
        }
        return std::exchange(fires, {});
    }
    [[nodiscard]] MonotonicInstant next(Cpu& cpu)
    {
        return cpu.wheel.nextTimerInterrupt(Jiffies{now}, at);
    }
    static MonotonicInstant after(std::int64_t jiffies) { return at + jiffies * rate.period(); }

    TraceBench trace;
    std::deque<WheelTimer> timers;
    QString fires;
    std::uint64_t now = start;
    Cpu zero;
    Cpu one;
};

using timer_flag::deferrable;
using timer_flag::pinned;

TimerBase& standard(Bench::Cpu& cpu)
{
    return cpu.wheel.base(TimerBaseKind::Standard);
}

TimerBase& deferrableBase(Bench::Cpu& cpu)
{
    return cpu.wheel.base(TimerBaseKind::Deferrable);
}

} // namespace

class TimerBasesTest : public QObject
{
    Q_OBJECT
private slots:
    void deferrableTimersHaveTheirOwnWheel();
    void withoutNohzThereIsOneWheel();
    void standardTimersFireBeforeDeferrableOnes();
    void modifyPendingNeverArmsButForwardsTheClock();
    void modifyPendingMovesAPendingTimer();
    void reduceOnlyEverShortens();
    void addArmsATimer();
    void tryRemoveRefusesWhileTheFunctionRuns();
    void tryRemoveTellsWhetherTheTimerWasPending();
    void removingFromABucketWithMoreTimersNeedsNoRecalculation();
    void idleQueryTellsTheFirstTimer();
    void idleQueryLeavesDeferrableTimersOut();
    void idleQueryOfADueTimerIsNow();
    void idleQueryOfAnEmptyWheelIsNever();
    void idleQueryRecalculatesAfterARemoval();
    void idleQueryForwardsTheClock();
    void oneTickAheadIsNotIdle();
    void clearIdleEndsIt();
    void firstTimerOfAnIdleCpuWakesIt();
    void laterTimerOfAnIdleCpuDoesNotWakeIt();
    void deferrableTimerWakesOnlyACpuOfFullNohz();
    void unpinnedTimersGoWhereTheHostSays();
    void pinnedTimersStay();
    void timerThatMovesLeavesItsOldCpu();
    void timerThatKeepsItsBucketKeepsItsCpu();
    void runningTimerStaysOnItsCpu();
    void addOnArmsOnThatCpu();
    void removeFindsATimerOnAnotherCpu();
    void deadCpusTimersMoveInTurnedOrder();
    void deadCpusTimersStillFire();
    void preparedCpuStartsEmptyWithStaleBuckets();
    void flagsAreRecorded();
    void hrtimerIsWaitedForByTheTickAfterIt();
};

void TimerBasesTest::deferrableTimersHaveTheirOwnWheel()
{
    Bench bench;
    QVERIFY(bench.zero.wheel.hasDeferrableBase());
    bench.arm(bench.add('d', deferrable), 5);
    bench.arm(bench.add('s'), 7);
    QCOMPARE(standard(bench.zero).nextExpiry(), Jiffies{start + 8});
    QCOMPARE(deferrableBase(bench.zero).nextExpiry(), Jiffies{start + 6});
    QVERIFY(bench.zero.wheel.isDue(Jiffies{start + 6}));
    QCOMPARE(bench.pass(bench.zero, 6), "d");
    QCOMPARE(bench.pass(bench.zero, 2), "s");
}

void TimerBasesTest::withoutNohzThereIsOneWheel()
{
    Bench bench(false);
    QVERIFY(!bench.zero.wheel.hasDeferrableBase());
    QCOMPARE(&standard(bench.zero), &deferrableBase(bench.zero));
    bench.arm(bench.add('d', deferrable), 5);
    QCOMPARE(bench.zero.wheel.nextExpiry(), Jiffies{start + 6});
    QCOMPARE(bench.pass(bench.zero, 6), "d");
}

void TimerBasesTest::standardTimersFireBeforeDeferrableOnes()
{
    Bench bench;
    bench.arm(bench.add('d', deferrable), 5);
    bench.arm(bench.add('s'), 5);
    bench.arm(bench.add('e', deferrable), 5);
    QCOMPARE(bench.pass(bench.zero, 6), "sed");
}

void TimerBasesTest::modifyPendingNeverArmsButForwardsTheClock()
{
    Bench bench;
    WheelTimer& a = bench.add('a');
    QVERIFY(!bench.zero.wheel.modifyPending(a, Jiffies{start + 150}, Jiffies{start + 100}));
    QVERIFY(!a.isPending());
    QCOMPARE(a.expires(), Jiffies{});
    QCOMPARE(bench.zero.wheel.clk(), Jiffies{start + 100});
    QCOMPARE(bench.trace.log().size(), 0U);
}

void TimerBasesTest::modifyPendingMovesAPendingTimer()
{
    Bench bench;
    WheelTimer& a = bench.add('a');
    bench.arm(a, 5);
    QVERIFY(bench.zero.wheel.modifyPending(a, Jiffies{start + 20}, Jiffies{start}));
    QCOMPARE(a.bucketExpiry(), Jiffies{start + 21});
    QCOMPARE(bench.pass(bench.zero, 20), "");
    QCOMPARE(bench.pass(bench.zero, 1), "a");
}

void TimerBasesTest::reduceOnlyEverShortens()
{
    Bench bench;
    TimerWheel& wheel = bench.zero.wheel;
    WheelTimer& a = bench.add('a');
    QVERIFY(!wheel.reduce(a, Jiffies{start + 20}, Jiffies{start})); // arms a timer that is not
    QVERIFY(wheel.reduce(a, Jiffies{start + 30}, Jiffies{start}));
    QCOMPARE(a.expires(), Jiffies{start + 20});
    QVERIFY(wheel.reduce(a, Jiffies{start + 10}, Jiffies{start}));
    QCOMPARE(a.expires(), Jiffies{start + 10});
    QVERIFY(wheel.modify(a, Jiffies{start + 70}, Jiffies{start}));
    QVERIFY(wheel.reduce(a, Jiffies{start + 67}, Jiffies{start})); // in the same bucket of 8
    QCOMPARE(a.expires(), Jiffies{start + 67});
    QCOMPARE(bench.pass(bench.zero, 72), "a");
}

void TimerBasesTest::addArmsATimer()
{
    Bench bench;
    WheelTimer& a = bench.add('a');
    bench.zero.wheel.add(a, Jiffies{start + 5}, Jiffies{start});
    QVERIFY(a.isPending());
    QCOMPARE(bench.pass(bench.zero, 6), "a");
}

void TimerBasesTest::tryRemoveRefusesWhileTheFunctionRuns()
{
    Bench bench;
    QList<int> answers;
    WheelTimer& a = bench.add('a', 0, [&](WheelTimer& timer) {
        answers << bench.zero.wheel.tryRemove(timer);
        bench.arm(timer, 10); // even when it is pending again
        answers << bench.zero.wheel.tryRemove(timer);
    });
    bench.arm(a, 5);
    QCOMPARE(bench.pass(bench.zero, 6), "a");
    QCOMPARE(answers, (QList<int>{-1, -1}));
    QVERIFY(a.isPending());
    QCOMPARE(bench.zero.wheel.tryRemove(a), 1);
}

void TimerBasesTest::tryRemoveTellsWhetherTheTimerWasPending()
{
    Bench bench;
    WheelTimer& a = bench.add('a');
    QCOMPARE(bench.zero.wheel.tryRemove(a), 0);
    bench.arm(a, 5);
    QCOMPARE(bench.zero.wheel.tryRemove(a), 1);
    QCOMPARE(bench.zero.wheel.tryRemove(a), 0);
}

void TimerBasesTest::removingFromABucketWithMoreTimersNeedsNoRecalculation()
{
    Bench bench;
    WheelTimer& a = bench.add('a');
    WheelTimer& b = bench.add('b');
    bench.arm(a, 5);
    bench.arm(b, 5);
    QVERIFY(bench.zero.wheel.remove(b)); // in front
    QVERIFY(!standard(bench.zero).needsRecalc());
    QVERIFY(bench.zero.wheel.remove(a));
    QVERIFY(standard(bench.zero).needsRecalc());
    QVERIFY(standard(bench.zero).hasTimers()); // until somebody looks
}

void TimerBasesTest::idleQueryTellsTheFirstTimer()
{
    Bench bench;
    bench.arm(bench.add('a'), 65);
    QCOMPARE(bench.next(bench.zero), Bench::after(72));
    QVERIFY(standard(bench.zero).isIdle());
}

void TimerBasesTest::idleQueryLeavesDeferrableTimersOut()
{
    Bench bench;
    bench.arm(bench.add('d', deferrable), 5);
    QCOMPARE(bench.next(bench.zero), never<MonotonicClock>);
    bench.arm(bench.add('a'), 65);
    QCOMPARE(bench.next(bench.zero), Bench::after(72));
}

void TimerBasesTest::idleQueryOfADueTimerIsNow()
{
    Bench bench;
    bench.arm(bench.add('a'), 5);
    standard(bench.zero).setIdle(true);
    bench.now += 10;
    QCOMPARE(bench.next(bench.zero), at);
    QVERIFY(!standard(bench.zero).isIdle());
}

void TimerBasesTest::idleQueryOfAnEmptyWheelIsNever()
{
    Bench bench;
    QCOMPARE(bench.next(bench.zero), never<MonotonicClock>);
    QVERIFY(standard(bench.zero).isIdle());
}

void TimerBasesTest::idleQueryRecalculatesAfterARemoval()
{
    Bench bench;
    WheelTimer& a = bench.add('a');
    bench.arm(a, 5);
    bench.arm(bench.add('b'), 20);
    bench.zero.wheel.remove(a);
    QCOMPARE(bench.zero.wheel.nextExpiry(), Jiffies{start + 6}); // not yet noticed
    QCOMPARE(bench.next(bench.zero), Bench::after(21));
    QCOMPARE(bench.zero.wheel.nextExpiry(), Jiffies{start + 21});
}

void TimerBasesTest::idleQueryForwardsTheClock()
{
    Bench bench;
    bench.arm(bench.add('a'), 60);
    bench.now += 40;
    QCOMPARE(bench.next(bench.zero), Bench::after(21));
    QCOMPARE(bench.zero.wheel.clk(), Jiffies{start + 40});
    bench.now += 40;
    QCOMPARE(bench.next(bench.zero), at);
    QCOMPARE(bench.zero.wheel.clk(), Jiffies{start + 61}); // not beyond the timer
}

void TimerBasesTest::oneTickAheadIsNotIdle()
{
    Bench bench;
    bench.arm(bench.add('a'), 0);
    QCOMPARE(bench.next(bench.zero), Bench::after(1));
    QVERIFY(!standard(bench.zero).isIdle());
}

void TimerBasesTest::clearIdleEndsIt()
{
    Bench bench;
    static_cast<void>(bench.next(bench.zero));
    QVERIFY(standard(bench.zero).isIdle());
    bench.zero.wheel.clearIdle();
    QVERIFY(!standard(bench.zero).isIdle());
}

void TimerBasesTest::firstTimerOfAnIdleCpuWakesIt()
{
    Bench bench;
    static_cast<void>(bench.next(bench.one));
    bench.zero.wheel.addOn(bench.one.wheel, bench.add('a'), Jiffies{start + 20}, Jiffies{start});
    QCOMPARE(bench.zero.takeWoken(), QList<unsigned>{1}); // by the CPU that arms
    QVERIFY(bench.one.takeWoken().isEmpty());
    bench.one.wheel.clearIdle();
    bench.zero.wheel.addOn(bench.one.wheel, bench.add('b'), Jiffies{start + 10}, Jiffies{start});
    QVERIFY(bench.zero.takeWoken().isEmpty());
}

void TimerBasesTest::laterTimerOfAnIdleCpuDoesNotWakeIt()
{
    Bench bench;
    bench.zero.wheel.addOn(bench.one.wheel, bench.add('a'), Jiffies{start + 20}, Jiffies{start});
    static_cast<void>(bench.next(bench.one));
    QVERIFY(standard(bench.one).isIdle());
    bench.zero.wheel.addOn(bench.one.wheel, bench.add('b'), Jiffies{start + 30}, Jiffies{start});
    QVERIFY(bench.zero.takeWoken().isEmpty());
}

void TimerBasesTest::deferrableTimerWakesOnlyACpuOfFullNohz()
{
    Bench bench;
    static_cast<void>(bench.next(bench.one));
    bench.zero.wheel.addOn(bench.one.wheel, bench.add('d', deferrable), Jiffies{start + 20},
                           Jiffies{start});
    QVERIFY(bench.zero.takeWoken().isEmpty());
    bench.zero.fullNohz = true;
    bench.zero.wheel.addOn(bench.one.wheel, bench.add('e', deferrable), Jiffies{start + 10},
                           Jiffies{start});
    QCOMPARE(bench.zero.takeWoken(), QList<unsigned>{1});
}

void TimerBasesTest::unpinnedTimersGoWhereTheHostSays()
{
    Bench bench;
    bench.zero.target = &bench.one.wheel;
    bench.now += 100; // its clock stands still until a timer comes
    bench.arm(bench.add('a'), 5);
    QVERIFY(bench.zero.wheel.inOrder().empty());
    QCOMPARE(bench.one.wheel.inOrder().size(), 1U);
    QCOMPARE(bench.one.wheel.clk(), Jiffies{start + 100});
    QCOMPARE(bench.pass(bench.one, 6), "a");
}

void TimerBasesTest::pinnedTimersStay()
{
    Bench bench;
    bench.zero.target = &bench.one.wheel;
    bench.arm(bench.add('p', pinned), 5);
    QCOMPARE(bench.zero.wheel.inOrder().size(), 1U);
    QCOMPARE(bench.pass(bench.zero, 6), "p");
}

void TimerBasesTest::timerThatMovesLeavesItsOldCpu()
{
    Bench bench;
    WheelTimer& a = bench.add('a');
    bench.one.wheel.modify(a, Jiffies{start + 5}, Jiffies{start});
    QVERIFY(bench.arm(a, 20)); // from CPU 0, which keeps its timers
    QVERIFY(bench.one.wheel.inOrder().empty());
    QVERIFY(standard(bench.one).needsRecalc());
    QCOMPARE(bench.pass(bench.zero, 21), "a");
}

void TimerBasesTest::timerThatKeepsItsBucketKeepsItsCpu()
{
    Bench bench;
    WheelTimer& a = bench.add('a');
    bench.one.wheel.modify(a, Jiffies{start + 65}, Jiffies{start});
    QVERIFY(bench.arm(a, 66));
    QVERIFY(bench.zero.wheel.inOrder().empty());
    QCOMPARE(bench.pass(bench.one, 72), "a");
}

void TimerBasesTest::runningTimerStaysOnItsCpu()
{
    Bench bench;
    bool pending = true;
    WheelTimer& other = bench.add('o');
    WheelTimer& a = bench.add('a', 0, [&](WheelTimer& timer) {
        bench.zero.target = &bench.one.wheel;
        pending = bench.arm(timer, 10);
        bench.arm(other, 10);
    });
    bench.arm(a, 5);
    QCOMPARE(bench.pass(bench.zero, 6), "a");
    QVERIFY(!pending);
    QCOMPARE(bench.zero.wheel.inOrder(), std::vector<const WheelTimer*>{&a});
    QCOMPARE(bench.one.wheel.inOrder(), std::vector<const WheelTimer*>{&other});
}

void TimerBasesTest::addOnArmsOnThatCpu()
{
    Bench bench;
    bench.now += 100;
    WheelTimer& a = bench.add('a', pinned);
    bench.zero.wheel.addOn(bench.one.wheel, a, Jiffies{bench.now + 5}, Jiffies{bench.now});
    QCOMPARE(bench.one.wheel.clk(), Jiffies{bench.now});
    QCOMPARE(bench.pass(bench.one, 6), "a");
}

void TimerBasesTest::removeFindsATimerOnAnotherCpu()
{
    Bench bench;
    WheelTimer& a = bench.add('a');
    bench.zero.wheel.addOn(bench.one.wheel, a, Jiffies{start + 5}, Jiffies{start});
    QVERIFY(bench.zero.wheel.remove(a));
    QVERIFY(bench.one.wheel.inOrder().empty());
    QVERIFY(standard(bench.one).needsRecalc());
    QVERIFY(!standard(bench.zero).needsRecalc());
}

void TimerBasesTest::deadCpusTimersMoveInTurnedOrder()
{
    Bench bench;
    for (const char name : {'a', 'b', 'c'}) {
        bench.one.wheel.modify(bench.add(name), Jiffies{start + 5}, Jiffies{start});
    }
    bench.one.wheel.modify(bench.add('d', deferrable), Jiffies{start + 5}, Jiffies{start});
    bench.zero.wheel.takeTimersOf(bench.one.wheel, Jiffies{start});
    QVERIFY(bench.one.wheel.inOrder().empty());
    QCOMPARE(bench.trace.count(RecordKind::TimerCancel), 4U);
    QCOMPARE(bench.trace.count(RecordKind::TimerStart), 8U);
    QCOMPARE(bench.pass(bench.zero, 6), "abcd");
}

void TimerBasesTest::deadCpusTimersStillFire()
{
    Bench bench;
    bench.one.wheel.modify(bench.add('l'), Jiffies{start + 5}, Jiffies{start});
    bench.one.wheel.modify(bench.add('f'), Jiffies{start + 3000}, Jiffies{start});
    bench.one.wheel.modify(bench.add('m'), Jiffies{start + 150}, Jiffies{start});
    bench.now += 100;
    bench.zero.wheel.takeTimersOf(bench.one.wheel, Jiffies{bench.now});
    QCOMPARE(bench.zero.wheel.clk(), Jiffies{bench.now}); // so that the near ones are exact
    QCOMPARE(bench.pass(bench.zero, 1), "l"); // its time had passed
    QCOMPARE(bench.pass(bench.zero, 49), "");
    QCOMPARE(bench.pass(bench.zero, 1), "m");
    QCOMPARE(bench.pass(bench.zero, 3000), "f");
}

void TimerBasesTest::preparedCpuStartsEmptyWithStaleBuckets()
{
    Bench bench;
    bench.one.wheel.modify(bench.add('a'), Jiffies{start + 5}, Jiffies{start});
    static_cast<void>(bench.next(bench.one));
    bench.zero.wheel.takeTimersOf(bench.one.wheel, Jiffies{start});
    bench.one.wheel.prepare(Jiffies{start + 1000});
    QVERIFY(!standard(bench.one).isIdle());
    QVERIFY(!standard(bench.one).hasTimers());
    QCOMPARE(bench.one.wheel.clk(), Jiffies{start + 1000});
    QCOMPARE(bench.one.wheel.nextExpiry(), Jiffies{start + 1000 + (1ULL << 30) - 1});
    // The empty bucket costs one pass once, and is then forgotten.
    bench.now = start + 1000;
    bench.one.wheel.modify(bench.add('b'), Jiffies{bench.now}, Jiffies{bench.now});
    QCOMPARE(bench.pass(bench.one, 1), "b");
    QVERIFY(standard(bench.one).hasTimers());
    QCOMPARE(bench.pass(bench.one, 64), "");
    QVERIFY(!standard(bench.one).hasTimers());
}

void TimerBasesTest::flagsAreRecorded()
{
    Bench bench;
    WheelTimer& a = bench.add('a', deferrable | pinned | timer_flag::irqSafe);
    bench.zero.wheel.init(a);
    bench.arm(a, 5);
    QCOMPARE(bench.trace.log()[0].flags, 0x38);
    QCOMPARE(bench.trace.log()[1].flags, 0x38);
}

void TimerBasesTest::hrtimerIsWaitedForByTheTickAfterIt()
{
    const Ns tick = rate.period();
    const MonotonicInstant now{100 * tick};
    const auto with = [&](MonotonicInstant wheel, MonotonicInstant hrtimer) {
        return withHrtimer(wheel, hrtimer, now, rate);
    };
    QCOMPARE(with(now + tick, now + 2 * tick), now + tick);
    QCOMPARE(with(now + 9 * tick, now + 2 * tick), now + 2 * tick);
    QCOMPARE(with(now + 9 * tick, now + tick + Ns{1}), now + 2 * tick);
    QCOMPARE(with(now + 9 * tick, now), now); // late already
    QCOMPARE(with(never<MonotonicClock>, never<MonotonicClock>), never<MonotonicClock>);
}

QTEST_GUILESS_MAIN(TimerBasesTest)
#include "timer_bases_test.moc"
