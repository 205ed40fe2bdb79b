// SPDX-License-Identifier: GPL-3.0-or-later
//! timer_create() and its kin: arguments, notification, signals. px.. names the recording of a
//! real kernel whose answers are asked of the model at the same moments.
#include "engine/posix/clock_posix_timer.h"
#include "tests/support/posix_program.h"

#include <QTest>

using namespace timerscope;
using namespace timerscope::test;
using namespace std::chrono_literals;

class PosixTimerTest : public QObject
{
    Q_OBJECT
private slots:
    void clocksCanDoWhatTheRecordingSays_data();
    void clocksCanDoWhatTheRecordingSays();
    void clockNumbersOfTasksComeApartAndTogether();
    void eachKindOfNotificationDoesItsOwn();
    void signalToAThreadIsTakenByThatThread();
    void wrongArgumentsAreRefusedAndUseUpIds();
    void malformedTimesAreRefused();
    void spansBeyondTheRangeOfTimeAreForEver();
    void alarmClocksNeedAnRtcAndTheCapability();
    void droppedSignalLeavesThePeriodicTimerStopped();
    void settingTellsTheOldValueAndDropsTheOldPeriod();
    void signalOfAnOldSettingDoesNotRearm();
    void signalOfAnOldPeriodLeavesTheNewOne();
    void signalOutlivesItsDeletedTimer();
    void childHasNoTimers();
    void execDropsTimersAndTheirSignals();
    void classicSignalIsPendingOnce();
    void blockedSignalIsQueuedThoughIgnored();
};

void PosixTimerTest::clocksCanDoWhatTheRecordingSays_data()
{
    QTest::addColumn<int>("clock");
    QTest::addColumn<int>("resolution"); // 0: EINVAL; 2: that of hrtimers
    QTest::addColumn<bool>("exists");
    QTest::addColumn<bool>("canTime");
    QTest::addColumn<bool>("canSleep");
    // px01_clock_table, px02_clock_table_highresoff
    QTest::newRow("real") << 0 << 2 << true << true << true;
    QTest::newRow("mono") << 1 << 2 << true << true << true;
    QTest::newRow("pcpu") << 2 << 1 << true << true << true;
    QTest::newRow("tcpu") << 3 << 1 << true << true << false;
    QTest::newRow("raw") << 4 << 2 << true << false << false;
    QTest::newRow("realc") << 5 << 4'000'000 << true << false << false;
    QTest::newRow("monoc") << 6 << 4'000'000 << true << false << false;
    QTest::newRow("boot") << 7 << 2 << true << true << true;
    QTest::newRow("ralarm") << 8 << 2 << true << true << true;
    QTest::newRow("balarm") << 9 << 2 << true << true << true;
    QTest::newRow("sgi") << 10 << 0 << false << false << false;
    QTest::newRow("tai") << 11 << 2 << true << true << true;
    QTest::newRow("12") << 12 << 0 << false << false << false;
    QTest::newRow("16") << 16 << 0 << false << false << false;
    QTest::newRow("-6") << -6 << 1 << true << true << true;
}

void PosixTimerTest::clocksCanDoWhatTheRecordingSays()
{
    QFETCH(int, clock);
    QFETCH(int, resolution);
    QFETCH(bool, exists);
    QFETCH(bool, canTime);
    QFETCH(bool, canSleep);
    const auto id = static_cast<ClockId>(clock);
    const auto abilities = abilitiesOf(id);
    QCOMPARE(abilities.has_value(), exists);
    QCOMPARE(abilities.value_or(ClockAbilities{}).canTime, canTime);
    QCOMPARE(abilities.value_or(ClockAbilities{}).canSleep, canSleep);
    for (const Ns hrtimers : {Ns{1}, Ns{4'000'000}}) {
        const auto told = resolutionOf(id, hrtimers, TickRate{250});
        QCOMPARE(told.has_value(), resolution != 0);
        QCOMPARE(told.value_or(Ns{}), resolution == 2 ? hrtimers : Ns{resolution});
    }
}

void PosixTimerTest::clockNumbersOfTasksComeApartAndTogether()
{
    // px26: /proc/PID/timers shows -6 for a process's clock and -2 for a thread's.
    QCOMPARE(static_cast<int>(CpuClockId{}.number()), -6);
    QCOMPARE(static_cast<int>(CpuClockId{.isThread = true}.number()), -2);
    for (const int pid : {0, 1, 4711}) {
        for (const CpuClock clock : cpuClocks) {
            const CpuClockId id{.pid = pid, .clock = clock, .isThread = pid % 2 != 0};
            QVERIFY(cpuClockOf(id.number()) == id);
        }
    }
    // px01: -1 names a fourth kind of time. -5 is a descriptor's clock.
    QVERIFY(!cpuClockOf(static_cast<ClockId>(-1)));
    QVERIFY(!cpuClockOf(static_cast<ClockId>(-5)));
    QVERIFY(!abilitiesOf(static_cast<ClockId>(-5)));
}

void PosixTimerTest::eachKindOfNotificationDoesItsOwn()
{
    // px04_notify_kinds, step 1
    Program program;
    program.process.setAction(35, SignalAction::Handle);
    program.process.setAction(signal_number::alarm, SignalAction::Handle);
    QCOMPARE(program.create(ClockId::Monotonic, {.number = 34, .value = 7}), 0);
    QCOMPARE(program.createSilent(), 1);
    QCOMPARE(
        program.create(ClockId::Monotonic,
                       {.notify = SignalEvent::threadId, .number = 35, .value = 9, .tid = 100}),
        2);
    QCOMPARE(program.timers.create(program.task, ClockId::Monotonic, nullptr).value_or(-1), 3);
    QCOMPARE(program.get(0), TimerSetting{});
    program.at(272'492);
    program.set(0, 10ms);
    program.set(1, 10ms);
    program.set(2, 11ms);
    program.set(3, 12ms);
    program.at(30'834'857);
    const auto runs = program.runs();
    QCOMPARE(runs.size(), 3U);
    QVERIFY(runs[0].signal == 34 && runs[0].value == 7 && runs[0].timerId == 0);
    QVERIFY(runs[1].signal == 35 && runs[1].value == 9 && runs[1].timerId == 2);
    QVERIFY(runs[2].signal == 14 && runs[2].value == 3 && runs[2].timerId == 3);
    QVERIFY(runs[0].code == SignalCode::Timer);
    QVERIFY(isClose(runs[0].at, 10'298'313, 30'000));
    for (int id = 0; id < 4; ++id) {
        QCOMPARE(program.get(id), TimerSetting{});
        QCOMPARE(program.overrun(id), 0);
    }
    QCOMPARE(program.timers.remove(0), Errno::Ok);
    QCOMPARE(program.timers.remove(0), Errno::Invalid);
}

void PosixTimerTest::signalToAThreadIsTakenByThatThread()
{
    // px04_notify_kinds, step 2
    Program program;
    Task& other = program.process.addThread(101, "other");
    program.machine.addThread(other);
    program.at(600'000);
    QCOMPARE(
        program.create(ClockId::Monotonic,
                       {.notify = SignalEvent::threadId, .number = 34, .value = 5, .tid = 101}),
        0);
    program.at(603'328);
    program.set(0, 5ms, 5ms);
    program.at(23'776'639);
    const auto runs = program.runs();
    QCOMPARE(runs.size(), 4U);
    for (const HandlerRun& run : runs) {
        QVERIFY(run.tid == 101 && run.overrun == 0);
    }
    QVERIFY(isClose(program.get(0).value, 1'828'262));
    QCOMPARE(program.overrun(0), 0);
}

void PosixTimerTest::wrongArgumentsAreRefusedAndUseUpIds()
{
    // px05_create_errors, step 1
    Program program;
    const int invalid = -22;
    const auto signal = [](int number) { return SignalEvent{.number = number}; };
    const auto kind = [](int notify) { return SignalEvent{.notify = notify, .number = 34}; };
    const auto thread = [](int tid) {
        return SignalEvent{.notify = SignalEvent::threadId, .number = 34, .tid = tid};
    };
    QCOMPARE(program.create(ClockId::Monotonic, signal(0)), invalid);
    QCOMPARE(program.create(ClockId::Monotonic, signal(65)), invalid);
    QCOMPARE(program.create(ClockId::Monotonic, signal(64)), 2);
    QCOMPARE(program.timers.remove(2), Errno::Ok);
    QCOMPARE(program.create(ClockId::Monotonic, signal(-1)), invalid);
    QCOMPARE(program.create(ClockId::Monotonic, kind(3)), invalid);
    QCOMPARE(program.create(ClockId::Monotonic, kind(5)), invalid);
    QCOMPARE(program.create(ClockId::Monotonic, thread(1)), invalid);
    QCOMPARE(program.create(ClockId::Monotonic, thread(999'999)), invalid);
    QCOMPARE(program.create(ClockId::Monotonic, {.notify = SignalEvent::none, .number = 999}), 8);
    QCOMPARE(program.create(ClockId::Monotonic, {.notify = SignalEvent::none, .number = 0}), 9);
    QCOMPARE(program.create(ClockId::MonotonicRaw), -95);
    QCOMPARE(program.create(ClockId::RealtimeCoarse), -95);
    QCOMPARE(program.create(ClockId::MonotonicCoarse), -95);
    QCOMPARE(program.create(ClockId::RealtimeAlarm), 10);
    QCOMPARE(program.create(static_cast<ClockId>(10)), invalid);
    QCOMPARE(program.create(static_cast<ClockId>(99)), invalid);
    QCOMPARE(program.create(static_cast<ClockId>(-9)), invalid);
    QCOMPARE(program.create(ClockId::Tai), 12);
    for (const int id : {77, -1, 2'147'483'647}) {
        QCOMPARE(program.raw(id, {.seconds = 1}), Errno::Invalid);
        QCOMPARE(errnoOf(program.timers.gettime(id)), Errno::Invalid);
        QCOMPARE(errnoOf(program.timers.getoverrun(id)), Errno::Invalid);
        QCOMPARE(program.timers.remove(id), Errno::Invalid);
    }
    QCOMPARE(program.create(), 13);
    QCOMPARE(program.create(), 14);
    QCOMPARE(program.timers.remove(13), Errno::Ok);
    QCOMPARE(program.create(), 15);
}

void PosixTimerTest::malformedTimesAreRefused()
{
    // px05_create_errors, step 1
    Program program;
    const int id = program.create();
    QCOMPARE(program.raw(id, {.seconds = 0, .ns = 1'000'000'000}), Errno::Invalid);
    QCOMPARE(program.raw(id, {.seconds = 0, .ns = -1}), Errno::Invalid);
    QCOMPARE(program.raw(id, {.seconds = -1, .ns = 0}), Errno::Invalid);
    QCOMPARE(program.raw(id, {.seconds = 1}, {.seconds = -1}), Errno::Invalid);
    QCOMPARE(program.raw(id, {.seconds = 1}, {.ns = 1'000'000'000}), Errno::Invalid);
    // Flags that mean nothing are no fault: 255 has the bit of an absolute time.
    program.machine.runTo(1'000'000'000);
    program.set(id, 10ms, {}, 2);
    QCOMPARE(program.get(id).value, Ns{10ms});
    program.set(id, 10ms, {}, 255);
    program.machine.runFor(1us);
    QCOMPARE(program.runs().size(), 1U);
}

void PosixTimerTest::spansBeyondTheRangeOfTimeAreForEver()
{
    // px05_create_errors, step 1: seconds from 9223372036 on are KTIME_MAX.
    Program program;
    program.machine.offsets[HrtimerClock::Tai] = Ns{1'767'227'471'747'832'738};
    const int id = program.create(ClockId::Tai);
    QCOMPARE(program.raw(id, {.seconds = 9'223'372'036'854'775'807, .ns = 999'999'999}), Errno::Ok);
    QCOMPARE(program.get(id).value, Ns{7'456'144'565'106'943'069});
    QCOMPARE(program.raw(id, {.seconds = 9'223'372'036}, {.seconds = 9'223'372'037}), Errno::Ok);
    QCOMPARE(program.get(id), (TimerSetting{Ns{7'456'144'565'106'943'069}, Ns::max()}));
}

void PosixTimerTest::alarmClocksNeedAnRtcAndTheCapability()
{
    // px05_create_errors, step 2
    Program program;
    QCOMPARE(program.create(ClockId::RealtimeAlarm), 0);
    program.process.setMayWakeMachine(false);
    QCOMPARE(program.create(ClockId::RealtimeAlarm), -1);
    QCOMPARE(program.create(ClockId::BoottimeAlarm), -1);
    QCOMPARE(program.set(0, 1s).value, Ns{}); // one that exists may still be set
    program.process.setMayWakeMachine(true);
    program.machine.hasRtc = false;
    QCOMPARE(program.create(ClockId::BoottimeAlarm), -95);
}

void PosixTimerTest::droppedSignalLeavesThePeriodicTimerStopped()
{
    Program program;
    const int id = program.create();
    program.block();
    program.set(id, 1ms, 1ms);
    program.at(3'000'000);
    QVERIFY(program.process.sharedPending().has(rt34));
    // Linux 6.1: with the signal goes the re-arming.
    QCOMPARE(program.process.sigaction(rt34, SignalAction::Ignore), Errno::Ok);
    QVERIFY(!program.process.sharedPending().has(rt34));
    QCOMPARE(program.process.sigaction(rt34, SignalAction::Handle), Errno::Ok);
    program.unblock();
    program.at(50'000'000);
    QVERIFY(program.runs().empty());
    QVERIFY(!dynamic_cast<ClockPosixTimer&>(*program.timers.find(id)).isQueued());
}

void PosixTimerTest::settingTellsTheOldValueAndDropsTheOldPeriod()
{
    // px08_settime_running, step 1
    Program program;
    const int id = program.create();
    program.at(106'000);
    program.set(id, 50ms, 20ms);
    program.at(10'236'000);
    TimerSetting old = program.set(id, 30ms, 7ms);
    QVERIFY(isClose(old.value, 39'869'887));
    QCOMPARE(old.interval, Ns{20ms});
    program.at(45'401'064);
    QVERIFY(isClose(program.get(id).value, 1'835'514));
    QCOMPARE(program.runs().size(), 1U);
    old = program.set(id, 0s, 5ms);
    QVERIFY(old.value > 0s && old.interval == Ns{7ms});
    QCOMPARE(program.get(id), TimerSetting{}); // value zero drops the period too
    program.at(55'600'505);
    QCOMPARE(program.setAbsolute(id, 0s, 5ms), TimerSetting{});
    program.set(id, 1ns);
    program.machine.runFor(1ms);
    QCOMPARE(program.runs().size(), 1U);
    QCOMPARE(program.get(id), TimerSetting{});
    program.set(id, 1ns, 1ms);
    program.machine.runFor(3'500us);
    QCOMPARE(program.runs().size(), 4U);
    old = program.set(id, 10ms);
    QVERIFY(old.value > 0s && old.value <= Ns{1ms});
    program.machine.runFor(12ms);
    QCOMPARE(program.runs().size(), 1U);
}

void PosixTimerTest::signalOfAnOldSettingDoesNotRearm()
{
    // px08_settime_running, step 2
    Program program;
    const int id = program.create();
    program.block();
    program.at(127'000);
    program.set(id, 5ms, 5ms);
    program.at(22'307'000);
    QVERIFY(isClose(program.set(id, 100ms).value, 2'819'955));
    QVERIFY(program.process.sharedPending().has(rt34));
    program.at(22'420'000);
    program.unblock();
    auto runs = program.runs();
    QCOMPARE(runs.size(), 1U);
    QCOMPARE(runs[0].overrun, 0);
    program.at(142'594'168);
    runs = program.runs();
    QCOMPARE(runs.size(), 1U);
    QVERIFY(isClose(runs[0].at, 122'337'044, 40'000));
    QCOMPARE(program.overrun(id), 0);
}

void PosixTimerTest::signalOfAnOldPeriodLeavesTheNewOne()
{
    Program program;
    const int id = program.create();
    program.block();
    program.set(id, 5ms, 5ms);
    program.at(22'000'000);
    program.set(id, 100ms, 7ms);
    program.unblock();
    QCOMPARE(program.runs().at(0).overrun, 0);
    QCOMPARE(program.get(id), (TimerSetting{100ms, 7ms}));
    program.at(122'000'000);
    QCOMPARE(program.runs().size(), 1U);
}

void PosixTimerTest::signalOutlivesItsDeletedTimer()
{
    // px08_settime_running, step 3
    Program program;
    const int id = program.create();
    program.block();
    program.set(id, 5ms);
    program.at(12'000'000);
    QCOMPARE(program.timers.remove(id), Errno::Ok);
    QVERIFY(program.process.sharedPending().has(rt34));
    program.unblock();
    const auto runs = program.runs();
    QCOMPARE(runs.size(), 1U);
    QCOMPARE(runs[0].overrun, 0);
}

void PosixTimerTest::childHasNoTimers()
{
    // px31_fork_exec
    Program program;
    const int id = program.create();
    program.set(id, 10ms);
    program.task.setTimerSlack(7us);
    program.block();
    Process& child = program.machine.addProcess(200);
    child.becomeChildOf(program.task);
    QCOMPARE(errnoOf(child.timers().gettime(id)), Errno::Invalid);
    const SignalEvent silent{.notify = SignalEvent::none};
    QCOMPARE(child.timers().create(child.leader(), ClockId::Monotonic, &silent).value_or(-1), 0);
    QCOMPARE(child.action(rt34), SignalAction::Handle);
    QVERIFY(child.leader().blocked().has(rt34));
    QCOMPARE(child.leader().timerSlack(), Ns{7us});
    child.leader().setTimerSlack(0s);
    QCOMPARE(child.leader().timerSlack(), Ns{7us}); // its default too
    program.at(22'000'000);
    QVERIFY(program.process.sharedPending().has(rt34));
    QVERIFY(child.sharedPending().set().isEmpty());
}

void PosixTimerTest::execDropsTimersAndTheirSignals()
{
    Program program;
    const int id = program.create();
    program.block();
    program.set(id, 1ms);
    program.at(2'000'000);
    program.process.exec();
    QVERIFY(program.timers.all().empty());
    QVERIFY(program.process.sharedPending().set().isEmpty());
    QCOMPARE(program.process.action(rt34), SignalAction::Default);
}

void PosixTimerTest::classicSignalIsPendingOnce()
{
    Program program;
    program.task.block(signal_number::virtualAlarm);
    program.task.block(rt34);
    Process& process = program.process;
    QCOMPARE(process.send(signal_number::virtualAlarm, SignalCode::Kernel), SendResult::Queued);
    QCOMPARE(process.send(signal_number::virtualAlarm, SignalCode::Kernel),
             SendResult::AlreadyPending);
    QCOMPARE(process.send(rt34, SignalCode::User), SendResult::Queued);
    QCOMPARE(process.send(rt34, SignalCode::User), SendResult::Queued);
    // The lower number first.
    QCOMPARE(process.dequeue(program.task, {}).value().number, signal_number::virtualAlarm);
    QCOMPARE(process.dequeue(program.task, {}).value().number, rt34);
    QVERIFY(process.sharedPending().has(rt34));
    QCOMPARE(process.dequeue(program.task, {}).value().number, rt34);
    QVERIFY(!process.dequeue(program.task, {}).has_value());
}

void PosixTimerTest::blockedSignalIsQueuedThoughIgnored()
{
    Program program;
    program.process.setAction(rt34, SignalAction::Ignore);
    QCOMPARE(program.process.send(rt34, SignalCode::User), SendResult::Ignored);
    program.block();
    QCOMPARE(program.process.send(rt34, SignalCode::User), SendResult::Queued);
    QVERIFY(!program.task.hasSignal());
    program.unblock();
    QVERIFY(program.runs().empty()); // taken, and nothing done
}

QTEST_GUILESS_MAIN(PosixTimerTest)
#include "posix_timer_test.moc"
