// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/kernel_types.h"
#include "engine/scenario/device_file.h"
#include "tests/support/text_file.h"

#include <QDir>
#include <QtTest>

using namespace timerscope;
using namespace std::chrono_literals;

namespace {

const QByteArray counterRow = "title = 't'\nsource = 's'\n[[counter]]\n"
                              "name = 'c'\nrate = 1000\nbits = 32\nrating = 1\n";
const QByteArray eventRow = "title = 't'\nsource = 's'\n[[event]]\n"
                            "name = 'e'\nrate = 1000\nrating = 1\n";
const QByteArray mmioRow = counterRow + "[counter.mmio]\npath = '/dev/mem'\noffset = 0\n";

void row(const char* name, const QByteArray& text, const QByteArray& sentence)
{
    QTest::newRow(name) << text << QByteArray("d.toml:") + sentence;
}

void addMmioRows()
{
    row("an unknown key of mmio", mmioRow + "adress = 1",
        "11: unknown key \"adress\" in [counter.mmio]; known are \"path\", \"base\", \"offset\", "
        "\"width\", \"high\", \"latch\" and \"period_register\"");
    row("mmio that is no table", counterRow + "mmio = '/dev/mem'",
        "8: \"mmio\" in [[counter]] is text; it must be a table");
    row("mmio without a path", QByteArray(mmioRow).replace("path = '/dev/mem'", ""),
        "8: [counter.mmio] has no \"path\"; it must be text in quotes");
    row("a path from nowhere", QByteArray(mmioRow).replace("/dev/mem", "mem"),
        "9: \"path\" in [counter.mmio] is \"mem\"; it must begin with /, such as \"/dev/mem\"");
    row("mmio without an offset", QByteArray(mmioRow).replace("offset = 0", ""),
        "8: [counter.mmio] has no \"offset\"; it must be a whole number from 0 to 1048575");
    row("an offset out of the block",
        QByteArray(mmioRow).replace("offset = 0", "offset = 0x100000"),
        "10: \"offset\" in [counter.mmio] is 1048576; it must be a whole number from 0 to 1048575");
    row("an offset between two", QByteArray(mmioRow).replace("offset = 0", "offset = 0x6"),
        "10: \"offset\" in [counter.mmio] is 0x6, which with \"base\" is 0x6; it must come to a "
        "multiple of 4, as 32 bits are read at once");
    row("a base between two", mmioRow + "base = 0xe2",
        "10: \"offset\" in [counter.mmio] is 0x0, which with \"base\" is 0xe2; it must come to a "
        "multiple of 4, as 32 bits are read at once");
    row("a base below zero", mmioRow + "base = -1",
        "11: \"base\" in [counter.mmio] is -1; it must be a whole number from 0");
    row("a width of no bus", mmioRow + "width = 24",
        "11: \"width\" in [counter.mmio] is 24; it must be 8, 16, 32 or 64");
    row("more bits than are read", mmioRow + "width = 16",
        "6: \"bits\" in [[counter]] is 32; it must be a whole number from 1 to 16, which is what "
        "[counter.mmio] reads");
    row("an upper half on the lower", mmioRow + "width = 16\nhigh = 0",
        "12: \"high\" in [counter.mmio] is 0x0, where the lower half is; it must be another place "
        "than \"offset\"");
    row("an upper half between two", mmioRow + "width = 16\nhigh = 3",
        "12: \"high\" in [counter.mmio] is 0x3, which with \"base\" is 0x3; it must come to a "
        "multiple of 2, as 16 bits are read at once");
    row("an upper half of 64 bits", mmioRow + "width = 64\nhigh = 8",
        "12: \"high\" in [counter.mmio] goes with a \"width\" of 8, 16 or 32 only: 64 bits are a "
        "whole counter");
    row("a latch that is no table", mmioRow + "latch = 1",
        "11: \"latch\" in [counter.mmio] is a whole number; it must be a table");
    row("a latch without a place", mmioRow + "latch = { value = 1 }",
        "11: \"latch\" has no \"offset\"; it must be a whole number from 0 to 1048575");
    row("a latch without a value", mmioRow + "latch = { offset = 8 }",
        "11: \"latch\" has no \"value\"; it must be a whole number from 0 to 4294967295");
    row("a latch between two", mmioRow + "latch = { offset = 2, value = 1 }",
        "11: \"offset\" in \"latch\" is 0x2, which with \"base\" is 0x2; it must come to a "
        "multiple "
        "of 4, as 32 bits are read at once");
    row("a latch value wider than the bus",
        QByteArray(mmioRow).replace("path", "width = 8\nlatch = { offset = 0, value = 256 }\npath"),
        "10: \"value\" in \"latch\" is 256; it must be a whole number from 0 to 255");
    row("a latch that takes for ever", mmioRow + "latch = { offset = 0, value = 1, wait = '2ms' }",
        "11: \"wait\" in \"latch\" is 2ms; it must be at most 1ms");
    row("a period register between two", mmioRow + "period_register = 6",
        "11: \"period_register\" in [counter.mmio] is 0x6, which with \"base\" is 0x6; it must "
        "come "
        "to a multiple of 4, as 32 bits are read at once");
    row("jiffies in memory", QByteArray(mmioRow).replace("rate = 1000", "kind = 'jiffies'"),
        "8: a counter of kind \"jiffies\" has no \"mmio\": the kernel keeps it itself");
}

void addFactorRows()
{
    row("mult without shift", counterRow + "mult = 1",
        "8: \"mult\" in [[counter]] stands alone; it must come with \"shift\"");
    row("shift without mult", counterRow + "shift = 1",
        "8: \"shift\" in [[counter]] stands alone; it must come with \"mult\"");
    row("a mult of nothing", counterRow + "shift = 1\nmult = 0",
        "9: \"mult\" in [[counter]] is 0; it must be a whole number from 1 to 4294967295");
    row("a shift out of the product", counterRow + "mult = 1\nshift = 64",
        "9: \"shift\" in [[counter]] is 64; it must be a whole number from 0 to 32");
    row("a margin over 32 bits", counterRow + "margin = '5s'",
        "8: \"margin\" in [[counter]] is 5s; it must be at most 4.294967295s");
    const QByteArray jiffies = QByteArray(counterRow).replace("rate = 1000", "kind = 'jiffies'");
    row("jiffies with a factor", jiffies + "mult = 1\nshift = 0",
        "8: a counter of kind \"jiffies\" has no \"mult\": the kernel works it out from HZ");
    row("refined jiffies with a rate", counterRow + "kind = 'refined-jiffies'",
        "5: a counter of kind \"refined-jiffies\" has no \"rate\": it counts HZ");
    row("refined jiffies with a margin",
        QByteArray(jiffies).replace("'jiffies'", "'refined-jiffies'") + "margin = '1ms'",
        "8: a counter of kind \"refined-jiffies\" has no \"margin\": the kernel has one of its "
        "own");
}

void addDriverRows()
{
    const QByteArray driver = counterRow + "[driver]\n";
    row("an unknown key of the driver", driver + "modul = 'm'",
        "9: unknown key \"modul\" in [driver]; did you mean \"module\"?");
    row("a driver that is no table", "driver = 'x'\n" + counterRow,
        "1: \"driver\" in the device is text; it must be a table");
    row("a module outside of the driver", "module = 'm'\n" + counterRow,
        "1: unknown key \"module\" in the device; known are \"title\", \"source\", \"assumed\", "
        "\"compatible\", \"driver\", \"counter\", \"event\" and \"channel\"");
    row("an unknown owner", driver + "owner = 'sometimes'",
        "9: unknown owner \"sometimes\" in [driver]; known are \"never\", \"patched\" and "
        "\"always\"");
    row("an owner that is no text", driver + "owner = true",
        "9: \"owner\" in [driver] is true or false; it must be one of \"never\", \"patched\" and "
        "\"always\"");
    row("a driver of no name", driver + "name = ''",
        "9: \"name\" in [driver] is empty; it must name something");
    row("a clock of no name", driver + "clock = ''",
        "9: \"clock\" in [driver] is empty; it must name something");
    row("an early module", driver + "module = 'm'",
        "9: \"module\" in [driver] goes with a \"name\" only: a driver without one is probed "
        "before any module can be loaded");
    row("a single that is no switch", driver + "single = 1",
        "9: \"single\" in [driver] is a whole number; it must be true or false");
    const QByteArray channel = counterRow + "[[channel]]\nname = 'ch'\n";
    row("a channel without a role", channel,
        "8: [[channel]] has no \"role\"; it must be one of \"watchdog\" and \"pwm\"");
    row("an unknown role", channel + "role = 'event'",
        "10: unknown role \"event\" in [[channel]]; known are \"watchdog\" and \"pwm\"");
    row("a channel without a name", counterRow + "[[channel]]\nrole = 'pwm'",
        "8: [[channel]] has no \"name\"; it must be text in quotes");
    row("two channels of a name",
        channel + "role = 'pwm'\n[[channel]]\nname = 'ch'\nrole = 'watchdog'",
        "11: the name \"ch\" is taken by line 8");
}

void addTickRows()
{
    constexpr const char* wide = "it must be a whole number from 1, in quotes and hexadecimal when "
                                 "it is over 63 bits long, such as \"0xffffffffffffffff\"";
    const auto ticks = [wide](const char* name, const QByteArray& text) {
        row(name, eventRow + "max_ticks = '" + text + "'",
            "7: \"max_ticks\" in [[event]] is \"" + text + "\"; " + wide);
    };
    ticks("ticks in words", "all");
    ticks("ticks that are decimal in quotes", "99");
    ticks("ticks over 64 bits", "0x10000000000000000");
    ticks("ticks with a tail", "0x12 ");
    ticks("ticks of a bare prefix", "0x");
    ticks("no ticks in quotes", "0x0");
    row("ticks with decimals", eventRow + "max_ticks = 1.5",
        "7: \"max_ticks\" in [[event]] is a number with decimals; it must be a whole number from "
        "1");
    row("an event device without a rate", QByteArray(eventRow).replace("rate = 1000", ""),
        "3: [[event]] has no \"rate\"; it must be a whole number from 1 to 4294967295");
    row("ticks of a dummy without a rate",
        QByteArray(eventRow).replace("rate = 1000", "features = ['dummy']") + "min_ticks = 1",
        "7: a dummy without \"rate\" has no \"min_ticks\": it is registered without being "
        "configured");
    row("a rating of an event device beyond int",
        QByteArray(eventRow).replace("rating = 1", "rating = -2147483649"),
        "6: \"rating\" in [[event]] is -2147483649; it must be a whole number from -2147483648 to "
        "2147483647");
}

} // namespace

class DeviceFileTest : public QObject
{
    Q_OBJECT

private slots:
    void theFttmr010IsAsTheSeedsShowIt();
    void everyKeyOfADeviceIsKept();
    void jiffiesCountTicksAndHaveNoRate();
    void refinedJiffiesAreAKindOfTheirOwn();
    void aDriverThatSaysNothingIsBuiltInAndEarly();
    void aDummyMayBeLeftWithoutARate();
    void mfocIsReadInHalvesBehindALatch();
    void theHpetTellsItsOwnPeriod();
    void onlyPathAndOffsetOfAMappedCounterAreNeeded();
    void everyDeviceOfTheCatalogueIsGood_data();
    void everyDeviceOfTheCatalogueIsGood();
    void aBadFileGetsOneSentenceWithItsLine_data();
    void aBadFileGetsOneSentenceWithItsLine();
};

void DeviceFileTest::theFttmr010IsAsTheSeedsShowIt()
{
    const auto text = test::textOf(test::sourcePath("resources/devices/fttmr010.toml"));
    const auto device = parseDevice(text, "resources/devices/fttmr010.toml");
    QVERIFY2(device.has_value(), device ? "" : device.error().what.c_str());
    QCOMPARE(device->name, std::string("fttmr010"));
    QCOMPARE(device->counters.size(), std::size_t{1});
    QCOMPARE(device->counters[0],
             (CounterDescription{.name = "FTTMR010-TIMER2",
                                 .rate = {24'750'000},
                                 .bits = 32,
                                 .rating = 300,
                                 .flags = clocksource_flag::continuous,
                                 .readCost = 100ns,
                                 .schedClock = true,
                                 .delayTimer = true}));
    QCOMPARE(device->events.size(), std::size_t{1});
    QCOMPARE(
        device->events[0],
        (EventDescription{.name = "FTTMR010-TIMER1",
                          .rate = {24'750'000},
                          .rating = 300,
                          .features = clock_event_feature::periodic | clock_event_feature::oneshot,
                          .minTicks = 1,
                          .maxTicks = 0xffff'ffff,
                          .irq = 16,
                          .perCpu = false}));
}

void DeviceFileTest::everyKeyOfADeviceIsKept()
{
    const auto device = parseDevice(R"(
title = "T"
source = "S"
assumed = "A"
compatible = ["x,y", "x,z"]
[driver]
name = "x-timer"
module = "timer-x"
owner = "patched"
single = true
clock = "pclk"
leaves_clocksources = true
[[counter]]
name = "c"
stands_in_suspend = false
rate = 4294967295
bits = 64
rating = -5
flags = ["continuous", "must-verify", "valid-for-hres", "suspend-nonstop", "verify-percpu"]
mult = 4294967295
shift = 32
margin = "4294967295ns"
read_cost = "1.5us"
[[event]]
name = "e"
rate = 1
rating = 2
features = ["periodic", "oneshot", "ktime", "c3stop", "dummy", "dynirq", "percpu", "hrtimer"]
min_ticks = 15
max_ticks = "0xffffffffffffffff"
per_cpu = true
[[channel]]
name = "wdt"
role = "watchdog"
[[channel]]
name = "out"
role = "pwm"
)",
                                    "a/b/x.toml");
    QVERIFY2(device.has_value(), device ? "" : device.error().what.c_str());
    QCOMPARE(*device,
             (DeviceDescription{.name = "x",
                                .title = "T",
                                .source = "S",
                                .assumed = "A",
                                .compatible = {"x,y", "x,z"},
                                .driver = {.name = "x-timer",
                                           .module = "timer-x",
                                           .owner = DriverOwner::Patched,
                                           .single = true,
                                           .clock = "pclk",
                                           .leavesClocksources = true},
                                .counters = {{.name = "c",
                                              .rate = {0xffff'ffff},
                                              .bits = 64,
                                              .rating = -5,
                                              .flags = 0x2a3,
                                              .factor = MultShift{0xffff'ffff, 32},
                                              .margin = Ns{0xffff'ffff},
                                              .readCost = 1500ns,
                                              .standsInSuspend = false}},
                                .events = {{.name = "e",
                                            .rate = {1},
                                            .rating = 2,
                                            .features = 0xff,
                                            .minTicks = 15,
                                            .maxTicks = UINT64_MAX,
                                            .irq = std::nullopt,
                                            .perCpu = true}},
                                .channels = {{.name = "wdt", .role = ChannelRole::Watchdog},
                                             {.name = "out", .role = ChannelRole::Pwm}}}));
}

void DeviceFileTest::jiffiesCountTicksAndHaveNoRate()
{
    const auto text = test::textOf(test::sourcePath("resources/devices/jiffies.toml"));
    const auto device = parseDevice(text, "jiffies.toml");
    QVERIFY2(device.has_value(), device ? "" : device.error().what.c_str());
    QCOMPARE(device->counters.at(0).kind, CounterKind::Jiffies);
    QCOMPARE(device->counters.at(0).rate, Hertz{0});
    QCOMPARE(device->counters.at(0).rating, 1);
    QCOMPARE(device->counters.at(0).bits, 32U);
    QCOMPARE(device->counters.at(0).flags, 0U);
}

void DeviceFileTest::refinedJiffiesAreAKindOfTheirOwn()
{
    const QByteArray text
        = QByteArray(counterRow).replace("rate = 1000", "kind = 'refined-jiffies'");
    const auto device = parseDevice(text.toStdString(), "c.toml");
    QVERIFY2(device.has_value(), device ? "" : device.error().what.c_str());
    QCOMPARE(device->counters.at(0).kind, CounterKind::RefinedJiffies);
    QCOMPARE(device->counters.at(0).rate, Hertz{0});
}

void DeviceFileTest::aDriverThatSaysNothingIsBuiltInAndEarly()
{
    const auto device = parseDevice(counterRow.toStdString(), "c.toml");
    QVERIFY2(device.has_value(), device ? "" : device.error().what.c_str());
    QCOMPARE(device->driver, DriverDescription{});
    QCOMPARE(device->driver.owner, DriverOwner::Never);
    QVERIFY(!device->counters.at(0).factor.has_value());
    QCOMPARE(device->counters.at(0).margin, Ns{0});
}

void DeviceFileTest::aDummyMayBeLeftWithoutARate()
{
    const QByteArray text
        = QByteArray(eventRow).replace("rate = 1000", "features = ['oneshot', 'dummy']");
    const auto device = parseDevice(text.toStdString(), "d.toml");
    QVERIFY2(device.has_value(), device ? "" : device.error().what.c_str());
    QCOMPARE(device->events.at(0).rate, Hertz{0});
    QCOMPARE(device->events.at(0).minTicks, std::uint64_t{0});
    QCOMPARE(device->events.at(0).maxTicks, std::uint64_t{0});
}

void DeviceFileTest::mfocIsReadInHalvesBehindALatch()
{
    const auto text = test::textOf(test::sourcePath("resources/devices/mfoc.toml"));
    const auto device = parseDevice(text, "mfoc.toml");
    QVERIFY2(device.has_value(), device ? "" : device.error().what.c_str());
    QCOMPARE(device->counters.at(0).mmio,
             (MappedCounter{.path = "/dev/mem",
                            .base = 0x6400'00e4,
                            .offset = 4,
                            .width = 16,
                            .high = 6,
                            .latch = MappedCounter::Latch{.offset = 0, .value = 1, .wait = 400ns},
                            .period = std::nullopt}));
}

void DeviceFileTest::theHpetTellsItsOwnPeriod()
{
    const auto text = test::textOf(test::sourcePath("resources/devices/hpet.toml"));
    const auto device = parseDevice(text, "hpet.toml");
    QVERIFY2(device.has_value(), device ? "" : device.error().what.c_str());
    QCOMPARE(device->counters.at(0).mmio,
             (MappedCounter{.path = "/dev/hpet",
                            .base = 0,
                            .offset = 0xf0,
                            .width = 32,
                            .high = std::nullopt,
                            .latch = std::nullopt,
                            .period = MappedCounter::PeriodRegister{.offset = 4}}));
}

void DeviceFileTest::onlyPathAndOffsetOfAMappedCounterAreNeeded()
{
    const auto device = parseDevice(mmioRow.toStdString(), "c.toml");
    QVERIFY2(device.has_value(), device ? "" : device.error().what.c_str());
    MappedCounter plain;
    plain.path = "/dev/mem";
    QCOMPARE(device->counters.at(0).mmio, plain);
    QCOMPARE(plain.width, 32U);
}

void DeviceFileTest::everyDeviceOfTheCatalogueIsGood_data()
{
    QTest::addColumn<QString>("path");
    const QDir folder(test::sourcePath("resources/devices"));
    for (const QString& file : folder.entryList({"*.toml"})) {
        QTest::newRow(qPrintable(file)) << folder.filePath(file);
    }
}

void DeviceFileTest::everyDeviceOfTheCatalogueIsGood()
{
    QFETCH(QString, path);
    const auto device = parseDevice(test::textOf(path), path.toStdString());
    QVERIFY2(device.has_value(), device ? "" : device.error().what.c_str());
    QVERIFY(!device->title.empty());
    QVERIFY(!device->source.empty());
}

void DeviceFileTest::aBadFileGetsOneSentenceWithItsLine_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("sentence");
    row("nothing at all", "", "1: the device has no \"title\"; it must be text in quotes");
    row("no source", "title = 't'", "1: the device has no \"source\"; it must be text in quotes");
    row("no rows", "title = 't'\nsource = 's'",
        "1: the device has neither a [[counter]] nor an [[event]]; it must have one");
    row("an unknown key", "title = 't'\n\nsuorce = 's'",
        "3: unknown key \"suorce\" in the device; did you mean \"source\"?");
    row("an unknown key far from all", counterRow + "colour = 'blue'",
        "8: unknown key \"colour\" in [[counter]]; known are \"name\", \"kind\", \"rate\", "
        "\"bits\", \"rating\", \"flags\", \"mult\", \"shift\", \"margin\", \"read_cost\", "
        "\"sched_clock\", \"delay_timer\", \"mmio\" and \"stands_in_suspend\"");
    row("a wrong type", "title = 3",
        "1: \"title\" in the device is a whole number; it must be "
        "text in quotes");
    row("a counter that is no list", "title='t'\nsource='s'\ncounter = 3",
        "3: \"counter\" in the device is a whole number; it must be tables, each under a line "
        "[[counter]]");
    row("counters that are no tables", "title='t'\nsource='s'\ncounter = [3]",
        "3: \"counter\" in the device holds a whole number; it must be tables, each under a line "
        "[[counter]]");
    row("no name", QByteArray(counterRow).replace("name = 'c'", ""),
        "3: [[counter]] has no \"name\"; it must be text in quotes");
    row("an empty name", QByteArray(counterRow).replace("'c'", "''"),
        "4: \"name\" in [[counter]] is empty; it must name something");
    row("an unknown kind", counterRow + "kind = 'jiffy'",
        "8: unknown kind \"jiffy\" in [[counter]]; known are \"hardware\", \"jiffies\" and "
        "\"refined-jiffies\"");
    row("jiffies with a rate", counterRow + "kind = 'jiffies'",
        "5: a counter of kind \"jiffies\" has no \"rate\": it counts HZ");
    row("a rate of nothing", QByteArray(counterRow).replace("1000", "0"),
        "5: \"rate\" in [[counter]] is 0; it must be a whole number from 1 to 4294967295");
    row("a rate over 32 bits", QByteArray(counterRow).replace("1000", "4294967296"),
        "5: \"rate\" in [[counter]] is 4294967296; it must be a whole number from 1 to "
        "4294967295");
    row("a rate with decimals", QByteArray(counterRow).replace("1000", "24.75e6"),
        "5: \"rate\" in [[counter]] is a number with decimals; it must be a whole number from 1 "
        "to 4294967295");
    row("no bits", QByteArray(counterRow).replace("bits = 32", ""),
        "3: [[counter]] has no \"bits\"; it must be a whole number from 1 to 64");
    row("too many bits", QByteArray(counterRow).replace("32", "65"),
        "6: \"bits\" in [[counter]] is 65; it must be a whole number from 1 to 64");
    row("a rating beyond int", QByteArray(counterRow).replace("rating = 1", "rating = 3000000000"),
        "7: \"rating\" in [[counter]] is 3000000000; it must be a whole number from -2147483648 "
        "to 2147483647");
    row("an unknown flag", counterRow + "flags = ['continous']",
        "8: unknown name \"continous\" in \"flags\" of [[counter]]; did you mean "
        "\"continuous\"?");
    row("a flag that the core sets", counterRow + "flags = ['watchdog']",
        "8: unknown name \"watchdog\" in \"flags\" of [[counter]]; known are \"continuous\", "
        "\"must-verify\", \"valid-for-hres\", \"suspend-nonstop\" and \"verify-percpu\"");
    row("a flag twice", counterRow + "flags = ['continuous',\n'continuous']",
        "9: \"flags\" in [[counter]] names \"continuous\" twice");
    row("a flag that is no text", counterRow + "flags = [1]",
        "8: \"flags\" in [[counter]] holds a whole number; it must be a list of names, such as "
        "[\"one\", \"two\"]");
    row("an empty flag", counterRow + "flags = ['']",
        "8: \"flags\" in [[counter]] holds an empty text; it must be a list of names, such as "
        "[\"one\", \"two\"]");
    row("a bad time", counterRow + "read_cost = 'slow'",
        "8: \"read_cost\" in [[counter]]: time \"slow\" is not a number with ns, us, ms, s, min "
        "or h behind it, such as \"250ms\" or \"1.5s\"");
    row("a time without quotes", counterRow + "read_cost = 5",
        "8: \"read_cost\" in [[counter]] is a whole number; it must be a time in quotes, such as "
        "\"250ms\" or \"1.5s\"");
    row("a switch that is no switch", counterRow + "sched_clock = 'yes'",
        "8: \"sched_clock\" in [[counter]] is text; it must be true or false");
    row("two counters of a name", counterRow + "[[counter]]\nname='c'\nrate=1\nbits=1\nrating=1",
        "8: the name \"c\" is taken by line 3");
    addMmioRows();
    addFactorRows();
    addDriverRows();
    addTickRows();
    row("an unknown feature", eventRow + "features = ['one-shot']",
        "7: unknown name \"one-shot\" in \"features\" of [[event]]; did you mean \"oneshot\"?");
    row("no ticks", eventRow + "min_ticks = 0",
        "7: \"min_ticks\" in [[event]] is 0; it must be a whole number from 1");
    row("ticks the wrong way round", eventRow + "min_ticks = 9\nmax_ticks = 9",
        "8: \"max_ticks\" in [[event]] is 9; it must be more than \"min_ticks\", which is 9");
    row("an irq below zero", eventRow + "irq = -1",
        "7: \"irq\" in [[event]] is -1; it must be a whole number from 0 to 65535");
    row("two events of a name", eventRow + "[[event]]\nname='e'\nrate=1\nrating=1",
        "7: the name \"e\" is taken by line 3");
    row("a date", "title = 1979-05-27",
        "1: \"title\" in the device is a date or time without "
        "quotes; it must be text in quotes");
}

void DeviceFileTest::aBadFileGetsOneSentenceWithItsLine()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, sentence);
    const auto device = parseDevice(text.toStdString(), "d.toml");
    QVERIFY(!device.has_value());
    QCOMPARE(QByteArray::fromStdString(device.error().what), sentence);
    QCOMPARE(device.error().code, ErrorCode::Corrupt);
}

QTEST_GUILESS_MAIN(DeviceFileTest)
#include "device_file_test.moc"
