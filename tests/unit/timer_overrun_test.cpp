// SPDX-License-Identifier: GPL-3.0-or-later
//! Periods of POSIX timers: what is counted, and where the next one lies. px.. names the recording
//! of a real kernel whose answers are asked of the model at the same moments.
#include "tests/support/posix_program.h"

#include <QTest>

using namespace timerscope;
using namespace timerscope::test;
using namespace std::chrono_literals;

class TimerOverrunTest : public QObject
{
    Q_OBJECT
private slots:
    void overrunsCountThePeriodsThatNobodySaw_data();
    void overrunsCountThePeriodsThatNobodySaw();
    void overrunsOfANanosecondPeriodFitTheTime();
    void overrunCountIsAtMostTheGreatestInt();
    void silentPeriodicTimerTellsTheNextPeriodAndNoOverrun();
    void ignoredPeriodicTimerGoesOnAndCounts();
    void ignoredShortPeriodIsThrottledToATick();
    void momentInThePastFiresAtOnceAndCounts();
    void silentMomentInThePastIsOverOrInTheNextPeriod();
    void lateHandlerDoesNotShiftThePhase();
    void withoutHighResolutionTimersFireOnTicks();
    void spanOnTheWallClockSurvivesASetting();
    void momentOnTheWallClockFollowsASetting();
};

void TimerOverrunTest::overrunsCountThePeriodsThatNobodySaw_data()
{
    QTest::addColumn<qint64>("period");
    QTest::addColumn<qint64>("set");
    QTest::addColumn<qint64>("asked");
    QTest::addColumn<qint64>("left"); // told at `asked`
    QTest::addColumn<qint64>("unblocked");
    QTest::addColumn<int>("first");
    QTest::addColumn<qint64>("waited");
    QTest::addColumn<int>("second"); // -1: no signal yet
    // px06_overrun_*: `set` includes what the call took until it read the clock, as `left` shows.
    QTest::newRow("10ms_105ms") << qint64{10'000'000} << qint64{127'500} << qint64{105'274'800}
                                << qint64{4'853'620} << qint64{105'385'000} << 9
                                << qint64{210'629'000} << 10;
    QTest::newRow("1ms_50p3ms") << qint64{1'000'000} << qint64{151'500} << qint64{50'599'800}
                                << qint64{552'516} << qint64{50'710'000} << 49
                                << qint64{101'254'000} << 50;
    QTest::newRow("4ms_4ms") << qint64{4'000'000} << qint64{127'200} << qint64{4'272'000}
                             << qint64{3'855'992} << qint64{4'382'000} << 0 << qint64{8'622'000}
                             << 0;
    QTest::newRow("1s_900ms") << qint64{1'000'000'000} << qint64{128'000} << qint64{900'276'000}
                              << qint64{99'852'114} << qint64{900'385'000} << -1
                              << qint64{1'800'597'000} << 0;
}

void TimerOverrunTest::overrunsCountThePeriodsThatNobodySaw()
{
    QFETCH(qint64, period);
    QFETCH(qint64, set);
    QFETCH(qint64, asked);
    QFETCH(qint64, left);
    QFETCH(qint64, unblocked);
    QFETCH(int, first);
    QFETCH(qint64, waited);
    QFETCH(int, second);
    Program program;
    const int id = program.create();
    program.block();
    program.at(set);
    program.set(id, Ns{period}, Ns{period});
    program.at(asked);
    QCOMPARE(program.overrun(id), 0);
    QVERIFY(isClose(program.get(id).value, left));
    QCOMPARE(program.get(id).interval, Ns{period});
    QCOMPARE(program.process.sharedPending().has(rt34), first >= 0);
    program.at(unblocked);
    program.unblock();
    const auto runs = program.runs();
    QCOMPARE(runs.size(), first >= 0 ? 1U : 0U);
    if (first >= 0) {
        QCOMPARE(runs[0].overrun, first);
    }
    QCOMPARE(program.overrun(id), std::max(first, 0));
    program.block();
    program.at(waited);
    const auto info = program.takeSignal();
    QVERIFY(info.has_value());
    QCOMPARE(info->overrun, second);
    QCOMPARE(program.overrun(id), second);
    program.set(id, 0s);
    QCOMPARE(program.overrun(id), 0);
    QCOMPARE(program.get(id), TimerSetting{});
}

void TimerOverrunTest::overrunsOfANanosecondPeriodFitTheTime()
{
    // px06_overrun_1ns_2p1s and px06_overrun_7ns_1s: one signal stands for all.
    for (const auto& [period, elapsed, overruns] :
         {std::tuple{1LL, 2'100'211'298LL, 2'100'211'297},
          std::tuple{7LL, 1'000'211'765LL, 142'887'394}}) {
        Program program;
        const int id = program.create();
        program.block();
        program.set(id, Ns{period}, Ns{period});
        program.at(elapsed);
        const Ns left = program.get(id).value;
        QVERIFY(left >= Ns{1} && left <= Ns{period});
        QCOMPARE(program.takeSignal().value().overrun, overruns);
        QCOMPARE(program.overrun(id), overruns);
        // Armed again for the next nanosecond, so the next signal is there at once.
        program.set(id, 0s);
        QCOMPARE(program.overrun(id), 0);
    }
}

void TimerOverrunTest::overrunCountIsAtMostTheGreatestInt()
{
    Program program;
    const int id = program.create();
    program.block();
    program.set(id, 1ns, 1ns);
    program.at(5'000'000'000);
    QCOMPARE(program.takeSignal().value().overrun, 2'147'483'647);
    QCOMPARE(program.overrun(id), 2'147'483'647);
}

void TimerOverrunTest::silentPeriodicTimerTellsTheNextPeriodAndNoOverrun()
{
    // px07_overrun_none_ign
    Program program;
    const int id = program.createSilent();
    program.at(127'380);
    program.set(id, 3ms, 10ms);
    program.at(2'250'874);
    QVERIFY(isClose(program.get(id).value, 878'318));
    program.at(4'385'608);
    QVERIFY(isClose(program.get(id).value, 8'743'584));
    QCOMPARE(program.overrun(id), 0);
    program.at(61'526'539);
    QVERIFY(isClose(program.get(id).value, 1'602'653));
    QCOMPARE(program.overrun(id), 0);
    program.at(61'608'411);
    const TimerSetting old = program.set(id, 5ms);
    QVERIFY(isClose(old.value, 1'519'893));
    QCOMPARE(old.interval, Ns{10ms});
    program.at(94'875'399);
    QCOMPARE(program.get(id), TimerSetting{});
    QVERIFY(program.runs().empty());
}

void TimerOverrunTest::ignoredPeriodicTimerGoesOnAndCounts()
{
    // px07_overrun_none_ign
    Program program;
    QCOMPARE(program.process.sigaction(rt34, SignalAction::Ignore), Errno::Ok);
    const int id = program.create();
    program.at(61'702'000);
    program.set(id, 5ms, 5ms);
    program.at(94'825'982);
    QVERIFY(isClose(program.get(id).value, 1'875'733));
    QCOMPARE(program.overrun(id), 0);
    program.at(94'901'575);
    QCOMPARE(program.process.sigaction(rt34, SignalAction::Handle), Errno::Ok);
    program.at(107'046'858);
    const auto runs = program.runs();
    QCOMPARE(runs.size(), 3U);
    QCOMPARE(runs[0].overrun, 6);
    QCOMPARE(runs[1].overrun, 0);
    QCOMPARE(runs[2].overrun, 0);
    QVERIFY(isClose(runs[0].at, 96'728'228, 30'000));
}

void TimerOverrunTest::ignoredShortPeriodIsThrottledToATick()
{
    Program program;
    program.process.setAction(rt34, SignalAction::Ignore);
    const int id = program.create();
    program.set(id, 1us, 1us);
    program.at(40'000'000);
    // One expiry a tick, though 40000 periods have passed.
    const auto expiries = program.machine.trace().count(RecordKind::HrtimerExpireEntry);
    QVERIFY(expiries >= 9 && expiries <= 11);
    const PosixTimer& timer = *program.timers.find(id);
    // All periods are counted, and up to a tick ahead.
    QVERIFY(timer.overrunCount() >= 40'000 - 4'000);
    QVERIFY(timer.overrunCount() <= 40'000 + 4'000);
}

void TimerOverrunTest::momentInThePastFiresAtOnceAndCounts()
{
    // px09_abs_past
    constexpr std::int64_t boot = 1'853'628'858'000; // CLOCK_MONOTONIC at the recording's start
    Program program(0, true, boot);
    const int id = program.create();
    const auto now = [&] { return Ns{program.machine.now()}; };
    program.at(boot + 155'000);
    program.setAbsolute(id, now() - 1s);
    program.machine.runFor(14us);
    QCOMPARE(program.runs().size(), 1U);
    QCOMPARE(program.get(id), TimerSetting{});
    program.at(boot + 1'362'000);
    program.setAbsolute(id, now() - 1s, 300ms);
    program.machine.runFor(16us);
    auto runs = program.runs();
    QCOMPARE(runs.size(), 1U);
    QCOMPARE(runs[0].overrun, 3);
    program.at(boot + 2'518'054);
    QVERIFY(isClose(program.get(id).value, 198'837'803));
    QCOMPARE(program.overrun(id), 3);
    program.at(boot + 402'669'508);
    QCOMPARE(program.overrun(id), 0);
    QVERIFY(isClose(program.get(id).value, 98'664'857, 4 * callNs));
    program.runs();
    program.at(boot + 402'725'000);
    program.setAbsolute(id, 1ns, 100ms);
    program.machine.runFor(16us);
    runs = program.runs();
    QCOMPARE(runs.size(), 1U);
    QCOMPARE(runs[0].overrun, 18'540);
    program.at(boot + 452'889'108);
    QCOMPARE(program.overrun(id), 18'540);
    program.setAbsolute(id, now());
    program.machine.runFor(1us);
    QCOMPARE(program.runs().size(), 1U);
}

void TimerOverrunTest::silentMomentInThePastIsOverOrInTheNextPeriod()
{
    // px09_abs_past
    Program program(0, true, 5'000'000'000);
    const int id = program.createSilent();
    const Ns now{program.machine.now()};
    program.setAbsolute(id, now - 1s);
    QCOMPARE(program.get(id), TimerSetting{});
    program.setAbsolute(id, now - 1s, 300ms);
    QCOMPARE(program.get(id), (TimerSetting{200ms, 300ms}));
    QCOMPARE(program.overrun(id), 0);
}

void TimerOverrunTest::lateHandlerDoesNotShiftThePhase()
{
    // px32_periodic_phase, step 1
    Program program;
    const int id = program.create();
    program.at(100'000);
    program.setAbsolute(id, Ns{10'100'000}, 10ms);
    program.at(35'280'000);
    program.block();
    program.at(68'312'333);
    program.unblock();
    program.at(88'490'000);
    program.block();
    program.at(95'523'019);
    program.unblock();
    program.at(110'685'461);
    constexpr std::array<std::int64_t, 9> recorded{10'179'582, 20'130'543,  30'130'289,
                                                   68'322'193, 70'125'203,  80'130'536,
                                                   95'532'239, 100'127'939, 110'130'293};
    const auto runs = program.runs();
    QCOMPARE(runs.size(), recorded.size());
    for (std::size_t i = 0; i < recorded.size(); ++i) {
        QVERIFY2(isClose(runs[i].at, recorded[i], 80'000), qPrintable(QString::number(i)));
        QCOMPARE(runs[i].overrun, i == 3 ? 2 : 0);
    }
}

void TimerOverrunTest::withoutHighResolutionTimersFireOnTicks()
{
    // px34_interval_min, steps 1 and 2
    Program program(3'958'000, false);
    const int id = program.create();
    program.at(102'084);
    program.set(id, 50us, 50us);
    program.at(3'162'644);
    QCOMPARE(program.set(id, 0s), (TimerSetting{Ns{1}, 50us}));
    QVERIFY(program.runs().empty());
    program.at(3'245'512);
    program.set(id, 10us, 10us);
    program.at(4'318'364);
    auto runs = program.runs();
    QCOMPARE(runs.size(), 1U);
    QCOMPARE(runs[0].overrun, 0); // a period is never counted as less than a tick
    // The next expiry is a whole tick after the first, not after the signal.
    QVERIFY(isClose(program.set(id, 0s).value, 2'937'832));
    QCOMPARE(program.overrun(id), 0);

    Program other(3'986'000, false);
    const int second = other.create();
    other.at(102'676);
    other.set(second, 1ms, 1ms);
    other.at(20'227'716);
    runs = other.runs();
    QCOMPARE(runs.size(), 5U);
    QCOMPARE(other.overrun(second), 0);
    QVERIFY(isClose(other.set(second, 0s).value, 875'644));
}

void TimerOverrunTest::spanOnTheWallClockSurvivesASetting()
{
    Program program;
    const int id = program.create(ClockId::Realtime);
    program.set(id, 100ms);
    program.machine.stepRealtime(2s);
    program.at(99'000'000);
    QVERIFY(program.runs().empty());
    program.at(100'000'000);
    QCOMPARE(program.runs().size(), 1U);
}

void TimerOverrunTest::momentOnTheWallClockFollowsASetting()
{
    Program program;
    program.machine.offsets[HrtimerClock::Realtime] = 1000s;
    const int id = program.create(ClockId::Realtime);
    program.setAbsolute(id, 1005s, 1s);
    program.at(1'000'000);
    program.machine.stepRealtime(7s);
    program.machine.runFor(1us);
    const auto runs = program.runs();
    QCOMPARE(runs.size(), 1U);
    QCOMPARE(runs[0].overrun, 2);
}

QTEST_GUILESS_MAIN(TimerOverrunTest)
#include "timer_overrun_test.moc"
