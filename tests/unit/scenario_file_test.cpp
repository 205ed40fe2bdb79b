// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/scenario/scenario_file.h"
#include "tests/support/catalogue.h"

#include <QDir>
#include <QtTest>

using namespace timerscope;
using namespace std::chrono_literals;

namespace {

const QByteArray head = "title = 't'\nend = '1s'\ndevices = ['fttmr010', 'jiffies']\n";

Result<Scenario> parse(const QByteArray& text)
{
    return parseScenario(text.toStdString(), "a/s.toml", test::catalogueDevice);
}

QByteArray stepOf(const QByteArray& action)
{
    return head + "[[step]]\nat = '1ms'\n" + action;
}

template<typename Action>
const Action& actionOf(const Scenario& scenario, std::size_t index)
{
    return std::get<Action>(scenario.steps.at(index).action);
}

} // namespace

class ScenarioFileTest : public QObject
{
    Q_OBJECT

private slots:
    void theBootOfTheAst2500IsAsTheSeedShowsIt();
    void aShortScenarioGetsTheKernelsDefaults();
    void everyKeyOfAMachineIsKept();
    void everyKindOfStepIsRead();
    void stepsAreSortedByTimeAndEqualTimesKeepTheirOrder();
    void anExpectationMayBeANumberOrASwitch();
    void everyScenarioOfTheCatalogueIsGood_data();
    void everyScenarioOfTheCatalogueIsGood();
    void theExamplesOfTheDocumentAreGood();
    void aBrokenDeviceFileSpeaksForItself();
    void devicesThatBringTheSameNameAreRefused();
    void aBadFileGetsOneSentenceWithItsLine_data();
    void aBadFileGetsOneSentenceWithItsLine();
    void aBadStepGetsOneSentenceWithItsLine_data();
    void aBadStepGetsOneSentenceWithItsLine();
    void textsMadeToHurtAreRefused_data();
    void textsMadeToHurtAreRefused();
};

void ScenarioFileTest::theBootOfTheAst2500IsAsTheSeedShowsIt()
{
    const auto scenario = test::catalogueScenario("ast2500-boot");
    QVERIFY2(scenario.has_value(), scenario ? "" : scenario.error().what.c_str());
    QCOMPARE(scenario->name, std::string("ast2500-boot"));
    QCOMPARE(scenario->machine.name, std::string("ast2500-boot"));
    QCOMPARE(scenario->machine.profile->name, std::string_view("linux-5.15"));
    QCOMPARE(scenario->machine.cpus, 1U);
    QCOMPARE(scenario->machine.tickRate, TickRate{100});
    QCOMPARE(scenario->machine.bits, 32U);
    QCOMPARE(scenario->machine.config, KernelConfig{});
    QVERIFY(scenario->machine.cost.printk > 0ns);
    QCOMPARE(scenario->end, TraceInstant{500ms});
    QCOMPARE(scenario->devices.size(), std::size_t{2});
    std::vector<BootStage> stages;
    for (const Step& step : scenario->steps) {
        if (const auto* const boot = std::get_if<step::Boot>(&step.action)) {
            stages.push_back(boot->stage);
        }
    }
    QCOMPARE(stages,
             (std::vector{BootStage::TimeInit, BootStage::CalibrateDelay,
                          BootStage::InitJiffiesClocksource, BootStage::ClocksourceDoneBooting}));
}

void ScenarioFileTest::aShortScenarioGetsTheKernelsDefaults()
{
    const auto scenario = parse("title = 't'\nend = '1s'");
    QVERIFY2(scenario.has_value(), scenario ? "" : scenario.error().what.c_str());
    QCOMPARE(scenario->name, std::string("s"));
    QCOMPARE(scenario->file, std::string("a/s.toml"));
    QCOMPARE(scenario->machine.profile->name, std::string_view("linux-6.1"));
    QCOMPARE(scenario->machine.cpus, 1U);
    QCOMPARE(scenario->machine.tickRate.hz, 100U);
    QCOMPARE(scenario->machine.bits, 64U);
    QCOMPARE(scenario->machine.config, KernelConfig{});
    QCOMPARE(scenario->machine.cost, CostModel{});
    QVERIFY(scenario->steps.empty());
}

void ScenarioFileTest::everyKeyOfAMachineIsKept()
{
    const auto scenario = parse(R"(
title = "T"
description = "D"
end = "2.5s"
[machine]
profile = "linux-6.12"
cpus = 64
hz = 1000
bits = 64
command_line = "highres=off skew_tick=1"
[machine.config]
HIGH_RES_TIMERS = false
NO_HZ = false
POSIX_TIMERS = false
CLOCKSOURCE_WATCHDOG = true
GENERIC_CLOCKEVENTS_BROADCAST = true
MIN_ADJUST = true
SMP = true
[machine.cost]
printk = "1us"
registration = "2us"
interrupt = "3us"
callback = "4us"
)");
    QVERIFY2(scenario.has_value(), scenario ? "" : scenario.error().what.c_str());
    QCOMPARE(scenario->title, std::string("T"));
    QCOMPARE(scenario->description, std::string("D"));
    QCOMPARE(scenario->end, TraceInstant{2500ms});
    QCOMPARE(scenario->machine.profile->name, std::string_view("linux-6.12"));
    QCOMPARE(scenario->machine.cpus, 64U);
    QCOMPARE(scenario->machine.tickRate.hz, 1000U);
    QCOMPARE(scenario->machine.commandLine, std::string("highres=off skew_tick=1"));
    QCOMPARE(scenario->machine.config,
             (KernelConfig{.highResTimers = false,
                           .noHz = false,
                           .posixTimers = false,
                           .clocksourceWatchdog = true,
                           .broadcast = true,
                           .minAdjust = true,
                           .smp = true}));
    QCOMPARE(scenario->machine.cost,
             (CostModel{.printk = 1us, .registration = 2us, .interrupt = 3us, .callback = 4us}));
}

void ScenarioFileTest::everyKindOfStepIsRead()
{
    const auto lookup = [](std::string_view name) -> Result<DeviceDescription> {
        auto device = test::catalogueDevice(name);
        device->driver.module = "timer-" + std::string(name);
        device->channels.push_back({.name = "wdt", .role = ChannelRole::Watchdog});
        return device;
    };
    const auto scenario = parseScenario(R"(
title = "t"
end = "1s"
devices = ["tim34"]
machine.cpus = 2
machine.rtc = [{ driver = "rtc-rv8803 11-0032", time = "2023-07-05T03:01:59Z" }]
step = [
  { at = "0", boot = "time_init", devices = ["tim34"] },
  { at = "1ms", probe = "tim34" },
  { at = "2ms", load = "timer-tim34" },
  { at = "3ms", unload = "timer-tim34" },
  { at = "4ms", register = "tim34" },
  { at = "5ms", unregister = "tim34" },
  { at = "6ms", rating = { clocksource = "tim34", value = 400 } },
  { at = "7ms", write = { file = "clocksource/clocksource0/current_clocksource", text = "" } },
  { at = "8ms", cpu = { index = 1, online = false } },
  { at = "9ms", suspend = "10s" },
  { at = "10ms", set_time = "1970-01-01T00:00:01.5Z" },
  { at = "11ms", fault = { device = "tim34", kind = "drift", ppm = -900, duration = "5s" } },
  { at = "12ms", workload = { kind = "timeout", task = "a", function = "f", )"
                                        R"(period = "7ms", slack = "1us", count = 20, cpu = 1 } },
  { at = "13ms", expect = { value = "clocksource.current", is = "tim34" } },
  { at = "18ms", read = "clocksource/clocksource0/available_clocksource" },
  { at = "14ms", open = "wdt" },
  { at = "15ms", close = "wdt" },
  { at = "16ms", rtc = "rtc0" },
  { at = "17ms", adjtimex = { frequency = 655360, tick = 10100, )"
                                        R"(status = ["pll", "nano"], tai = 37 } },
  { at = "18ms", fault = { device = "tim34", kind = "no-memory" } },
  { at = "19ms", register_event = "tim12" },
  { at = "20ms", workload = { kind = "cyclic", task = "p", run = "1us", period = "1ms", )"
                                        R"(clock = "realtime", signals = "block" } },
  { at = "21ms", timer = { task = "p", clock = "process_cpu", value = "5ms", )"
                                        R"(interval = "1ms", signal = 34 } },
  { at = "22ms", itimer = { task = "p", kind = "prof", value = "10ms" } },
  { at = "23ms", cpu_limit = { task = "p", soft = 1, hard = 3 } },
  { at = "24ms", signals = { task = "p", do = "default" } },
]
)",
                                        "s.toml", lookup);
    QVERIFY2(scenario.has_value(), scenario ? "" : scenario.error().what.c_str());
    QCOMPARE(scenario->steps.size(), std::variant_size_v<StepAction>);
    std::vector<std::string_view> words;
    for (const Step& step : scenario->steps) {
        words.push_back(keywordOf(step.action));
    }
    QCOMPARE(
        words,
        (std::vector<std::string_view>{
            "boot",     "probe", "load",    "unload",    "register", "unregister", "rating",
            "write",    "cpu",   "suspend", "set_time",  "fault",    "workload",   "expect",
            "open",     "close", "rtc",     "adjtimex",  "read",     "fault",      "register_event",
            "workload", "timer", "itimer",  "cpu_limit", "signals"}));
    QCOMPARE(actionOf<step::RegisterClockEvent>(*scenario, 20).device, std::string("tim12"));
    QCOMPARE(actionOf<step::ReadSysfs>(*scenario, 18).file,
             std::string("clocksource/clocksource0/available_clocksource"));
    QCOMPARE(actionOf<step::DenyProbe>(*scenario, 19).device, std::string("tim34"));
    QCOMPARE(actionOf<step::DenyProbe>(*scenario, 19).denial, ProbeDenial::NoMemory);
    QCOMPARE(actionOf<step::DenyProbe>(*scenario, 19).kind, std::string("no-memory"));
    QCOMPARE(scenario->steps[1].at, TraceInstant{1ms});
    QCOMPARE(scenario->steps[1].line, 9U);
    QCOMPARE(actionOf<step::Boot>(*scenario, 0).devices, std::vector<std::string>{"tim34"});
    QCOMPARE(actionOf<step::Probe>(*scenario, 1).device, std::string("tim34"));
    QCOMPARE(actionOf<step::LoadModule>(*scenario, 2).module, std::string("timer-tim34"));
    QCOMPARE(actionOf<step::UnloadModule>(*scenario, 3).module, std::string("timer-tim34"));
    QCOMPARE(actionOf<step::RegisterClocksource>(*scenario, 4).clocksource, std::string("tim34"));
    QCOMPARE(actionOf<step::UnregisterClocksource>(*scenario, 5).clocksource, std::string("tim34"));
    QCOMPARE(actionOf<step::ChangeRating>(*scenario, 6).rating, 400);
    QCOMPARE(actionOf<step::WriteSysfs>(*scenario, 7).text, std::string());
    QCOMPARE(actionOf<step::SetCpuOnline>(*scenario, 8).cpu, 1U);
    QVERIFY(!actionOf<step::SetCpuOnline>(*scenario, 8).online);
    QCOMPARE(actionOf<step::Suspend>(*scenario, 9).duration, Ns{10s});
    QCOMPARE(actionOf<step::SetTime>(*scenario, 10).to, RealtimeInstant{1500ms});
    const auto& fault = actionOf<step::InjectFault>(*scenario, 11);
    QCOMPARE(fault.kind, std::string("drift"));
    QCOMPARE(fault.fault.target, std::string("tim34"));
    QCOMPARE(fault.fault.effect, FaultEffect::Drift);
    QCOMPARE(fault.fault.amount, std::int64_t{-900});
    QCOMPARE(fault.fault.duration, Ns{5s});
    QCOMPARE(actionOf<step::OpenChannel>(*scenario, 14).channel, std::string("wdt"));
    QCOMPARE(actionOf<step::CloseChannel>(*scenario, 15).channel, std::string("wdt"));
    QCOMPARE(actionOf<step::ProbeRtc>(*scenario, 16).device, std::string("rtc0"));
    const Timex& timex = actionOf<step::Adjtimex>(*scenario, 17).request;
    QCOMPARE(timex.modes,
             timex_mode::frequency | timex_mode::tick | timex_mode::status | timex_mode::tai);
    QCOMPARE(timex.frequency, std::int64_t{655360});
    QCOMPARE(timex.tick, std::int64_t{10100});
    QCOMPARE(timex.status, ntp_status::pll | ntp_status::nano);
    QCOMPARE(timex.constant, std::int64_t{37});
    const auto& workload = actionOf<step::StartWorkload>(*scenario, 12);
    QCOMPARE(workload.kind, step::WorkloadKind::Timeout);
    QCOMPARE(workload.task, std::string("a"));
    QCOMPARE(workload.function, std::string("f"));
    QCOMPARE(workload.period, Ns{7ms});
    QCOMPARE(workload.slack, Ns{1us});
    QCOMPARE(workload.count, std::uint64_t{20});
    QCOMPARE(workload.cpu, 1U);
    QCOMPARE(actionOf<step::Expect>(*scenario, 13).key, std::string("clocksource.current"));
    QCOMPARE(actionOf<step::Expect>(*scenario, 13).value, std::string("tim34"));
}

void ScenarioFileTest::stepsAreSortedByTimeAndEqualTimesKeepTheirOrder()
{
    const auto scenario = parse(head
                                + "[[step]]\nat='2ms'\nsuspend='1s'\n"
                                  "[[step]]\nat='1ms'\nsuspend='2s'\n"
                                  "[[step]]\nat='2ms'\nsuspend='3s'\n"
                                  "[[step]]\nat='1s'\nsuspend='4s'\n");
    QVERIFY2(scenario.has_value(), scenario ? "" : scenario.error().what.c_str());
    std::vector<Ns> order;
    for (std::size_t i = 0; i < scenario->steps.size(); ++i) {
        order.push_back(actionOf<step::Suspend>(*scenario, i).duration);
    }
    QCOMPARE(order, (std::vector<Ns>{2s, 1s, 3s, 4s}));
}

void ScenarioFileTest::anExpectationMayBeANumberOrASwitch()
{
    const auto scenario = parse(stepOf("expect = { value = 'a', is = -3 }\n[[step]]\nat = '2ms'\n"
                                       "expect = { value = 'b', is = true }\n"));
    QVERIFY2(scenario.has_value(), scenario ? "" : scenario.error().what.c_str());
    QCOMPARE(actionOf<step::Expect>(*scenario, 0).value, std::string("-3"));
    QCOMPARE(actionOf<step::Expect>(*scenario, 1).value, std::string("1"));
}

void ScenarioFileTest::everyScenarioOfTheCatalogueIsGood_data()
{
    QTest::addColumn<QString>("name");
    const QDir folder(test::sourcePath("resources/scenarios"));
    for (const QString& file : folder.entryList({"*.toml"})) {
        QTest::newRow(qPrintable(file)) << file.chopped(5);
    }
}

void ScenarioFileTest::everyScenarioOfTheCatalogueIsGood()
{
    QFETCH(QString, name);
    const auto scenario = test::catalogueScenario(name.toStdString());
    QVERIFY2(scenario.has_value(), scenario ? "" : scenario.error().what.c_str());
    QVERIFY(!scenario->title.empty());
    QVERIFY(!scenario->description.empty());
}

void ScenarioFileTest::theExamplesOfTheDocumentAreGood()
{
    const auto document = test::textOf(test::sourcePath("resources/docs/scenario-format.md"));
    const auto example = [&document](int number) {
        const QString rest = QString::fromStdString(document).section("```toml\n", number, number);
        return rest.section("```", 0, 0).toStdString();
    };
    const auto scenario = parseScenario(example(1), "example.toml", test::catalogueDevice);
    QVERIFY2(scenario.has_value(), scenario ? "" : scenario.error().what.c_str());
    QCOMPARE(scenario->steps.size(), std::size_t{4});
    const auto clocked = parseScenario(example(2), "example.toml", test::catalogueDevice);
    QVERIFY2(clocked.has_value(), clocked ? "" : clocked.error().what.c_str());
    QCOMPARE(clocked->devices.at(0).counters.at(0).rate.value, 6'250'000U);
    const auto device = parseDevice(example(3), "example.toml");
    QVERIFY2(device.has_value(), device ? "" : device.error().what.c_str());
    QCOMPARE(device->counters.at(0).rating, 500);
}

void ScenarioFileTest::aBrokenDeviceFileSpeaksForItself()
{
    const auto lookup = [](std::string_view) { return parseDevice("title = 3", "d.toml"); };
    const auto scenario = parseScenario(head.toStdString(), "s.toml", lookup);
    QVERIFY(!scenario.has_value());
    QCOMPARE(scenario.error().what,
             std::string("d.toml:1: \"title\" in the device is a whole "
                         "number; it must be text in quotes"));
}

void ScenarioFileTest::devicesThatBringTheSameNameAreRefused()
{
    const auto lookup = [](std::string_view name) {
        const std::string both = "title='t'\nsource='s'\n[[event]]\nname='e'\nrate=1\nrating=1\n";
        return parseDevice(both, std::string(name) + ".toml");
    };
    const auto scenario = parseScenario("title='t'\nend='1s'\ndevices=['a','b']", "s.toml", lookup);
    QVERIFY(!scenario.has_value());
    QCOMPARE(scenario.error().what,
             std::string("s.toml:3: the devices \"a\" and \"b\" both bring \"e\"; names must "
                         "differ"));
}

void ScenarioFileTest::aBadFileGetsOneSentenceWithItsLine_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("sentence");
    const auto row = [](const char* name, const QByteArray& text, const char* sentence) {
        QTest::newRow(name) << text << QByteArray("a/s.toml:") + sentence;
    };
    row("nothing at all", "", "1: the scenario has no \"title\"; it must be text in quotes");
    row("no end", "title = 't'",
        "1: the scenario has no \"end\"; it must be a time in quotes, such as \"250ms\" or "
        "\"1.5s\"");
    row("an end at once", "title = 't'\nend = '0s'",
        "2: \"end\" in the scenario is \"0s\"; it must be longer than nothing");
    row("an unknown key", "tilte = 't'\nend = '1s'",
        "1: unknown key \"tilte\" in the scenario; did you mean \"title\"?");
    row("a key of the machine outside of it", head + "hz = 100",
        "4: unknown key \"hz\" in the scenario; known are \"title\", \"description\", \"end\", "
        "\"machine\", \"clock\", \"clock_driver\", \"node\", \"devices\" and \"step\"");
    row("an idle state that is out of order",
        head + "[machine]\nidle = [{ name = 'C1', residency = '1ms' }, { name = 'C2' }]\n",
        "5: the idle state \"C2\" is worth it sooner than \"C1\" before it; they must go from "
        "shallow to deep");
    row("a first idle state that stops the timer",
        head + "[machine]\nidle = [{ name = 'C3', stops_timer = true }]\n",
        "5: the first idle state, \"C3\", stops the CPU's timer; there must be one before it that "
        "does not");
    row("the first of two mistakes", "end = 3\ntilte = 't'\n",
        "2: unknown key \"tilte\" in the scenario; did you mean \"title\"?");
    row("a machine that is no table", head + "machine = 3",
        "4: \"machine\" in the scenario is a whole number; it must be a table");
    row("an unknown key of the machine", head + "[machine]\ncpu = 2",
        "5: unknown key \"cpu\" in [machine]; did you mean \"cpus\"?");
    row("an unknown profile", head + "[machine]\nprofile = 'linux-5.16'",
        "5: unknown profile \"linux-5.16\" in [machine]; did you mean \"linux-5.15\"?");
    row("a profile that is far from all", head + "[machine]\nprofile = 'freebsd'",
        "5: unknown profile \"freebsd\" in [machine]; known are \"linux-5.15\", \"linux-6.1\" "
        "and \"linux-6.12\"");
    row("no CPU", head + "[machine]\ncpus = 0",
        "5: \"cpus\" in [machine] is 0; it must be a whole number from 1 to 64");
    row("too many CPUs", head + "[machine]\ncpus = 65",
        "5: \"cpus\" in [machine] is 65; it must be a whole number from 1 to 64");
    row("a tick rate of no kernel", head + "[machine]\nhz = 99",
        "5: \"hz\" in [machine] is 99; it must be 100, 200, 250, 300, 500 or 1000");
    row("a tick rate below zero", head + "[machine]\nhz = -100",
        "5: \"hz\" in [machine] is -100; it must be 100, 200, 250, 300, 500 or 1000");
    row("a tick rate in quotes", head + "[machine]\nhz = '100'",
        "5: \"hz\" in [machine] is text; it must be 100, 200, 250, 300, 500 or 1000");
    row("a width of no machine", head + "[machine]\nbits = 16",
        "5: \"bits\" in [machine] is 16; it must be 32 or 64");
    row("an unknown switch", head + "[machine.config]\nHIGHRES_TIMERS = true",
        "5: unknown key \"HIGHRES_TIMERS\" in [machine.config]; did you mean "
        "\"HIGH_RES_TIMERS\"?");
    row("a switch that is a letter", head + "[machine.config]\nNO_HZ = 'y'",
        "5: \"NO_HZ\" in [machine.config] is text; it must be true or false");
    row("an unknown cost", head + "[machine.cost]\nprint = '1us'",
        "5: unknown key \"print\" in [machine.cost]; did you mean \"printk\"?");
    row("a cost below nothing", head + "[machine.cost]\nprintk = '-1us'",
        "5: \"printk\" in [machine.cost]: time \"-1us\" is not a number with ns, us, ms, s, min "
        "or h behind it, such as \"250ms\" or \"1.5s\"");
    row("an unknown device", "title='t'\nend='1s'\ndevices = [\n'fttmr01' ]",
        "4: no device is called \"fttmr01\"");
    row("a device twice", "title='t'\nend='1s'\ndevices = ['jiffies', 'jiffies']",
        "3: \"devices\" in the scenario names \"jiffies\" twice");
    row("devices in one text", "title='t'\nend='1s'\ndevices = 'jiffies'",
        "3: \"devices\" in the scenario is text; it must be a list of names, such as [\"one\", "
        "\"two\"]");
    row("one step", head + "[step]\nat='1ms'",
        "4: \"step\" in the scenario is a table; it must be tables, each under a line [[step]]");
    row("not TOML", "title = 't\nend = '1s'",
        "1: not TOML: parsing literal string: control characters other than TAB (U+0009) are "
        "explicitly prohibited");
    row("a key twice", "title = 't'\ntitle = 'u'",
        "2: not TOML: parsing key-value pair: cannot redefine existing string 'title'");
}

void ScenarioFileTest::aBadFileGetsOneSentenceWithItsLine()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, sentence);
    const auto scenario = parse(text);
    QVERIFY(!scenario.has_value());
    QCOMPARE(QByteArray::fromStdString(scenario.error().what), sentence);
}

void ScenarioFileTest::aBadStepGetsOneSentenceWithItsLine_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("sentence");
    const auto row = [](const char* name, const QByteArray& action, const char* sentence) {
        QTest::newRow(name) << stepOf(action) << QByteArray("a/s.toml:") + sentence;
    };
    row("no action", "",
        "4: [[step]] has no action; it must have one of \"boot\", \"probe\", \"load\", "
        "\"unload\", \"open\", \"close\", \"register\", \"unregister\", \"register_event\", "
        "\"rating\", \"write\", "
        "\"read\", \"cpu\", \"suspend\", \"rtc\", \"adjtimex\", \"set_time\", \"fault\", "
        "\"workload\", \"timer\", \"itimer\", \"cpu_limit\", \"signals\" and "
        "\"expect\"");
    row("two actions", "probe = 'fttmr010'\nboot = 'time_init'",
        "4: [[step]] has two actions, \"boot\" and \"probe\"; it must have one");
    row("an unknown action", "prob = 'fttmr010'",
        "6: unknown key \"prob\" in [[step]]; did you mean \"probe\"?");
    row("no time", "[[step]]\nsuspend = '1s'",
        "4: [[step]] has no action; it must have one of "
        "\"boot\", \"probe\", \"load\", \"unload\", "
        "\"open\", \"close\", \"register\", \"unregister\", \"register_event\", \"rating\", "
        "\"write\", \"read\", \"cpu\", \"suspend\", \"rtc\", \"adjtimex\", \"set_time\", "
        "\"fault\", \"workload\", \"timer\", \"itimer\", \"cpu_limit\", \"signals\" and "
        "\"expect\"");
    row("a step without a time", "suspend = '1s'\n[[step]]\nsuspend = '1s'",
        "7: [[step]] has no \"at\"; it must be a time in quotes, such as \"250ms\" or \"1.5s\"");
    row("a step behind the end", "suspend = '1s'\n[[step]]\nat = '1000.001ms'\nsuspend = '1s'",
        "8: the step is at 1.000001s, after the scenario's end at 1s");
    row("an unknown stage", "boot = 'time-init'",
        "6: unknown boot \"time-init\" in [[step]]; did you mean \"time_init\"?");
    row("a stage that is no text", "boot = 1",
        "6: \"boot\" in [[step]] is a whole number; it must be one of \"init_timers\", "
        "\"hrtimers_init\", \"timekeeping_init\", \"time_init\", \"sched_clock_init\", "
        "\"calibrate_delay\", \"dummy_timer_register\", \"smp_init\", "
        "\"init_jiffies_clocksource\" and "
        "\"clocksource_done_booting\"");
    row("an unknown device at boot", "boot = 'time_init'\ndevices = ['fttmr011']",
        "7: unknown device \"fttmr011\"; did you mean \"fttmr010\"?");
    row("devices of a stage that probes none", "boot = 'calibrate_delay'\ndevices = ['fttmr010']",
        "7: \"devices\" goes with boot = \"time_init\" and boot = \"dummy_timer_register\" "
        "only, not with \"calibrate_delay\"");
    row("devices of another action", "suspend = '1s'\ndevices = ['fttmr010']",
        "7: \"devices\" goes with boot = \"time_init\" and boot = \"dummy_timer_register\" "
        "only, not with \"suspend\"");
    row("a stage twice", "boot = 'time_init'\n[[step]]\nat='2ms'\nboot='time_init'",
        "7: boot = \"time_init\" is there already, on line 4");
    row("stages the wrong way round",
        "boot = 'calibrate_delay'\n[[step]]\nat='2ms'\nboot='time_init'",
        "7: boot = \"time_init\" comes after \"calibrate_delay\"; a kernel runs it before");
    row("a probe of a device that is not there", "probe = 'mfoc'",
        "6: unknown device \"mfoc\"; the scenario has \"fttmr010\" and \"jiffies\"");
    row("an empty name", "probe = ''", "6: \"probe\" in [[step]] is empty; it must name something");
    row("a module where none is", "load = 'timer-x'",
        "6: unknown module \"timer-x\"; the scenario's devices have no module");
    row("an unknown clocksource", "register = 'jiffy'",
        "6: unknown clocksource \"jiffy\"; the scenario has \"FTTMR010-TIMER2\" and \"jiffies\"");
    row("an event device that is no clocksource", "unregister = 'FTTMR010-TIMER1'",
        "6: unknown clocksource \"FTTMR010-TIMER1\"; did you mean \"FTTMR010-TIMER2\"?");
    row("a rating that is no table", "rating = 400",
        "6: \"rating\" in [[step]] is a whole number; it must be a table");
    row("a rating of nothing", "rating = { value = 400 }",
        "6: \"rating\" has no \"clocksource\"; it must be text in quotes");
    row("a rating without a value", "rating = { clocksource = 'jiffies' }",
        "6: \"rating\" has no \"value\"; it must be a whole number from -2147483648 to "
        "2147483647");
    row("an unknown key of an action", "rating = { clocksource = 'jiffies', valu = 1 }",
        "6: unknown key \"valu\" in \"rating\"; did you mean \"value\"?");
    row("a write to a whole path", "write = { file = '/sys/x', text = 'y' }",
        "6: \"file\" in \"write\" is \"/sys/x\"; it must be a path below /sys/devices/system, "
        "such as \"clocksource/clocksource0/current_clocksource\"");
    row("a CPU that is not there", "cpu = { index = 1, online = true }",
        "6: \"index\" in \"cpu\" is 1; it must be a whole number from 0 to 0");
    row("a CPU neither on nor off", "cpu = { index = 0 }",
        "6: \"cpu\" has no \"online\"; it must be true or false");
    row("a sleep of nothing", "suspend = '0s'",
        "6: \"suspend\" in [[step]] is \"0s\"; it must be longer than nothing");
    row("a time that is no time", "set_time = 'noon'",
        "6: moment \"noon\" is not a date and time in UTC from 1970 to 2261, such as "
        "\"2023-07-05T03:02:00Z\"");
    row("an unknown fault", "fault = { device = 'FTTMR010-TIMER2', kind = 'drif', ppm = 1 }",
        "6: unknown kind \"drif\" in \"fault\"; did you mean \"drift\"?");
    row("a fault of another measure",
        "fault = { device = 'FTTMR010-TIMER2', kind = 'drift', ns = 1 }",
        "6: \"ns\" does not go with kind = \"drift\"");
    row("a fault without its measure", "fault = { device = 'FTTMR010-TIMER2', kind = 'drift' }",
        "6: \"fault\" has no \"ppm\"; it must be a whole number from -999999");
    row("a fault of nothing known", "fault = { device = 'tsc', kind = 'stop' }",
        "6: unknown counter \"tsc\"; the scenario has \"FTTMR010-TIMER2\"");
    row("a fault of the wrong part",
        "fault = { device = 'FTTMR010-TIMER2', kind = 'lost-interrupt', count = 1 }",
        "6: unknown event channel \"FTTMR010-TIMER2\"; did you mean \"FTTMR010-TIMER1\"?");
    row("a pause of one device", "fault = { device = 'FTTMR010-TIMER2', kind = 'pause', ns = 1 }",
        "6: \"device\" does not go with kind = \"pause\": the whole machine stands");
    row("an RTC that is not there", "rtc = 'rtc0'",
        "6: unknown RTC \"rtc0\"; the scenario's devices have no RTC");
    row("a channel that is not there", "open = 'wdt'",
        "6: unknown watchdog or PWM channel \"wdt\"; the scenario's devices have no watchdog or "
        "PWM "
        "channel");
    row("one field for two things", "adjtimex = { tai = 37, constant = 2 }",
        "6: \"tai\" does not go with \"constant\": the call has one field for both");
    row("an unknown status", "adjtimex = { status = ['ppl'] }",
        "6: unknown name \"ppl\" in \"status\" of \"adjtimex\"; did you mean \"pll\"?");
    row("an unknown workload", "workload = { kind = 'sleeep', task = 'a', period = '1ms' }",
        "6: unknown kind \"sleeep\" in \"workload\"; did you mean \"sleep\"?");
    row("a workload without a period", "workload = { kind = 'sleep', task = 'a' }",
        "6: \"workload\" has no \"period\"; it must be a time in quotes, such as \"250ms\" or "
        "\"1.5s\"");
    row("a workload that never rests", "workload = { kind = 'sleep', task = 'a', period = '0' }",
        "6: \"period\" in \"workload\" is \"0\"; it must be longer than nothing");
    row("a workload less than never",
        "workload = { kind = 'sleep', task = 'a', period = '1', count = -1 }",
        "6: \"count\" in \"workload\" is -1; it must be a whole number from 0");
    row("an expectation of nothing", "expect = { value = 'a' }",
        "6: \"expect\" has no \"is\"; it must be text in quotes");
    row("an expectation of a list", "expect = { value = 'a', is = [] }",
        "6: \"is\" in \"expect\" is a list; it must be text in quotes");
}

void ScenarioFileTest::aBadStepGetsOneSentenceWithItsLine()
{
    aBadFileGetsOneSentenceWithItsLine();
}

void ScenarioFileTest::textsMadeToHurtAreRefused_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("sentence");
    const auto row = [](const char* name, const QByteArray& text, const char* sentence) {
        QTest::newRow(name) << text << QByteArray("a/s.toml:") + sentence;
    };
    row("more than a mebibyte", QByteArray(1'048'577, '#'),
        "1: the file has 1048577 bytes; allowed are 1048576");
    row("keys in keys in keys", "\n" + QByteArray("a.").repeated(100'000) + "a = 1",
        "2: the line has more than 64 dots; keys must not be nested that deep");
    row("a letter that toml++ 3.3 stumbles over", "# ʌ in a comment\nt = 'ʌ'\nʌ = 1",
        "3: a character outside of ASCII must be in quotes or in a comment");
    row("such a letter behind quotes that hold quotes", "t = \"\"\"\\\"\"\"\\\n a\"\"\"\"\" ʌ",
        "2: a character outside of ASCII must be in quotes or in a comment");
    row("a mistake in front of a line's end", "t = f\n",
        "1: not TOML: parsing boolean: expected 'false', saw 'f '");
    row("such a letter behind a quote in a word", "t = 0'ʌ'",
        "1: a quote must not stand in the middle of a word");
    row("a control character in quotes", "t = '\x01'",
        "1: a control character must not stand in the text");
    row("a header without a key", "[$]",
        "1: not TOML: parsing key: expected bare key starting character or string delimiter, saw "
        "'$'");
    row("lists in lists in lists", "title = " + QByteArray(100'000, '['),
        "1: not TOML: parsing value: exceeded maximum nested value depth of 16 "
        "(TOML_MAX_NESTED_VALUES)");
    row("tables in tables", "title = " + QByteArray("{a=").repeated(100'000),
        "1: not TOML: parsing value: exceeded maximum nested value depth of 16 "
        "(TOML_MAX_NESTED_VALUES)");
}

void ScenarioFileTest::textsMadeToHurtAreRefused()
{
    aBadFileGetsOneSentenceWithItsLine();
}

QTEST_GUILESS_MAIN(ScenarioFileTest)
#include "scenario_file_test.moc"
