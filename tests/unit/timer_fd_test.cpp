// SPDX-License-Identifier: GPL-3.0-or-later
//! Timers that are read from a descriptor. px.. names the recording of a real kernel whose answers
//! are asked of the model at the same moments.
#include "engine/posix/timer_fd.h"
#include "tests/support/posix_program.h"

#include <QTest>

using namespace timerscope;
using namespace timerscope::test;
using namespace std::chrono_literals;

namespace {

constexpr std::uint32_t cancelling = timerfd_flag::absolute | timerfd_flag::cancelOnSet;

/// A program with one descriptor.
class Reader : public Program
{
public:
    explicit Reader(ClockId clock = ClockId::Monotonic, std::int64_t start = 0)
        : Program(0, true, start)
        , cancelList(machine)
        , descriptor(
              std::move(*TimerFd::create(process, cancelList, clock, timerfd_flag::nonBlocking)))
    {
    }

    TimerSetting set(Ns value, Ns interval = {}, std::uint32_t flags = 0)
    {
        TimerSetting old;
        error = descriptor->settime(flags, {split(value), split(interval)}, &old);
        return old;
    }
    /// The count, or the negative errno.
    std::int64_t read()
    {
        const auto ticks = descriptor->read();
        return ticks ? static_cast<std::int64_t>(*ticks) : returnValue(ticks.error());
    }
    /// The clock is set, and timerfd is told.
    void setClock(Ns by)
    {
        machine.stepRealtime(by);
        cancelList.clockWasSet();
    }

    TimerFdCancelList cancelList;
    std::unique_ptr<TimerFd> descriptor;
    Errno error = Errno::Ok;
};

constexpr std::int64_t again = -11;
constexpr std::int64_t canceled = -125;

} // namespace

class TimerFdTest : public QObject
{
    Q_OBJECT
private slots:
    void readTellsHowOftenItHasExpired();
    void settingDropsWhatWasNotRead();
    void momentInThePastCountsAllPeriods();
    void expiredOnceIsReadOnce();
    void zeroStopsAndKeepsThePeriodForTheEye();
    void wrongArgumentsAreRefused();
    void ticksCanBeSet();
    void blockingReaderIsWoken();
    void lateReaderKeepsThePhase();
    void settingTheClockCancelsReads();
    void settingTheClockExpiresMoments();
    void cancelNeedsTheWallClockAndAMoment();
    void sleepOfTheMachineCancelsTooOnceTheOffsetMoved();
    void alarmDescriptorExpiresAndGoesOn();
    void alarmDescriptorNeedsTheCapability();
};

void TimerFdTest::readTellsHowOftenItHasExpired()
{
    // px20_timerfd_basic
    Reader reader;
    QCOMPARE(reader.read(), again);
    QCOMPARE(reader.descriptor->gettime(), TimerSetting{});
    reader.at(380'000);
    QCOMPARE(reader.set(10ms, 4ms), TimerSetting{});
    reader.at(418'000);
    QVERIFY(isClose(reader.descriptor->gettime().value, 9'961'476));
    QVERIFY(!reader.descriptor->isReadable());
    reader.at(31'739'342);
    QVERIFY(reader.descriptor->isReadable());
    QVERIFY(isClose(reader.descriptor->gettime().value, 2'638'622));
    QCOMPARE(reader.descriptor->ticks(), 6U);
    QCOMPARE(errnoOf(reader.descriptor->read(4)), Errno::Invalid);
    QCOMPARE(reader.read(), 6);
    QCOMPARE(reader.read(), again);
    QVERIFY(isClose(reader.descriptor->gettime().value, 2'638'622, 300'000));
}

void TimerFdTest::settingDropsWhatWasNotRead()
{
    // px20_timerfd_basic
    Reader reader;
    reader.at(380'000);
    reader.set(10ms, 4ms);
    reader.at(37'131'000);
    const TimerSetting old = reader.set(100ms);
    QVERIFY(isClose(old.value, 1'248'881));
    QCOMPARE(old.interval, Ns{4ms});
    QCOMPARE(reader.read(), again);
    QCOMPARE(reader.descriptor->gettime(), (TimerSetting{100ms, 0s}));
}

void TimerFdTest::momentInThePastCountsAllPeriods()
{
    // px20_timerfd_basic: CLOCK_MONOTONIC 1853.63 s after boot
    constexpr std::int64_t now = 1'853'670'592'799;
    Reader reader(ClockId::Monotonic, now);
    reader.set(1ns, 3s, timerfd_flag::absolute);
    reader.machine.runFor(1us);
    QVERIFY(reader.descriptor->isReadable());
    reader.machine.runFor(1ms);
    QCOMPARE(reader.read(), 618);
    QVERIFY(isClose(reader.descriptor->gettime().value, 329'407'201, 2'000'000));
}

void TimerFdTest::expiredOnceIsReadOnce()
{
    // px20_timerfd_basic
    Reader reader(ClockId::Monotonic, 5'000'000'000);
    reader.set(4s, 0s, timerfd_flag::absolute);
    reader.machine.runFor(1ms);
    QCOMPARE(reader.read(), 1);
    QCOMPARE(reader.descriptor->gettime(), TimerSetting{});
    QCOMPARE(reader.read(), again);
    reader.set(1ns);
    reader.machine.runFor(1us);
    QCOMPARE(reader.read(), 1);
    reader.machine.runFor(1s);
    QCOMPARE(reader.read(), again);
}

void TimerFdTest::zeroStopsAndKeepsThePeriodForTheEye()
{
    // px20_timerfd_basic
    Reader reader;
    reader.set(10ms, 4ms);
    reader.set(0s, 5ms);
    QCOMPARE(reader.descriptor->gettime(), (TimerSetting{0s, 5ms}));
    reader.machine.runFor(1s);
    QCOMPARE(reader.read(), again);
    QCOMPARE(reader.set(1ns), (TimerSetting{0s, 5ms}));
}

void TimerFdTest::wrongArgumentsAreRefused()
{
    // px20_timerfd_basic, px01_clock_table
    Reader reader;
    const auto create = [&](ClockId clock, std::uint32_t flags) {
        return errnoOf(TimerFd::create(reader.process, reader.cancelList, clock, flags));
    };
    QCOMPARE(create(ClockId::Monotonic, 1), Errno::Invalid);
    for (const ClockId clock :
         {ClockId::MonotonicRaw, ClockId::Tai, ClockId::ProcessCpu, ClockId::ThreadCpu,
          ClockId::RealtimeCoarse, static_cast<ClockId>(12), static_cast<ClockId>(-6)}) {
        QCOMPARE(create(clock, 0), Errno::Invalid);
    }
    reader.set(1ms, 0s, 4);
    QCOMPARE(reader.error, Errno::Invalid);
    reader.set(1ms, 0s, 255);
    QCOMPARE(reader.error, Errno::Invalid);
    QCOMPARE(reader.descriptor->settime(0, {{.ns = 1'000'000'000}}, nullptr), Errno::Invalid);
    QCOMPARE(reader.descriptor->gettime(), TimerSetting{});
}

void TimerFdTest::ticksCanBeSet()
{
    // px20_timerfd_basic
    Reader reader;
    QCOMPARE(reader.descriptor->setTicks(0), Errno::Invalid);
    QCOMPARE(reader.descriptor->setTicks(5), Errno::Ok);
    QVERIFY(reader.descriptor->isReadable());
    QCOMPARE(reader.read(), 5);
}

void TimerFdTest::blockingReaderIsWoken()
{
    // px20_timerfd_basic, descriptor 2
    Reader reader;
    reader.set(10ms, 10ms);
    QCOMPARE(reader.read(), again);
    reader.descriptor->addReader(reader.task);
    reader.at(9'999'999);
    QVERIFY(reader.machine.takeWoken().empty());
    reader.at(10'000'000);
    QCOMPARE(reader.machine.takeWoken().size(), 1U);
    QCOMPARE(reader.read(), 1);
    reader.at(20'000'000);
    QVERIFY(reader.machine.takeWoken().empty()); // nobody waits any more
    reader.descriptor->addReader(reader.task);
    reader.descriptor->removeReader(reader.task);
    QCOMPARE(reader.descriptor->setTicks(1), Errno::Ok);
    QVERIFY(reader.machine.takeWoken().empty());
}

void TimerFdTest::lateReaderKeepsThePhase()
{
    // px32_periodic_phase, step 2
    Reader reader;
    reader.at(113'000);
    reader.set(Ns{10'112'000}, 10ms, timerfd_flag::absolute);
    const auto readAt = [&](std::int64_t ns) {
        reader.at(ns);
        return reader.read();
    };
    QCOMPARE(readAt(10'133'000), 1);
    QCOMPARE(readAt(20'132'000), 1);
    QCOMPARE(readAt(53'185'000), 3);
    QCOMPARE(readAt(60'100'000), again);
    QCOMPARE(readAt(60'130'000), 1);
    QCOMPARE(readAt(70'133'000), 1);
}

void TimerFdTest::settingTheClockCancelsReads()
{
    // px22_timerfd_cancel_block
    Reader reader(ClockId::Realtime);
    reader.machine.offsets[HrtimerClock::Realtime] = 1000s;
    const auto now
        = [&] { return Ns{reader.machine.now()} + reader.machine.offsets[HrtimerClock::Realtime]; };
    reader.set(now() + 5s, 0s, cancelling);
    reader.descriptor->addReader(reader.task);
    reader.at(300'000'000);
    reader.setClock(2s);
    QCOMPARE(reader.machine.takeWoken().size(), 1U);
    QCOMPARE(reader.read(), canceled);
    QCOMPARE(reader.read(), again);
    reader.at(800'000'000);
    reader.setClock(-2s);
    QCOMPARE(reader.read(), canceled);
    // It still runs, and a new setting starts from nothing.
    reader.at(802'590'000);
    QVERIFY(isClose(reader.set(now() + 2s, 0s, cancelling).value, 4'197'410'000));
    QCOMPARE(reader.error, Errno::Ok);
    reader.at(2'802'634'836);
    QCOMPARE(reader.read(), 1);
    // A set clock that nobody has read of yet fails the setting, which holds all the same.
    reader.setClock(1s);
    reader.set(now() + 1s, 0s, cancelling);
    QCOMPARE(reader.error, Errno::Canceled);
    reader.machine.runFor(1s);
    QCOMPARE(reader.read(), 1);
}

void TimerFdTest::settingTheClockExpiresMoments()
{
    Reader reader(ClockId::Realtime);
    reader.machine.offsets[HrtimerClock::Realtime] = 1000s;
    reader.set(1005s, 1s, timerfd_flag::absolute);
    reader.setClock(7s);
    reader.machine.runFor(1us);
    QCOMPARE(reader.read(), 3);
    // A span is none of the clock's business.
    reader.set(1s);
    reader.setClock(7s);
    reader.machine.runFor(999ms);
    QCOMPARE(reader.read(), again);
    reader.machine.runFor(1ms);
    QCOMPARE(reader.read(), 1);
}

void TimerFdTest::cancelNeedsTheWallClockAndAMoment()
{
    Reader span(ClockId::Realtime);
    span.set(5s, 0s, timerfd_flag::cancelOnSet);
    span.setClock(1s);
    QCOMPARE(span.read(), again);
    Reader monotonic(ClockId::Monotonic);
    monotonic.set(5s, 0s, cancelling);
    QCOMPARE(monotonic.error, Errno::Ok);
    monotonic.setClock(1s);
    QCOMPARE(monotonic.read(), again);
}

void TimerFdTest::sleepOfTheMachineCancelsTooOnceTheOffsetMoved()
{
    Reader reader(ClockId::Realtime);
    reader.set(1000s, 0s, cancelling);
    reader.cancelList.clockWasSet(); // woken, and the offset is what it was
    QCOMPARE(reader.read(), again);
    reader.machine.offsets[HrtimerClock::Realtime] += 60s;
    reader.cancelList.clockWasSet();
    QCOMPARE(reader.read(), canceled);
}

void TimerFdTest::alarmDescriptorExpiresAndGoesOn()
{
    Reader reader(ClockId::BoottimeAlarm);
    reader.machine.offsets[HrtimerClock::Boottime] = 20s;
    reader.machine.clocksWereSet();
    reader.set(21s, 1s, timerfd_flag::absolute);
    QCOMPARE(reader.descriptor->gettime(), (TimerSetting{1s, 1s}));
    reader.at(3'500'000'000);
    QCOMPARE(reader.read(), 3);
    QCOMPARE(reader.descriptor->gettime(), (TimerSetting{500ms, 1s}));
    reader.at(4'000'000'000);
    QCOMPARE(reader.read(), 1);
    reader.set(0s);
    QCOMPARE(reader.descriptor->gettime(), TimerSetting{});
}

void TimerFdTest::alarmDescriptorNeedsTheCapability()
{
    // px05_create_errors, step 2
    Reader reader(ClockId::RealtimeAlarm);
    reader.process.setMayWakeMachine(false);
    QCOMPARE(errnoOf(TimerFd::create(reader.process, reader.cancelList, ClockId::RealtimeAlarm, 0)),
             Errno::NotPermitted);
    reader.set(1s);
    QCOMPARE(reader.error, Errno::NotPermitted);
}

QTEST_GUILESS_MAIN(TimerFdTest)
#include "timer_fd_test.moc"
