// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/timer/timer_wheel.h"
#include "tests/support/engine_bench.h"

#include <QTest>

#include <deque>

using namespace timerscope;
using namespace timerscope::test;

namespace {

constexpr TickRate slow{100};
constexpr std::uint64_t start = 10'000'000 * 512ULL; // a multiple of level 3's bucket

class Bench final : private TimerWheel::Host
{
public:
    explicit Bench(TickRate rate = TickRate{250}, std::uint64_t from = start)
        : wheel(rate, Jiffies{from}, *this, trace.tracer())
        , now(from)
    {
    }

    WheelTimer& add(char name, WheelTimer::Function also = {})
    {
        const auto id = static_cast<std::uint32_t>(timers.size() + 1);
        return timers.emplace_back(id, std::string(1, name), [this, name, also](WheelTimer& timer) {
            fires += QLatin1Char(name);
            if (also) {
                also(timer);
            }
        });
    }
    /// Arms @p timer for @p delta jiffies from now.
    bool arm(WheelTimer& timer, std::uint64_t delta)
    {
        return wheel.modify(timer, Jiffies{now + delta}, Jiffies{now});
    }
    /// Jiffies pass one by one, as ticks make them; the wheel runs in each that it is due in.
    void pass(std::uint64_t jiffies)
    {
        for (const std::uint64_t end = now + jiffies; now < end;) {
            ++now;
            if (wheel.isDue(Jiffies{now})) {
                wheel.run(Jiffies{now});
            }
        }
    }
    /// Jiffies pass at once, as after a long stretch without ticks.
    void leap(std::uint64_t jiffies)
    {
        now += jiffies;
        wheel.run(Jiffies{now});
    }
    [[nodiscard]] QString takeFires() { return std::exchange(fires, {}); }

    TraceBench trace;
    TimerWheel wheel;
    std::deque<WheelTimer> timers;
    QString fires;
    std::uint64_t now;
    int spent = 0;

private:
    void spendCallback() override { ++spent; }
};

} // namespace

class TimerWheelTest : public QObject
{
    Q_OBJECT
private slots:
    void levelsDependOnTheTickRate();
    void distancePicksTheLevel_data();
    void distancePicksTheLevel();
    void levelZeroFiresOneJiffyLate();
    void passedExpiryFiresInTheNextPass();
    void expiryIsRoundedUpToItsBucketNeverDown();
    void exactBucketBoundaryWaitsForTheNextBucket();
    void timersBeyondTheWheelWaitInItsLastBucket();
    void sameBucketFiresLastInFirstOut();
    void coarseLevelFiresFirst();
    void timerThatStaysInItsBucketKeepsItsPlace();
    void sameExpiryAgainChangesNothing();
    void movingATimerIsRecordedAsCancelAndStart();
    void removeTellsWhetherTheTimerWasPending();
    void callbackMayReArmItsOwnTimer();
    void callbackMayDeleteAnotherCollectedTimer();
    void callbackMayReArmAnotherCollectedTimer();
    void collectedTimerReArmedForTheSameExpiryStillFires();
    void timerArmedInACallbackNeverFiresInTheSameJiffy();
    void nextExpiryStaysEarlyUntilTheWheelRuns();
    void emptyWheelLooksAQuarterOfTheRangeAhead();
    void clockFollowsJiffiesOverAnIdleGap();
    void clockNeverPassesAPendingTimer();
    void lateRunFiresEverythingThatCameDueInOrder();
    void lateRunAfterAnIdleGapFindsTheNextExpiry();
    void nextExpiryIsExactWhereALevelHasGoneRound();
    void coarseTimerBeforeAFineOneIsNotOverlooked();
    void jiffiesPassTheThirtyTwoBitWrap();
    void jiffiesPassTheEndOfTheirCounter();
    void collectedTimerThatKeepsItsBucketFiresAtOnce();
    void inOrderListsCoarseLevelsFirstAndTheRestOfAPass();
    void inOrderListsTimersByTheirFiringJiffy();
    void recordsTellTheLifeOfATimer();
};

void TimerWheelTest::levelsDependOnTheTickRate()
{
    QCOMPARE(wheelLevels(TickRate{24}), 8U);
    QCOMPARE(wheelLevels(TickRate{100}), 8U);
    QCOMPARE(wheelLevels(TickRate{250}), 9U);
    QCOMPARE(wheelLevels(TickRate{1000}), 9U);
    QCOMPARE(Bench(slow).wheel.levels(), 8U);
}

void TimerWheelTest::distancePicksTheLevel_data()
{
    QTest::addColumn<qulonglong>("distance");
    QTest::addColumn<unsigned>("level");
    unsigned level = 0;
    for (std::uint64_t first = 0; level < 9; first = 63ULL << (3 * level), ++level) {
        QTest::addRow("level %u from", level) << qulonglong{first} << level;
        QTest::addRow("level %u to", level) << qulonglong{(63ULL << (3 * level)) - 1} << level;
    }
}

void TimerWheelTest::distancePicksTheLevel()
{
    QFETCH(qulonglong, distance);
    QFETCH(unsigned, level);
    QCOMPARE(wheelPosition(Jiffies{start + distance}, Jiffies{start}, 9).index / 64, level);
    // A wheel of eight levels keeps in its last one what would go to the ninth.
    QCOMPARE(wheelPosition(Jiffies{start + distance}, Jiffies{start}, 8).index / 64,
             std::min(level, 7U));
}

void TimerWheelTest::levelZeroFiresOneJiffyLate()
{
    for (const TickRate rate : {slow, TickRate{250}, TickRate{1000}}) {
        Bench bench(rate);
        bench.arm(bench.add('a'), 5);
        bench.pass(5);
        QCOMPARE(bench.takeFires(), "");
        bench.pass(1);
        QCOMPARE(bench.takeFires(), "a");
        QCOMPARE(bench.spent, 1);
    }
}

void TimerWheelTest::passedExpiryFiresInTheNextPass()
{
    Bench bench;
    bench.pass(10);
    WheelTimer& a = bench.add('a');
    bench.wheel.modify(a, Jiffies{bench.now - 7}, Jiffies{bench.now});
    bench.pass(1);
    QCOMPARE(bench.takeFires(), "a");
}

void TimerWheelTest::expiryIsRoundedUpToItsBucketNeverDown()
{
    Bench bench;
    WheelTimer& a = bench.add('a');
    bench.arm(a, 65); // level 1: buckets of 8
    QCOMPARE(a.index() / 64, 1U);
    QCOMPARE(a.bucketExpiry(), Jiffies{start + 72});
    bench.pass(71);
    QCOMPARE(bench.takeFires(), "");
    bench.pass(1);
    QCOMPARE(bench.takeFires(), "a");
}

void TimerWheelTest::exactBucketBoundaryWaitsForTheNextBucket()
{
    Bench bench;
    WheelTimer& a = bench.add('a');
    bench.arm(a, 72);
    QCOMPARE(a.bucketExpiry(), Jiffies{start + 80});
}

void TimerWheelTest::timersBeyondTheWheelWaitInItsLastBucket()
{
    Bench bench(slow);
    WheelTimer& a = bench.add('a');
    bench.arm(a, std::uint64_t{1} << 40);
    // Eight levels: 63 << 21 is the first distance that is too far, 62 << 21 is kept.
    QCOMPARE(a.bucketExpiry().count, ((start + (62ULL << 21)) >> 21 << 21) + (1ULL << 21));
    bench.leap(63ULL << 21);
    QCOMPARE(bench.takeFires(), "a");
}

void TimerWheelTest::sameBucketFiresLastInFirstOut()
{
    Bench bench;
    for (const char name : {'a', 'b', 'c'}) {
        bench.arm(bench.add(name), 5);
    }
    bench.pass(6);
    QCOMPARE(bench.takeFires(), "cba");
}

void TimerWheelTest::coarseLevelFiresFirst()
{
    Bench bench;
    WheelTimer& coarse = bench.add('c');
    bench.arm(coarse, 65); // level 1, fires at +72
    bench.pass(20);
    WheelTimer& fine = bench.add('f');
    bench.arm(fine, 51); // level 0, fires at +72
    QCOMPARE(fine.bucketExpiry(), coarse.bucketExpiry());
    QVERIFY(fine.index() < coarse.index());
    bench.pass(52);
    QCOMPARE(bench.takeFires(), "cf");
}

void TimerWheelTest::timerThatStaysInItsBucketKeepsItsPlace()
{
    Bench bench;
    WheelTimer& a = bench.add('a');
    WheelTimer& b = bench.add('b');
    bench.arm(a, 65);
    bench.arm(b, 66);
    const std::size_t records = bench.trace.log().size();
    QVERIFY(bench.arm(a, 70)); // same bucket of 8: behind b as before
    QCOMPARE(a.expires(), Jiffies{start + 70});
    QCOMPARE(bench.trace.log().size(), records); // and the kernel traces nothing
    bench.pass(72);
    QCOMPARE(bench.takeFires(), "ba");
}

void TimerWheelTest::sameExpiryAgainChangesNothing()
{
    Bench bench;
    WheelTimer& a = bench.add('a');
    QVERIFY(!bench.arm(a, 5));
    const std::size_t records = bench.trace.log().size();
    QVERIFY(bench.arm(a, 5));
    QCOMPARE(bench.trace.log().size(), records);
}

void TimerWheelTest::movingATimerIsRecordedAsCancelAndStart()
{
    Bench bench;
    WheelTimer& a = bench.add('a');
    bench.arm(a, 5);
    QVERIFY(bench.arm(a, 9));
    QCOMPARE(bench.trace.count(RecordKind::TimerCancel), 1U);
    QCOMPARE(bench.trace.count(RecordKind::TimerStart), 2U);
    bench.pass(20);
    QCOMPARE(bench.takeFires(), "a");
}

void TimerWheelTest::removeTellsWhetherTheTimerWasPending()
{
    Bench bench;
    WheelTimer& a = bench.add('a');
    QVERIFY(!bench.wheel.remove(a));
    bench.arm(a, 5);
    QVERIFY(a.isPending());
    QVERIFY(bench.wheel.remove(a));
    QVERIFY(!a.isPending());
    QVERIFY(!bench.wheel.remove(a));
    bench.pass(20);
    QCOMPARE(bench.takeFires(), "");
}

void TimerWheelTest::callbackMayReArmItsOwnTimer()
{
    Bench bench;
    WheelTimer& a = bench.add('a', [&](WheelTimer& timer) { bench.arm(timer, 3); });
    bench.arm(a, 3);
    bench.pass(16); // every 4 jiffies
    QCOMPARE(bench.takeFires(), "aaaa");
    QVERIFY(a.isPending());
}

void TimerWheelTest::callbackMayDeleteAnotherCollectedTimer()
{
    Bench bench;
    WheelTimer& victim = bench.add('v');
    bool removed = false;
    WheelTimer& killer = bench.add('k', [&](WheelTimer&) { removed = bench.wheel.remove(victim); });
    bench.arm(victim, 5);
    bench.arm(bench.add('x'), 5);
    bench.arm(killer, 5);
    bench.pass(6);
    QCOMPARE(bench.takeFires(), "kx");
    QVERIFY(removed);
    const auto cancels = bench.trace.all(RecordKind::TimerCancel); // one each, fired or not
    QCOMPARE(cancels.size(), 3U);
    QCOMPARE(cancels[1].subject, victim.id());
    QCOMPARE(bench.trace.count(RecordKind::TimerExpireEntry), 2U);
}

void TimerWheelTest::callbackMayReArmAnotherCollectedTimer()
{
    Bench bench;
    WheelTimer& other = bench.add('o');
    bool pending = false;
    WheelTimer& mover = bench.add('m', [&](WheelTimer&) { pending = bench.arm(other, 10); });
    bench.arm(other, 5);
    bench.arm(mover, 5);
    bench.pass(6);
    QCOMPARE(bench.takeFires(), "m");
    QVERIFY(pending);
    bench.pass(11);
    QCOMPARE(bench.takeFires(), "o");
}

void TimerWheelTest::collectedTimerReArmedForTheSameExpiryStillFires()
{
    Bench bench;
    WheelTimer& other = bench.add('o');
    WheelTimer& mover = bench.add('m', [&](WheelTimer&) {
        QVERIFY(bench.wheel.modify(other, other.expires(), Jiffies{bench.now}));
    });
    bench.arm(other, 5);
    bench.arm(mover, 5);
    bench.pass(6);
    QCOMPARE(bench.takeFires(), "mo");
    bench.pass(100);
    QCOMPARE(bench.takeFires(), "");
}

void TimerWheelTest::timerArmedInACallbackNeverFiresInTheSameJiffy()
{
    Bench bench;
    WheelTimer& a = bench.add('a', [&](WheelTimer& timer) { bench.arm(timer, 0); });
    bench.arm(a, 0);
    for (int i = 0; i < 5; ++i) {
        bench.pass(1);
        QCOMPARE(bench.takeFires(), "a");
    }
}

void TimerWheelTest::nextExpiryStaysEarlyUntilTheWheelRuns()
{
    Bench bench;
    WheelTimer& a = bench.add('a');
    bench.arm(a, 5);
    bench.arm(bench.add('b'), 40);
    QCOMPARE(bench.wheel.nextExpiry(), Jiffies{start + 6});
    bench.wheel.remove(a);
    QCOMPARE(bench.wheel.nextExpiry(), Jiffies{start + 6});
    QVERIFY(bench.wheel.isDue(Jiffies{start + 6}));
    bench.pass(6);
    QCOMPARE(bench.takeFires(), "");
    QCOMPARE(bench.wheel.nextExpiry(), Jiffies{start + 41});
}

void TimerWheelTest::emptyWheelLooksAQuarterOfTheRangeAhead()
{
    Bench bench;
    QCOMPARE(bench.wheel.nextExpiry(), Jiffies{start + (1ULL << 30) - 1});
    QVERIFY(!bench.wheel.isDue(Jiffies{start + (1ULL << 30) - 2}));
    bench.leap(1ULL << 31);
    bench.arm(bench.add('a'), 5);
    bench.pass(6);
    QCOMPARE(bench.takeFires(), "a");
}

void TimerWheelTest::clockFollowsJiffiesOverAnIdleGap()
{
    Bench bench;
    bench.pass(5000);
    WheelTimer& a = bench.add('a');
    bench.arm(a, 7);
    // Without following, the distance would have put it on level 3 and 512 jiffies late.
    QCOMPARE(a.index() / 64, 0U);
    QCOMPARE(bench.wheel.clk(), Jiffies{start + 5000});
    bench.pass(8);
    QCOMPARE(bench.takeFires(), "a");
}

void TimerWheelTest::clockNeverPassesAPendingTimer()
{
    Bench bench;
    bench.arm(bench.add('a'), 5);
    bench.now += 100; // the tick has not run the wheel yet
    WheelTimer& b = bench.add('b');
    bench.arm(b, 1);
    QCOMPARE(bench.wheel.clk(), Jiffies{start + 6});
    bench.leap(0);
    QCOMPARE(bench.takeFires(), "a");
    bench.leap(8);
    QCOMPARE(bench.takeFires(), "b");
}

void TimerWheelTest::lateRunFiresEverythingThatCameDueInOrder()
{
    Bench bench;
    bench.arm(bench.add('c'), 30);
    bench.arm(bench.add('a'), 3);
    bench.arm(bench.add('d'), 600);
    bench.arm(bench.add('b'), 7);
    bench.arm(bench.add('z'), 5000);
    bench.leap(1000);
    QCOMPARE(bench.takeFires(), "abcd");
    const auto entries = bench.trace.all(RecordKind::TimerExpireEntry);
    QCOMPARE(entries[0].a, static_cast<std::int64_t>(start + 1000)); // jiffies
    QCOMPARE(entries[0].b, static_cast<std::int64_t>(start + 4)); // the wheel's own clock
}

void TimerWheelTest::lateRunAfterAnIdleGapFindsTheNextExpiry()
{
    for (std::uint64_t gap = 1; gap < 1'000'000; gap = gap * 3 + 1) {
        for (std::uint64_t delta = 1; delta < 1'000'000; delta = delta * 5 + 2) {
            Bench bench;
            bench.leap(gap);
            WheelTimer& a = bench.add('a');
            bench.arm(a, delta);
            QCOMPARE(bench.wheel.nextExpiry(), a.bucketExpiry());
            bench.arm(bench.add('b'), delta * 9);
            bench.leap(a.bucketExpiry().count - bench.now);
            QCOMPARE(bench.takeFires(), "a");
            QCOMPARE(bench.wheel.nextExpiry(), bench.timers.back().bucketExpiry());
        }
    }
}

void TimerWheelTest::nextExpiryIsExactWhereALevelHasGoneRound()
{
    // From the last jiffy of a bucket, the furthest timer of level 1 lands in the very bucket that
    // the clock is in, one turn later.
    for (std::uint64_t phase = 0; phase < 16; ++phase) {
        for (std::uint64_t delta = 490; delta < 504; ++delta) {
            Bench bench;
            bench.pass(phase);
            WheelTimer& far = bench.add('f');
            bench.arm(far, delta);
            bench.arm(bench.add('n'), 0);
            bench.pass(1); // fires the near one and looks for the next
            QCOMPARE(bench.takeFires(), "n");
            QCOMPARE(bench.wheel.nextExpiry(), far.bucketExpiry());
        }
    }
}

void TimerWheelTest::coarseTimerBeforeAFineOneIsNotOverlooked()
{
    for (std::uint64_t near = 56; near < 63; ++near) {
        for (std::uint64_t fine = 64; fine < 72; ++fine) {
            Bench bench;
            bench.arm(bench.add('c'), 63); // level 1, fires at +64
            bench.pass(40);
            bench.arm(bench.add('f'), fine - 40); // level 0
            bench.arm(bench.add('n'), near - 40);
            bench.pass(near - 39); // fires the near one and looks for the next
            QCOMPARE(bench.takeFires(), "n");
            QCOMPARE(bench.wheel.nextExpiry(), Jiffies{start + 64});
        }
    }
}

void TimerWheelTest::jiffiesPassTheThirtyTwoBitWrap()
{
    constexpr std::uint64_t wrap = std::uint64_t{1} << 32;
    Bench bench(slow, slow.initialJiffies().count);
    bench.leap(wrap - 10 - bench.now);
    WheelTimer& a = bench.add('a');
    WheelTimer& b = bench.add('b');
    bench.arm(a, 9); // fires exactly at the wrap
    bench.arm(b, 100);
    QCOMPARE(a.bucketExpiry(), Jiffies{wrap});
    bench.pass(9);
    QCOMPARE(bench.takeFires(), "");
    bench.pass(1);
    QCOMPARE(bench.takeFires(), "a");
    bench.pass(200);
    QCOMPARE(bench.takeFires(), "b");
}

void TimerWheelTest::jiffiesPassTheEndOfTheirCounter()
{
    Bench bench(slow, UINT64_MAX - 100);
    QCOMPARE(bench.wheel.nextExpiry(), Jiffies{(1ULL << 30) - 102}); // round the end
    bench.arm(bench.add('d'), 40'000);
    bench.arm(bench.add('c'), 500);
    bench.arm(bench.add('b'), 101);
    bench.arm(bench.add('a'), 20);
    QString names;
    for (const WheelTimer* timer : bench.wheel.inOrder()) {
        names += QString::fromStdString(timer->functionName());
    }
    QCOMPARE(names, "abcd");
    bench.leap(150);
    QCOMPARE(bench.takeFires(), "ab");
    bench.leap(50'000);
    QCOMPARE(bench.takeFires(), "cd");
}

/// Where the new bucket is the very one that is being emptied, the kernel leaves the timer in the
/// pass: it fires far too early. So does ours.
void TimerWheelTest::collectedTimerThatKeepsItsBucketFiresAtOnce()
{
    Bench bench;
    WheelTimer& other = bench.add('o');
    WheelTimer& mover = bench.add('m', [&](WheelTimer&) {
        const Jiffies roundOnce{bench.wheel.clk().count + 62};
        QVERIFY(bench.wheel.modify(other, roundOnce, Jiffies{bench.now}));
        QCOMPARE(other.expires(), roundOnce);
    });
    bench.arm(other, 5);
    bench.arm(mover, 5);
    bench.pass(6);
    QCOMPARE(bench.takeFires(), "mo");
}

void TimerWheelTest::inOrderListsCoarseLevelsFirstAndTheRestOfAPass()
{
    Bench bench;
    const auto names = [&bench] {
        QString text;
        for (const WheelTimer* timer : bench.wheel.inOrder()) {
            text += QString::fromStdString(timer->functionName());
        }
        return text;
    };
    QString seen;
    bench.arm(bench.add('c'), 65); // level 1, fires at +72
    bench.arm(bench.add('z'), 4000);
    bench.pass(20);
    bench.arm(bench.add('f'), 51); // level 0, fires at +72
    bench.arm(bench.add('g', [&](WheelTimer&) { seen = names(); }), 51);
    QCOMPARE(names(), "cgfz");
    bench.pass(52);
    QCOMPARE(bench.takeFires(), "cgf");
    QCOMPARE(seen, "fz");
}

void TimerWheelTest::inOrderListsTimersByTheirFiringJiffy()
{
    Bench bench;
    bench.arm(bench.add('c'), 65);
    bench.arm(bench.add('a'), 5);
    bench.arm(bench.add('b'), 5);
    QString names;
    for (const WheelTimer* timer : bench.wheel.inOrder()) {
        names += QString::fromStdString(timer->functionName());
    }
    QCOMPARE(names, "bac");
}

void TimerWheelTest::recordsTellTheLifeOfATimer()
{
    Bench bench;
    WheelTimer& a = bench.add('a');
    bench.wheel.init(a);
    bench.arm(a, 65);
    bench.pass(72);
    const TraceLog& log = bench.trace.log();
    QCOMPARE(log.size(), 5U);
    QCOMPARE(log[0].kind, RecordKind::TimerInit);
    QCOMPARE(log[1].kind, RecordKind::TimerStart);
    QCOMPARE(log[1].a, static_cast<std::int64_t>(start + 65));
    QCOMPARE(log[1].b, static_cast<std::int64_t>(start + 72));
    // Taken off its wheel before its function is called.
    QCOMPARE(log[2].kind, RecordKind::TimerCancel);
    QCOMPARE(log[3].kind, RecordKind::TimerExpireEntry);
    QCOMPARE(log[3].a, static_cast<std::int64_t>(start + 72));
    QCOMPARE(log[4].kind, RecordKind::TimerExpireExit);
}

QTEST_GUILESS_MAIN(TimerWheelTest)
#include "timer_wheel_test.moc"
