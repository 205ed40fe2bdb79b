// SPDX-License-Identifier: GPL-3.0-or-later
//! Spans in jiffies judged with 128-bit numbers: what 32-bit and 64-bit machines make of the same
//! exact ratio. No vectors exist for 32 bits, so these properties are their proof.
#include "engine/base/jiffies_conversion.h"
#include "engine/base/wide.h"
#include "engine/timer/round_jiffies.h"

#include <QTest>

#include <rapidcheck.h>

#include <algorithm>

using namespace timerscope;

namespace {

using Direction = JiffiesRounding::Direction;

/// A number of at most @p bits bits, every magnitude equally likely.
std::uint64_t anyNumber(int bits)
{
    const auto raw = *rc::gen::arbitrary<std::uint64_t>();
    return raw >> (64 - *rc::gen::inRange(1, bits + 1));
}

TickRate anyRate()
{
    return TickRate{*rc::gen::oneOf(
        rc::gen::element<std::uint32_t>(24, 32, 48, 64, 100, 128, 250, 256, 300, 1000, 1024, 1200,
                                        2000, 4000),
        rc::gen::inRange(JiffiesConversion::slowestHz, JiffiesConversion::fastestHz + 1))};
}

LongWidth anyWidth()
{
    return *rc::gen::element(LongWidth::Bits32, LongWidth::Bits64);
}

int bitsOf(LongWidth width)
{
    return width == LongWidth::Bits32 ? 32 : 64;
}

WideUnsigned divideUp(WideUnsigned value, WideUnsigned by)
{
    return (value + by - 1) / by;
}

/// Calls @p body with random arguments until it fails or has held often enough.
template<typename Body>
bool always(const char* what, Body body)
{
    return rc::check(what, body);
}

} // namespace

class JiffiesProperty : public QObject
{
    Q_OBJECT
private slots:
    void shortSpansRoundUpOnBothWidths();
    void widthsAgreeWhereverAJiffyCountFitsBoth();
    void ticksConvertToTheExactRatioModuloTheResultsWidth();
    void narrowFactorsErrByLessThanAMillionth();
    void timespecsOnceRoundedUpStayWithinTheFactorsError();
    void userTicksComeBackWithoutGrowing();
    void roundedExpiriesAreWholeSecondsOrWhatWasAskedFor();
    void roundingDependsOnlyOnDistancesWhereSecondsDivideTheRange();
    void narrowRoundingIsWideRoundingUntilTheWrap();
};

void JiffiesProperty::shortSpansRoundUpOnBothWidths()
{
    QVERIFY(always("ms and us below the limits round up, exactly where the ratio is whole", [] {
        const TickRate rate = anyRate();
        const LongWidth width = anyWidth();
        const JiffiesConversion convert(rate, width);
        const auto units = static_cast<std::uint32_t>(anyNumber(32));
        const bool msLimited = rate.hz > 1000 && units > convert.msecs(convert.maxOffset());
        const bool usLimited = units > convert.usecs(convert.maxOffset());
        const auto judge = [&](std::uint64_t got, std::uint32_t perSecond, bool limited) {
            if (limited) {
                RC_ASSERT(got == convert.maxOffset());
                return;
            }
            const WideUnsigned exact = divideUp(WideUnsigned{units} * rate.hz, perSecond);
            const bool whole = perSecond % rate.hz == 0 || rate.hz % perSecond == 0;
            // The 32-bit factor for a broken ratio is rounded up.
            const std::uint64_t above = cutToLong(got - static_cast<std::uint64_t>(exact), width);
            RC_ASSERT(above <= (whole ? 0 : (exact >> 31) + 1));
        };
        judge(convert.msecsToJiffies(units), 1000, units > INT32_MAX || msLimited);
        judge(convert.usecsToJiffies(units), 1'000'000, usLimited);
    }));
}

void JiffiesProperty::widthsAgreeWhereverAJiffyCountFitsBoth()
{
    QVERIFY(always("32 and 64 bits agree on small numbers", [] {
        const TickRate rate = anyRate();
        const JiffiesConversion narrow(rate, LongWidth::Bits32);
        const JiffiesConversion wide(rate, LongWidth::Bits64);
        const std::uint64_t ticks = anyNumber(18);
        RC_ASSERT(narrow.timespec(ticks) == wide.timespec(ticks));
        RC_ASSERT(narrow.userTicks(ticks) == wide.userTicks(ticks));
        RC_ASSERT(narrow.userTicksToJiffies(ticks) == wide.userTicksToJiffies(ticks));
        RC_ASSERT(narrow.nsecsToJiffies(ticks) == wide.nsecsToJiffies(ticks));
        const std::uint64_t any = anyNumber(64);
        RC_ASSERT(narrow.nsecs64(any) == wide.nsecs64(any));
        RC_ASSERT(narrow.msecs64(any) == wide.msecs64(any));
        RC_ASSERT(narrow.nsecsToJiffies(any) == (wide.nsecsToJiffies(any) & UINT32_MAX));
    }));
}

void JiffiesProperty::ticksConvertToTheExactRatioModuloTheResultsWidth()
{
    QVERIFY(always("a tick count converts to the exact ratio", [] {
        const TickRate rate = anyRate();
        const JiffiesConversion convert(rate, LongWidth::Bits64);
        const std::uint64_t ticks = anyNumber(40);
        const WideUnsigned ms = WideUnsigned{ticks} * 1000;
        RC_ASSERT(convert.msecs(ticks) == static_cast<std::uint32_t>(divideUp(ms, rate.hz)));
        RC_ASSERT(convert.usecs(ticks) == static_cast<std::uint32_t>(ms * 1000 / rate.hz));
        RC_ASSERT(convert.msecs64(ticks) == static_cast<std::uint64_t>(ms / rate.hz));
        const std::uint64_t few = anyNumber(32);
        RC_ASSERT(convert.nsecs64(few)
                  == static_cast<std::uint64_t>(WideUnsigned{few} * nsPerSecond / rate.hz));
    }));
}

void JiffiesProperty::narrowFactorsErrByLessThanAMillionth()
{
    QVERIFY(always("32-bit results are within 1 ppm and 1 unit above, never below", [] {
        const TickRate rate = anyRate();
        const JiffiesConversion convert(rate, LongWidth::Bits32);
        const std::uint64_t ticks = anyNumber(32);
        const auto judge = [&](std::uint32_t got, WideUnsigned exact) {
            // The distance modulo 2^32, as the result is cut.
            const std::uint32_t above = got - static_cast<std::uint32_t>(exact);
            RC_ASSERT(above <= exact / 1'000'000 + 1);
        };
        judge(convert.msecs(ticks), divideUp(WideUnsigned{ticks} * 1000, rate.hz));
        judge(convert.usecs(ticks), WideUnsigned{ticks} * 1'000'000 / rate.hz);
        // Bits beyond the width are not there.
        RC_ASSERT(convert.usecs(ticks) == convert.usecs(ticks | std::uint64_t{5} << 32));
    }));
}

void JiffiesProperty::timespecsOnceRoundedUpStayWithinTheFactorsError()
{
    QVERIFY(always("a timespec is at least its ticks, and at most 1 ppm more", [] {
        const TickRate rate = anyRate();
        const LongWidth width = anyWidth();
        const JiffiesConversion convert(rate, width);
        // On 64 bits the limit is never below 2^30 s; on 32 bits most of this is beyond it.
        const std::uint64_t seconds = anyNumber(30);
        const auto ns = *rc::gen::inRange<std::int64_t>(0, nsPerSecond);
        const std::uint64_t got
            = convert.timespecToJiffies({.seconds = static_cast<std::int64_t>(seconds), .ns = ns});
        const auto tick = static_cast<std::uint64_t>(rate.period().count());
        const WideUnsigned exact = divideUp(WideUnsigned{seconds} * std::uint64_t{nsPerSecond}
                                                + static_cast<std::uint64_t>(ns),
                                            tick);
        if (exact > convert.maxOffset()) {
            RC_ASSERT(width == LongWidth::Bits32);
            RC_ASSERT(got <= convert.maxOffset() + convert.maxOffset() / 1'000'000 + 1);
            RC_ASSERT(got + rate.hz * 2 >= convert.maxOffset());
            return;
        }
        if (exact + 2 * WideUnsigned{rate.hz} > convert.maxOffset()) {
            return; // in the last seconds of the range the limit may already hold
        }
        RC_ASSERT(got + 1 >= exact);
        RC_ASSERT(got <= exact + exact / 1'000'000 + 1);
    }));
    QVERIFY(always("a part of a second is never shortened", [] {
        const TickRate rate = anyRate();
        const JiffiesConversion convert(rate, anyWidth());
        const auto ns = *rc::gen::inRange<std::int64_t>(0, nsPerSecond);
        const auto tick = static_cast<std::uint64_t>(rate.period().count());
        RC_ASSERT(convert.timespecToJiffies({.seconds = 0, .ns = ns})
                  >= divideUp(static_cast<std::uint64_t>(ns), tick));
    }));
}

void JiffiesProperty::userTicksComeBackWithoutGrowing()
{
    QVERIFY(always("user ticks to jiffies is the exact ratio, capped", [] {
        const TickRate rate = anyRate();
        const LongWidth width = anyWidth();
        const JiffiesConversion convert(rate, width);
        // A product above 64 bits wraps; 50 bits keep clear of that.
        const std::uint64_t ticks = anyNumber(std::min(bitsOf(width), 50));
        const WideUnsigned exact = WideUnsigned{ticks} * rate.hz / JiffiesConversion::userHz;
        const std::uint64_t got = convert.userTicksToJiffies(ticks);
        const bool capped = got == largestUnsignedLong(width);
        RC_ASSERT(capped || got == exact);
        // It is capped only when the answer comes near the end of the range; below 100 Hz the
        // kernel's own limit has wrapped and lies anywhere.
        RC_ASSERT(!capped || rate.hz < JiffiesConversion::userHz
                  || exact + rate.hz + WideUnsigned{2} * JiffiesConversion::userHz
                      >= largestUnsignedLong(width) - 2 * std::uint64_t{rate.hz});
    }));
}

void JiffiesProperty::roundedExpiriesAreWholeSecondsOrWhatWasAskedFor()
{
    QVERIFY(always("an expiry is rounded to its CPU's place and stays in the future", [] {
        const TickRate rate = anyRate();
        const LongWidth width = anyWidth();
        const JiffiesRounding rounding(rate, width);
        const unsigned cpu = *rc::gen::inRange(0U, 64U);
        const std::uint64_t now = anyNumber(bitsOf(width));
        const std::uint64_t delay = anyNumber(20);
        const auto direction = *rc::gen::element(Direction::Nearest, Direction::Up);
        const std::uint64_t asked = cutToLong(now + delay, width);
        const std::uint64_t got = rounding.absolute(asked, direction, cpu, now);
        const bool kept = got == asked;
        const std::uint64_t place = cutToLong(got + std::uint64_t{3} * cpu, width);
        // Past the wrap the next place is a whole second before it is cut to the width.
        const bool wraps = place < cutToLong(asked + std::uint64_t{3} * cpu, width)
            && direction == Direction::Up;
        RC_ASSERT(kept || wraps || place % rate.hz == 0);
        RC_ASSERT(kept || asSignedLong(got - now, width) > 0);
        const std::int64_t moved = asSignedLong(got - asked, width);
        RC_ASSERT(moved <= std::int64_t{rate.hz} && moved > -std::int64_t{rate.hz} / 4 - 1);
        RC_ASSERT(direction == Direction::Nearest || moved >= 0);
    }));
}

void JiffiesProperty::roundingDependsOnlyOnDistancesWhereSecondsDivideTheRange()
{
    QVERIFY(always("at 256 Hz the wrap of jiffies is not felt", [] {
        const LongWidth width = anyWidth();
        const JiffiesRounding rounding(TickRate{256}, width);
        const std::uint64_t now = anyNumber(bitsOf(width));
        const std::uint64_t delay = anyNumber(20);
        const auto direction = *rc::gen::element(Direction::Nearest, Direction::Up);
        const std::uint64_t later = now + (anyNumber(bitsOf(width)) << 8);
        RC_ASSERT(rounding.relative(delay, direction, 0, now)
                  == rounding.relative(delay, direction, 0, cutToLong(later, width)));
    }));
}

void JiffiesProperty::narrowRoundingIsWideRoundingUntilTheWrap()
{
    QVERIFY(always("32 and 64 bits round alike while all numbers fit in 31 bits", [] {
        const TickRate rate = anyRate();
        const JiffiesRounding narrow(rate, LongWidth::Bits32);
        const JiffiesRounding wide(rate, LongWidth::Bits64);
        const unsigned cpu = *rc::gen::inRange(0U, 64U);
        const std::uint64_t now = anyNumber(29) + 1000;
        const std::uint64_t delay = anyNumber(29);
        const auto direction = *rc::gen::element(Direction::Nearest, Direction::Up);
        RC_ASSERT(narrow.absolute(now + delay, direction, cpu, now)
                  == wide.absolute(now + delay, direction, cpu, now));
        RC_ASSERT(narrow.relative(delay, direction, cpu, now)
                  == wide.relative(delay, direction, cpu, now));
    }));
}

QTEST_GUILESS_MAIN(JiffiesProperty)
#include "jiffies_property.moc"
