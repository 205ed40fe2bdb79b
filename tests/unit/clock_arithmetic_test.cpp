// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/kernel_types.h"
#include "engine/base/mult_shift.h"
#include "engine/clockevents/config.h"
#include "engine/clocksource/delta.h"
#include "engine/clocksource/rate.h"
#include "engine/timekeeping/sched_clock_rate.h"

#include <QTest>

#include <limits>

using namespace timerscope;

namespace {

std::string lineOf(std::string_view name, unsigned bits, std::uint32_t frequency)
{
    const auto rate
        = rateOf(FrequencyRegistration{.mask = counterMask(bits), .frequency = frequency});
    return rate ? registrationLine(name, *rate) : rate.error().what;
}

std::string schedLine(unsigned bits, std::uint64_t hertz, RateLabel label)
{
    const auto rate = schedClockRate(bits, Hertz{hertz});
    return rate ? registrationLine(*rate, label) : rate.error().what;
}

QString label(std::uint64_t hertz, RateLabel style)
{
    const QString line = QString::fromStdString(schedLine(32, hertz, style));
    return line.section(" at ", 1).section(",", 0, 0);
}

} // namespace

class ClockArithmeticTest : public QObject
{
    Q_OBJECT
private slots:
    void oneHertzCounterGetsTheLargestMultThatFits();
    void spanWithoutAnyShiftGetsShiftZero();
    void conversionSpanIsCappedForWideCountersOnly();
    void cyclesToNsWrapsAndShiftsAsUnsigned();
    void seedClocksourceLineIsExact();
    void jiffiesLineIsExactForEveryTickRate();
    void publicBootLogsAreReproduced();
    void multIsHalvedUntilItCanBeTrimmed();
    void marginIsAPeriodWithAFloor();
    void marginWrapsWithTheFrequencyProduct();
    void ownFactorIsKeptEvenIfTrimmingOverflows();
    void impossibleRegistrationsAreRefused();
    void seedSchedClockLineIsExactInBothStyles();
    void schedClockUnitsChangeWhereLogsShowIt();
    void schedClockRefusesWhatCannotCount();
    void eventDeviceLimitsMatchTheKernel();
    void periodicOnlyDeviceHasNoFactor();
    void limitsAreAtLeastAMicrosecond();
    void hugeLimitSaturatesInsteadOfWrapping();
    void stepOfMoreThanHalfTheRangeCountsAsBackwards();
};

void ClockArithmeticTest::oneHertzCounterGetsTheLargestMultThatFits()
{
    QCOMPARE(calcMultShift(1, nsPerSecond, 1), (MultShift{.mult = 4'000'000'000, .shift = 2}));
    QCOMPARE(calcMultShift(nsPerSecond, 1, 1), (MultShift{.mult = 4, .shift = 32}));
}

void ClockArithmeticTest::spanWithoutAnyShiftGetsShiftZero()
{
    // 10^9 Hz for 2^32 - 1 s leaves 2 bits; a gain of 1000 does not fit in them.
    constexpr auto span = std::numeric_limits<std::uint32_t>::max();
    QCOMPARE(calcMultShift(1'000'000, nsPerSecond, span), (MultShift{.mult = 4000, .shift = 2}));
    QCOMPARE(calcMultShift(4'000'000'000, 4'000'000'000, span), (MultShift{.mult = 2, .shift = 0}));
}

void ClockArithmeticTest::conversionSpanIsCappedForWideCountersOnly()
{
    QCOMPARE(conversionSeconds(counterMask(32), 1), 4'294'967'295U);
    QCOMPARE(conversionSeconds(counterMask(33), 1), 600U);
    QCOMPARE(conversionSeconds(counterMask(56), 1'000'000'000'000'000), 72U);
    QCOMPARE(conversionSeconds(counterMask(16), 24'000'000), 1U);
}

void ClockArithmeticTest::cyclesToNsWrapsAndShiftsAsUnsigned()
{
    QCOMPARE(cyclesToNs(Cycles{41}, {.mult = 40'461'980, .shift = 16}), Ns{25'313});
    // 3662001340291 x 4501168 has its top bit set: the shift must not drag a sign along.
    QCOMPARE(cyclesToNs(Cycles{3'662'001'340'291}, {.mult = 4'501'168, .shift = 20}),
             Ns{15'719'683'884'501});
    QCOMPARE(cyclesToNs(Cycles{~std::uint64_t{0}}, {.mult = 1, .shift = 0}), Ns{-1});
}

void ClockArithmeticTest::seedClocksourceLineIsExact()
{
    QCOMPARE(lineOf("FTTMR010-TIMER2", 32, 24'750'000),
             "clocksource: FTTMR010-TIMER2: mask: 0xffffffff max_cycles: 0xffffffff, "
             "max_idle_ns: 77222644334 ns");
}

void ClockArithmeticTest::jiffiesLineIsExactForEveryTickRate()
{
    const auto longest = [](std::uint32_t hz) {
        const auto rate = rateOf(jiffiesRegistration(TickRate{hz}));
        return rate->uncertaintyMargin == Ns{32'000'000} ? rate->maxIdle : Ns{0};
    };
    QCOMPARE(longest(100), Ns{19'112'604'462'750'000});
    QCOMPARE(longest(250), Ns{7'645'041'785'100'000});
    QCOMPARE(longest(300), Ns{6'370'867'519'511'994});
    QCOMPARE(longest(1000), Ns{1'911'260'446'275'000});
    // 20 ms x 2^8 would not fit in 32 bits.
    QCOMPARE(jiffiesRegistration(TickRate{50}).factor,
             (MultShift{.mult = 2'560'000'000, .shift = 7}));
}

void ClockArithmeticTest::publicBootLogsAreReproduced()
{
    QCOMPARE(lineOf("arch_sys_counter", 56, 54'000'000),
             "clocksource: arch_sys_counter: mask: 0xffffffffffffff max_cycles: 0xc743ce346, "
             "max_idle_ns: 440795203123 ns");
    QCOMPARE(
        lineOf("acpi_pm", 24, 3'579'545),
        "clocksource: acpi_pm: mask: 0xffffff max_cycles: 0xffffff, max_idle_ns: 2085701024 ns");
    QCOMPARE(schedLine(56, 1'920'000, RateLabel::Truncated),
             "sched_clock: 56 bits at 1920kHz, resolution 520ns, wraps every 4398046510977ns");
}

void ClockArithmeticTest::multIsHalvedUntilItCanBeTrimmed()
{
    // The exact factor of 1 Hz is 4000000000 >> 2, and 11 % more than that needs 33 bits.
    const auto rate = rateOf(FrequencyRegistration{.mask = counterMask(16), .frequency = 1});
    QCOMPARE(rate->factor(), (MultShift{.mult = 2'000'000'000, .shift = 1}));
    QCOMPARE(rate->maxadj, 220'000'000U);
    QCOMPARE(rate->maxIdle, Ns{29'163'075'000'000});
    QVERIFY(!rate->mayOverflowWhenTrimmed());
}

void ClockArithmeticTest::marginIsAPeriodWithAFloor()
{
    const auto margin = [](std::uint32_t frequency, Ns given) {
        return rateOf(FrequencyRegistration{
                          .mask = counterMask(32), .frequency = frequency, .margin = given})
            ->uncertaintyMargin;
    };
    QCOMPARE(margin(1, Ns{0}), Ns{nsPerSecond});
    QCOMPARE(margin(4999, Ns{0}), Ns{200'040});
    QCOMPARE(margin(24'750'000, Ns{0}), leastUncertaintyMargin);
    QCOMPARE(margin(24'750'000, Ns{1}), Ns{1});
    const auto tight = rateOf(
        FrequencyRegistration{.mask = counterMask(32), .frequency = 1000, .margin = Ns{199'999}});
    QVERIFY(tight->isMarginTooSmall());
}

void ClockArithmeticTest::marginWrapsWithTheFrequencyProduct()
{
    // 4294968 kHz is 704 Hz past 2^32: taken for a counter of 704 Hz.
    const auto rate = rateOf(
        FrequencyRegistration{.mask = counterMask(64), .scale = 1000, .frequency = 4'294'968});
    QCOMPARE(rate->uncertaintyMargin, Ns{nsPerSecond / 704});
}

void ClockArithmeticTest::ownFactorIsKeptEvenIfTrimmingOverflows()
{
    const auto rate = rateOf(OwnFactorRegistration{.mask = counterMask(42),
                                                   .factor = {.mult = 4'097'919'201, .shift = 8},
                                                   .margin = Ns{1'000'000}});
    QCOMPARE(rate->mult, 4'097'919'201U);
    QVERIFY(rate->mayOverflowWhenTrimmed());
    QCOMPARE(rate->maxCycles, 72'704'259'518U);
    QCOMPARE(rate->maxIdle, Ns{13'493'719'006'445'387});
}

void ClockArithmeticTest::impossibleRegistrationsAreRefused()
{
    const std::uint64_t mask = counterMask(32);
    const FrequencyRegistration refused[] = {
        {.mask = mask, .frequency = 0},
        {.mask = mask, .scale = 0, .frequency = 1},
        {.mask = mask, .scale = 2'000'000'000, .frequency = 1},
        {.mask = 0, .frequency = 1},
        {.mask = mask, .scale = 1'000'000, .frequency = 1U << 26}, // 0 modulo 2^32
    };
    for (const auto& registration : refused) {
        const auto rate = rateOf(registration);
        QVERIFY(!rate);
        QCOMPARE(rate.error().code, ErrorCode::InvalidArgument);
    }
    QVERIFY(!rateOf(OwnFactorRegistration{.mask = mask, .factor = {.mult = 0, .shift = 8}}));
    QVERIFY(!rateOf(OwnFactorRegistration{.mask = mask, .factor = {.mult = 1, .shift = 64}}));
}

void ClockArithmeticTest::seedSchedClockLineIsExactInBothStyles()
{
    QCOMPARE(schedLine(32, 24'750'000, RateLabel::Truncated),
             "sched_clock: 32 bits at 24MHz, resolution 40ns, wraps every 86767015915ns");
    QCOMPARE(schedLine(32, 24'750'000, RateLabel::Rounded),
             "sched_clock: 32 bits at 25MHz, resolution 40ns, wraps every 86767015915ns");
    QCOMPARE(schedLine(32, 1'000'000, RateLabel::Rounded),
             "sched_clock: 32 bits at 1000kHz, resolution 1000ns, wraps every 2147483647500ns");
}

void ClockArithmeticTest::schedClockUnitsChangeWhereLogsShowIt()
{
    QCOMPARE(label(999, RateLabel::Truncated), QString("999 Hz"));
    QCOMPARE(label(1999, RateLabel::Truncated), QString("1kHz"));
    QCOMPARE(label(1'000'000, RateLabel::Truncated), QString("1000kHz")); // bcm2835, 4.x logs
    QCOMPARE(label(3'999'999, RateLabel::Truncated), QString("3999kHz"));
    QCOMPARE(label(4'999'999, RateLabel::Truncated), QString("4MHz"));
    QCOMPARE(label(3999, RateLabel::Rounded), QString("3999 Hz"));
    QCOMPARE(label(4499, RateLabel::Rounded), QString("4kHz"));
    QCOMPARE(label(4500, RateLabel::Rounded), QString("5kHz"));
    QCOMPARE(label(3'999'500, RateLabel::Rounded), QString("4000kHz"));
    QCOMPARE(label(4'500'000, RateLabel::Rounded), QString("5MHz"));
}

void ClockArithmeticTest::schedClockRefusesWhatCannotCount()
{
    QVERIFY(!schedClockRate(0, Hertz{1}));
    QVERIFY(!schedClockRate(65, Hertz{1}));
    QVERIFY(!schedClockRate(32, Hertz{0}));
    QVERIFY(!schedClockRate(32, Hertz{std::uint64_t{1} << 32}));
}

void ClockArithmeticTest::eventDeviceLimitsMatchTheKernel()
{
    const auto config = clockEventConfig(1, 1, 65'535, clock_event_feature::oneshot);
    QCOMPARE(*config,
             (ClockEventConfig{.mult = 4,
                               .shift = 32,
                               .minDelta = Ns{1'073'741'824},
                               .maxDelta = Ns{70'367'670'435'840}}));
    const auto wide = clockEventConfig(1, 255, 281'474'976'710'655, clock_event_feature::oneshot);
    QCOMPARE(wide->maxDelta, Ns{4'611'686'018'427'387'903});
    QVERIFY(!clockEventConfig(0, 1, 2, clock_event_feature::oneshot));
}

void ClockArithmeticTest::periodicOnlyDeviceHasNoFactor()
{
    QCOMPARE(*clockEventConfig(24'750'000, 1, 65'535, clock_event_feature::periodic),
             ClockEventConfig{});
    QCOMPARE(*clockEventConfig(0, 0, 0, 0), ClockEventConfig{});
}

void ClockArithmeticTest::limitsAreAtLeastAMicrosecond()
{
    const auto config = clockEventConfig(nsPerSecond, 1, 2, clock_event_feature::oneshot);
    QCOMPARE(config->minDelta, leastDelta);
    QCOMPARE(config->maxDelta, leastDelta);
}

void ClockArithmeticTest::hugeLimitSaturatesInsteadOfWrapping()
{
    constexpr std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();
    QCOMPARE(deltaToNs(largest, {.mult = 4, .shift = 32}, DeltaLimit::Minimum), largest / 4);
    // Rounding up is left out as soon as it would reach the last 64-bit number.
    QCOMPARE(deltaToNs(largest - 2, {.mult = 3, .shift = 0}, DeltaLimit::Minimum), largest / 3 - 1);
    QCOMPARE(deltaToNs(largest - 3, {.mult = 3, .shift = 0}, DeltaLimit::Minimum), largest / 3 - 1);
    QCOMPARE(deltaToNs(largest - 5, {.mult = 3, .shift = 0}, DeltaLimit::Minimum), largest / 3 - 1);
    // A device of 2 GHz: rounding its maximum up would give ticks that it does not have.
    const MultShift fast{.mult = 2'147'483'649, .shift = 30};
    QCOMPARE(deltaToNs(10'001, fast, DeltaLimit::Minimum), 5001U);
    QCOMPARE(deltaToNs(10'001, fast, DeltaLimit::Maximum), 5000U);
}

void ClockArithmeticTest::stepOfMoreThanHalfTheRangeCountsAsBackwards()
{
    QCOMPARE(elapsedValidated(Cycles{0}, Cycles{127}, 255), Cycles{127});
    QCOMPARE(elapsedValidated(Cycles{0}, Cycles{128}, 255), Cycles{0});
    QCOMPARE(elapsedValidated(Cycles{250}, Cycles{4}, 255), Cycles{10});
}

QTEST_GUILESS_MAIN(ClockArithmeticTest)
#include "clock_arithmetic_test.moc"
