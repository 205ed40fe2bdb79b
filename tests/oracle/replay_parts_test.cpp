// SPDX-License-Identifier: GPL-3.0-or-later
//! What a replay is made of: commands, a boot's lines, times, and a counter that can be broken.
#include "backends/simulated/simulated_hardware.h"
#include "tests/oracle/replay/kernel_command.h"
#include "tests/oracle/replay/kernel_state_text.h"
#include "tests/oracle/replay/replay.h"
#include "tests/oracle/replay/step_times.h"
#include "tests/oracle/replay/test_counter.h"

#include <QTest>

#include <limits>

using namespace timerscope;
using namespace timerscope::oracle;
using namespace std::chrono_literals;

namespace {

RecordedStep step(std::string command, const QJsonArray& dmesg = {})
{
    RecordedStep made;
    made.command = std::move(command);
    made.obs = QJsonObject{{"dmesg", dmesg}};
    return made;
}

RecordedScenario scenarioOf(std::vector<RecordedStep> steps)
{
    RecordedScenario scenario;
    scenario.id = "made";
    scenario.steps = std::move(steps);
    for (std::size_t i = 0; i < scenario.steps.size(); ++i) {
        scenario.steps[i].number = static_cast<std::int64_t>(i) + 1;
    }
    return scenario;
}

const std::vector<std::string> boot{
    "[    0.000000] tsc: Detected 999.989 MHz processor",
    "[    0.148927] clocksource: refined-jiffies: mask: 0xffffffff max_cycles: 0xffffffff, x",
    "[    0.425813] clocksource: hpet: mask: 0xffffffff max_cycles: 0xffffffff, x",
    "[    0.425848] APIC: Switch to symmetric I/O mode setup",
    "[    0.437864] clocksource: tsc-early: mask: 0xffffffffffffffff max_cycles: 0x1, x",
    "[    1.055203] clocksource: jiffies: mask: 0xffffffff max_cycles: 0xffffffff, x",
    "[    1.614028] clocksource: Switched to clocksource tsc-early",
    "[    1.682803] clocksource: acpi_pm: mask: 0xffffff max_cycles: 0xffffff, x",
    "[    2.293470] rtc_cmos 00:05: setting system clock to 2026-01-01T00:00:20 UTC (1767225620)",
    "[    2.540364] sched_clock: Marking stable (2548005605, -10764598)->(2262524500, 274717522)",
    "[    2.785318] tsc: Refined TSC clocksource calibration: 1000.000 MHz",
    "[    2.785338] clocksource: tsc: mask: 0xffffffffffffffff max_cycles: 0x1cd42e4dffb, x",
    "[    2.785386] clocksource: Switched to clocksource tsc",
    "[    6.061156] clk: Disabling unused clocks",
};

/// The outputs of all steps, one a word; "fault" where the kernel died.
QString outcome(std::vector<RecordedStep> steps)
{
    RecordedScenario scenario = scenarioOf(std::move(steps));
    scenario.bootLines = boot;
    const auto replayed = replay(scenario);
    if (!replayed || replayed->stop) {
        return replayed ? QString::fromStdString(replayed->stop->what) : QString();
    }
    QStringList words;
    for (const StepAnswer& answer : replayed->answers) {
        const QString output = answer.output.isEmpty() ? "-" : answer.output.first().toString();
        words << (answer.fault.empty() ? output.section(' ', 0, 0) : "fault");
    }
    return words.join(' ');
}

} // namespace

class ReplayPartsTest final : public QObject
{
    Q_OBJECT

private slots:
    void aCommandIsCutIntoWords()
    {
        const auto command = parseCommand("a @1 cs_reg 3 name 0x10 -5");
        QVERIFY(command);
        QCOMPARE(command->module, 'a');
        QCOMPARE(command->cpu, 1U);
        QVERIFY(command->isToModule("cs_reg"));
        QCOMPARE(command->word(1), std::string_view("name"));
        QCOMPARE(command->number(2), std::int64_t{16});
        QCOMPARE(command->number(3), std::int64_t{-5});
        QVERIFY(!command->number(1));
        QVERIFY(!command->number(9));
        QCOMPARE(command->length, std::string_view("@1 cs_reg 3 name 0x10 -5").size());
        QVERIFY(!parseCommand("override tsc")->isToModule("override"));
        QCOMPARE(parseCommand("unbindcs ")->word(0), std::string_view());
        for (const char* bad : {"", "   ", "a", "a @", "a @x state", "b @1"}) {
            QVERIFY2(!parseCommand(bad), bad);
        }
    }

    void numbersAndSecondsAreExact()
    {
        QCOMPARE(parseNumber("+3000000000"), std::int64_t{3'000'000'000});
        QCOMPARE(parseNumber("-0x10"), std::int64_t{-16});
        QCOMPARE(parseNumber("9223372036854775807"), std::numeric_limits<std::int64_t>::max());
        for (const char* bad : {"", "-", "5x", "0x", "99999999999999999999", "1 "}) {
            QVERIFY2(!parseNumber(bad), bad);
        }
        QCOMPARE(*parseSeconds("1.2"), Ns{1'200'000'000});
        QCOMPARE(*parseSeconds("1627.563093"), Ns{1'627'563'093'000});
        QCOMPARE(*parseSeconds("2"), Ns{2s});
        for (const char* bad : {"", "-1", "1.0000000001", "1.x", "one"}) {
            QVERIFY2(!parseSeconds(bad), bad);
        }
    }

    void flagsAreLettersInTheOrderOfBits()
    {
        QCOMPARE(flagLetters(0x3f3), std::string("cmwhusrp"));
        QCOMPARE(flagLetters(0), std::string("-"));
        QCOMPARE(*flagsOf("pmc"), std::uint32_t{0x203});
        QCOMPARE(*flagsOf("x"), 0U);
        QVERIFY(!flagsOf("cz"));
    }

    void aBootTellsWhatItHad()
    {
        auto lines = boot;
        lines.emplace_back("no stamp");
        lines.emplace_back("[ 1627.563093] clocksource: skew: mask: 0xff max_cycles: 0x2, x");
        const BootFacts facts = readBootFacts(lines);
        QCOMPARE(facts.registered.size(), std::size_t{6});
        QCOMPARE(facts.registered[2].name, std::string("tsc-early"));
        QCOMPARE(facts.registered[2].stamp, Ns{437'864us});
        QCOMPARE(*facts.switched, Ns{1'614'028us});
        QCOMPARE(facts.detectedKhz, 999'989U);
        QCOMPARE(facts.refinedKhz, 1'000'000U);
        QCOMPARE(facts.interruptsUp, Ns{425'848us});
        QCOMPARE(facts.monotonicAhead, Ns{10'764'598});
        QCOMPARE(facts.rtc->seconds, std::int64_t{1'767'225'620});
        QCOMPARE(facts.end, Ns{6'061'156us});
        QCOMPARE(facts.lateLines.size(), std::size_t{1});
    }

    void aStepThatShowsItsTimeIsTakenAtIt()
    {
        const auto scenario = scenarioOf({
            step("load a"),
            step("a cs_reg 0 x 1000 1 32 ch 1", {"[    6.770000] clocksource: x: mask: 0x1 max"}),
            step("override tsc", {"[    6.783000] clocksource: Switched to clocksource tsc"}),
            step("a state", {"[    6.900000] clocksource: Switched to clocksource x"}),
            step("sleep 2"),
            step("a state"),
        });
        const BootFacts facts = readBootFacts(boot);
        const StepTimes times(scenario, facts);
        QVERIFY(times.first() < 6'770ms);
        QCOMPARE(times.next(0, times.first(), true), Ns{6'770ms});
        QCOMPARE(times.next(1, 6'770ms, true), Ns{6'783ms});
        // A line that came long after was not this command's.
        QVERIFY(times.next(2, 6'783ms, true) < 6'800ms);
        QVERIFY(times.next(4, 7s, true) > 9s);
    }

    void aCounterRunsWrongJumpsAndStops()
    {
        SimulatedHardware hardware({}, {});
        TestCounter counter(hardware, Hertz{1'000'000}, 0xffff, 65'000);
        QCOMPARE(counter.readCounter().count, std::uint64_t{65'000});
        hardware.spend(1ms);
        QCOMPARE(counter.readCounter().count, std::uint64_t{66'000 - 65'536});
        counter.setError(1000);
        hardware.spend(1s);
        QCOMPARE(counter.readCounter().count, std::uint64_t{(66'000 + 1'001'000) % 65'536});
        counter.setError(0);
        counter.jump(-1'001'000);
        QCOMPARE(counter.readCounter().count, std::uint64_t{66'000 - 65'536});
        counter.stop();
        hardware.spend(1s);
        QCOMPARE(counter.observeCounter().count, std::uint64_t{66'000 - 65'536});
    }

    /// The current clock jumps back 3 s: time stands until it has caught up, and the sleep with it.
    void timeThatStandsForAWhileIsNoFault()
    {
        QCOMPARE(outcome({step("load a"), step("a cs_reg 0 x 10000000 400 64 ch 1"),
                          step("a cs_jump 0 -30000000"), step("sleep 1"), step("a jiffies")}),
                 QString("ok ok ok - ok"));
    }

    void timeThatStandsForEverIsAFault()
    {
        QCOMPARE(outcome({step("load a"), step("a cs_reg 0 x 10000000 400 64 ch 1"),
                          step("a cs_stop 0"), step("a state"), step("sleep 1"), step("a state")}),
                 QString("ok ok ok ok fault"));
        QCOMPARE(outcome({step("load a"), step("a cs_reg 0 x 10000000 400 64 ch 1"),
                          step("a cs_stop 0"), step("override tsc"), step("sleep 0.3")}),
                 QString("ok ok ok ok -"));
    }

    void whatTheModelLacksIsRefused()
    {
        for (const char* command :
             {"ks w /proc/x 1", "ks dance", "load z", "ls /proc", "a dance"}) {
            QVERIFY2(outcome({step("load a"), step(command)}).contains("does not have"), command);
        }
        for (const char* command :
             {"a cs_unreg 5", "a cs_reg 0 x", "a cs_reg 0 x 0 1 32 ch 1", "a cs_ppm 0 x",
              "a hr rem 3", "a put", "sleep x", "a @1 state", "a ce_reg 0 x",
              "a ce_reg 0 x 1 O 7 1 1 1 -1 1 0", "a ce_reg 0 x 1 Z 0 1 1 1 -1 1 0",
              "a ce_unbind 3 0", "a ce_freq 3 1", "a ce_count 3", "a bc 3"}) {
            const QString what = outcome({step("load a"), step(command)});
            QVERIFY2(!what.isEmpty() && !what.startsWith("ok"), command);
        }
    }

    void aModuleThatIsNotThereCannotBeTold()
    {
        QCOMPARE(outcome({step("load a"), step("load a"), step("b state"), step("unload b"),
                          step("unload a"), step("a state")}),
                 QString("ok errno=17 open errno=2 ok open"));
    }
};

QTEST_GUILESS_MAIN(ReplayPartsTest)
#include "replay_parts_test.moc"
