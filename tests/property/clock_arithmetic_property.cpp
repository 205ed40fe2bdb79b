// SPDX-License-Identifier: GPL-3.0-or-later
//! Properties of the rate arithmetic, judged with 128-bit numbers.
#include "engine/base/bits.h"
#include "engine/base/kernel_types.h"
#include "engine/base/wide.h"
#include "engine/clockevents/config.h"
#include "engine/clocksource/rate.h"
#include "engine/timekeeping/sched_clock_rate.h"

#include <QTest>

#include <rapidcheck.h>

#include <limits>

using namespace timerscope;

namespace {

constexpr WideUnsigned two64 = WideUnsigned{1} << 64;
constexpr WideUnsigned two32 = WideUnsigned{1} << 32;

/// 1 to 2^32 - 1 with every magnitude equally likely, since rules change with the number of bits.
rc::Gen<std::uint32_t> positive()
{
    return rc::gen::map(
        rc::gen::pair(rc::gen::inRange(0, 32), rc::gen::arbitrary<std::uint32_t>()),
        [](const auto& pair) { return (pair.second | 0x8000'0000U) >> pair.first; });
}

rc::Gen<std::uint64_t> anyMask()
{
    return rc::gen::map(rc::gen::inRange(1, 65),
                        [](int bits) { return counterMask(static_cast<unsigned>(bits)); });
}

WideUnsigned nearest(std::uint32_t from, std::uint32_t to, std::uint32_t shift)
{
    return ((WideUnsigned{to} << shift) + from / 2) / from;
}

FrequencyRegistration anyRegistration()
{
    return {.mask = *anyMask(),
            .scale = *rc::gen::element<std::uint32_t>(1, 1000, 1'000'000),
            .frequency = *positive(),
            .margin = Ns{1}};
}

} // namespace

class ClockArithmeticProperty : public QObject
{
    Q_OBJECT
private slots:
    void factorNeverOverflowsWithinItsSpan();
    void noLargerShiftLeavesRoomForTheSpan();
    void factorIsWithinHalfAUnitOfTheTrueRatio();
    void cyclesWithinTheSpanConvertExactly();
    void maxCyclesNeverOverflowEvenTrimmedUp();
    void maxCyclesAreTheMaskOrTheMostThatFits();
    void registeredMultCanAlwaysBeTrimmed();
    void sleepingForMaxIdleNeverLosesTheWrap();
    void schedClockWrapsWithinHalfItsRange();
    void minimumDeltaNeverGivesFewerTicks();
    void maximumDeltaNeverGivesMoreTicks();
};

void ClockArithmeticProperty::factorNeverOverflowsWithinItsSpan()
{
    const bool holds = rc::check("mult x span stays inside 64 bits", [] {
        const auto from = *positive();
        const auto to = *positive();
        const auto seconds = *positive();
        const auto factor = calcMultShift(from, to, seconds);
        if (factor.shift == 0) {
            return; // nothing fits, by contract
        }
        RC_ASSERT(WideUnsigned{factor.mult} * from * seconds < two64);
        RC_ASSERT(WideUnsigned{factor.mult} == nearest(from, to, factor.shift));
    });
    QVERIFY(holds);
}

void ClockArithmeticProperty::noLargerShiftLeavesRoomForTheSpan()
{
    const bool holds = rc::check("every larger shift needs more bits than are free", [] {
        const auto from = *positive();
        const auto to = *positive();
        const auto seconds = *positive();
        const auto factor = calcMultShift(from, to, seconds);
        // The smallest power of two above the largest input, and at least 2^32.
        WideUnsigned room = two32;
        while (room <= WideUnsigned{from} * seconds) {
            room <<= 1;
        }
        for (auto shift = factor.shift + 1; shift <= 32; ++shift) {
            RC_ASSERT(nearest(from, to, shift) * room >= two64);
        }
    });
    QVERIFY(holds);
}

void ClockArithmeticProperty::factorIsWithinHalfAUnitOfTheTrueRatio()
{
    const bool holds = rc::check("|mult x from - to << shift| <= from / 2", [] {
        const auto from = *positive();
        const auto to = *positive();
        const auto factor = calcMultShift(from, to, *rc::gen::inRange<std::uint32_t>(0, 3601));
        if (factor.shift == 0) {
            return; // nothing fits, by contract
        }
        const auto off = static_cast<WideSigned>(WideUnsigned{factor.mult} * from)
            - static_cast<WideSigned>(WideUnsigned{to} << factor.shift);
        RC_ASSERT((off < 0 ? -off : off) * 2 <= static_cast<WideSigned>(from));
    });
    QVERIFY(holds);
}

void ClockArithmeticProperty::cyclesWithinTheSpanConvertExactly()
{
    const bool holds = rc::check("64-bit product equals the wide one inside the span", [] {
        const auto from = *positive();
        const auto seconds = *positive();
        const auto factor = calcMultShift(from, nsPerSecond, seconds);
        if (factor.shift == 0) {
            return; // nothing fits, by contract
        }
        const auto most = std::uint64_t{from} * seconds;
        const auto cycles = *rc::gen::arbitrary<std::uint64_t>() % most + 1;
        const auto wide = (WideUnsigned{cycles} * factor.mult) >> factor.shift;
        RC_ASSERT(static_cast<std::uint64_t>(cyclesToNs(Cycles{cycles}, factor).count()) == wide);
    });
    QVERIFY(holds);
}

void ClockArithmeticProperty::maxCyclesNeverOverflowEvenTrimmedUp()
{
    const bool holds = rc::check("maxCycles x (mult + maxadj) < 2^64", [] {
        const auto rate = rateOf(anyRegistration());
        RC_ASSERT(rate.has_value());
        RC_ASSERT(rate->maxCycles <= rate->mask);
        RC_ASSERT(WideUnsigned{rate->maxCycles} * (WideUnsigned{rate->mult} + rate->maxadj)
                  < two64);
    });
    QVERIFY(holds);
}

void ClockArithmeticProperty::maxCyclesAreTheMaskOrTheMostThatFits()
{
    const bool holds = rc::check("one cycle more would overflow or leave the mask", [] {
        const auto rate = rateOf(anyRegistration());
        RC_ASSERT(rate.has_value());
        const auto trimmedUp = WideUnsigned{rate->mult} + rate->maxadj;
        RC_ASSERT(rate->maxCycles == rate->mask
                  || (WideUnsigned{rate->maxCycles} + 1) * trimmedUp >= two64);
    });
    QVERIFY(holds);
}

void ClockArithmeticProperty::registeredMultCanAlwaysBeTrimmed()
{
    const bool holds = rc::check("mult + 11 % fits in 32 bits, and was not halved for nothing", [] {
        const auto registration = anyRegistration();
        const auto rate = rateOf(registration);
        RC_ASSERT(rate.has_value());
        RC_ASSERT(WideUnsigned{rate->mult} * 111 / 100 < two32);
        RC_ASSERT(!rate->mayOverflowWhenTrimmed());
        const auto hertz = std::uint64_t{registration.scale} * registration.frequency;
        const auto exact
            = calcMultShift(registration.frequency, nsPerSecond / registration.scale,
                            conversionSeconds(registration.mask, hertz) * registration.scale);
        const bool neededTrimming = WideUnsigned{exact.mult} + exact.mult * 11ULL / 100 >= two32;
        RC_ASSERT((rate->factor() == exact) == !neededTrimming);
    });
    QVERIFY(holds);
}

void ClockArithmeticProperty::sleepingForMaxIdleNeverLosesTheWrap()
{
    const bool holds = rc::check("2 x maxIdle, trimmed down, is not more than maxCycles", [] {
        const auto rate = rateOf(anyRegistration());
        RC_ASSERT(rate.has_value());
        RC_ASSERT(rate->maxIdle >= Ns::zero());
        const auto cyclesTimesMult = WideUnsigned{rate->maxCycles} * (rate->mult - rate->maxadj);
        const auto idle = WideUnsigned{static_cast<std::uint64_t>(rate->maxIdle.count())};
        RC_ASSERT(((idle * 2) << rate->shift) <= cyclesTimesMult);
        RC_ASSERT(((idle * 2 + 2) << rate->shift) > cyclesTimesMult);
    });
    QVERIFY(holds);
}

void ClockArithmeticProperty::schedClockWrapsWithinHalfItsRange()
{
    const bool holds = rc::check("the epoch is renewed before half the counter has gone by", [] {
        const auto bits = static_cast<unsigned>(*rc::gen::inRange(1, 65));
        const auto rate = schedClockRate(bits, Hertz{*positive()});
        RC_ASSERT(rate.has_value());
        const auto wrap = WideUnsigned{static_cast<std::uint64_t>(rate->wrap.count())};
        RC_ASSERT(((wrap * 2) << rate->shift) <= WideUnsigned{rate->mask} * rate->mult);
        RC_ASSERT(((wrap * 2) << rate->shift) < two64);
    });
    QVERIFY(holds);
}

void ClockArithmeticProperty::minimumDeltaNeverGivesFewerTicks()
{
    const bool holds = rc::check("min delta back to ticks is at least the device's minimum", [] {
        const auto frequency = *positive();
        const std::uint64_t maxTicks = *anyMask();
        const auto minTicks = *rc::gen::inRange<std::uint64_t>(1, 70'000);
        const auto config
            = clockEventConfig(frequency, minTicks, maxTicks, clock_event_feature::oneshot);
        RC_ASSERT(config.has_value());
        const auto ns = WideUnsigned{static_cast<std::uint64_t>(config->minDelta.count())};
        RC_ASSERT(ns >= 1000);
        RC_ASSERT(((ns * config->mult) >> config->shift) >= minTicks);
    });
    QVERIFY(holds);
}

void ClockArithmeticProperty::maximumDeltaNeverGivesMoreTicks()
{
    const bool holds = rc::check("max delta back to ticks is at most the device's maximum", [] {
        const auto frequency = *positive();
        const std::uint64_t maxTicks = *anyMask();
        const auto config = clockEventConfig(frequency, 1, maxTicks, clock_event_feature::oneshot);
        RC_ASSERT(config.has_value());
        const auto ns = WideUnsigned{static_cast<std::uint64_t>(config->maxDelta.count())};
        // The floor may exceed a tiny device's range.
        RC_ASSERT(ns == 1000 || ((ns * config->mult) >> config->shift) <= maxTicks);
    });
    QVERIFY(holds);
}

QTEST_GUILESS_MAIN(ClockArithmeticProperty)
#include "clock_arithmetic_property.moc"
