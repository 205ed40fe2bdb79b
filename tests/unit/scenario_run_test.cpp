// SPDX-License-Identifier: GPL-3.0-or-later
//! Scenarios on the model: every step, and that how a run is driven does not change it.
#include "engine/procfs/procfs.h"
#include "tests/support/catalogue.h"
#include "tests/support/simulation.h"

#include <QTest>

using namespace timerscope;
using namespace timerscope::test;
using std::chrono::milliseconds;

namespace {

constexpr TraceInstant atMs(std::int64_t ms)
{
    return TraceInstant{milliseconds{ms}};
}

Scenario mfocBoot()
{
    return catalogueScenario("mfoc-boot").value();
}

std::unique_ptr<Source> open(Scenario scenario)
{
    return test::simulate(std::move(scenario)).value();
}

/// The boot of mfoc without its expectations, and @p steps.
Scenario withSteps(std::vector<Step> steps)
{
    Scenario scenario = mfocBoot();
    std::erase_if(scenario.steps, [](const Step& step) {
        return std::holds_alternative<step::Expect>(step.action);
    });
    for (Step& step : steps) {
        scenario.steps.push_back(std::move(step));
    }
    std::ranges::stable_sort(scenario.steps, {}, &Step::at);
    return scenario;
}

/// Runs to the end; what went wrong, or empty.
QString run(Source& source)
{
    const auto progress = source.advance(atMs(60'000));
    return progress ? QString() : QString::fromStdString(progress.error().what);
}

QString stateOf(Source& source, std::string_view key)
{
    return QString::fromStdString(stateValue(*source.snapshot(), key).value_or("absent"));
}

/// The texts of all records of @p kind.
QStringList texts(const Source& source, RecordKind kind)
{
    QStringList all;
    for (std::size_t i = 0; i < source.log().size(); ++i) {
        const TraceRecord& record = source.log()[i];
        if (record.kind == kind) {
            const std::string_view text = source.log().string(record.subject);
            all += QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
        }
    }
    return all;
}

std::uint64_t fingerprintOf(const Source& source)
{
    return fingerprint(source.log(), source.log().size());
}

std::uint64_t wholeRun(const Scenario& scenario)
{
    const auto source = open(scenario);
    static_cast<void>(source->advance(scenario.end));
    return fingerprintOf(*source);
}

} // namespace

class ScenarioRunTest : public QObject
{
    Q_OBJECT
private slots:
    void scenarioRunsToItsEndAndHoldsItsExpectations();
    void smallPiecesGiveTheSameRun_data();
    void smallPiecesGiveTheSameRun();
    void stepsGiveTheSameRun_data();
    void stepsGiveTheSameRun();
    void snapshotsDoNotChangeTheRun();
    void twoRunsAreTheSame();
    void runThatHasEndedStaysAsItIs();
    void failedExpectationsAreCounted();
    void expectationOfAnUnknownKeyFails();
    void ratingStepChoosesAnew();
    void writeStepOverridesAndTellsRefusals();
    void registerAndUnregisterStepsWork();
    void probeOfAnUnknownDeviceEndsTheRun();
    void setTimeStepMovesRealtimeOnly();
    void workloadsRunAsOftenAsTheyAreTold();
    void stepThatCannotBeCarriedOutIsNamedByItsLine();
    void failedRunHasEnded();
    void stepComesBeforeAnInterruptOfTheSameInstant();
    void severalCpusNeedAKernelThatCanUseThem();
    void devicesOfTheSameNameAreRefused();
    void stampsNeverDecreaseAndTimeNeverGoesBack();
};

void ScenarioRunTest::scenarioRunsToItsEndAndHoldsItsExpectations()
{
    const auto source = open(mfocBoot());
    QCOMPARE(source->advance(atMs(100)).value(), Progress::MoreToCome);
    QCOMPARE(run(*source), "");
    QCOMPARE(source->advance(atMs(60'000)).value(), Progress::Ended);
    QCOMPARE(source->failedExpectations(), 0U);
    QCOMPARE(texts(*source, RecordKind::Expectation).size(), 3);
    QCOMPARE(source->info().end, atMs(500));
}

void ScenarioRunTest::smallPiecesGiveTheSameRun_data()
{
    QTest::addColumn<QString>("name");
    QTest::newRow("ast2500") << "ast2500-boot";
    QTest::newRow("mfoc") << "mfoc-boot";
}

void ScenarioRunTest::smallPiecesGiveTheSameRun()
{
    QFETCH(QString, name);
    const Scenario scenario = catalogueScenario(name.toStdString()).value();
    const std::uint64_t whole = wholeRun(scenario);
    for (const std::int64_t piece : {77'777, 1'000'000, 333'333'333}) {
        const auto source = open(scenario);
        for (TraceInstant at{}; at < scenario.end; at += Ns{piece}) {
            QVERIFY(source->advance(at));
        }
        QCOMPARE(source->advance(scenario.end).value(), Progress::Ended);
        QCOMPARE(fingerprintOf(*source), whole);
    }
}

void ScenarioRunTest::stepsGiveTheSameRun_data()
{
    smallPiecesGiveTheSameRun_data();
}

void ScenarioRunTest::stepsGiveTheSameRun()
{
    QFETCH(QString, name);
    const Scenario scenario = catalogueScenario(name.toStdString()).value();
    const auto source = open(scenario);
    std::size_t before = 0;
    while (source->step().value() == Progress::MoreToCome) {
        QVERIFY(source->log().size() > before); // each step shows something
        before = source->log().size();
    }
    QCOMPARE(fingerprintOf(*source), wholeRun(scenario));
}

void ScenarioRunTest::snapshotsDoNotChangeTheRun()
{
    const Scenario scenario = mfocBoot();
    const auto source = open(scenario);
    do {
        const SnapshotPtr snapshot = source->snapshot();
        QVERIFY(*snapshot == *source->snapshot());
    } while (source->step().value() == Progress::MoreToCome);
    QCOMPARE(fingerprintOf(*source), wholeRun(scenario));
}

void ScenarioRunTest::twoRunsAreTheSame()
{
    QCOMPARE(wholeRun(mfocBoot()), wholeRun(mfocBoot()));
    Scenario other = mfocBoot();
    other.steps[1].at += Ns{1};
    QVERIFY(wholeRun(other) != wholeRun(mfocBoot()));
}

void ScenarioRunTest::runThatHasEndedStaysAsItIs()
{
    const auto source = open(mfocBoot());
    QCOMPARE(run(*source), "");
    const std::size_t records = source->log().size();
    QCOMPARE(source->step().value(), Progress::Ended);
    QCOMPARE(source->advance(atMs(100'000)).value(), Progress::Ended);
    QCOMPARE(source->log().size(), records);
}

void ScenarioRunTest::failedExpectationsAreCounted()
{
    const auto source = open(withSteps(
        {{.at = atMs(250), .action = step::Expect{"clocksource.current", "mfoc"}, .line = 7},
         {.at = atMs(450), .action = step::Expect{"clocksource.current", "mfoc"}, .line = 8}}));
    QCOMPARE(run(*source), "");
    QCOMPARE(source->failedExpectations(), 1U);
    QCOMPARE(texts(*source, RecordKind::Expectation),
             (QStringList{"clocksource.current is tim34, expected mfoc",
                          "clocksource.current is mfoc"}));
}

void ScenarioRunTest::expectationOfAnUnknownKeyFails()
{
    const auto source
        = open(withSteps({{.at = atMs(1), .action = step::Expect{"no.such.key", "1"}}}));
    QCOMPARE(run(*source), "");
    QCOMPARE(source->failedExpectations(), 1U);
    QCOMPARE(texts(*source, RecordKind::Expectation),
             QStringList{"no.such.key is unknown, expected 1"});
}

void ScenarioRunTest::ratingStepChoosesAnew()
{
    const auto source
        = open(withSteps({{.at = atMs(400), .action = step::ChangeRating{"mfoc", 10}},
                          {.at = atMs(410), .action = step::ChangeRating{"nowhere", 10}}}));
    QCOMPARE(run(*source), "");
    QCOMPARE(stateOf(*source, "clocksource.current"), "tim34");
    QVERIFY(texts(*source, RecordKind::ScenarioStep).contains("answered -19 (ENODEV)"));
}

void ScenarioRunTest::writeStepOverridesAndTellsRefusals()
{
    const std::string file = "clocksource/clocksource0/current_clocksource";
    const auto source = open(withSteps(
        {{.at = atMs(400), .action = step::WriteSysfs{file, "tim34"}},
         {.at = atMs(410), .action = step::WriteSysfs{file, std::string(40, 'x')}},
         {.at = atMs(420), .action = step::WriteSysfs{"clocksource/nothing", "x"}},
         {.at = atMs(430),
          .action = step::WriteSysfs{"clocksource/clocksource0/unbind_clocksource", "tim34"}}}));
    QVERIFY(source->advance(atMs(425)));
    QCOMPARE(stateOf(*source, "clocksource.current"), "tim34");
    QCOMPARE(run(*source), "");
    QCOMPARE(stateOf(*source, "clocksource.current"), "mfoc");
    const QStringList steps = texts(*source, RecordKind::ScenarioStep);
    QVERIFY(steps.contains("answered -22 (EINVAL)"));
    QVERIFY(steps.contains("answered -2 (ENOENT)"));
}

void ScenarioRunTest::registerAndUnregisterStepsWork()
{
    const auto source
        = open(withSteps({{.at = atMs(400), .action = step::UnregisterClocksource{"mfoc"}},
                          {.at = atMs(410), .action = step::UnregisterClocksource{"mfoc"}},
                          {.at = atMs(420), .action = step::RegisterClocksource{"mfoc"}},
                          {.at = atMs(430), .action = step::RegisterClocksource{"mfoc"}}}));
    QVERIFY(source->advance(atMs(415)));
    QCOMPARE(stateOf(*source, "clocksource.current"), "tim34");
    QCOMPARE(run(*source), "");
    QCOMPARE(stateOf(*source, "clocksource.current"), "mfoc");
    const QStringList steps = texts(*source, RecordKind::ScenarioStep);
    QVERIFY(steps.contains("answered -19 (ENODEV)"));
    QVERIFY(steps.contains("answered -16 (EBUSY)"));
}

void ScenarioRunTest::probeOfAnUnknownDeviceEndsTheRun()
{
    const auto source
        = open(withSteps({{.at = atMs(400), .action = step::Probe{"other"}, .line = 12}}));
    QCOMPARE(run(*source),
             "resources/scenarios/mfoc-boot.toml:12: device \"other\" is not among "
             "the scenario's devices");
}

void ScenarioRunTest::setTimeStepMovesRealtimeOnly()
{
    const RealtimeInstant moment{std::chrono::seconds{1'688'525'000}};
    const auto source
        = open(withSteps({{.at = atMs(400), .action = step::SetTime{moment}, .line = 3}}));
    QVERIFY(source->advance(atMs(399)));
    const SnapshotPtr before = source->snapshot();
    QCOMPARE(run(*source), "");
    const SnapshotPtr after = source->snapshot();
    const Ns passed = after->monotonic - before->monotonic;
    QVERIFY(passed > milliseconds{100} && passed < milliseconds{102});
    const Ns realtime = after->timekeeper->realtime - moment;
    QVERIFY(realtime > milliseconds{99} && realtime < milliseconds{101});
}

void ScenarioRunTest::workloadsRunAsOftenAsTheyAreTold()
{
    const auto source
        = open(withSteps({{.at = atMs(400),
                           .action = step::StartWorkload{.kind = step::WorkloadKind::Sleep,
                                                         .task = "counted",
                                                         .function = "counted_wakeup",
                                                         .period = milliseconds{2},
                                                         .slack = {},
                                                         .count = 5,
                                                         .cpu = 0}}}));
    QCOMPARE(run(*source), "");
    const TraceLog& log = source->log();
    std::uint32_t id = 0;
    int fired = 0;
    for (std::size_t i = 0; i < log.size(); ++i) {
        if (log[i].kind == RecordKind::HrtimerInit
            && log.string(static_cast<std::uint32_t>(log[i].a)) == "counted_wakeup") {
            id = log[i].subject;
        }
        fired += log[i].kind == RecordKind::HrtimerExpireEntry && id != 0 && log[i].subject == id
            ? 1
            : 0;
    }
    QCOMPARE(fired, 5);
}

/// What a scenario file cannot know: the hardware's answer.
step::InjectFault impossibleFault()
{
    return {.fault
            = {.target = "nobody", .effect = FaultEffect::Drift, .amount = 1, .duration = {}},
            .kind = "drift"};
}

void ScenarioRunTest::stepThatCannotBeCarriedOutIsNamedByItsLine()
{
    const auto source = open(withSteps({{.at = atMs(1), .action = impossibleFault(), .line = 42}}));
    const auto progress = source->advance(atMs(500));
    QVERIFY(!progress);
    QCOMPARE(progress.error().code, ErrorCode::NotFound);
    QVERIFY(QString::fromStdString(progress.error().what)
                .startsWith("resources/scenarios/mfoc-boot.toml:42: "));
}

void ScenarioRunTest::failedRunHasEnded()
{
    const auto source = open(withSteps({{.at = atMs(1), .action = impossibleFault(), .line = 1}}));
    QVERIFY(!source->advance(atMs(500)));
    const std::size_t records = source->log().size();
    QCOMPARE(source->advance(atMs(500)).value(), Progress::Ended);
    QCOMPARE(source->step().value(), Progress::Ended);
    QCOMPARE(source->log().size(), records);
}

void ScenarioRunTest::stepComesBeforeAnInterruptOfTheSameInstant()
{
    Scenario scenario = mfocBoot();
    scenario.machine.cost = {};
    for (DeviceDescription& device : scenario.devices) {
        for (CounterDescription& counter : device.counters) {
            counter.readCost = {};
        }
    }
    // Without costs the periodic tick falls on whole 10 ms of true time.
    const auto probe = open(scenario);
    QVERIFY(probe->advance(atMs(61)));
    bool ticks = false;
    for (std::size_t i = 0; i < probe->log().size(); ++i) {
        ticks = ticks
            || (probe->log()[i].kind == RecordKind::IrqHandlerEntry
                && probe->log()[i].at == atMs(60));
    }
    QVERIFY(ticks);
    scenario.steps.insert(scenario.steps.begin() + 3,
                          Step{.at = atMs(60), .action = step::Expect{"jiffies", "?"}});
    std::ranges::stable_sort(scenario.steps, {}, &Step::at);
    for (const bool inPieces : {false, true}) {
        const auto source = open(scenario);
        if (inPieces) {
            QVERIFY(source->advance(atMs(60)));
        }
        QVERIFY(source->advance(atMs(61)));
        std::size_t step = 0;
        std::size_t tick = 0;
        for (std::size_t i = 0; i < source->log().size(); ++i) {
            const TraceRecord& record = source->log()[i];
            if (record.at == atMs(60) && record.kind == RecordKind::Expectation) {
                step = i;
            }
            if (record.at == atMs(60) && record.kind == RecordKind::IrqHandlerEntry) {
                tick = i;
            }
        }
        QVERIFY(step != 0 && tick != 0);
        QVERIFY(step < tick);
    }
}

void ScenarioRunTest::severalCpusNeedAKernelThatCanUseThem()
{
    Scenario scenario = mfocBoot();
    scenario.machine.cpus = 2;
    const auto source = test::simulate(std::move(scenario));
    QVERIFY(!source);
    QCOMPARE(source.error().code, ErrorCode::InvalidArgument);
    QCOMPARE(QString::fromStdString(source.error().what),
             "the machine has 2 CPUs, but SMP is false, so its kernel can use only 1");
}

void ScenarioRunTest::devicesOfTheSameNameAreRefused()
{
    Scenario scenario = mfocBoot();
    scenario.devices.push_back(scenario.devices.front());
    const auto source = test::simulate(std::move(scenario));
    QVERIFY(!source);
    QCOMPARE(source.error().code, ErrorCode::InvalidArgument);
    QVERIFY(source.error().what.find("\"tim34\" is in two") != std::string::npos);
}

void ScenarioRunTest::stampsNeverDecreaseAndTimeNeverGoesBack()
{
    for (const char* name : {"ast2500-boot", "mfoc-boot"}) {
        const auto source = open(catalogueScenario(name).value());
        MonotonicInstant monotonic;
        while (source->step().value() == Progress::MoreToCome) {
            const MonotonicInstant now = source->snapshot()->monotonic;
            QVERIFY(now >= monotonic);
            monotonic = now;
        }
        const TraceLog& log = source->log();
        std::int64_t schedClock = 0;
        for (std::size_t i = 1; i < log.size(); ++i) {
            QVERIFY(log[i].at >= log[i - 1].at);
            if (log[i].kind == RecordKind::Printk) {
                QVERIFY(log[i].a >= schedClock);
                schedClock = log[i].a;
            }
        }
    }
}

QTEST_GUILESS_MAIN(ScenarioRunTest)
#include "scenario_run_test.moc"
