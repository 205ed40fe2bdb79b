// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/timer/schedule_timeout.h"

#include <QTest>

using namespace timerscope;

class ScheduleTimeoutTest : public QObject
{
    Q_OBJECT
private slots:
    void timeoutCountsFromNow();
    void longestTimeoutArmsNoTimer();
    void negativeTimeoutIsRefusedWithTheKernelsLine();
    void leftIsWhatWasNotSlept();
    void msleepAddsTheJiffyThatIsPartlyOver_data();
    void msleepAddsTheJiffyThatIsPartlyOver();
    void longestMsleepStillEnds();
    void interruptedMsleepTellsTheRestInMilliseconds();
    void usleepRangeIsSlack();
    void fsleepChoosesByLength();
};

void ScheduleTimeoutTest::timeoutCountsFromNow()
{
    const TimeoutPlan plan = scheduleTimeout(25, Jiffies{1000}, LongWidth::Bits64);
    QCOMPARE(plan.kind, TimeoutKind::UntilTimer);
    QCOMPARE(plan.expires, Jiffies{1025});
    QCOMPARE(scheduleTimeout(0, Jiffies{1000}, LongWidth::Bits64).expires, Jiffies{1000});
}

void ScheduleTimeoutTest::longestTimeoutArmsNoTimer()
{
    const auto kind = [](std::int64_t timeout, LongWidth width) {
        return scheduleTimeout(timeout, Jiffies{1000}, width).kind;
    };
    QCOMPARE(kind(INT64_MAX, LongWidth::Bits64), TimeoutKind::UntilWoken);
    QCOMPARE(kind(INT64_MAX - 1, LongWidth::Bits64), TimeoutKind::UntilTimer);
    QCOMPARE(kind(INT32_MAX, LongWidth::Bits64), TimeoutKind::UntilTimer);
    QCOMPARE(kind(INT32_MAX, LongWidth::Bits32), TimeoutKind::UntilWoken);
    QCOMPARE(kind(INT32_MAX - 1, LongWidth::Bits32), TimeoutKind::UntilTimer);
}

void ScheduleTimeoutTest::negativeTimeoutIsRefusedWithTheKernelsLine()
{
    QCOMPARE(scheduleTimeout(-1, Jiffies{1000}, LongWidth::Bits64).kind, TimeoutKind::NotAtAll);
    QCOMPARE(wrongTimeoutText(-2, LongWidth::Bits64),
             std::string("schedule_timeout: wrong timeout value fffffffffffffffe"));
    QCOMPARE(wrongTimeoutText(-2, LongWidth::Bits32),
             std::string("schedule_timeout: wrong timeout value fffffffe"));
}

void ScheduleTimeoutTest::leftIsWhatWasNotSlept()
{
    QCOMPARE(timeoutLeft(Jiffies{100}, Jiffies{70}), 30);
    QCOMPARE(timeoutLeft(Jiffies{100}, Jiffies{100}), 0);
    QCOMPARE(timeoutLeft(Jiffies{100}, Jiffies{101}), 0);
    QCOMPARE(timeoutLeft(Jiffies{5}, Jiffies{UINT64_MAX}), 6); // past the end of the counter
}

void ScheduleTimeoutTest::msleepAddsTheJiffyThatIsPartlyOver_data()
{
    QTest::addColumn<unsigned>("hz");
    QTest::addColumn<unsigned>("ms");
    QTest::addColumn<qlonglong>("jiffies");
    QTest::newRow("nothing") << 250U << 0U << 1LL;
    QTest::newRow("part of a jiffy") << 250U << 1U << 2LL;
    QTest::newRow("a jiffy") << 250U << 4U << 2LL;
    QTest::newRow("a bit more") << 250U << 5U << 3LL;
    QTest::newRow("100 Hz") << 100U << 20U << 3LL;
    QTest::newRow("1000 Hz") << 1000U << 20U << 21LL;
}

void ScheduleTimeoutTest::msleepAddsTheJiffyThatIsPartlyOver()
{
    QFETCH(unsigned, hz);
    QFETCH(unsigned, ms);
    QFETCH(qlonglong, jiffies);
    QCOMPARE(msleepTimeout(ms, JiffiesConversion(TickRate{hz}, LongWidth::Bits64)), jiffies);
}

void ScheduleTimeoutTest::longestMsleepStillEnds()
{
    for (const auto width : {LongWidth::Bits32, LongWidth::Bits64}) {
        const JiffiesConversion conversion(TickRate{1000}, width);
        const TimeoutPlan plan
            = scheduleTimeout(msleepTimeout(UINT32_MAX, conversion), Jiffies{1000}, width);
        QCOMPARE(plan.kind, TimeoutKind::UntilTimer);
        QCOMPARE(plan.expires.count, 1000 + conversion.maxOffset() + 1);
    }
}

void ScheduleTimeoutTest::interruptedMsleepTellsTheRestInMilliseconds()
{
    const JiffiesConversion conversion(TickRate{250}, LongWidth::Bits64);
    QCOMPARE(msleepLeft(0, conversion), 0U);
    QCOMPARE(msleepLeft(7, conversion), 28U);
    QCOMPARE(msleepLeft(7, JiffiesConversion(TickRate{300}, LongWidth::Bits64)), 24U); // 23.3
}

void ScheduleTimeoutTest::usleepRangeIsSlack()
{
    const MonotonicInstant now{Ns{5'000}};
    QCOMPARE(usleepRange(100, 300, now),
             (UsleepTimer{.softExpires = MonotonicInstant{Ns{105'000}}, .slack = Ns{200'000}}));
    QCOMPARE(usleepRange(100, 100, now).slack, Ns{0});
    QCOMPARE(usleepRange(100, 50, now).slack, Ns{0});
    QCOMPARE(usleepRange(0, UINT32_MAX, now).slack, Ns{4'294'967'295'000});
}

void ScheduleTimeoutTest::fsleepChoosesByLength()
{
    QCOMPARE(flexibleSleep(0), FlexibleSleep::Delay);
    QCOMPARE(flexibleSleep(10), FlexibleSleep::Delay);
    QCOMPARE(flexibleSleep(11), FlexibleSleep::Range);
    QCOMPARE(flexibleSleep(20'000), FlexibleSleep::Range);
    QCOMPARE(flexibleSleep(20'001), FlexibleSleep::Milliseconds);
}

QTEST_GUILESS_MAIN(ScheduleTimeoutTest)
#include "schedule_timeout_test.moc"
