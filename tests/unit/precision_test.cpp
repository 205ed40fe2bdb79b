// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/frequency_text.h"
#include "engine/base/kernel_types.h"
#include "engine/machine/precision.h"
#include "engine/why/flag_words.h"
#include "engine/why/number_text.h"
#include "engine/why/precision_text.h"
#include "tests/support/catalogue.h"

#include <QDir>
#include <QtTest>

#include <algorithm>

using namespace timerscope;

namespace {

Result<CounterPrecision> counterOf(std::uint64_t hertz, unsigned bits, std::uint32_t flags = 0)
{
    CounterDescription counter;
    counter.rate = {hertz};
    counter.bits = bits;
    counter.flags = flags;
    return precisionOf(counter, TickRate{});
}

std::string factOf(const std::vector<Fact>& facts, std::string_view label)
{
    const auto found = std::ranges::find(facts, label, &Fact::label);
    return found != facts.end() ? plainText(found->text) : "no such fact";
}

} // namespace

class PrecisionTest : public QObject
{
    Q_OBJECT

private slots:
    void publicFiguresAreReproduced_data();
    void publicFiguresAreReproduced();
    void theRoundingErrorIsExact_data();
    void theRoundingErrorIsExact();
    void anErrorBeyondCountingSaturates();
    void theSeedsDeviceIsReportedWhole();
    void jiffiesAreCountedAtTheTickRate();
    void aNarrowCounterDoesNotLastATick();
    void aRateAboveThirtyTwoBitsIsRegisteredInKilohertz();
    void aRateThatCannotBeRegisteredIsRefused();
    void fitnessFollowsTheFlags();
    void everyFlagSaysWhatItMeans();
    void ratingsSayTheirBand();
    void aPeriodicDeviceHasNoLimits();
    void aDummyWithoutRateIsNotConfigured();
    void aDriversOwnFactorAndMarginAreKept();
    void everyDeviceOfTheCatalogueCanBeEvaluated();
    void aFrequencyIsANumberAndAUnit_data();
    void aFrequencyIsANumberAndAUnit();
    void whatIsNoFrequencyIsRefused_data();
    void whatIsNoFrequencyIsRefused();
    void aFrequencyIsWrittenInItsLargestUnit();
};

void PrecisionTest::publicFiguresAreReproduced_data()
{
    QTest::addColumn<quint64>("hertz");
    QTest::addColumn<unsigned>("bits");
    QTest::addColumn<quint64>("maxCycles");
    QTest::addColumn<qint64>("maxIdle");
    QTest::addColumn<qint64>("schedWrap");
    QTest::addColumn<qint64>("schedResolution");
    // Lines of public boot logs.
    QTest::newRow("fttmr010") << quint64{24'750'000} << 32U << quint64{0xffff'ffff}
                              << qint64{77'222'644'334} << qint64{86'767'015'915} << qint64{40};
    QTest::newRow("acpi_pm") << quint64{3'579'545} << 24U << quint64{0xff'ffff}
                             << qint64{2'085'701'024} << qint64{-1} << qint64{-1};
    QTest::newRow("hpet") << quint64{10'000'000} << 32U << quint64{0xffff'ffff}
                          << qint64{191'126'044'627} << qint64{-1} << qint64{-1};
    QTest::newRow("arch_sys_counter")
        << quint64{54'000'000} << 56U << quint64{0xc'743c'e346} << qint64{440'795'203'123}
        << qint64{4'398'046'511'102} << qint64{18};
}

void PrecisionTest::publicFiguresAreReproduced()
{
    QFETCH(quint64, hertz);
    QFETCH(unsigned, bits);
    QFETCH(quint64, maxCycles);
    QFETCH(qint64, maxIdle);
    QFETCH(qint64, schedWrap);
    QFETCH(qint64, schedResolution);
    const auto counter = counterOf(hertz, bits);
    QVERIFY(counter.has_value());
    QCOMPARE(counter->maxCycles, maxCycles);
    QCOMPARE(counter->mask, counterMask(bits));
    QCOMPARE(counter->maxIdle.count(), maxIdle);
    QVERIFY(counter->schedClock.has_value());
    if (schedWrap >= 0) {
        QCOMPARE(counter->schedClock->wrap.count(), schedWrap);
        QCOMPARE(counter->schedClock->resolution.count(), schedResolution);
    }
}

void PrecisionTest::theRoundingErrorIsExact_data()
{
    QTest::addColumn<unsigned>("mult");
    QTest::addColumn<unsigned>("shift");
    QTest::addColumn<quint64>("from");
    QTest::addColumn<quint64>("to");
    QTest::addColumn<qint64>("millionths");
    const auto row = [](const char* name, unsigned mult, unsigned shift, quint64 from, quint64 to,
                        qint64 millionths) {
        QTest::newRow(name) << mult << shift << from << to << millionths;
    };
    // Right hand sides: rational arithmetic, rounded half away from zero.
    row("24.75 MHz", 2'711'469'253, 26, 24'750'000, nsPerSecond, 175'089);
    row("24.75 MHz as sched_clock", 84'733'414, 21, 24'750'000, nsPerSecond, -1'668'930);
    row("24.75 MHz as events", 53'150'220, 31, nsPerSecond, 24'750'000, -5'418'604);
    row("3.579545 MHz", 2'343'484'437, 23, 3'579'545, nsPerSecond, -114'302);
    row("exact", 2'097'152'000, 21, 1'000'000, nsPerSecond, 0);
    row("twice too fast", 2, 0, nsPerSecond, nsPerSecond, 1'000'000'000'000'000);
    row("stands", 0, 0, nsPerSecond, nsPerSecond, -1'000'000'000'000'000);
}

void PrecisionTest::theRoundingErrorIsExact()
{
    QFETCH(unsigned, mult);
    QFETCH(unsigned, shift);
    QFETCH(quint64, from);
    QFETCH(quint64, to);
    QFETCH(qint64, millionths);
    QCOMPARE(multErrorOf({.mult = mult, .shift = shift}, from, to).millionths, millionths);
}

void PrecisionTest::anErrorBeyondCountingSaturates()
{
    QCOMPARE(multErrorOf({.mult = UINT32_MAX, .shift = 0}, std::uint64_t{1} << 42, 1).millionths,
             INT64_MAX);
}

void PrecisionTest::theSeedsDeviceIsReportedWhole()
{
    const auto device = test::catalogueDevice("fttmr010");
    QVERIFY(device.has_value());
    const auto report = precisionOf(*device, TickRate{});
    QVERIFY(report.has_value());
    QCOMPARE(report->name, std::string("fttmr010"));
    QCOMPARE(report->counters.size(), std::size_t{1});
    QCOMPARE(report->events.size(), std::size_t{1});
    const CounterPrecision& counter = report->counters.front();
    QCOMPARE(headOf(counter), std::string("clocksource FTTMR010-TIMER2: 24.75 MHz, 32 bits"));
    const auto facts = factsOf(counter);
    QCOMPARE(factOf(facts, "rounding error"),
             std::string("+0.175089 ppb: fast by 15.127 µs a day"));
    QVERIFY(factOf(facts, "max_idle_ns").starts_with("77222644334 ns (77.223 s); as much again"));
    QCOMPARE(factOf(facts, "wraps after"), std::string("173.534 s"));
    QCOMPARE(factOf(facts, "resolution"), std::string("40.404040 ns a cycle"));
    QVERIFY(factOf(facts, "NO_HZ sleep").find("7722 at HZ=100, 19305 at HZ=250")
            != std::string::npos);
    QCOMPARE(factOf(facts, "rating"), std::string("300 of the band \u201cdesired\u201d"));
    QVERIFY(factOf(facts, "sched_clock").ends_with("; its driver registers it"));
    const auto limits = factsOf(report->events.front());
    QVERIFY(factOf(limits, "min_delta_ns").ends_with("raised: no device is asked for less"));
    QVERIFY(factOf(limits, "max_delta_ns").starts_with("173534033062 ns (173.534 s)"));
}

void PrecisionTest::jiffiesAreCountedAtTheTickRate()
{
    const auto device = test::catalogueDevice("jiffies");
    QVERIFY(device.has_value());
    const auto at100 = precisionOf(*device, TickRate{100});
    const auto at1000 = precisionOf(*device, TickRate{1000});
    QVERIFY(at100 && at1000);
    QCOMPARE(at100->counters.front().maxIdle, Ns{19'112'604'462'750'000});
    QCOMPARE(at1000->counters.front().maxIdle, Ns{1'911'260'446'275'000});
    QCOMPARE(at1000->counters.front().cycleFs, std::uint64_t{1'000'000'000'000});
    QCOMPARE(at100->counters.front().uncertaintyMargin, Ns{32'000'000});
    const auto facts = factsOf(at100->counters.front());
    QVERIFY(factOf(facts, "NO_HZ sleep").starts_with("none: "));
    QVERIFY(factOf(facts, "flags").starts_with("not continuous"));
}

void PrecisionTest::aNarrowCounterDoesNotLastATick()
{
    const auto counter = counterOf(10'000'000, 16, clocksource_flag::continuous);
    QVERIFY(counter.has_value());
    QCOMPARE(counter->maxIdle, Ns{2'916'307});
    QCOMPARE(counter->ticksAsleep(250), 0);
    QCOMPARE(counter->ticksAsleep(1000), 2);
    QVERIFY(factOf(factsOf(*counter), "NO_HZ sleep")
                .find("At HZ=100, HZ=250, HZ=300 a tick alone is longer")
            != std::string::npos);
    const auto wide = counterOf(10'000'000, 32, clocksource_flag::continuous);
    QVERIFY(factOf(factsOf(*wide), "NO_HZ sleep").find("a tick alone") == std::string::npos);
}

void PrecisionTest::aRateAboveThirtyTwoBitsIsRegisteredInKilohertz()
{
    const auto counter = counterOf(5'000'000'500, 64);
    QVERIFY(counter.has_value());
    // The kernel hears 5000000 kHz either way: the 500 Hz that were cut off are 100 ppb more.
    const auto whole = counterOf(5'000'000'000, 64);
    QCOMPARE(counter->mult, whole->mult);
    const std::int64_t more = counter->multError.millionths - whole->multError.millionths;
    QVERIFY(more > 99'999'000 && more < 100'001'000);
    QCOMPARE(counter->cycleFs, std::uint64_t{200'000});
    QCOMPARE(factOf(factsOf(*counter), "wraps after"), std::string("116 years"));
    // sched_clock_register() takes the low 32 bits, and none are left of these.
    const auto round = counterOf(std::uint64_t{1} << 32, 64);
    QVERIFY(round && !round->schedClock);
    QVERIFY(factOf(factsOf(*round), "sched_clock").starts_with("none: "));
}

void PrecisionTest::aRateThatCannotBeRegisteredIsRefused()
{
    QCOMPARE(counterOf(0, 32).error().what,
             std::string("the rate of the counter is 0 Hz; it must be 1 to 4294967295000"));
    QVERIFY(!counterOf(highestFrequency.value + 1, 32));
    QVERIFY(counterOf(highestFrequency.value, 32).has_value());
    EventDescription event;
    event.name = "fast";
    event.rate = {std::uint64_t{1} << 32};
    event.features = clock_event_feature::oneshot;
    QCOMPARE(precisionOf(event).error().what,
             std::string("the rate of the event device fast is 4294967296 Hz; it must be 1 to "
                         "4294967295"));
}

void PrecisionTest::fitnessFollowsTheFlags()
{
    using namespace clocksource_flag;
    QCOMPARE(hresFitnessOf(0), HresFitness::Never);
    QCOMPARE(hresFitnessOf(suspendNonstop | mustVerify), HresFitness::Never);
    QCOMPARE(hresFitnessOf(continuous), HresFitness::AtRegistration);
    QCOMPARE(hresFitnessOf(continuous | mustVerify), HresFitness::AfterVerification);
    QCOMPARE(hresFitnessOf(validForHres), HresFitness::AtRegistration);
    QCOMPARE(hresFitnessOf(continuous | mustVerify | validForHres), HresFitness::AtRegistration);
}

void PrecisionTest::everyFlagSaysWhatItMeans()
{
    const std::uint32_t all = 0x3f3;
    QCOMPARE(namesOf(all, clocksourceFlags()).size(), clocksourceFlags().size());
    for (const NamedFlag& flag : clocksourceFlags()) {
        QVERIFY2(meaningOf(flag.bit, flag.bit) != "unknown", flag.name.data());
    }
    using namespace clocksource_flag;
    const auto verified = factsOf(*counterOf(1'000'000, 32, continuous | mustVerify));
    QVERIFY(factOf(verified, "continuous").find("only once the watchdog") != std::string::npos);
    QVERIFY(factOf(verified, "must-verify").starts_with("the watchdog first"));
    const auto plain = factsOf(*counterOf(1'000'000, 32, continuous | suspendNonstop));
    QVERIFY(factOf(plain, "continuous").starts_with("valid for high resolution"));
    QVERIFY(factOf(plain, "suspend-nonstop").find("suspended") != std::string::npos);
    QCOMPARE(factOf(plain, "must-verify"), std::string("no such fact"));
}

void PrecisionTest::ratingsSayTheirBand()
{
    QCOMPARE(ratingWords(1), std::string("1 of the band \u201cunfit\u201d"));
    QCOMPARE(ratingWords(499), std::string("499 of the band \u201cperfect\u201d"));
    for (const int outside : {0, -1, 500}) {
        QVERIFY(ratingWords(outside).find("outside the kernel's bands 1\u2013499")
                != std::string::npos);
    }
}

void PrecisionTest::aPeriodicDeviceHasNoLimits()
{
    EventDescription event;
    event.rate = {1'193'182};
    event.features = clock_event_feature::periodic;
    const auto precision = precisionOf(event);
    QVERIFY(precision.has_value());
    QCOMPARE(precision->mult, 0U);
    QCOMPARE(precision->multError, PartsPerBillion{});
    QVERIFY(factOf(factsOf(*precision), "oneshot").starts_with("not one of its features"));
}

void PrecisionTest::aDummyWithoutRateIsNotConfigured()
{
    EventDescription event;
    event.name = "dummy_timer";
    event.features = clock_event_feature::oneshot | clock_event_feature::dummy;
    const auto precision = precisionOf(event);
    QVERIFY(precision.has_value());
    QCOMPARE(headOf(*precision), std::string("event device dummy_timer: a dummy without a rate"));
    QVERIFY(
        factOf(factsOf(*precision), "dummy").starts_with("registered without being configured"));
    event.features = clock_event_feature::oneshot;
    QVERIFY(!precisionOf(event));
}

void PrecisionTest::aDriversOwnFactorAndMarginAreKept()
{
    CounterDescription counter;
    counter.rate = {1'000'000'000};
    counter.bits = 64;
    counter.factor = MultShift{.mult = 256, .shift = 8};
    counter.margin = Ns{50'000};
    const auto precision = precisionOf(counter, TickRate{});
    QVERIFY(precision.has_value());
    QCOMPARE(precision->mult, 256U);
    QCOMPARE(precision->shift, 8U);
    QCOMPARE(precision->multError, PartsPerBillion{});
    QCOMPARE(precision->uncertaintyMargin, Ns{50'000});
}

void PrecisionTest::everyDeviceOfTheCatalogueCanBeEvaluated()
{
    const QDir folder(test::sourcePath("resources/devices"));
    const QStringList files = folder.entryList({"*.toml"});
    QVERIFY(files.size() > 5);
    for (const QString& file : files) {
        const auto device = test::catalogueDevice(file.chopped(5).toStdString());
        QVERIFY2(device.has_value(), qPrintable(file));
        const auto report = precisionOf(*device, TickRate{250});
        QVERIFY2(report.has_value(), report ? "" : report.error().what.c_str());
        for (const CounterPrecision& counter : report->counters) {
            QVERIFY(!factsOf(counter).empty());
        }
        for (const EventPrecision& event : report->events) {
            QVERIFY(!factsOf(event).empty());
        }
    }
}

void PrecisionTest::aFrequencyIsANumberAndAUnit_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<quint64>("hertz");
    const auto row
        = [](const char* text, quint64 hertz) { QTest::newRow(text) << QByteArray(text) << hertz; };
    row("32768", 32'768);
    row("32768Hz", 32'768);
    row("24.75MHz", 24'750'000);
    row("24.75 MHz", 24'750'000);
    row("0.032768MHz", 32'768);
    row("3.579545MHz", 3'579'545);
    row("2.5GHz", 2'500'000'000);
    row("4294967295kHz", 4'294'967'295'000);
    row("0.0000001GHz", 100);
    row("1", 1);
}

void PrecisionTest::aFrequencyIsANumberAndAUnit()
{
    QFETCH(QByteArray, text);
    QFETCH(quint64, hertz);
    const auto rate = parseFrequency(text.toStdString());
    QVERIFY2(rate.has_value(), rate ? "" : rate.error().what.c_str());
    QCOMPARE(rate->value, hertz);
}

void PrecisionTest::whatIsNoFrequencyIsRefused_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("why");
    const auto row = [](const char* text, const char* why) {
        QTest::newRow(text) << QByteArray(text) << QByteArray(why);
    };
    constexpr auto shape = "with Hz, kHz, MHz or GHz behind it";
    row("", shape);
    row("fast", shape);
    row("-5", shape);
    row("1MHZ", shape);
    row("1.MHz", shape);
    row("1.5", "finer than a whole hertz");
    row("0", "at least 1 Hz");
    row("4294967296kHz", "above 4294967295 kHz");
    row("99999999999999999999", "above 4294967295 kHz");
}

void PrecisionTest::whatIsNoFrequencyIsRefused()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, why);
    const auto rate = parseFrequency(text.toStdString());
    QVERIFY(!rate);
    QVERIFY2(rate.error().what.find(why.toStdString()) != std::string::npos,
             rate.error().what.c_str());
}

void PrecisionTest::aFrequencyIsWrittenInItsLargestUnit()
{
    QCOMPARE(frequencyText({24'750'000}), std::string("24.75 MHz"));
    QCOMPARE(frequencyText({1'000'000}), std::string("1 MHz"));
    QCOMPARE(frequencyText({100}), std::string("100 Hz"));
    QCOMPARE(frequencyText({1'000'000'001}), std::string("1.000000001 GHz"));
    QCOMPARE(frequencyText({0}), std::string("no rate"));
}

QTEST_GUILESS_MAIN(PrecisionTest)
#include "precision_test.moc"
