// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/jiffies_conversion.h"
#include "engine/timer/round_jiffies.h"

#include <QTest>

using namespace timerscope;

namespace {

using Direction = JiffiesRounding::Direction;

JiffiesConversion on64(std::uint32_t hz)
{
    return {TickRate{hz}, LongWidth::Bits64};
}

JiffiesConversion on32(std::uint32_t hz)
{
    return {TickRate{hz}, LongWidth::Bits32};
}

} // namespace

class JiffiesConversionTest : public QObject
{
    Q_OBJECT
private slots:
    void sleepsAreNeverShorterThanAskedFor();
    void negativeMillisecondsSleepAsLongAsCanBe();
    void longestSleepIsAQuarterOfTheRangeOfALong();
    void microsecondLimitHasWrapped();
    void ticksOf300HertzRoundUpToMillisecondsAndDownToMicroseconds();
    void userTicksAreHundredthsOfASecond();
    void tooManyUserTicksAreAllOnes();
    void secondsBeyondTheRangeAreCappedFarEarlierOn32Bits();
    void nanosecondsAreCutToTheWidthOfALong();
    void roundedExpiriesShareATickPerCpu();
    void expiryJustPastItsSecondIsRoundedBackUnlessUp();
    void roundingIntoThePastIsGivenUp();
    void roundingCrossesTheWrapOf32BitJiffies();
};

void JiffiesConversionTest::sleepsAreNeverShorterThanAskedFor()
{
    QCOMPARE(on64(100).msecsToJiffies(1), 1U);
    QCOMPARE(on64(250).msecsToJiffies(5), 2U);
    QCOMPARE(on64(300).msecsToJiffies(10), 3U);
    QCOMPARE(on64(300).msecsToJiffies(11), 4U);
    QCOMPARE(on64(1024).msecsToJiffies(1000), 1024U);
    QCOMPARE(on64(2000).msecsToJiffies(3), 6U);
    QCOMPARE(on64(300).usecsToJiffies(3334), 2U);
    QCOMPARE(on64(100).timespecToJiffies({.seconds = 1, .ns = 1}), 101U);
}

void JiffiesConversionTest::negativeMillisecondsSleepAsLongAsCanBe()
{
    QCOMPARE(on64(250).msecsToJiffies(UINT32_MAX), on64(250).maxOffset());
    QCOMPARE(on32(250).msecsToJiffies(0x8000'0000U), on32(250).maxOffset());
    QCOMPARE(on32(1000).msecsToJiffies(0x7fff'ffffU), 0x7fff'ffffU);
}

void JiffiesConversionTest::longestSleepIsAQuarterOfTheRangeOfALong()
{
    QCOMPARE(on32(100).maxOffset(), (std::uint64_t{1} << 30) - 2);
    QCOMPARE(on64(100).maxOffset(), (std::uint64_t{1} << 62) - 2);
}

void JiffiesConversionTest::microsecondLimitHasWrapped()
{
    // (2^62 - 2) ticks of 10'000 us are 2^32 - 20'000 us modulo 2^32.
    QCOMPARE(on64(100).usecsToJiffies(4'294'947'296), 429'495U);
    QCOMPARE(on64(100).usecsToJiffies(4'294'947'297), on64(100).maxOffset());
}

void JiffiesConversionTest::ticksOf300HertzRoundUpToMillisecondsAndDownToMicroseconds()
{
    for (const JiffiesConversion& convert : {on32(300), on64(300)}) {
        QCOMPARE(convert.msecs(1), 4U);
        QCOMPARE(convert.usecs(1), 3333U);
        QCOMPARE(convert.msecs64(1), 3U);
        QCOMPARE(convert.nsecs64(1), 3'333'333U);
    }
}

void JiffiesConversionTest::userTicksAreHundredthsOfASecond()
{
    QCOMPARE(on64(250).userTicks(250), 100);
    QCOMPARE(on64(250).userTicks(2), 0);
    QCOMPARE(on64(50).userTicks(3), 6);
    QCOMPARE(on64(50).userTicks64(3), 6U);
    QCOMPARE(on64(250).userTicksToJiffies(3), 7U);
    QCOMPARE(JiffiesConversion::nsecsToUserTicks(19'999'999), 1U);
    // A long of 32 bits shows the upper half as negative.
    QCOMPARE(on32(50).userTicks(0x4000'0000), std::int64_t{INT32_MIN});
}

void JiffiesConversionTest::tooManyUserTicksAreAllOnes()
{
    QCOMPARE(on32(1000).userTicksToJiffies(429'496'728), 4'294'967'280U);
    QCOMPARE(on32(1000).userTicksToJiffies(429'496'729), std::uint64_t{UINT32_MAX});
    QCOMPARE(on32(250).userTicksToJiffies(UINT32_MAX), std::uint64_t{UINT32_MAX});
    QCOMPARE(on64(250).userTicksToJiffies(UINT64_MAX), UINT64_MAX);
}

void JiffiesConversionTest::secondsBeyondTheRangeAreCappedFarEarlierOn32Bits()
{
    constexpr std::int64_t year = 31'557'600;
    QCOMPARE(on64(100).timespecToJiffies({.seconds = year, .ns = 0}), 3'155'760'000U);
    // 2^30 - 2 ticks of 10 ms are 124 days.
    QCOMPARE(on32(100).timespecToJiffies({.seconds = year, .ns = 999'999'999}), 1'073'741'800U);
    QCOMPARE(on32(100).timespecToJiffies({.seconds = -1, .ns = 0}), 1'073'741'800U);
}

void JiffiesConversionTest::nanosecondsAreCutToTheWidthOfALong()
{
    constexpr std::uint64_t ns = 5'000'000'000'000'000'000;
    QCOMPARE(on64(1000).nsecsToJiffies(ns), 5'000'000'000'000U);
    QCOMPARE(on32(1000).nsecsToJiffies(ns), 5'000'000'000'000U & UINT32_MAX);
    QCOMPARE(on32(1000).nsecsToJiffies64(ns), 5'000'000'000'000U);
    QCOMPARE(on64(1024).nsecsToJiffies64(1'000'000'000), 1024U);
}

void JiffiesConversionTest::roundedExpiriesShareATickPerCpu()
{
    const JiffiesRounding rounding(TickRate{100}, LongWidth::Bits64);
    QCOMPARE(rounding.absolute(1234, Direction::Nearest, 0, 1000), 1300U);
    QCOMPARE(rounding.absolute(1234, Direction::Nearest, 1, 1000), 1297U);
    QCOMPARE(rounding.absolute(1290, Direction::Nearest, 2, 1000), 1294U);
}

void JiffiesConversionTest::expiryJustPastItsSecondIsRoundedBackUnlessUp()
{
    const JiffiesRounding rounding(TickRate{100}, LongWidth::Bits64);
    QCOMPARE(rounding.absolute(1224, Direction::Nearest, 0, 1000), 1200U);
    QCOMPARE(rounding.absolute(1225, Direction::Nearest, 0, 1000), 1300U);
    QCOMPARE(rounding.absolute(1224, Direction::Up, 0, 1000), 1300U);
    QCOMPARE(rounding.relative(124, Direction::Nearest, 0, 1100), 100U);
}

void JiffiesConversionTest::roundingIntoThePastIsGivenUp()
{
    const JiffiesRounding rounding(TickRate{100}, LongWidth::Bits64);
    QCOMPARE(rounding.absolute(1224, Direction::Nearest, 0, 1199), 1200U);
    QCOMPARE(rounding.absolute(1224, Direction::Nearest, 0, 1200), 1224U);
    QCOMPARE(rounding.relative(10, Direction::Nearest, 0, 1203), 10U);
}

void JiffiesConversionTest::roundingCrossesTheWrapOf32BitJiffies()
{
    const JiffiesRounding narrow(TickRate{100}, LongWidth::Bits32);
    const JiffiesRounding wide(TickRate{100}, LongWidth::Bits64);
    // 2^32 is 96 past a whole second of 100 ticks: 4 ticks on, the seconds count from 0 anew.
    constexpr std::uint64_t now = (std::uint64_t{1} << 32) - 50;
    QCOMPARE(narrow.absolute(now + 20, Direction::Up, 0, now), 4U);
    QCOMPARE(wide.absolute(now + 20, Direction::Up, 0, now), (std::uint64_t{1} << 32) + 4);
    QCOMPARE(narrow.relative(60, Direction::Up, 0, now), 150U);
}

QTEST_GUILESS_MAIN(JiffiesConversionTest)
#include "jiffies_conversion_test.moc"
