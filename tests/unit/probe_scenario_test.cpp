// SPDX-License-Identifier: GPL-3.0-or-later
//! Clocks, nodes and the order of the boot, from a scenario's file to its run (seeds 002 and 003).
#include "engine/procfs/procfs.h"
#include "tests/support/catalogue.h"
#include "tests/support/simulation.h"

#include <QTest>

using namespace timerscope;
using namespace timerscope::test;

namespace {

QByteArray fileOf(const char* name)
{
    return QByteArray::fromStdString(
        textOf(sourcePath(QStringLiteral("resources/scenarios/%1.toml").arg(name))));
}

/// A catalogue scenario with @p before replaced by @p after, which must be there once.
Scenario changed(const char* name, const QByteArray& before, const QByteArray& after)
{
    QByteArray text = fileOf(name);
    Q_ASSERT(text.count(before) == 1);
    text.replace(before, after);
    return parseScenario(text.toStdString(), "changed.toml", catalogueDevice).value();
}

QString faultOf(const QByteArray& text)
{
    const auto scenario = parseScenario(text.toStdString(), "s.toml", catalogueDevice);
    return scenario ? QString() : QString::fromStdString(scenario.error().what);
}

struct Run
{
    explicit Run(Scenario scenario)
        : source(test::simulate(std::move(scenario)).value())
    {
        ended = source->advance(*source->info().end).has_value();
    }
    [[nodiscard]] QString dmesg() const
    {
        return QString::fromStdString(dmesgText(source->log(), source->log().size()));
    }
    [[nodiscard]] QString state(std::string_view key) const
    {
        return QString::fromStdString(stateValue(*source->snapshot(), key).value_or("absent"));
    }
    /// The steps of the run and what they were answered.
    [[nodiscard]] QStringList steps() const
    {
        QStringList all;
        for (std::size_t i = 0; i < source->log().size(); ++i) {
            const TraceRecord& record = source->log()[i];
            if (record.kind == RecordKind::ScenarioStep) {
                const std::string_view text = source->log().string(record.subject);
                all += QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
            }
        }
        return all;
    }

    std::unique_ptr<Source> source;
    bool ended = false;
};

const QByteArray head = "title = 't'\nend = '1s'\ndevices = ['fttmr010', 'mfoc', 'dummy_timer']\n";

} // namespace

class ProbeScenarioTest : public QObject
{
    Q_OBJECT
private slots:
    void timerOfTheAst2500CountsAtTheRateOfTheApb();
    void anotherCrystalMakesAnotherRate();
    void anotherDividerMakesAnotherRate();
    void deviceWithoutItsClockKeepsItsRateAndIsRefused();
    void refusedProbeIsPartOfTheStory_data();
    void refusedProbeIsPartOfTheStory();
    void probeSucceedsOnceTheCauseIsGone();
    void stagesThatAreNamedHappenThere();
    void persistentClockIsReadByTimekeepingInit();
    void dummyTimersAreRegisteredAtTheirStage();
    void rtcSetsTheTimeAsTheSeedShowsIt();
    void badClocksNodesAndOrdersGetOneSentence_data();
    void badClocksNodesAndOrdersGetOneSentence();
};

void ProbeScenarioTest::timerOfTheAst2500CountsAtTheRateOfTheApb()
{
    const Scenario scenario = catalogueScenario("ast2500-boot").value();
    QCOMPARE(scenario.machine.clocks.rate("hpll").value, 792'000'000U);
    QCOMPARE(scenario.machine.clocks.rate("apb").value, 24'750'000U);
    QCOMPARE(scenario.devices[0].counters[0].rate.value, 24'750'000U);
    QCOMPARE(scenario.devices[0].events[0].rate.value, 24'750'000U);
    QVERIFY(!scenario.machine.boot.callsTimekeepingInit);
}

void ProbeScenarioTest::anotherCrystalMakesAnotherRate()
{
    const Run run(changed("ast2500-boot", "register = 0x0000_0200", "register = 0x0080_0200"));
    QVERIFY(run.ended);
    QCOMPARE(run.state("clocksource.FTTMR010-TIMER2.rate"), "25781250");
    QCOMPARE(run.state("sched_clock.rate"), "25781250");
    QVERIFY(run.dmesg().contains("51.56 BogoMIPS (lpj=257812)"));
    // The simulated counter does count that fast: true time and the clock agree.
    const qint64 monotonic = run.state("monotonic").toLongLong();
    QVERIFY2(monotonic > 490'000'000 && monotonic <= 500'000'000,
             qPrintable(QString::number(monotonic)));
}

void ProbeScenarioTest::anotherDividerMakesAnotherRate()
{
    const Run run(changed("ast2500-boot", "register = 0xf3f4_0000", "register = 0xf274_0000"));
    QVERIFY(run.ended);
    QCOMPARE(run.state("clocksource.FTTMR010-TIMER2.rate"), "39600000"); // 792 MHz / 20
}

void ProbeScenarioTest::deviceWithoutItsClockKeepsItsRateAndIsRefused()
{
    const Scenario scenario = changed("mfoc-boot", "clocks = { mfoc = \"mfocclock\" }", "");
    QCOMPARE(scenario.devices[1].counters[0].rate.value, 1'000'000U);
    const Run run(scenario);
    QVERIFY(run.steps().contains("answered -2 (ENOENT)"));
    QCOMPARE(run.state("clocksource.current"), "tim34");
}

void ProbeScenarioTest::refusedProbeIsPartOfTheStory_data()
{
    QTest::addColumn<QByteArray>("before");
    QTest::addColumn<QByteArray>("after");
    QTest::addColumn<QString>("answer");
    QTest::addColumn<QString>("line");
    const auto row = [](const char* name, const char* before, const char* after, const char* answer,
                        const char* line) {
        QTest::newRow(name) << QByteArray(before) << QByteArray(after) << QString(answer)
                            << QString(line);
    };
    const char* const probe = "at = \"300ms\"\n";
    row("memory", probe,
        "at = \"250ms\"\nfault = { device = \"mfoc\", kind = \"no-memory\" }\n\n[[step]]\n"
        "at = \"300ms\"\n",
        "answered -12 (ENOMEM)",
        "mfoc-clocksource: probe of 640000e4.mfoc-clocksource failed with error -12");
    row("registration", probe,
        "at = \"250ms\"\nfault = { device = \"mfoc\", kind = \"registration-refused\" }\n\n"
        "[[step]]\nat = \"300ms\"\n",
        "answered -22 (EINVAL)",
        "mfoc-clocksource 640000e4.mfoc-clocksource: clocksource registration failed");
    row("region", "reg = { base = 0x6400_00e4, size = 0x8 }\n", "", "answered -22 (EINVAL)",
        "mfoc-clocksource mfoc-clocksource@640000e4: invalid resource");
    row("status", "status = \"okay\"", "status = \"disabled\"", "answered -19 (ENODEV)", "");
}

void ProbeScenarioTest::refusedProbeIsPartOfTheStory()
{
    QFETCH(QByteArray, before);
    QFETCH(QByteArray, after);
    QFETCH(QString, answer);
    QFETCH(QString, line);
    const Run run(changed("mfoc-boot", before, after));
    QVERIFY(run.ended);
    QVERIFY2(run.steps().contains(answer), qPrintable(run.steps().join('\n')));
    QVERIFY2(run.dmesg().contains(line), qPrintable(run.dmesg()));
    QCOMPARE(run.state("clocksource.available"), "tim34");
    QCOMPARE(run.state("sched_clock.counter"), "jiffies");
}

void ProbeScenarioTest::probeSucceedsOnceTheCauseIsGone()
{
    const Run run(changed("mfoc-boot", "at = \"300ms\"\n",
                          "at = \"250ms\"\nfault = { device = \"mfoc\", kind = \"no-memory\" }\n"
                          "[[step]]\nat = \"260ms\"\nprobe = \"mfoc\"\n"
                          "[[step]]\nat = \"300ms\"\n"));
    QVERIFY(run.steps().contains("fault mfoc no-memory"));
    QCOMPARE(run.steps().filter("answered").size(), 1);
    QCOMPARE(run.state("clocksource.current"), "mfoc");
    QCOMPARE(run.source->failedExpectations(), 0U);
}

void ProbeScenarioTest::stagesThatAreNamedHappenThere()
{
    const Run run(catalogueScenario("ast2500-rtc").value());
    QVERIFY(run.ended);
    QCOMPARE(run.steps().filter("boot "),
             (QStringList{"boot init_timers", "boot hrtimers_init", "boot timekeeping_init",
                          "boot time_init", "boot sched_clock_init", "boot calibrate_delay",
                          "boot init_jiffies_clocksource", "boot clocksource_done_booting"}));
    // Without a counter of its own, sched_clock becomes jiffies at the stage, not before.
    const QByteArray text = head
        + "machine.hz = 100\n[[step]]\nat = '0'\nboot = 'time_init'\n"
          "[[step]]\nat = '7ms'\nboot = 'sched_clock_init'\n";
    const auto source
        = test::simulate(parseScenario(text.toStdString(), "s.toml", catalogueDevice).value())
              .value();
    QVERIFY(source->advance(TraceInstant{Ns{6'999'999}}).has_value());
    QVERIFY(dmesgText(source->log(), source->log().size()).empty());
    QVERIFY(source->advance(TraceInstant{Ns{8'000'000}}).has_value());
    QVERIFY(dmesgText(source->log(), source->log().size()).find("sched_clock: ")
            != std::string::npos);
}

void ProbeScenarioTest::persistentClockIsReadByTimekeepingInit()
{
    const QByteArray rtc = "[[machine.rtc]]\ndriver = 'rtc-x'\ntime = '1970-01-01T00:01:40Z'\n"
                           "persistent = true\nsets_system_time = false\n";
    const QByteArray late = "[[step]]\nat = '250ms'\nboot = 'timekeeping_init'\n";
    const auto realtime = [&](const QByteArray& more, std::int64_t ms) {
        const auto scenario
            = parseScenario((head + rtc + more).toStdString(), "s.toml", catalogueDevice);
        const auto source = test::simulate(scenario.value()).value();
        static_cast<void>(source->advance(TraceInstant{std::chrono::milliseconds{ms}}));
        return QString::fromStdString(
            stateValue(*source->snapshot(), "timekeeper.realtime").value_or("absent"));
    };
    QCOMPARE(realtime("", 300), "100000000000"); // read at power-on; no timer makes jiffies go on
    QCOMPARE(realtime(late, 200), "0");
    QCOMPARE(realtime(late, 300), "100250000000");
}

void ProbeScenarioTest::dummyTimersAreRegisteredAtTheirStage()
{
    const QByteArray text = head
        + "[[step]]\nat = '0'\nboot = 'time_init'\ndevices = ['fttmr010']\n"
          "[[step]]\nat = '9ms'\nboot = 'dummy_timer_register'\ndevices = ['dummy_timer']\n";
    const Run run(parseScenario(text.toStdString(), "s.toml", catalogueDevice).value());
    QVERIFY(run.ended);
    const auto snapshot = run.source->snapshot();
    QVERIFY(snapshot->clockEvent("dummy_timer", 0) != nullptr);
    QCOMPARE(run.state("cpu0.tick.device"), "FTTMR010-TIMER1");
}

void ProbeScenarioTest::rtcSetsTheTimeAsTheSeedShowsIt()
{
    const Run run(catalogueScenario("ast2500-rtc").value());
    QCOMPARE(run.source->failedExpectations(), 0U);
    const QStringList lines = run.dmesg().split('\n').filter("rtc-rv8803");
    QCOMPARE(lines.size(), 2);
    QVERIFY2(lines[0].startsWith("[    1.722"), qPrintable(lines[0]));
    QVERIFY(lines[0].endsWith("] rtc-rv8803 11-0032: registered as rtc0"));
    QVERIFY2(lines[1].startsWith("[    1.722"), qPrintable(lines[1]));
    QVERIFY(lines[1].endsWith("] rtc-rv8803 11-0032: setting system clock to 2023-07-05T03:02:00 "
                              "UTC (1688526120)"));
    QVERIFY(run.state("timekeeper.realtime").startsWith("1688526120"));
}

void ProbeScenarioTest::badClocksNodesAndOrdersGetOneSentence_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("sentence");
    const auto row = [](const char* name, const char* text, const char* sentence) {
        QTest::newRow(name) << head + text << "s.toml:" + QString::fromUtf8(sentence);
    };
    const auto order
        = [&row](const char* name, const char* first, const char* second, const char* sentence) {
              const QByteArray text = QByteArray("[[step]]\nat = '1ms'\n") + first
                  + "\n[[step]]\nat = '2ms'\n" + second + '\n';
              row(name, text.constData(), sentence);
          };
    row("zero rate", "[[clock]]\nname = 'a'\nkind = 'fixed-rate'\nrate = 0",
        "7: \"rate\" in [[clock]] is 0; it must be a whole number from 1");
    row("no rate", "[[clock]]\nname = 'a'\nkind = 'fixed-rate'",
        "4: [[clock]] has no \"rate\"; it must be a whole number from 1");
    row("unknown kind", "[[clock]]\nname = 'a'\nkind = 'gated'",
        "6: unknown kind \"gated\" in [[clock]]; did you mean \"gate\"?");
    row("foreign key", "[[clock]]\nname = 'a'\nkind = 'gate'\nparent = 'b'\nmult = 2",
        "8: \"mult\" does not go with kind = \"gate\"");
    row("both rates",
        "[[clock]]\nname = 'a'\nkind = 'fixed-rate'\nrate = 1\nrates = [1]\n"
        "register = 0\nshift = 0\nwidth = 1",
        "7: \"rate\" in [[clock]] does not go with \"rates\"");
    row("register without a choice",
        "[[clock]]\nname = 'a'\nkind = 'fixed-rate'\nrate = 1\n"
        "width = 1",
        "8: \"width\" in [[clock]] goes with \"rates\", not with \"rate\"");
    row("field out of the register",
        "[[clock]]\nname = 'a'\nkind = 'divider'\nparent = 'b'\n"
        "register = 0\nshift = 30\nwidth = 3",
        "10: \"width\" in [[clock]] is 3; it must be a whole number from 1 to 2");
    row("zero divisor",
        "[[clock]]\nname = 'a'\nkind = 'divider'\nparent = 'b'\nregister = 0\n"
        "shift = 0\nwidth = 1\ndivisors = [0, 2]",
        "11: \"divisors\" in [[clock]] must be a list of whole numbers from 1 to 4294967295, such "
        "as [4, 8]");
    row("rule and list",
        "[[clock]]\nname = 'a'\nkind = 'divider'\nparent = 'b'\nregister = 0\n"
        "shift = 0\nwidth = 1\ndivisors = [1, 2]\nrule = 'plus-one'",
        "12: \"rule\" in [[clock]] does not go with \"divisors\"");
    row("unknown parent", "[[clock]]\nname = 'a'\nkind = 'gate'\nparent = 'b'",
        "4: unknown clock \"b\", the parent of \"a\"");
    row("circle",
        "[[clock]]\nname = 'a'\nkind = 'gate'\nparent = 'b'\n[[clock]]\nname = 'b'\n"
        "kind = 'fixed-factor'\nparent = 'a'\nmult = 3",
        "4: the clock \"a\" comes from itself, by way of \"b\"; it must come from a clock of kind "
        "\"fixed-rate\"");
    row("clock twice",
        "[[clock]]\nname = 'a'\nkind = 'fixed-rate'\nrate = 1\n[[clock]]\n"
        "name = 'a'\nkind = 'fixed-rate'\nrate = 1",
        "8: two clocks are called \"a\"; names must differ");
    row("node without a driver", "[[node]]\nname = 'n'",
        "4: [[node]] has no \"compatible\"; it must have at least one name by which a driver finds "
        "it");
    row("node twice",
        "[[node]]\nname = 'n'\ncompatible = ['x']\n[[node]]\nname = 'n'\n"
        "compatible = ['y']",
        "7: the node \"n\" is there already, on line 4");
    row("empty reg", "[[node]]\nname = 'n'\ncompatible = ['x']\nreg = { base = 1, size = 0 }",
        "7: \"size\" in \"reg\" is 0; it must be a whole number from 1");
    row("wrong address",
        "[[node]]\nname = 'n@10'\ncompatible = ['x']\n"
        "reg = { base = 0x11, size = 1 }",
        "7: the node \"n@10\" has its registers at 0x11; the address in its name must be the same");
    row("unknown clock", "[[node]]\nname = 'n'\ncompatible = ['x']\nclocks = { a = 'b' }",
        "7: unknown clock \"b\"; the scenario has no [[clock]]");
    row("clock by number", "[[node]]\nname = 'n'\ncompatible = ['x']\nclocks = { a = 1 }",
        "7: \"a\" in \"clocks\" is a whole number; it must be the name of a [[clock]]");
    row("two nodes for one timer",
        "[[node]]\nname = 'n'\ncompatible = ['faraday,fttmr010']\n"
        "[[node]]\nname = 'm'\ncompatible = ['faraday,fttmr010']",
        "7: the nodes \"n\" and \"m\" are both for the device \"fttmr010\"; this version has one "
        "instance of each device");
    row("too fast a clock",
        "[[clock]]\nname = 'a'\nkind = 'fixed-rate'\nrate = 4294967296\n"
        "[[node]]\nname = 'n'\ncompatible = ['faraday,fttmr010']\n"
        "clocks = { PCLK = 'a' }\n[machine]\nbits = 64",
        "8: the clock \"a\" of the device \"fttmr010\" has 4294967296 Hz; it must have at most "
        "4294967295 Hz");
    order("sleep before hrtimers", "workload = { kind = 'sleep', task = 'a', period = '1ms' }",
          "boot = 'hrtimers_init'",
          "4: the step \"workload\" comes before boot = \"hrtimers_init\" on line 7; until then "
          "there is no hrtimer base");
    order("timeout before wheels", "workload = { kind = 'timeout', task = 'a', period = '1ms' }",
          "boot = 'init_timers'",
          "4: the step \"workload\" comes before boot = \"init_timers\" on line 7; until then "
          "there is no timer wheel");
    order("time before timekeeping", "set_time = '2023-07-05T03:02:00Z'",
          "boot = 'timekeeping_init'",
          "4: the step \"set_time\" comes before boot = \"timekeeping_init\" on line 7; until then "
          "there is no timekeeper");
    order("probe before timekeeping", "probe = 'mfoc'", "boot = 'timekeeping_init'",
          "4: the step \"probe\" comes before boot = \"timekeeping_init\" on line 7; until then "
          "there is no timekeeper");
    order("stages the wrong way round", "boot = 'sched_clock_init'", "boot = 'time_init'",
          "7: boot = \"time_init\" comes after \"sched_clock_init\"; a kernel runs it before");
    order("real timer as a dummy", "boot = 'dummy_timer_register'\ndevices = ['fttmr010']",
          "boot = 'init_jiffies_clocksource'",
          "7: the device \"fttmr010\" is no dummy; boot = \"dummy_timer_register\" takes place "
          "holders only");
    order("denial with a measure", "boot = 'time_init'",
          "fault = { device = 'mfoc', kind = 'no-memory', count = 2 }",
          "9: \"count\" does not go with kind = \"no-memory\"");
    order("refusal of no clocksource", "boot = 'time_init'",
          "fault = { device = 'dummy_timer', kind = 'registration-refused' }",
          "9: unknown device with a clocksource \"dummy_timer\"; the scenario has \"fttmr010\" and "
          "\"mfoc\"");
}

void ProbeScenarioTest::badClocksNodesAndOrdersGetOneSentence()
{
    QFETCH(QByteArray, text);
    QFETCH(QString, sentence);
    QCOMPARE(faultOf(text), sentence);
}

QTEST_GUILESS_MAIN(ProbeScenarioTest)
#include "probe_scenario_test.moc"
