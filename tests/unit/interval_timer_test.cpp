// SPDX-License-Identifier: GPL-3.0-or-later
//! setitimer(ITIMER_REAL) and alarm(), and the alarm timers that wake a sleeping machine. px..
//! names the recording of a real kernel whose answers are asked of the model at the same moments.
#include "engine/posix/clock_sleep.h"
#include "engine/posix/interval_timers.h"
#include "tests/support/posix_program.h"

#include <QTest>

using namespace timerscope;
using namespace timerscope::test;
using namespace std::chrono_literals;

namespace {

constexpr int real = 0;

class AlarmedProgram : public Program
{
public:
    explicit AlarmedProgram(std::int64_t start = 0)
        : Program(0, true, start)
        , itimers(process.intervalTimers())
    {
        process.setAction(signal_number::alarm, SignalAction::Handle);
    }
    TimerSetting setReal(Ns value, Ns interval = {})
    {
        const auto cut = [](Ns span) {
            return SecondsAndUs{.seconds = span.count() / nsPerSecond,
                                .us = span.count() % nsPerSecond / 1000};
        };
        TimerSetting old;
        if (itimers.set(real, cut(value), cut(interval), &old) != Errno::Ok) {
            old.value = Ns{-1};
        }
        return old;
    }
    [[nodiscard]] TimerSetting getReal() { return itimers.get(IntervalTimerKind::Real); }

    IntervalTimers& itimers;
};

} // namespace

class IntervalTimerTest : public QObject
{
    Q_OBJECT
private slots:
    void realTimerTellsWhatIsLeft();
    void wrongArgumentsAreRefused();
    void alarmRoundsWhatWasLeft();
    void periodicRealTimerWaitsForItsSignalAndKeepsItsPhase();
    void ignoredRealTimerStops();
    void realTimerForEverIsTheEndOfTime();
    void sleepGoesOnAsLongAsTheProgramAsks();
    void rtcIsSetForTheFirstAlarm();
    void nearAlarmKeepsTheMachineAwake();
    void nothingIsSetWithoutAlarmsOrWithoutAnRtc();
    void frozenSleeperIsWokenFor();
    void refusedRtcAlarmIsTold();
    void alarmFiresOnceTheClockHasMovedOn();
    void alarmTimerCountsOverruns();
};

void IntervalTimerTest::realTimerTellsWhatIsLeft()
{
    // px23_itimer_real
    AlarmedProgram program;
    program.at(76'000);
    QCOMPARE(program.setReal(100ms, 50ms), TimerSetting{});
    program.at(110'000);
    QVERIFY(isClose(program.getReal().value, 99'966'000));
    QCOMPARE(program.getReal().interval, Ns{50ms});
    program.at(10'269'000);
    const TimerSetting old = program.setReal(20ms);
    QVERIFY(isClose(old.value, 89'807'000));
    QCOMPARE(old.interval, Ns{50ms});
    program.at(30'328'413);
    const auto runs = program.runs();
    QCOMPARE(runs.size(), 1U);
    QVERIFY(runs[0].signal == signal_number::alarm && runs[0].code == SignalCode::Kernel);
    QVERIFY(isClose(runs[0].at, 30'283'973, 30'000));
    QCOMPARE(program.getReal(), TimerSetting{});
    program.setReal(0s, 10ms);
    QCOMPARE(program.getReal(), TimerSetting{});
    program.machine.runFor(1s);
    QVERIFY(program.runs().empty());
}

void IntervalTimerTest::wrongArgumentsAreRefused()
{
    // px23_itimer_real
    AlarmedProgram program;
    IntervalTimers& itimers = program.itimers;
    program.setReal(50ms);
    QCOMPARE(itimers.set(real, {.us = 1'000'000}, {}, nullptr), Errno::Invalid);
    QCOMPARE(itimers.set(real, {.us = -1}, {}, nullptr), Errno::Invalid);
    QCOMPARE(itimers.set(real, {.seconds = -1}, {}, nullptr), Errno::Invalid);
    QCOMPARE(itimers.set(real, {}, {.us = -1}, nullptr), Errno::Invalid);
    QCOMPARE(itimers.set(3, {.us = 1000}, {}, nullptr), Errno::Invalid);
    QCOMPARE(program.getReal().value, Ns{50ms});
    QCOMPARE(itimers.set(real, {.us = 1}, {}, nullptr), Errno::Ok);
    program.machine.runFor(1us);
    QCOMPARE(program.runs().size(), 1U);
}

void IntervalTimerTest::alarmRoundsWhatWasLeft()
{
    // px23_itimer_real
    AlarmedProgram program;
    QCOMPARE(program.itimers.alarm(5), 0U);
    program.machine.runFor(400'070us);
    QCOMPARE(program.itimers.alarm(3), 5U);
    program.machine.runFor(600'069us);
    QCOMPARE(program.itimers.alarm(0), 2U);
    QCOMPARE(program.itimers.alarm(2), 0U);
    program.machine.runFor(1'400'067us);
    QCOMPARE(program.itimers.alarm(1), 1U);
    program.machine.runFor(1'100ms);
    QCOMPARE(program.runs().size(), 1U);
    // Half a second is rounded up, and little is not nothing.
    program.itimers.alarm(2);
    program.machine.runFor(500ms);
    QCOMPARE(program.itimers.alarm(2), 2U);
    program.machine.runFor(1'999ms);
    QCOMPARE(program.itimers.alarm(0), 1U);
}

void IntervalTimerTest::periodicRealTimerWaitsForItsSignalAndKeepsItsPhase()
{
    // px23_itimer_real: its last part, 3548450 us after the start
    AlarmedProgram program;
    program.setReal(3ms, 3ms);
    program.task.block(signal_number::alarm);
    program.machine.runFor(20'150us);
    program.task.unblock(signal_number::alarm);
    program.machine.deliverSignals();
    program.machine.runFor(7'090us);
    const auto runs = program.runs();
    QCOMPARE(runs.size(), 4U);
    QCOMPARE(runs[1].at, 21'000'000);
    QCOMPARE(runs[2].at, 24'000'000);
    QCOMPARE(runs[3].at, 27'000'000);
    const TimerSetting old = program.setReal(0s);
    QCOMPARE(old.interval, Ns{3ms});
    QVERIFY(old.value > 2ms && old.value < 3ms);
}

void IntervalTimerTest::ignoredRealTimerStops()
{
    AlarmedProgram program;
    program.process.setAction(signal_number::alarm, SignalAction::Ignore);
    program.setReal(3ms, 3ms);
    program.machine.runFor(10ms);
    QCOMPARE(program.getReal(), (TimerSetting{0s, 3ms}));
    program.process.setAction(signal_number::alarm, SignalAction::Handle);
    program.machine.runFor(10ms);
    QVERIFY(program.runs().empty());
}

void IntervalTimerTest::realTimerForEverIsTheEndOfTime()
{
    // px23_itimer_real: 9223370179648375 us are left
    AlarmedProgram program(1'857'206'400'000);
    QCOMPARE(program.itimers.set(
                 real, {.seconds = std::numeric_limits<std::int64_t>::max(), .us = 999'999}, {},
                 nullptr),
             Errno::Ok);
    QCOMPARE(program.getReal().value, Ns::max() - Ns{1'857'206'400'000});
}

void IntervalTimerTest::sleepGoesOnAsLongAsTheProgramAsks()
{
    AlarmedProgram program;
    program.machine.holdSignals();
    program.setReal(30ms);
    ClockSleep sleep(program.task);
    sleep.begin({.ns = 100'000'000});
    program.at(30'000'000);
    QCOMPARE(sleep.woken(), ClockSleep::State::Interrupted);
    program.machine.deliverSignals();
    sleep.afterSignal(true);
    QCOMPARE(sleep.error(), Errno::Interrupted);
    const Ns left = sleep.remaining().value();
    sleep.begin(split(left));
    program.at(1'000'000'000);
    QCOMPARE(sleep.woken(), ClockSleep::State::Over);
    // Each call adds its own slack.
    QCOMPARE(program.machine.lastWake(), 100'100'000);
}

void IntervalTimerTest::rtcIsSetForTheFirstAlarm()
{
    Program program;
    program.machine.offsets = {{HrtimerClock::Realtime, 1000s}, {HrtimerClock::Boottime, 20s}};
    program.machine.rtc.now = RealtimeInstant{5000s};
    program.set(program.create(ClockId::RealtimeAlarm), 10s);
    program.set(program.create(ClockId::BoottimeAlarm), 7s);
    program.set(program.create(ClockId::Boottime), 3s); // wakes nobody
    program.machine.runFor(1s);
    const auto suspend = program.machine.alarmTimers().suspend();
    QCOMPARE(suspend.error, Errno::Ok);
    QVERIFY(suspend.alarm == RealtimeInstant{5006s});
    QVERIFY(program.machine.rtc.alarm == RealtimeInstant{5006s});
    program.machine.alarmTimers().resume();
    QVERIFY(!program.machine.rtc.alarm);
}

void IntervalTimerTest::nearAlarmKeepsTheMachineAwake()
{
    Program program;
    const int id = program.create(ClockId::BoottimeAlarm);
    program.set(id, Ns{2s} - 1ns);
    const auto suspend = program.machine.alarmTimers().suspend();
    QCOMPARE(suspend.error, Errno::Busy);
    QCOMPARE(suspend.keepAwake, Ns{2s});
    QVERIFY(!program.machine.rtc.alarm);
    program.set(id, 2s);
    QCOMPARE(program.machine.alarmTimers().suspend().error, Errno::Ok);
}

void IntervalTimerTest::nothingIsSetWithoutAlarmsOrWithoutAnRtc()
{
    Program program;
    QCOMPARE(program.machine.alarmTimers().suspend().error, Errno::Ok);
    QVERIFY(!program.machine.rtc.alarm);
    const int id = program.create(ClockId::BoottimeAlarm);
    program.set(id, 1s);
    program.set(id, 0s);
    QCOMPARE(program.machine.alarmTimers().suspend().error, Errno::Ok);
    program.set(id, 1s);
    program.machine.hasRtc = false;
    QCOMPARE(program.machine.alarmTimers().suspend().error, Errno::Ok);
}

void IntervalTimerTest::frozenSleeperIsWokenFor()
{
    Program program;
    AlarmTimers& alarms = program.machine.alarmTimers();
    program.set(program.create(ClockId::BoottimeAlarm), 10s);
    alarms.freeze(AlarmClock::Boottime, HrtimerInstant{6s}, 6s);
    alarms.freeze(AlarmClock::Boottime, HrtimerInstant{8s}, 8s);
    QVERIFY(alarms.suspend().alarm == RealtimeInstant{6s});
    QVERIFY(alarms.suspend().alarm == RealtimeInstant{10s}); // told once
}

void IntervalTimerTest::refusedRtcAlarmIsTold()
{
    Program program;
    program.machine.rtc.answer = Errno::Time;
    program.set(program.create(ClockId::BoottimeAlarm), 10s);
    const auto suspend = program.machine.alarmTimers().suspend();
    QCOMPARE(suspend.error, Errno::Time);
    QCOMPARE(suspend.keepAwake, Ns{1s});
}

void IntervalTimerTest::alarmFiresOnceTheClockHasMovedOn()
{
    Program program;
    program.set(program.create(ClockId::BoottimeAlarm), 100s);
    program.set(program.create(ClockId::Monotonic), 100s);
    program.at(1'000'000'000);
    program.machine.offsets[HrtimerClock::Boottime] += 99s; // slept so long
    program.machine.hrtimers().reprogram();
    program.machine.runFor(1us);
    const auto runs = program.runs();
    QCOMPARE(runs.size(), 1U);
    QCOMPARE(runs[0].timerId, 0);
}

void IntervalTimerTest::alarmTimerCountsOverruns()
{
    Program program;
    const int id = program.create(ClockId::BoottimeAlarm);
    program.block();
    program.set(id, 10ms, 10ms);
    program.at(105'000'000);
    QCOMPARE(program.get(id).value, Ns{5ms});
    program.unblock();
    QCOMPARE(program.runs().at(0).overrun, 9);
    program.process.setAction(rt34, SignalAction::Ignore);
    program.at(155'000'000);
    program.process.setAction(rt34, SignalAction::Handle);
    program.at(160'000'000);
    QCOMPARE(program.runs().at(0).overrun, 5);
}

QTEST_GUILESS_MAIN(IntervalTimerTest)
#include "interval_timer_test.moc"
