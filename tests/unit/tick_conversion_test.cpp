// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/clocksource/rate.h"
#include "engine/timekeeping/tick_conversion.h"

#include <QTest>

using namespace timerscope;

class TickConversionTest : public QObject
{
    Q_OBJECT
private slots:
    void wholeCyclesOfATickLeaveNoRemainder();
    void theNearestNumberOfCyclesStandsForATick_data();
    void theNearestNumberOfCyclesStandsForATick();
    void aCounterSlowerThanTheTickCountsOneCycleForIt();
    void theTickOfNtpIsCutWhereTheTicksPeriodIsRounded();
    void theBootClockOfTheSeedCountsOneJiffyATick();
    void aShiftAbove32MakesTheKernelsNonsense();
};

void TickConversionTest::wholeCyclesOfATickLeaveNoRemainder()
{
    const TickConversion tick = tickConversion({.mult = 1000U << 8, .shift = 8}, TickRate{100});
    QCOMPARE(tick.cycleInterval, 10'000U);
    QCOMPARE(tick.xtimeInterval, 10'000'000U * 256ULL);
    QCOMPARE(tick.rawInterval, tick.xtimeInterval);
    QCOMPARE(tick.xtimeRemainder, 0);
    QCOMPARE(tick.ntpErrorShift, 24U);
    QCOMPARE(tick.ntpTick, 10'000'000ULL << 32);
}

void TickConversionTest::theNearestNumberOfCyclesStandsForATick_data()
{
    QTest::addColumn<std::uint32_t>("mult");
    QTest::addColumn<std::uint64_t>("cycles");
    QTest::addColumn<std::int64_t>("remainder");
    // A tick of 10 000 000 ns and cycles of so many ns.
    QTest::newRow("half a cycle more rounds up") << 16'000'000U << std::uint64_t{1} << -6'000'000L;
    QTest::newRow("exactly half rounds up") << 4'000'000U << std::uint64_t{3} << -2'000'000L;
    QTest::newRow("less than half rounds down") << 4'100'000U << std::uint64_t{2} << 1'800'000L;
}

void TickConversionTest::theNearestNumberOfCyclesStandsForATick()
{
    QFETCH(std::uint32_t, mult);
    QFETCH(std::uint64_t, cycles);
    QFETCH(std::int64_t, remainder);
    const TickConversion tick = tickConversion({.mult = mult, .shift = 0}, TickRate{100});
    QCOMPARE(tick.cycleInterval, cycles);
    QCOMPARE(tick.xtimeRemainder, remainder);
}

void TickConversionTest::aCounterSlowerThanTheTickCountsOneCycleForIt()
{
    const TickConversion tick = tickConversion({.mult = 1'000'000'000, .shift = 0}, TickRate{1000});
    QCOMPARE(tick.cycleInterval, 1U);
    QCOMPARE(tick.xtimeRemainder, 1'000'000 - 1'000'000'000);
}

void TickConversionTest::theTickOfNtpIsCutWhereTheTicksPeriodIsRounded()
{
    QCOMPARE(ntpTickLength(TickRate{300}), Ns{3'333'333});
    QCOMPARE(ntpTickLength(TickRate{768}), Ns{1'302'083});
    QCOMPARE(ntpTickLength(TickRate{1024}), Ns{976'562});
    QCOMPARE(TickRate{1024}.period(), Ns{976'563});
}

void TickConversionTest::theBootClockOfTheSeedCountsOneJiffyATick()
{
    const auto jiffies = rateOf(jiffiesRegistration(TickRate{100})).value();
    const TickConversion tick = tickConversion(jiffies.factor(), TickRate{100});
    QCOMPARE(tick.cycleInterval, 1U);
    QCOMPARE(tick.xtimeRemainder, 0);
}

void TickConversionTest::aShiftAbove32MakesTheKernelsNonsense()
{
    const TickConversion tick = tickConversion({.mult = 1, .shift = 33}, TickRate{1000});
    QCOMPARE(tick.ntpErrorShift, 0xffff'ffffU);
    QCOMPARE(tick.ntpTick, 0U); // 10^6 << 33 << 63
}

QTEST_GUILESS_MAIN(TickConversionTest)
#include "tick_conversion_test.moc"
