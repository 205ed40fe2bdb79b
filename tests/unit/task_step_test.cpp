// SPDX-License-Identifier: GPL-3.0-or-later
//! The steps that bring tasks and let them ask the kernel for something.
#include "engine/scenario/scenario_file.h"
#include "tests/support/catalogue.h"

#include <QtTest>

using namespace timerscope;
using namespace std::chrono_literals;

namespace {

Result<Scenario> parse(const QByteArray& steps)
{
    return parseScenario(("title = 't'\nend = '1s'\n" + steps).toStdString(), "a/s.toml",
                         test::catalogueDevice);
}

template<typename Action>
const Action& actionOf(const Scenario& scenario, std::size_t index)
{
    return std::get<Action>(scenario.steps.at(index).action);
}

} // namespace

class TaskStepTest : public QObject
{
    Q_OBJECT

private slots:
    void everyStepOfATaskIsRead();
    void everyKindOfTaskHasItsName();
    void aBadStepGetsOneSentence_data();
    void aBadStepGetsOneSentence();
};

void TaskStepTest::everyStepOfATaskIsRead()
{
    const auto scenario = parse(R"(step = [
  { at = "1ms", workload = { kind = "cyclic", task = "p", run = "1us", period = "1ms", )"
                                R"(clock = "realtime", signals = "block" } },
  { at = "2ms", timer = { task = "p", clock = "process_cpu", value = "5ms", )"
                                R"(interval = "1ms", signal = 34 } },
  { at = "3ms", itimer = { task = "p", kind = "prof", value = "10ms" } },
  { at = "4ms", cpu_limit = { task = "p", soft = 1, hard = 3 } },
  { at = "5ms", signals = { task = "p", do = "default" } },
]
)");
    QVERIFY2(scenario.has_value(), scenario ? "" : scenario.error().what.c_str());
    const TaskDescription& task = actionOf<step::StartTask>(*scenario, 0).task;
    QCOMPARE(task.routine, TaskRoutine::Cyclic);
    QCOMPARE(task.run, Ns{1us});
    QCOMPARE(task.period, Ns{1ms});
    QCOMPARE(task.priority, 99); // as cyclictest's
    QCOMPARE(task.clock, ClockId::Realtime);
    QCOMPARE(task.onSignal, SignalHabit::Block);
    const auto& timer = actionOf<step::ArmTimer>(*scenario, 1);
    QCOMPARE(timer.task, std::string("p"));
    QCOMPARE(timer.call.clock, ClockId::ProcessCpu);
    QCOMPARE(timer.call.setting, (TimerSetting{.value = 5ms, .interval = 1ms}));
    QCOMPARE(timer.call.signal, 34);
    const auto& itimer = actionOf<step::SetIntervalTimer>(*scenario, 2);
    QCOMPARE(itimer.kind, IntervalTimerKind::Prof);
    QCOMPARE(itimer.setting, (TimerSetting{.value = 10ms, .interval = {}}));
    QCOMPARE(actionOf<step::SetCpuLimit>(*scenario, 3).limit,
             (ResourceLimit{.soft = 1, .hard = 3}));
    QCOMPARE(actionOf<step::SetSignals>(*scenario, 4).habit, SignalHabit::Default);
}

void TaskStepTest::everyKindOfTaskHasItsName()
{
    const std::vector<std::pair<QByteArray, TaskRoutine>> names{
        {"compute", TaskRoutine::Compute}, {"nanosleep", TaskRoutine::Nanosleep},
        {"cyclic", TaskRoutine::Cyclic},   {"timerfd", TaskRoutine::TimerFd},
        {"msleep", TaskRoutine::Msleep},   {"usleep_range", TaskRoutine::UsleepRange},
        {"fsleep", TaskRoutine::Fsleep},   {"burst", TaskRoutine::Burst}};
    for (const auto& [name, routine] : names) {
        const auto scenario = parse("[[step]]\nat = '1ms'\nworkload = { kind = '" + name
                                    + "', task = 'a', run = '1us', period = '1ms' }");
        QVERIFY2(scenario.has_value(), scenario ? "" : scenario.error().what.c_str());
        QCOMPARE(actionOf<step::StartTask>(*scenario, 0).task.routine, routine);
    }
}

void TaskStepTest::aBadStepGetsOneSentence_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("sentence");
    const auto row = [](const char* name, const QByteArray& action, const char* sentence) {
        QTest::newRow(name) << "[[step]]\nat = '1ms'\n" + action
                            << QByteArray("a/s.toml:") + sentence;
    };
    row("a process that never computes", "workload = { kind = 'compute', task = 'a' }",
        "5: \"workload\" has no \"run\"; it must be a time in quotes, such as \"250ms\" or "
        "\"1.5s\"");
    row("a process with a timer function",
        "workload = { kind = 'cyclic', task = 'a', period = '1ms', function = 'f' }",
        "5: \"function\" does not go with a workload of kind \"cyclic\"");
    row("a timer with a policy",
        "workload = { kind = 'sleep', task = 'a', period = '1ms', priority = 3 }",
        "5: \"priority\" does not go with a workload of kind \"sleep\"");
    row("packets of one that sends none",
        "workload = { kind = 'msleep', task = 'a', period = '1ms', loss = 3 }",
        "5: \"loss\" does not go with a workload of kind \"msleep\"");
    row("an unknown signal", "timer = { task = 'a', value = '1ms', signal = 65 }",
        "5: \"signal\" in \"timer\" is 65; it must be a whole number from 1 to 64");
    row("an unknown itimer", "itimer = { task = 'a', kind = 'rael', value = '1ms' }",
        "5: unknown kind \"rael\" in \"itimer\"; did you mean \"real\"?");
    row("a limit of nothing", "cpu_limit = { task = 'a' }",
        "5: \"cpu_limit\" has no \"soft\"; it must be a whole number from 0");
    row("signals that do nothing", "signals = { task = 'a', do = 'handel' }",
        "5: unknown do \"handel\" in \"signals\"; did you mean \"handle\"?");
}

void TaskStepTest::aBadStepGetsOneSentence()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, sentence);
    const auto scenario = parse(text);
    QVERIFY(!scenario.has_value());
    QCOMPARE(QByteArray::fromStdString(scenario.error().what), sentence);
}

QTEST_APPLESS_MAIN(TaskStepTest)
#include "task_step_test.moc"
