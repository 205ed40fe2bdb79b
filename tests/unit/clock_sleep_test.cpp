// SPDX-License-Identifier: GPL-3.0-or-later
//! nanosleep() and its kin, and the sleeps of drivers. px.. and sl.. name the recording of a real
//! kernel whose answers are asked of the model.
#include "engine/posix/clock_sleep.h"
#include "engine/posix/interval_timers.h"
#include "engine/posix/sleep_rules.h"
#include "tests/support/posix_program.h"

#include <QTest>

using namespace timerscope;
using namespace timerscope::test;
using namespace std::chrono_literals;

namespace {

using State = ClockSleep::State;

constexpr Ns longTime = 100s;

/// How long @p task sleeps when nothing else happens; -1 when it never wakes.
Ns lengthOf(Program& program, Ns request, ClockId clock = ClockId::Monotonic,
            std::uint32_t flags = 0)
{
    ClockSleep sleep(program.task);
    const std::int64_t begun = program.machine.now();
    if (sleep.begin(clock, flags, split(request)) == State::Over) {
        return Ns{};
    }
    program.machine.runFor(longTime);
    return sleep.woken() == State::Over ? Ns{program.machine.lastWake() - begun} : Ns{-1};
}

Errno refusalOf(Program& program, ClockId clock, SecondsAndNs request, std::uint32_t flags = 0)
{
    ClockSleep sleep(program.task);
    return sleep.begin(clock, flags, request) == State::Refused ? sleep.error() : Errno::Ok;
}

/// Lets a signal arrive while @p sleep is on, and answers what becomes of it.
State interruptAt(Program& program, ClockSleep& sleep, std::int64_t ns, int signal)
{
    program.machine.holdSignals();
    program.at(ns);
    static_cast<void>(program.process.send(signal, SignalCode::User));
    return sleep.woken();
}

} // namespace

class ClockSleepTest : public QObject
{
    Q_OBJECT
private slots:
    void sleepEndsAfterItsSlackOnAnIdleMachine_data();
    void sleepEndsAfterItsSlackOnAnIdleMachine();
    void realTimeTasksHaveNoSlack();
    void slackIsInheritedAndComesBack();
    void sleeperWithSlackRidesOnAnEarlierInterrupt();
    void withoutHighResolutionSleepsEndOnTicks();
    void eachClockSleepsInItsOwnTime();
    void momentsThatHavePassedEndAtOnce();
    void wrongArgumentsAreRefused();
    void settingTheClockMovesMomentsOnly();
    void interruptedSpanTellsWhatIsLeftWithItsSlack();
    void interruptedMomentTellsNothing();
    void stoppedAndContinuedSpanEndsWhenItWould();
    void stoppedAndContinuedMomentIsAskedForAnew();
    void pendingSignalInterruptsBeforeTheSleep();
    void spanWhoseTimeCameWithTheSignalIsOver();
    void alarmSleepHasNoSlack();
    void cpuSleepWaitsForOthers();
    void driversSleepByTheLengthAskedFor();
    void pollSlackGrowsWithTheTimeOut();
};

void ClockSleepTest::sleepEndsAfterItsSlackOnAnIdleMachine_data()
{
    QTest::addColumn<qint64>("slack");
    QTest::addColumn<qint64>("request");
    QTest::addColumn<qint64>("actual"); // the recording's, which has about 17 us of its own
    // px12_slack
    QTest::newRow("1ns 100us") << qint64{1} << qint64{100'000} << qint64{117'016};
    QTest::newRow("1ns 5.3ms") << qint64{1} << qint64{5'300'000} << qint64{5'321'041};
    QTest::newRow("10us 100us") << qint64{10'000} << qint64{100'000} << qint64{127'024};
    QTest::newRow("50us 1ms") << qint64{50'000} << qint64{1'000'000} << qint64{1'067'505};
    QTest::newRow("200us 100ms") << qint64{200'000} << qint64{100'000'000} << qint64{100'223'188};
    QTest::newRow("10ms 5.3ms") << qint64{10'000'000} << qint64{5'300'000} << qint64{15'323'410};
}

void ClockSleepTest::sleepEndsAfterItsSlackOnAnIdleMachine()
{
    QFETCH(qint64, slack);
    QFETCH(qint64, request);
    QFETCH(qint64, actual);
    Program program;
    program.task.setTimerSlack(Ns{slack});
    const Ns length = lengthOf(program, Ns{request});
    QCOMPARE(length, Ns{request + slack});
    QVERIFY(isClose(length, actual, 30'000));
}

void ClockSleepTest::realTimeTasksHaveNoSlack()
{
    // px12_slack: fifo 10, and back
    Program program;
    program.task.setPolicy(SchedulingPolicy::RealTime);
    QCOMPARE(program.task.timerSlack(), Ns{});
    QCOMPARE(lengthOf(program, 1ms), Ns{1ms});
    program.task.setTimerSlack(3ms); // means nothing now
    QCOMPARE(program.task.timerSlack(), Ns{});
    program.task.setPolicy(SchedulingPolicy::Normal);
    QCOMPARE(program.task.timerSlack(), Ns{50us});
}

void ClockSleepTest::slackIsInheritedAndComesBack()
{
    Program program;
    QCOMPARE(program.task.timerSlack(), Ns{50us});
    program.task.setTimerSlack(7ms);
    QCOMPARE(program.task.timerSlack(), Ns{7ms});
    program.task.setTimerSlack(0s);
    QCOMPARE(program.task.timerSlack(), Ns{50us});
}

void ClockSleepTest::sleeperWithSlackRidesOnAnEarlierInterrupt()
{
    // px14_slack_merge
    Program program;
    Process& other = program.machine.addProcess(200);
    other.leader().setTimerSlack(4ms);
    ClockSleep late(other.leader());
    QCOMPARE(late.begin({.ns = 2'300'000}), State::Asleep);
    program.task.setTimerSlack(1ns);
    ClockSleep exact(program.task);
    QCOMPARE(exact.begin({.ns = 5'000'000}), State::Asleep);
    program.at(4'999'999);
    QVERIFY(program.machine.takeWoken().empty());
    program.at(5'000'001);
    QCOMPARE(program.machine.takeWoken().size(), 2U);
    QCOMPARE(late.woken(), State::Over);
    QCOMPARE(exact.woken(), State::Over);
}

void ClockSleepTest::withoutHighResolutionSleepsEndOnTicks()
{
    // px13_slack_highresoff: 100 us end with the tick, 4 ms with the one after the next.
    Program program(3'956'000, false);
    program.at(94'552);
    QCOMPARE(lengthOf(program, 100us), Ns{3'956'000 - 94'552});
    Program other(3'956'000, false);
    QCOMPARE(lengthOf(other, 4ms), Ns{7'956'000});
    Program slow(3'956'000, false);
    slow.task.setTimerSlack(10ms);
    QCOMPARE(lengthOf(slow, 100us), Ns{3'956'000}); // no slack can be later than a tick in time
}

void ClockSleepTest::eachClockSleepsInItsOwnTime()
{
    // px11_cnanosleep, step 1
    Program program;
    program.machine.offsets = {
        {HrtimerClock::Realtime, 1000s}, {HrtimerClock::Boottime, 20s}, {HrtimerClock::Tai, 1037s}};
    for (const auto& [clock, ahead] : {std::pair{ClockId::Monotonic, Ns{}},
                                       {ClockId::Realtime, Ns{1000s}},
                                       {ClockId::Boottime, Ns{20s}},
                                       {ClockId::Tai, Ns{1037s}}}) {
        QCOMPARE(lengthOf(program, 10ms, clock), Ns{10'050us});
        const Ns now{program.machine.now()};
        QCOMPARE(lengthOf(program, now + ahead + 10ms, clock, timerAbstime), Ns{10'050us});
    }
}

void ClockSleepTest::momentsThatHavePassedEndAtOnce()
{
    // px11_cnanosleep, step 1: now-1s and 0 take 25 us, a span of 0 takes its slack.
    Program program(0, true, 5'000'000'000);
    QVERIFY(lengthOf(program, 4s, ClockId::Monotonic, timerAbstime) <= 1us);
    QVERIFY(lengthOf(program, 0s, ClockId::Monotonic, timerAbstime) <= 1us);
    QCOMPARE(lengthOf(program, 0s), Ns{50us});
    program.task.setTimerSlack(1ns);
    QCOMPARE(lengthOf(program, 0s), Ns{1});
}

void ClockSleepTest::wrongArgumentsAreRefused()
{
    // px11_cnanosleep, step 1; px01_clock_table
    Program program;
    const SecondsAndNs ms{.ns = 1'000'000};
    QCOMPARE(refusalOf(program, ClockId::MonotonicRaw, ms), Errno::NotSupported);
    QCOMPARE(refusalOf(program, ClockId::RealtimeCoarse, ms), Errno::NotSupported);
    QCOMPARE(refusalOf(program, ClockId::ThreadCpu, ms), Errno::NotSupported);
    QCOMPARE(refusalOf(program, static_cast<ClockId>(99), ms), Errno::Invalid);
    QCOMPARE(refusalOf(program, static_cast<ClockId>(-1), ms), Errno::Invalid);
    QCOMPARE(refusalOf(program, static_cast<ClockId>(-2), ms), Errno::Invalid);
    QCOMPARE(refusalOf(program, ClockId::Monotonic, {.ns = 1'000'000'000}), Errno::Invalid);
    QCOMPARE(refusalOf(program, ClockId::Monotonic, {.ns = -1}), Errno::Invalid);
    QCOMPARE(refusalOf(program, ClockId::Monotonic, {.seconds = -1}), Errno::Invalid);
    QCOMPARE(refusalOf(program, ClockId::RealtimeAlarm, ms, 2), Errno::Invalid);
    program.process.setMayWakeMachine(false);
    QCOMPARE(refusalOf(program, ClockId::RealtimeAlarm, ms), Errno::NotPermitted);
    program.machine.hasRtc = false;
    QCOMPARE(refusalOf(program, ClockId::RealtimeAlarm, ms), Errno::NotSupported);
    // px26_cpu_timers: a CPU clock's span of 0 is over at once.
    QCOMPARE(lengthOf(program, 0s, ClockId::ProcessCpu), Ns{});
}

void ClockSleepTest::settingTheClockMovesMomentsOnly()
{
    // px11_cnanosleep, steps 2 to 4
    const auto sleepsFor = [](Ns step, bool absolute) {
        Program program;
        program.machine.offsets[HrtimerClock::Realtime] = 1000s;
        ClockSleep sleep(program.task);
        sleep.begin(ClockId::Realtime, absolute ? timerAbstime : 0,
                    split(absolute ? Ns{1001'500ms} : Ns{1500ms}));
        program.at(300'000'000);
        program.machine.stepRealtime(step);
        program.machine.runFor(longTime);
        return sleep.woken() == State::Over ? program.machine.lastWake() : -1;
    };
    QVERIFY(isClose(sleepsFor(2s, true), 300'000'000, 1'000)); // the recording's 296.86 ms
    QVERIFY(isClose(sleepsFor(-2s, true), 3'500'074'658, 30'000));
    QVERIFY(isClose(sleepsFor(2s, false), 1'500'074'483, 30'000));
}

void ClockSleepTest::interruptedSpanTellsWhatIsLeftWithItsSlack()
{
    Program program;
    ClockSleep sleep(program.task);
    QCOMPARE(sleep.begin({.ns = 100'000'000}), State::Asleep);
    QCOMPARE(interruptAt(program, sleep, 30'000'000, rt34), State::Interrupted);
    QCOMPARE(sleep.remaining().value(), Ns{70'050us});
    QCOMPARE(program.process.deliver(program.task).outcome, Process::Outcome::Handled);
    QCOMPARE(sleep.afterSignal(true), State::Refused);
    QCOMPARE(sleep.error(), Errno::Interrupted);
    static_cast<void>(program.machine.takeWoken());
    program.at(200'000'000);
    QVERIFY(program.machine.takeWoken().empty());
}

void ClockSleepTest::interruptedMomentTellsNothing()
{
    Program program;
    ClockSleep sleep(program.task);
    QCOMPARE(sleep.begin(ClockId::Monotonic, timerAbstime, {.ns = 100'000'000}), State::Asleep);
    QCOMPARE(interruptAt(program, sleep, 30'000'000, rt34), State::Interrupted);
    QVERIFY(!sleep.remaining().has_value());
    program.process.deliver(program.task);
    QCOMPARE(sleep.afterSignal(true), State::Refused);
    QCOMPARE(sleep.error(), Errno::Interrupted);
}

void ClockSleepTest::stoppedAndContinuedSpanEndsWhenItWould()
{
    Program program;
    ClockSleep sleep(program.task);
    sleep.begin({.ns = 100'000'000});
    QCOMPARE(interruptAt(program, sleep, 30'000'000, signal_number::stop), State::Interrupted);
    QCOMPARE(program.process.deliver(program.task).outcome, Process::Outcome::Stopped);
    program.at(60'000'000);
    QCOMPARE(program.process.send(signal_number::cont, SignalCode::User), SendResult::Ignored);
    QVERIFY(!program.process.isStopped());
    QCOMPARE(sleep.afterSignal(false), State::Asleep);
    program.machine.runFor(longTime);
    QCOMPARE(sleep.woken(), State::Over);
    QCOMPARE(program.machine.lastWake(), 100'050'000); // the slack is in it, and no further one
    QVERIFY(sleep.remaining().has_value()); // written when it was interrupted
}

void ClockSleepTest::stoppedAndContinuedMomentIsAskedForAnew()
{
    Program program;
    ClockSleep sleep(program.task);
    sleep.begin(ClockId::Monotonic, timerAbstime, {.ns = 100'000'000});
    QCOMPARE(interruptAt(program, sleep, 30'000'000, signal_number::stop), State::Interrupted);
    program.process.deliver(program.task);
    program.at(150'000'000); // continued too late
    static_cast<void>(program.process.send(signal_number::cont, SignalCode::User));
    sleep.afterSignal(false);
    program.machine.runFor(1us);
    QCOMPARE(sleep.woken(), State::Over);
}

void ClockSleepTest::pendingSignalInterruptsBeforeTheSleep()
{
    Program program;
    program.machine.holdSignals();
    static_cast<void>(program.process.send(rt34, SignalCode::User));
    ClockSleep sleep(program.task);
    QCOMPARE(sleep.begin({.ns = 1'000'000}), State::Interrupted);
    QCOMPARE(sleep.remaining().value(), Ns{1'050us});
}

void ClockSleepTest::spanWhoseTimeCameWithTheSignalIsOver()
{
    Program program;
    ClockSleep sleep(program.task);
    sleep.begin({.ns = 1'000'000});
    QCOMPARE(interruptAt(program, sleep, 1'050'000, rt34), State::Over);
}

void ClockSleepTest::alarmSleepHasNoSlack()
{
    // px11_cnanosleep, step 1: 10.03 ms on the alarm clocks, 10.07 ms on the others
    Program program;
    program.machine.offsets = {{HrtimerClock::Realtime, 1000s}, {HrtimerClock::Boottime, 20s}};
    program.machine.clocksWereSet();
    QCOMPARE(lengthOf(program, 10ms, ClockId::RealtimeAlarm), Ns{10ms});
    QCOMPARE(lengthOf(program, 10ms, ClockId::BoottimeAlarm), Ns{10ms});
    ClockSleep sleep(program.task);
    sleep.begin(ClockId::BoottimeAlarm, 0, {.seconds = 1});
    const std::int64_t begun = program.machine.now();
    QCOMPARE(interruptAt(program, sleep, begun + 400'000'000, rt34), State::Interrupted);
    QCOMPARE(sleep.remaining().value(), Ns{600ms});
}

void ClockSleepTest::cpuSleepWaitsForOthers()
{
    Program program;
    Task& other = program.process.addThread(101, "other");
    ClockSleep sleep(program.task);
    QCOMPARE(sleep.begin(ClockId::ProcessCpu, 0, {.ns = 10'000'000}), State::Asleep);
    program.at(1'000'000'000);
    QVERIFY(program.machine.takeWoken().empty());
    program.machine.run(&other);
    program.at(1'011'000'000);
    QVERIFY(program.machine.takeWoken().empty());
    program.at(1'012'000'000);
    QCOMPARE(program.machine.takeWoken().size(), 1U);
    QCOMPARE(sleep.woken(), State::Over);
    // A signal finds it half-way.
    sleep.begin(ClockId::ProcessCpu, 0, {.ns = 10'000'000});
    QCOMPARE(interruptAt(program, sleep, 1'016'000'000, rt34), State::Interrupted);
    QCOMPARE(sleep.remaining().value(), Ns{6ms});
    program.process.deliver(program.task);
    QCOMPARE(sleep.afterSignal(false), State::Asleep);
    program.at(1'024'000'000);
    QCOMPARE(sleep.woken(), State::Over);
}

void ClockSleepTest::driversSleepByTheLengthAskedFor()
{
    const JiffiesConversion hz250(TickRate{250}, LongWidth::Bits64);
    using Kind = KernelSleep::Kind;
    // sl01_msleep: a tick more than the time takes; the wheel fires the tick after (3 for 1 ms)
    QCOMPARE(msleep(0, hz250).ticks, 1U);
    QCOMPARE(msleep(1, hz250).ticks, 2U);
    QCOMPARE(msleep(4, hz250).ticks, 2U);
    QCOMPARE(msleep(5, hz250).ticks, 3U);
    QVERIFY(msleep(20, hz250) == (KernelSleep{.kind = Kind::Ticks, .ticks = 6}));
    // sl02_usleep
    QVERIFY(usleepRange(100, 250)
            == (KernelSleep{.kind = Kind::Range, .least = 100us, .slack = 150us}));
    QVERIFY(fsleep(10, hz250) == (KernelSleep{.kind = Kind::Busy, .least = 10us}));
    QVERIFY(fsleep(11, hz250) == (KernelSleep{.kind = Kind::Range, .least = 11us, .slack = 11us}));
    QVERIFY(fsleep(20'000, hz250)
            == (KernelSleep{.kind = Kind::Range, .least = 20ms, .slack = 20ms}));
    QVERIFY(fsleep(20'001, hz250) == msleep(21, hz250));
}

void ClockSleepTest::pollSlackGrowsWithTheTimeOut()
{
    // px16_timeouts: the rest of each duration is the call's own 23 us or so.
    Program program;
    QCOMPARE(pollSlack(program.task, 10ms), Ns{50us});
    QCOMPARE(pollSlack(program.task, 100ms), Ns{100us});
    QCOMPARE(pollSlack(program.task, 1s), Ns{1ms});
    QCOMPARE(pollSlack(program.task, 10s), Ns{10ms});
    QCOMPARE(pollSlack(program.task, 1000s), Ns{100ms});
    program.task.setTimerSlack(1ns);
    QCOMPARE(pollSlack(program.task, 10ms), Ns{10us});
    program.task.setNice(19);
    QCOMPARE(pollSlack(program.task, 1s), Ns{5ms});
    program.task.setPolicy(SchedulingPolicy::RealTime);
    QCOMPARE(pollSlack(program.task, 1s), Ns{});
}

QTEST_GUILESS_MAIN(ClockSleepTest)
#include "clock_sleep_test.moc"
