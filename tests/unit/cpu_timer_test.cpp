// SPDX-License-Identifier: GPL-3.0-or-later
//! Timers and limits on CPU time, which the tick looks after. px.. names the recording of a real
//! kernel; its ticks are asked of the model at the same moments (HZ=250).
#include "engine/posix/cpu_clock_target.h"
#include "engine/posix/cpu_posix_timer.h"
#include "engine/posix/interval_timers.h"
#include "tests/support/posix_program.h"

#include <QTest>

using namespace timerscope;
using namespace timerscope::test;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t tickNs = 4'000'000;
constexpr std::int64_t msNs = 1'000'000;

/// The numbers of the ticks that handlers of @p signal ran at; the first tick is 0.
std::vector<std::int64_t> ticksOf(const std::vector<HandlerRun>& runs, int signal,
                                  std::int64_t firstTick)
{
    std::vector<std::int64_t> ticks;
    for (const HandlerRun& run : runs) {
        if (run.signal == signal) {
            ticks.push_back((run.at - firstTick) / tickNs);
        }
    }
    return ticks;
}

using Ticks = std::vector<std::int64_t>;

/// A program that spins from the start.
class SpinningProgram : public Program
{
public:
    explicit SpinningProgram(std::int64_t firstTick = 0)
        : Program(firstTick)
    {
        machine.run(&task);
        process.setAction(signal_number::virtualAlarm, SignalAction::Handle);
        process.setAction(signal_number::profiling, SignalAction::Handle);
        process.setAction(signal_number::cpuLimit, SignalAction::Handle);
    }
    void sleepTo(std::int64_t ns)
    {
        machine.run(nullptr);
        at(ns);
        machine.run(&task);
    }
    TimerSetting setVirtual(Ns value, Ns interval)
    {
        const auto split = [](Ns span) { return SecondsAndUs{.us = span.count() / 1000}; };
        TimerSetting old;
        static_cast<void>(process.intervalTimers().set(1, split(value), split(interval), &old));
        return old;
    }
    [[nodiscard]] Ns virtualLeft()
    {
        return process.intervalTimers().get(IntervalTimerKind::Virtual).value;
    }
};

} // namespace

class CpuTimerTest : public QObject
{
    Q_OBJECT
private slots:
    void timersFireAtTheTickThatSeesThemExpired();
    void sleepingDoesNotCount();
    void periodicTimerFiresAtTheTicksOfTheRecording();
    void periodsShorterThanATickAreCounted();
    void overrunsOfABlockedSignalAreCounted();
    void momentThatHasPassedFiresWithoutATick();
    void silentTimerIsOffOnceExpired();
    void ignoredTimerGoesOnByItself();
    void passTakesNineteenTimersOfAQueue();
    void processClockIsAsOldAsTheLastTickWhileTimersRun();
    void sumsStopWhenNobodyWaits();
    void otherThreadsRunTheProcessClock();
    void timerOfAnEndedThreadIsGone();
    void threadOfAnotherProcessHasNoClock();
    void virtualTimerFiresAtTheTicksOfTheRecording();
    void profilingTimerCountsTheKernelToo();
    void cpuLimitWarnsEachSecondAndKills();
    void cpuLimitOfZeroWarnsAtTheNextTick();
    void cpuLimitIsInheritedAndCountsTheChildAlone();
    void cpuLimitSharesTheCacheWithTimers();
    void limitsCannotBeRaised();
    void realTimeLimitCountsTicksWithoutASleep();
    void realTimeLimitOfBothKillsAtOnce();
};

void CpuTimerTest::timersFireAtTheTickThatSeesThemExpired()
{
    // px26_cpu_timers, step 1
    SpinningProgram program(880'000);
    QCOMPARE(program.create(ClockId::ProcessCpu, {.number = rt34, .value = 1}), 0);
    QCOMPARE(program.create(ClockId::ThreadCpu, {.number = rt34, .value = 2}), 1);
    QCOMPARE(program.create(ClockId::ProcessCpu, {.notify = SignalEvent::none}), 2);
    program.at(243'000);
    program.set(0, 20ms);
    program.at(283'000);
    program.set(1, 30ms);
    program.at(322'000);
    program.set(2, 25ms, 10ms);
    program.at(400'000);
    program.sleepTo(50'460'000);
    program.at(50'530'000);
    QVERIFY(program.get(0).value > 19ms);
    program.at(75'646'680);
    auto runs = program.runs();
    QCOMPARE(runs.size(), 1U);
    QVERIFY(runs[0].value == 1 && isClose(runs[0].at, 72'900'777, 40'000));
    QCOMPARE(program.get(0), TimerSetting{});
    QVERIFY(isClose(program.get(1).value, 4'713'755, 150'000));
    program.at(100'762'024);
    runs = program.runs();
    QCOMPARE(runs.size(), 1U);
    QVERIFY(runs[0].value == 2 && isClose(runs[0].at, 80'900'193, 40'000));
    QCOMPARE(program.get(1), TimerSetting{});
    QCOMPARE(program.get(2), (TimerSetting{0s, 10ms}));
    QCOMPARE(program.overrun(2), 0);
}

void CpuTimerTest::sleepingDoesNotCount()
{
    SpinningProgram program;
    const int id = program.create(ClockId::ProcessCpu);
    program.set(id, 10ms);
    program.at(2 * msNs);
    program.sleepTo(900 * msNs);
    QVERIFY(program.runs().empty());
    QVERIFY(program.get(id).value >= 8ms);
    program.at(909 * msNs);
    QCOMPARE(program.runs().size(), 1U);
}

void CpuTimerTest::periodicTimerFiresAtTheTicksOfTheRecording()
{
    // px26_cpu_timers, step 1: the clock was read 4.028528 ms before the tick of 104.9 ms.
    SpinningProgram program;
    const int id = program.create(ClockId::ProcessCpu);
    const std::int64_t firstTick = 25 * tickNs;
    program.at(firstTick - 4'028'528);
    program.set(id, 5ms, 5ms);
    program.at(firstTick + 12 * tickNs + 100);
    const auto runs = program.runs();
    QCOMPARE(ticksOf(runs, rt34, firstTick), (Ticks{1, 2, 3, 4, 6, 7, 8, 9, 11, 12}));
    for (const HandlerRun& run : runs) {
        QCOMPARE(run.overrun, 0);
    }
    QCOMPARE(program.get(id), (TimerSetting{Ns{2'971'472}, 5ms}));
}

void CpuTimerTest::periodsShorterThanATickAreCounted()
{
    // px26_cpu_timers, step 1: 2 and 4 by turns, 3 when a tick is not some ns longer or shorter.
    SpinningProgram program;
    const int id = program.create(ClockId::ProcessCpu);
    program.at(tickNs);
    program.set(id, 1ms, 1ms);
    program.at(11 * tickNs);
    const auto runs = program.runs();
    QCOMPARE(runs.size(), 10U);
    for (const HandlerRun& run : runs) {
        QCOMPARE(run.overrun, 3);
    }
    QCOMPARE(program.get(id), (TimerSetting{1ms, 1ms}));
}

void CpuTimerTest::overrunsOfABlockedSignalAreCounted()
{
    // px26_cpu_timers, step 2
    SpinningProgram program(1'626'000);
    const int id = program.create(ClockId::ProcessCpu);
    program.block();
    program.at(128'000);
    program.set(id, 5ms, 1ms);
    program.at(50'203'864);
    QCOMPARE(program.overrun(id), 0);
    QCOMPARE(program.get(id), (TimerSetting{Ns{1}, 1ms}));
    program.at(50'284'460);
    program.machine.run(&program.task); // the scheduler had just accounted there
    program.unblock();
    QCOMPARE(program.runs().at(0).overrun, 45);
    QCOMPARE(program.overrun(id), 45);
    program.at(70'431'343);
    const auto runs = program.runs();
    QCOMPARE(runs.size(), 5U);
    QCOMPARE(runs[0].overrun, 2);
    for (std::size_t i = 1; i < runs.size(); ++i) {
        QCOMPARE(runs[i].overrun, 3);
    }
}

void CpuTimerTest::momentThatHasPassedFiresWithoutATick()
{
    // px09_abs_past and px26_cpu_timers
    SpinningProgram program(2'000'000);
    program.at(1'000'000);
    const int id = program.create(ClockId::ProcessCpu);
    program.setAbsolute(id, 1ns);
    program.machine.deliverSignals();
    QCOMPARE(program.runs().size(), 1U);
    QCOMPARE(program.get(id), TimerSetting{});
    program.set(id, 1ns);
    program.machine.deliverSignals();
    QVERIFY(program.runs().empty()); // a span needs the tick
    program.at(2'000'000);
    QCOMPARE(program.runs().size(), 1U);
}

void CpuTimerTest::silentTimerIsOffOnceExpired()
{
    SpinningProgram program;
    const int id = program.create(ClockId::ThreadCpu, {.notify = SignalEvent::none});
    program.set(id, 3ms, 2ms);
    QVERIFY(program.task.needsTick());
    program.at(tickNs - 1);
    QCOMPARE(program.get(id), (TimerSetting{Ns{1}, 2ms}));
    program.at(tickNs);
    QCOMPARE(program.get(id), (TimerSetting{0s, 2ms}));
    QVERIFY(!program.task.needsTick());
}

void CpuTimerTest::ignoredTimerGoesOnByItself()
{
    SpinningProgram program;
    const int id = program.create(ClockId::ProcessCpu);
    program.process.setAction(rt34, SignalAction::Ignore);
    program.set(id, 3ms, 3ms);
    program.at(10 * tickNs);
    program.process.setAction(rt34, SignalAction::Handle);
    program.at(20 * tickNs);
    const auto runs = program.runs();
    QVERIFY(!runs.empty());
    // 40 ms have passed unseen: 13 expiries, and the one of the signal itself.
    QCOMPARE(runs[0].overrun, 13);
}

void CpuTimerTest::passTakesNineteenTimersOfAQueue()
{
    SpinningProgram program;
    for (int i = 0; i < 50; ++i) {
        program.set(program.create(ClockId::ThreadCpu), Ns{1'000'000 + i});
    }
    program.at(tickNs);
    QCOMPARE(program.runs().size(), 19U);
    QCOMPARE(program.task.cpuTimers().nextEvent(CpuClock::Sched), CpuTime{1'000'019});
    program.at(2 * tickNs);
    QCOMPARE(program.runs().size(), 19U);
    program.at(3 * tickNs);
    QCOMPARE(program.runs().size(), 12U);
}

void CpuTimerTest::processClockIsAsOldAsTheLastTickWhileTimersRun()
{
    // px26_cpu_timers: clock_gettime() told 228149115 ns again and again.
    SpinningProgram program;
    const auto clock = CpuClockTarget::find(program.task, ClockId::ProcessCpu).value();
    program.at(1'000'000);
    QCOMPARE(clock.sample(false), CpuTime{1'000'000});
    program.at(1'500'000);
    QCOMPARE(clock.sample(false), CpuTime{1'500'000});
    const int id = program.create(ClockId::ProcessCpu);
    program.set(id, 1s);
    program.at(3'900'000);
    QCOMPARE(clock.sample(false), CpuTime{1'500'000});
    program.at(4'100'000);
    QCOMPARE(clock.sample(false), CpuTime{4'000'000});
}

void CpuTimerTest::sumsStopWhenNobodyWaits()
{
    SpinningProgram program;
    const int id = program.create(ClockId::ProcessCpu);
    program.set(id, 1s);
    QVERIFY(program.process.areTimersActive() && program.process.needsTick());
    program.set(id, 0s);
    QVERIFY(program.process.areTimersActive());
    program.at(tickNs);
    QVERIFY(!program.process.areTimersActive() && !program.process.needsTick());
}

void CpuTimerTest::otherThreadsRunTheProcessClock()
{
    SpinningProgram program;
    Task& other = program.process.addThread(101, "other");
    program.machine.addThread(other);
    const int ofProcess = program.create(ClockId::ProcessCpu);
    const int ofThread = program.create(ClockId::ThreadCpu);
    program.set(ofProcess, 10ms);
    program.set(ofThread, 10ms);
    program.at(tickNs);
    program.machine.run(&other);
    program.at(4 * tickNs);
    const auto runs = program.runs();
    QCOMPARE(runs.size(), 1U);
    QCOMPARE(runs[0].timerId, ofProcess);
    // The clock of a thread is known to its own process only.
    const ClockId clock = CpuClockId{.pid = 101, .isThread = true}.number();
    QCOMPARE(CpuClockTarget::find(program.task, clock).value().sample(false), CpuTime{12'000'000});
    program.machine.run(&program.task);
    program.process.endThread(other);
    QCOMPARE(program.process.totalTimes().runtime, CpuTime{16'000'000});
}

void CpuTimerTest::timerOfAnEndedThreadIsGone()
{
    SpinningProgram program;
    Task& other = program.process.addThread(101, "other");
    const int id = program.create(CpuClockId{.pid = 101, .isThread = true}.number());
    program.set(id, 10ms);
    program.process.endThread(other);
    QCOMPARE(program.get(id), TimerSetting{});
    QCOMPARE(program.set(id, 1ms).value, Ns{-3}); // ESRCH
    QCOMPARE(program.timers.remove(id), Errno::Ok);
}

void CpuTimerTest::threadOfAnotherProcessHasNoClock()
{
    SpinningProgram program;
    program.machine.addProcess(200);
    QCOMPARE(program.create(CpuClockId{.pid = 200, .isThread = true}.number()), -22);
    QVERIFY(program.create(CpuClockId{.pid = 200}.number()) >= 0);
    QCOMPARE(program.create(CpuClockId{.pid = 201}.number()), -22);
}

void CpuTimerTest::virtualTimerFiresAtTheTicksOfTheRecording()
{
    // px24_itimer_virt, without its part in the kernel
    constexpr std::int64_t firstTick = 944'000;
    constexpr int signal = signal_number::virtualAlarm;
    SpinningProgram program(firstTick);
    program.at(74'004);
    QCOMPARE(program.setVirtual(10ms, 10ms), TimerSetting{});
    program.at(103'225'051);
    QCOMPARE(ticksOf(program.runs(), signal, firstTick),
             (Ticks{3, 5, 8, 10, 13, 15, 18, 20, 23, 25}));
    QCOMPARE(program.virtualLeft(), Ns{10ms});
    program.sleepTo(153'400'000);
    QCOMPARE(program.virtualLeft(), Ns{10ms});
    program.sleepTo(213'577'220);
    QCOMPARE(program.setVirtual(1ms, 1ms), (TimerSetting{10ms, 10ms}));
    program.at(263'737'856);
    QCOMPARE(ticksOf(program.runs(), signal, firstTick),
             (Ticks{55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 65}));
    QCOMPARE(program.setVirtual(0s, 0s), (TimerSetting{4ms, 1ms}));
    program.at(263'895'668);
    QCOMPARE(program.setVirtual(3ms, 0s), TimerSetting{});
    program.at(283'958'347);
    QCOMPARE(ticksOf(program.runs(), signal, firstTick), (Ticks{67}));
    QCOMPARE(program.virtualLeft(), Ns{});
    program.setVirtual(100ms, 0s);
    QCOMPARE(program.virtualLeft(), Ns{104ms});
    program.at(324'129'309);
    QCOMPARE(program.virtualLeft(), Ns{64ms});
    QCOMPARE(program.setVirtual(0s, 0s), (TimerSetting{64ms, 0s}));
    program.setVirtual(1us, 0s);
    program.at(334'342'739);
    QCOMPARE(ticksOf(program.runs(), signal, firstTick), (Ticks{82}));
    program.setVirtual(7ms, 13ms);
    program.at(434'532'946);
    QCOMPARE(ticksOf(program.runs(), signal, firstTick), (Ticks{86, 89, 93, 96, 99, 102, 106}));
    QCOMPARE(program.setVirtual(0s, 0s), (TimerSetting{2ms, 13ms}));
}

void CpuTimerTest::profilingTimerCountsTheKernelToo()
{
    SpinningProgram program;
    IntervalTimers& timers = program.process.intervalTimers();
    QCOMPARE(timers.set(2, {.us = 12'000}, {}, nullptr), Errno::Ok);
    program.setVirtual(12ms, 0s);
    program.machine.run(&program.task, true);
    program.at(4 * tickNs);
    program.machine.run(&program.task, false);
    program.at(8 * tickNs);
    const auto runs = program.runs();
    QCOMPARE(ticksOf(runs, signal_number::profiling, tickNs), (Ticks{3}));
    QCOMPARE(ticksOf(runs, signal_number::virtualAlarm, tickNs), (Ticks{7}));
}

void CpuTimerTest::cpuLimitWarnsEachSecondAndKills()
{
    // px28_rlimit_cpu, first and second child
    SpinningProgram program(3'345'900);
    program.at(1'253'641);
    QCOMPARE(program.process.setCpuLimit({.soft = 1, .hard = 3}), Errno::Ok);
    program.at(2'501'383'545);
    const auto runs = program.runs();
    QCOMPARE(runs.size(), 2U);
    QVERIFY(isClose(runs[0].at, 999'345'901, 1'000));
    QVERIFY(isClose(runs[1].at, 1'999'345'906, 1'000));
    QVERIFY(runs[0].signal == signal_number::cpuLimit && runs[0].code == SignalCode::Kernel);
    QCOMPARE(program.process.cpuLimit(), (ResourceLimit{.soft = 3, .hard = 3}));
    program.at(2'999'345'899);
    QVERIFY(!program.process.killedBy());
    program.at(2'999'345'900);
    QCOMPARE(program.process.killedBy(), std::optional(signal_number::kill));
    QVERIFY(program.runs().empty());
}

void CpuTimerTest::cpuLimitOfZeroWarnsAtTheNextTick()
{
    // px28_rlimit_cpu, third child: its clock starts at 3999.9 ms of the recording.
    SpinningProgram program(3'370'702 - 3'999'907 + 4 * msNs);
    program.at(1'124'000);
    QCOMPARE(program.process.setCpuLimit({.soft = 0, .hard = 2}), Errno::Ok);
    program.at(1'990 * msNs);
    const auto runs = program.runs();
    QCOMPARE(runs.size(), 2U);
    QCOMPARE(ticksOf(runs, signal_number::cpuLimit, 3'370'795), (Ticks{0, 249}));
    program.at(2'100 * msNs);
    QCOMPARE(program.process.killedBy(), std::optional(signal_number::kill));
}

void CpuTimerTest::cpuLimitIsInheritedAndCountsTheChildAlone()
{
    SpinningProgram program;
    program.at(500 * msNs);
    QCOMPARE(program.process.setCpuLimit({.soft = 1}), Errno::Ok);
    Process& child = program.machine.addProcess(200);
    child.becomeChildOf(program.task);
    QCOMPARE(child.cpuLimit().soft, 1U);
    program.machine.run(&child.leader());
    program.at(1'496 * msNs);
    QVERIFY(program.runs().empty());
    program.at(1'500 * msNs);
    const auto runs = program.runs();
    QCOMPARE(runs.size(), 1U);
    QCOMPARE(runs[0].tid, 200);
}

void CpuTimerTest::cpuLimitSharesTheCacheWithTimers()
{
    // px28_rlimit_cpu, sixth child: its clock starts at 9802.8 ms of the recording.
    constexpr std::int64_t start = 9'802'842'720 - 50'000;
    SpinningProgram program(10'703'346'000 - start);
    const int id = program.create(ClockId::ProcessCpu);
    program.at(166'000);
    QCOMPARE(program.process.setCpuLimit({.soft = 1}), Errno::Ok);
    program.at(194'000);
    program.set(id, 900ms, 100ms);
    program.at(1'300 * msNs);
    const auto runs = program.runs();
    QCOMPARE(runs.size(), 5U);
    constexpr std::array<std::int64_t, 5> recorded{10'703'346'235, 10'799'345'767, 10'803'346'238,
                                                   10'903'346'242, 11'003'346'241};
    constexpr std::array<int, 5> numbers{34, 24, 34, 34, 34};
    for (std::size_t i = 0; i < runs.size(); ++i) {
        QCOMPARE(runs[i].signal, numbers[i]);
        QCOMPARE(runs[i].overrun, 0);
        QVERIFY2(isClose(runs[i].at + start, recorded[i], 1'000), qPrintable(QString::number(i)));
    }
}

void CpuTimerTest::limitsCannotBeRaised()
{
    SpinningProgram program;
    QCOMPARE(program.process.setCpuLimit({.soft = 5, .hard = 4}), Errno::Invalid);
    QCOMPARE(program.process.setCpuLimit({.soft = 4, .hard = 4}), Errno::Ok);
    QCOMPARE(program.process.setCpuLimit({.soft = 4, .hard = 5}), Errno::NotPermitted);
    QCOMPARE(program.process.setRttimeLimit({.soft = 5, .hard = 4}), Errno::Invalid);
    QCOMPARE(program.process.cpuLimit(), (ResourceLimit{.soft = 4, .hard = 4}));
}

void CpuTimerTest::realTimeLimitCountsTicksWithoutASleep()
{
    // px29_rlimit_rttime, first child
    SpinningProgram program(3'980'000);
    program.task.setPolicy(SchedulingPolicy::RealTime);
    program.at(1'390'398);
    QCOMPARE(program.process.setRttimeLimit({.soft = 100'000, .hard = 400'000}), Errno::Ok);
    program.at(301'472'308);
    const auto runs = program.runs();
    QCOMPARE(runs.size(), 1U);
    QVERIFY(isClose(runs[0].at, 103'980'651, 1'000));
    QCOMPARE(program.process.rttimeLimit().soft, 1'100'000U);
    program.sleepTo(302'500'000);
    program.task.rtWoken();
    program.at(703'900'000);
    QVERIFY(!program.process.killedBy());
    program.at(704'000'000);
    QCOMPARE(program.process.killedBy(), std::optional(signal_number::kill));
    QVERIFY(program.runs().empty());
}

void CpuTimerTest::realTimeLimitOfBothKillsAtOnce()
{
    // px29_rlimit_rttime, second child
    SpinningProgram program(707'980'000);
    program.sleepTo(704'822'000);
    program.task.setPolicy(SchedulingPolicy::RealTime);
    program.at(706'061'082);
    QCOMPARE(program.process.setRttimeLimit({.soft = 50'000, .hard = 50'000}), Errno::Ok);
    program.at(759'900'000);
    QVERIFY(!program.process.killedBy());
    program.at(760'480'000);
    QCOMPARE(program.process.killedBy(), std::optional(signal_number::kill));
}

QTEST_GUILESS_MAIN(CpuTimerTest)
#include "cpu_timer_test.moc"
