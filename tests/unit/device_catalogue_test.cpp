// SPDX-License-Identifier: GPL-3.0-or-later
//! The catalogue's figures against what kernels printed: boot logs in public, and the recordings
//! of Linux 6.1 on a QEMU PC that tests/oracle describes.
#include "engine/base/kernel_types.h"
#include "engine/clockevents/config.h"
#include "engine/clocksource/rate.h"
#include "engine/timekeeping/sched_clock_rate.h"
#include "tests/support/catalogue.h"

#include <QDir>
#include <QtTest>

#include <algorithm>

using namespace timerscope;
using namespace std::chrono_literals;

namespace {

constexpr std::uint32_t slowestTick = 100;

DeviceDescription device(const QByteArray& name)
{
    const auto found = test::catalogueDevice(name.toStdString());
    if (!found) {
        qFatal("%s", found.error().what.c_str());
    }
    return *found;
}

/// An empty row, which no check accepts, when there is none of this name.
template<typename Row>
Row named(const std::vector<Row>& rows, const QByteArray& name)
{
    const auto found = std::ranges::find(rows, name.toStdString(), &Row::name);
    return found != rows.end() ? *found : Row{};
}

Result<ClocksourceRate> rateOf(const CounterDescription& counter)
{
    const std::uint64_t mask = counterMask(counter.bits);
    if (counter.kind != CounterKind::Hardware) {
        return timerscope::rateOf(jiffiesRegistration(TickRate{slowestTick}));
    }
    if (counter.factor) {
        return timerscope::rateOf(OwnFactorRegistration{
            .mask = mask, .factor = *counter.factor, .margin = counter.margin});
    }
    return timerscope::rateOf(
        FrequencyRegistration{.mask = mask,
                              .scale = 1,
                              .frequency = static_cast<std::uint32_t>(counter.rate.value),
                              .margin = counter.margin});
}

Result<ClockEventConfig> configOf(const EventDescription& event, Hertz rate)
{
    return clockEventConfig(static_cast<std::uint32_t>(rate.value), event.minTicks, event.maxTicks,
                            event.features);
}

/// Every file of the catalogue, as rows of a test.
void addEveryDevice()
{
    QTest::addColumn<QByteArray>("name");
    const QDir folder(test::sourcePath("resources/devices"));
    for (const QString& file : folder.entryList({"*.toml"})) {
        const QByteArray name = file.chopped(5).toUtf8();
        QTest::newRow(name.constData()) << name;
    }
}

} // namespace

class DeviceCatalogueTest : public QObject
{
    Q_OBJECT

private slots:
    void whatTheProjectSpeaksOfIsThere();
    void clocksourcesPrintWhatKernelsPrinted_data();
    void clocksourcesPrintWhatKernelsPrinted();
    void schedClocksPrintWhatKernelsPrinted_data();
    void schedClocksPrintWhatKernelsPrinted();
    void everyCounterCanBeRegistered_data() { addEveryDevice(); }
    void everyCounterCanBeRegistered();
    void everyEventDeviceCanBeRegistered_data() { addEveryDevice(); }
    void everyEventDeviceCanBeRegistered();
    void thePcsClocksourcesAreTheRecordedOnes_data();
    void thePcsClocksourcesAreTheRecordedOnes();
    void thePcsEventDevicesAreTheRecordedOnes_data();
    void thePcsEventDevicesAreTheRecordedOnes();
    void recordedLimitsFollowFromTheTicks();
    void theSixDriversOfTheSeriesRegisterWhatTheySay_data();
    void theSixDriversOfTheSeriesRegisterWhatTheySay();
    void onlyTheSixAreModules_data() { addEveryDevice(); }
    void onlyTheSixAreModules();
};

void DeviceCatalogueTest::whatTheProjectSpeaksOfIsThere()
{
    const QStringList names{"fttmr010",
                            "mfoc",
                            "tim34",
                            "scx200_hrt",
                            "cs5535",
                            "stm32-lp",
                            "sun5i",
                            "tegra186",
                            "nxp-stm",
                            "stm32h750-systick",
                            "stm32h750-tim",
                            "jiffies",
                            "dummy_timer",
                            "tsc-early",
                            "refined-jiffies",
                            "tsc",
                            "hpet",
                            "acpi_pm",
                            "pit",
                            "i8253",
                            "lapic",
                            "hyperv",
                            "kvm-clock",
                            "riscv",
                            "lapic-deadline",
                            "arm_arch_timer",
                            "bcm2835",
                            "sp804",
                            "lptim",
                            "arm_arch_timer_mem",
                            "arm_global_timer",
                            "stm32f405",
                            "lapic-c3stop",
                            "stm32-timer16",
                            "stm32-timer32"};
    QStringList files = QDir(test::sourcePath("resources/devices")).entryList({"*.toml"});
    files.replaceInStrings(".toml", "");
    for (const QString& name : names) {
        QVERIFY2(files.contains(name), qPrintable(name));
    }
}

void DeviceCatalogueTest::clocksourcesPrintWhatKernelsPrinted_data()
{
    QTest::addColumn<QByteArray>("file");
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<QByteArray>("figures");
    const auto row = [](const char* file, const char* name, const char* figures) {
        QTest::addRow("%s %s", file, name)
            << QByteArray(file) << QByteArray(name) << QByteArray(figures);
    };
    constexpr const char* microseconds
        = "mask: 0xffffffff max_cycles: 0xffffffff, max_idle_ns: 1911260446275 ns";
    constexpr const char* tenMegahertz
        = "mask: 0xffffffffffffffff max_cycles: 0x24e6a1710, max_idle_ns: 440795202120 ns";
    constexpr const char* nanoseconds
        = "mask: 0xffffffffffffffff max_cycles: 0x1cd42e4dffb, max_idle_ns: 881590591483 ns";
    row("fttmr010", "FTTMR010-TIMER2",
        "mask: 0xffffffff max_cycles: 0xffffffff, max_idle_ns: 77222644334 ns");
    row("mfoc", "mfoc", microseconds);
    row("jiffies", "jiffies",
        "mask: 0xffffffff max_cycles: 0xffffffff, max_idle_ns: 19112604462750000 ns");
    row("tsc-early", "tsc-early",
        "mask: 0xffffffffffffffff max_cycles: 0x1cd41967d78, max_idle_ns: 881590404252 ns");
    row("tsc", "tsc", nanoseconds);
    row("kvm-clock", "kvm-clock", nanoseconds);
    row("hpet", "hpet", "mask: 0xffffffff max_cycles: 0xffffffff, max_idle_ns: 133484873504 ns");
    row("acpi_pm", "acpi_pm", "mask: 0xffffff max_cycles: 0xffffff, max_idle_ns: 2085701024 ns");
    row("hyperv", "hyperv_clocksource_tsc_page", tenMegahertz);
    row("riscv", "riscv_clocksource", tenMegahertz);
    row("arm_arch_timer", "arch_sys_counter",
        "mask: 0xffffffffffffff max_cycles: 0xc743ce346, max_idle_ns: 440795203123 ns");
    row("arm_global_timer", "arm_global_timer",
        "mask: 0xffffffffffffffff max_cycles: 0x4ce07af025, max_idle_ns: 440795209040 ns");
    row("bcm2835", "timer", microseconds);
    row("sp804", "arm,sp804", microseconds);
    row("scx200_hrt", "scx200_hrt", microseconds);
    row("sun5i", "hstimer", "mask: 0xffffffff max_cycles: 0xffffffff, max_idle_ns: 6370868154 ns");
    row("stm32h750-systick", "arm_system_timer",
        "mask: 0xffffff max_cycles: 0xffffff, max_idle_ns: 29863442 ns");
    row("stm32h750-tim", "timer@40000c00",
        "mask: 0xffffffff max_cycles: 0xffffffff, max_idle_ns: 15927170388 ns");
    row("tegra186", "tsc",
        "mask: 0xffffffffffffff max_cycles: 0xe6a171046, max_idle_ns: 881590405314 ns");
    row("tegra186", "osc", "mask: 0xffffffff max_cycles: 0xffffffff, max_idle_ns: 49772407460 ns");
    row("tegra186", "usec", microseconds);
}

void DeviceCatalogueTest::clocksourcesPrintWhatKernelsPrinted()
{
    QFETCH(QByteArray, file);
    QFETCH(QByteArray, name);
    QFETCH(QByteArray, figures);
    const auto rate = rateOf(named(device(file).counters, name));
    QVERIFY2(rate.has_value(), rate ? "" : rate.error().what.c_str());
    QCOMPARE(QByteArray::fromStdString(registrationLine(name.toStdString(), *rate)),
             "clocksource: " + name + ": " + figures);
}

void DeviceCatalogueTest::schedClocksPrintWhatKernelsPrinted_data()
{
    QTest::addColumn<QByteArray>("file");
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<QByteArray>("line");
    const auto row = [](const char* file, const char* name, const char* line) {
        QTest::newRow(file) << QByteArray(file) << QByteArray(name)
                            << QByteArray("sched_clock: ") + line;
    };
    constexpr const char* microseconds
        = "32 bits at 1000kHz, resolution 1000ns, wraps every 2147483647500ns";
    row("fttmr010", "FTTMR010-TIMER2",
        "32 bits at 24MHz, resolution 40ns, wraps every 86767015915ns");
    row("mfoc", "mfoc", microseconds);
    row("bcm2835", "timer", microseconds);
    row("sp804", "arm,sp804", microseconds);
    row("arm_arch_timer", "arch_sys_counter",
        "56 bits at 54MHz, resolution 18ns, wraps every 4398046511102ns");
    row("arm_global_timer", "arm_global_timer",
        "64 bits at 333MHz, resolution 3ns, wraps every 4398046511103ns");
    row("stm32h750-tim", "timer@40000c00",
        "32 bits at 120MHz, resolution 8ns, wraps every 17895697403ns");
    row("stm32-timer32", "timer@40000c00",
        "32 bits at 90MHz, resolution 11ns, wraps every 23860929530ns");
}

void DeviceCatalogueTest::schedClocksPrintWhatKernelsPrinted()
{
    QFETCH(QByteArray, file);
    QFETCH(QByteArray, name);
    QFETCH(QByteArray, line);
    const auto counter = named(device(file).counters, name);
    QVERIFY(counter.schedClock);
    const auto rate = schedClockRate(counter.bits, counter.rate);
    QVERIFY2(rate.has_value(), rate ? "" : rate.error().what.c_str());
    QCOMPARE(QByteArray::fromStdString(registrationLine(*rate, RateLabel::Truncated)), line);
}

void DeviceCatalogueTest::everyCounterCanBeRegistered()
{
    QFETCH(QByteArray, name);
    for (const CounterDescription& counter : device(name).counters) {
        const auto rate = rateOf(counter);
        QVERIFY2(rate.has_value(), rate ? "" : rate.error().what.c_str());
        // A sleep that long must be short of a wrap, with the kernel's half in reserve.
        QVERIFY(rate->maxIdle > Ns{0});
        QVERIFY(rate->maxCycles <= rate->mask);
        QVERIFY(!rate->isMarginTooSmall());
        QVERIFY(!rate->mayOverflowWhenTrimmed());
        if (counter.kind == CounterKind::Hardware) {
            QVERIFY2(counter.readCost > Ns{0} && counter.readCost < 10ms, counter.name.c_str());
        }
        if (counter.schedClock) {
            const auto sched = schedClockRate(counter.bits, counter.rate);
            QVERIFY(sched.has_value());
            QVERIFY(sched->wrap > Ns{0} && sched->resolution < 1ms);
        }
    }
}

void DeviceCatalogueTest::everyEventDeviceCanBeRegistered()
{
    QFETCH(QByteArray, name);
    for (const EventDescription& event : device(name).events) {
        if (event.rate == Hertz{0}) {
            QVERIFY((event.features & clock_event_feature::dummy) != 0);
            continue;
        }
        const auto config = configOf(event, event.rate);
        QVERIFY2(config.has_value(), config ? "" : config.error().what.c_str());
        QVERIFY((event.features & clock_event_feature::oneshot) != 0);
        QVERIFY(config->minDelta >= leastDelta && config->minDelta < config->maxDelta);
        // The slowest tick must be within what the device can be programmed to.
        const std::uint64_t tick = event.rate.value / slowestTick;
        QVERIFY(tick >= event.minTicks && tick <= event.maxTicks);
    }
}

void DeviceCatalogueTest::thePcsClocksourcesAreTheRecordedOnes_data()
{
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<int>("rating");
    QTest::addColumn<unsigned>("bits");
    QTest::addColumn<std::uint32_t>("flags");
    QTest::addColumn<Ns>("margin");
    // What the driver sets: the core adds validForHres to a continuous source that needs no check,
    // and watchdog to one that does (0x21 and 0x233 in the recordings).
    const std::uint32_t plain = clocksource_flag::continuous;
    const std::uint32_t verified = plain | clocksource_flag::mustVerify;
    QTest::newRow("tsc-early") << QByteArray("tsc-early") << 299 << 64U << verified << Ns{32ms};
    QTest::newRow("tsc") << QByteArray("tsc") << 300 << 64U
                         << (0x233U & ~std::uint32_t{clocksource_flag::watchdog})
                         << leastUncertaintyMargin;
    QTest::newRow("hpet") << QByteArray("hpet") << 250 << 32U << plain << leastUncertaintyMargin;
    QTest::newRow("acpi_pm") << QByteArray("acpi_pm") << 200 << 24U << plain
                             << leastUncertaintyMargin;
    QTest::newRow("jiffies") << QByteArray("jiffies") << 1 << 32U << 0U << Ns{32ms};
    QTest::newRow("refined-jiffies") << QByteArray("refined-jiffies") << 2 << 32U << 0U << Ns{32ms};
}

void DeviceCatalogueTest::thePcsClocksourcesAreTheRecordedOnes()
{
    QFETCH(QByteArray, name);
    const auto counter = named(device(name).counters, name);
    QTEST(counter.rating, "rating");
    QTEST(counter.bits, "bits");
    QTEST(counter.flags, "flags");
    const auto rate = rateOf(counter);
    QVERIFY(rate.has_value());
    QTEST(rate->uncertaintyMargin, "margin");
}

void DeviceCatalogueTest::thePcsEventDevicesAreTheRecordedOnes_data()
{
    QTest::addColumn<QByteArray>("file");
    QTest::addColumn<EventDescription>("recorded");
    const auto row = [](const char* file, const EventDescription& recorded) {
        QTest::newRow(file) << QByteArray(file) << recorded;
    };
    const EventDescription lapic{.name = "lapic",
                                 .rate = {62'500'000},
                                 .rating = 150,
                                 .features = 0x3,
                                 .minTicks = 15,
                                 .maxTicks = 0x7fff'ffff,
                                 .irq = std::nullopt,
                                 .perCpu = true};
    EventDescription sleepy = lapic;
    sleepy.rating = 100;
    sleepy.features = 0xb;
    row("lapic", lapic);
    row("lapic-c3stop", sleepy);
    row("hpet",
        {.name = "hpet",
         .rate = {14'318'180},
         .rating = 50,
         .features = 0x3,
         .minTicks = 192,
         .maxTicks = 0x7fff'ffff,
         .irq = 0});
    row("pit",
        {.name = "pit",
         .rate = {1'193'182},
         .rating = 0,
         .features = 0x3,
         .minTicks = 15,
         .maxTicks = 0x7fff,
         .irq = 0});
}

void DeviceCatalogueTest::thePcsEventDevicesAreTheRecordedOnes()
{
    QFETCH(QByteArray, file);
    QFETCH(EventDescription, recorded);
    QCOMPARE(device(file).events, std::vector<EventDescription>{recorded});
}

void DeviceCatalogueTest::recordedLimitsFollowFromTheTicks()
{
    const auto pit = device("pit").events.at(0);
    QCOMPARE(
        configOf(pit, pit.rate).value(),
        (ClockEventConfig{
            .mult = 5'124'678, .shift = 32, .minDelta = Ns{12'572}, .maxDelta = Ns{27'461'861}}));
    // QEMU's HPET runs at 100 MHz; nothing else of it is another than the catalogue's.
    QCOMPARE(configOf(device("hpet").events.at(0), Hertz{100'000'000}).value(),
             (ClockEventConfig{.mult = 429'496'730,
                               .shift = 32,
                               .minDelta = Ns{1'920},
                               .maxDelta = Ns{21'474'836'451}}));
}

void DeviceCatalogueTest::theSixDriversOfTheSeriesRegisterWhatTheySay_data()
{
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<QByteArray>("module");
    QTest::addColumn<std::size_t>("counters");
    QTest::addColumn<std::size_t>("events");
    QTest::addColumn<bool>("schedClock");
    QTest::addColumn<bool>("watchdog");
    const auto row = [](const char* name, const char* module, std::size_t counters,
                        std::size_t events, bool schedClock, bool watchdog) {
        QTest::newRow(name) << QByteArray(name) << QByteArray(module) << counters << events
                            << schedClock << watchdog;
    };
    row("scx200_hrt", "scx200_hrt", 1, 0, false, false);
    row("stm32-lp", "timer-stm32-lp", 0, 1, false, false);
    row("sun5i", "timer-sun5i", 1, 1, false, false);
    row("tegra186", "timer-tegra186", 3, 0, false, true);
    row("nxp-stm", "timer-nxp-stm", 1, 1, true, false);
    row("cs5535", "timer-cs5535", 0, 1, false, true);
}

void DeviceCatalogueTest::theSixDriversOfTheSeriesRegisterWhatTheySay()
{
    QFETCH(QByteArray, name);
    const DeviceDescription found = device(name);
    QCOMPARE(found.driver.owner, DriverOwner::Patched);
    QTEST(QByteArray::fromStdString(found.driver.module), "module");
    QTEST(found.counters.size(), "counters");
    QTEST(found.events.size(), "events");
    QTEST(std::ranges::any_of(found.counters, &CounterDescription::schedClock), "schedClock");
    const auto isWatchdog
        = [](const ChannelUse& channel) { return channel.role == ChannelRole::Watchdog; };
    QTEST(std::ranges::any_of(found.channels, isWatchdog), "watchdog");
}

void DeviceCatalogueTest::onlyTheSixAreModules()
{
    QFETCH(QByteArray, name);
    const QByteArrayList six{"scx200_hrt", "stm32-lp", "sun5i", "tegra186", "nxp-stm", "cs5535"};
    const DriverDescription driver = device(name).driver;
    QCOMPARE(!driver.module.empty(), six.contains(name));
    QCOMPARE(driver.owner, six.contains(name) ? DriverOwner::Patched : DriverOwner::Never);
}

QTEST_GUILESS_MAIN(DeviceCatalogueTest)
#include "device_catalogue_test.moc"
