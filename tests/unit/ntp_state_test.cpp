// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/timekeeping/ntp_state.h"

#include <QTest>

using namespace timerscope;

namespace {

constexpr TickRate hz{100};
constexpr std::int64_t nominalTick = std::int64_t{10'000'000} << 32;
/// 2023-12-31 23:59:58 UTC.
constexpr std::int64_t newYearsEve = 1'704'067'198;

/// A discipline, the wall second that it is told and the TAI offset.
struct Bench
{
    explicit Bench(TickRate rate = hz)
        : ntp(rate)
    {
    }
    ClockState ask(Timex& timex)
    {
        return ntp.adjust(timex, {.now = {second, 250'000'999}, .lastSecond = second}, tai);
    }
    ClockState set(const Timex& request)
    {
        Timex timex = request;
        return ask(timex);
    }
    ClockState setStatus(std::uint32_t status)
    {
        return set({.modes = timex_mode::status, .status = status});
    }
    ClockState setOffset(std::int64_t offset)
    {
        return set({.modes = timex_mode::offset, .offset = offset});
    }
    LeapStep nextSecond()
    {
        const LeapStep step = ntp.secondEnds(++second);
        second += static_cast<int>(step);
        return step;
    }
    [[nodiscard]] const NtpVariables& now() const { return ntp.variables(); }

    NtpState ntp;
    std::int64_t second = 1'700'000'000;
    std::int32_t tai = 37;
};

} // namespace

class NtpStateTest : public QObject
{
    Q_OBJECT
private slots:
    void startsUnsynchronizedWithNominalTicks();
    void frequencyLengthensTheTickAtOnce();
    void frequencyStopsAt500Ppm();
    void frequencyIsShownWithinOneUnitOfWhatWasSet();
    void tickSetsTheLengthOfAHundredth();
    void errorsAreCutToTheirRange();
    void theErrorGrowsBy500UsASecondUntilNothingIsKnown();
    void anOffsetNeedsThePll();
    void anOffsetIsSlewedInBySmallerAndSmallerParts();
    void offsetsAreBoundedInUsAndInNs();
    void thePllTrimsTheFrequencyByOffsetTimesInterval();
    void thePllCountsALongIntervalOnlyUpToItsConstant();
    void aHeldFrequencyIsNotTrimmed();
    void theFllTrimsByOffsetOverInterval_data();
    void theFllTrimsByOffsetOverInterval();
    void aTimeConstantInUsIsFourLarger();
    void adjtimeSlewsHalfAMillisecondASecond();
    void adjtimeAnswersWhatWasLeft();
    void leavingThePllForgetsALeapSecond();
    void readOnlyStatusBitsCannotBeSet();
    void anInsertedSecondIsCountedTwice();
    void aDeletedSecondIsLeftOut();
    void aWithdrawnLeapSecondIsNotMade();
    void anAnswerBetweenTheLeapAndItsTickIsAlreadyAfterIt();
    void clearingKeepsTheFrequencyAndDropsThePhase();
    void badRequestsAreRefused_data();
    void badRequestsAreRefused();
    void taiOffsetIsTakenWithinItsRange();
};

void NtpStateTest::startsUnsynchronizedWithNominalTicks()
{
    Bench bench;
    Timex timex;
    QCOMPARE(bench.ask(timex), ClockState::Unsynchronized);
    QCOMPARE(bench.now().tickLength, nominalTick);
    QCOMPARE(timex.status, ntp_status::unsynchronized);
    QCOMPARE(timex.tick, 10'000);
    QCOMPARE(timex.constant, 2);
    QCOMPARE(timex.maxError, 16'000'000);
    QCOMPARE(timex.tolerance, 500 << 16);
    QCOMPARE(timex.tai, 37);
    QCOMPARE(timex.seconds, 1'700'000'000);
    QCOMPARE(timex.subseconds, 250'000); // in us until ADJ_NANO
    timex.modes = timex_mode::nano;
    bench.ask(timex);
    QCOMPARE(timex.subseconds, 250'000'999);
}

void NtpStateTest::frequencyLengthensTheTickAtOnce()
{
    Bench bench;
    bench.set({.modes = timex_mode::frequency, .frequency = 100 << 16});
    // 100 ppm of a 10 ms tick are 1000 ns.
    QCOMPARE(bench.now().tickLength, nominalTick + (1000LL << 32));
    bench.set({.modes = timex_mode::frequency, .frequency = -(100 << 16)});
    QCOMPARE(bench.now().tickLength, nominalTick - (1000LL << 32));
}

void NtpStateTest::frequencyStopsAt500Ppm()
{
    Bench bench;
    Timex timex{.modes = timex_mode::frequency, .frequency = 501 << 16};
    bench.ask(timex);
    QCOMPARE(timex.frequency, 500 << 16);
    QCOMPARE(bench.now().tickLength, nominalTick + (5000LL << 32));
    timex.frequency = -(1LL << 30);
    bench.ask(timex);
    QCOMPARE(bench.now().tickLength, nominalTick - (5000LL << 32));
}

void NtpStateTest::frequencyIsShownWithinOneUnitOfWhatWasSet()
{
    Bench bench;
    for (std::int64_t frequency = -(500 << 16); frequency <= 500 << 16; frequency += 12'347) {
        Timex timex{.modes = timex_mode::frequency, .frequency = frequency};
        bench.ask(timex);
        QVERIFY(std::abs(timex.frequency - frequency) <= 1);
    }
}

void NtpStateTest::tickSetsTheLengthOfAHundredth()
{
    Bench bench(TickRate{1000});
    bench.set({.modes = timex_mode::tick, .tick = 9'500});
    QCOMPARE(bench.now().tickLength, std::int64_t{950'000} << 32);
}

void NtpStateTest::errorsAreCutToTheirRange()
{
    Bench bench;
    Timex timex{.modes = timex_mode::maxError | timex_mode::estError,
                .maxError = 16'000'001,
                .estError = -1};
    bench.ask(timex);
    QCOMPARE(timex.maxError, 16'000'000);
    QCOMPARE(timex.estError, 0);
}

void NtpStateTest::theErrorGrowsBy500UsASecondUntilNothingIsKnown()
{
    Bench bench;
    bench.setStatus(ntp_status::pll);
    bench.set({.modes = timex_mode::maxError, .maxError = 15'999'000});
    bench.nextSecond();
    bench.nextSecond();
    QCOMPARE(bench.now().maxErrorUs, 16'000'000);
    QCOMPARE(bench.now().status, ntp_status::pll);
    bench.nextSecond();
    QCOMPARE(bench.now().maxErrorUs, 16'000'000);
    QCOMPARE(bench.now().status, ntp_status::pll | ntp_status::unsynchronized);
}

void NtpStateTest::anOffsetNeedsThePll()
{
    Bench bench;
    bench.setOffset(1000);
    QCOMPARE(bench.now().phase, 0);
    bench.setStatus(ntp_status::pll);
    Timex timex{.modes = timex_mode::offset, .offset = 1000};
    QCOMPARE(bench.ask(timex), ClockState::Ok);
    QCOMPARE(timex.offset, 1000);
    QCOMPARE(bench.now().phase, (1'000'000LL << 32) / 100);
}

void NtpStateTest::anOffsetIsSlewedInBySmallerAndSmallerParts()
{
    Bench bench;
    bench.setStatus(ntp_status::pll | ntp_status::nano | ntp_status::holdFrequency);
    bench.set({.modes = timex_mode::nano | timex_mode::timeConstant, .constant = 0});
    bench.setOffset(-6'400'000);
    const std::int64_t perTick = -64'000LL << 32;
    for (const std::int64_t left : {perTick * 3 / 4, perTick * 9 / 16, perTick * 27 / 64}) {
        const std::int64_t before = bench.now().phase;
        bench.nextSecond();
        QCOMPARE(bench.now().phase, left);
        QCOMPARE(bench.now().tickLength, nominalTick + before - left);
    }
}

void NtpStateTest::offsetsAreBoundedInUsAndInNs()
{
    Bench bench;
    bench.setStatus(ntp_status::pll);
    Timex timex{.modes = timex_mode::offset, .offset = std::numeric_limits<std::int64_t>::max()};
    bench.ask(timex);
    QCOMPARE(timex.offset, 500'000);
    timex = {.modes = timex_mode::offset | timex_mode::nano, .offset = -500'000'001};
    bench.ask(timex);
    QCOMPARE(timex.offset, -500'000'000);
}

void NtpStateTest::thePllTrimsTheFrequencyByOffsetTimesInterval()
{
    Bench bench;
    bench.setStatus(ntp_status::pll);
    bench.set({.modes = timex_mode::nano | timex_mode::timeConstant, .constant = 6});
    bench.second += 64;
    bench.setOffset(100'000);
    // offset x interval / 2^(2 x (2 + 2 + constant)), in ns a second
    QCOMPARE(bench.now().frequency, ((100'000LL * 64) << 32) >> 20);
    QCOMPARE(bench.now().referenceSecond, bench.second);
}

void NtpStateTest::thePllCountsALongIntervalOnlyUpToItsConstant()
{
    Bench bench;
    bench.setStatus(ntp_status::pll);
    bench.set({.modes = timex_mode::nano | timex_mode::timeConstant, .constant = 0});
    bench.second += 2000;
    bench.setOffset(1000);
    QCOMPARE(bench.now().frequency, ((1000LL * 8) << 32) >> 8);
}

void NtpStateTest::aHeldFrequencyIsNotTrimmed()
{
    Bench bench;
    bench.setStatus(ntp_status::pll | ntp_status::fll | ntp_status::holdFrequency);
    bench.second += 3000;
    bench.setOffset(100'000);
    QCOMPARE(bench.now().frequency, 0);
    QVERIFY(bench.now().phase > 0);
}

void NtpStateTest::theFllTrimsByOffsetOverInterval_data()
{
    QTest::addColumn<std::uint32_t>("status");
    QTest::addColumn<std::int64_t>("interval");
    QTest::addColumn<bool>("used");
    const std::uint32_t fll = ntp_status::pll | ntp_status::fll;
    QTest::newRow("wanted, too early") << fll << std::int64_t{255} << false;
    QTest::newRow("wanted") << fll << std::int64_t{256} << true;
    QTest::newRow("not wanted") << ntp_status::pll << std::int64_t{2048} << false;
    QTest::newRow("not wanted, but long") << ntp_status::pll << std::int64_t{2049} << true;
}

void NtpStateTest::theFllTrimsByOffsetOverInterval()
{
    QFETCH(std::uint32_t, status);
    QFETCH(std::int64_t, interval);
    QFETCH(bool, used);
    Bench bench;
    bench.setStatus(status);
    bench.set({.modes = timex_mode::nano | timex_mode::timeConstant, .constant = 10});
    bench.second += interval;
    bench.setOffset(-1'000'000);
    const std::int64_t pll = (-1'000'000LL * interval) * (1 << 4);
    const std::int64_t fll = used ? (-1'000'000LL * (1 << 30)) / interval : 0;
    QCOMPARE(bench.now().frequency, pll + fll);
    QCOMPARE((bench.now().status & ntp_status::fllMode) != 0, used);
}

void NtpStateTest::aTimeConstantInUsIsFourLarger()
{
    Bench bench;
    const auto constantAfter = [&bench](std::uint32_t unit, std::int64_t constant) {
        bench.set({.modes = unit | timex_mode::timeConstant, .constant = constant});
        return bench.now().timeConstant;
    };
    QCOMPARE(constantAfter(timex_mode::micro, 3), 7);
    QCOMPARE(constantAfter(timex_mode::micro, 7), 10);
    QCOMPARE(constantAfter(timex_mode::micro, -5), 4);
    QCOMPARE(constantAfter(timex_mode::nano, 3), 3);
    QCOMPARE(constantAfter(timex_mode::nano, 11), 10);
}

void NtpStateTest::adjtimeSlewsHalfAMillisecondASecond()
{
    Bench bench;
    bench.set({.modes = timex_mode::adjtime | timex_mode::offset, .offset = -1250});
    QCOMPARE(bench.now().tickLength, nominalTick); // from the next second on
    const std::int64_t full = -5000LL << 32; // 500 us in 100 ticks
    for (const std::int64_t part : {full, full, full / 2, std::int64_t{0}}) {
        bench.nextSecond();
        QCOMPARE(bench.now().tickLength, nominalTick + part);
    }
    QCOMPARE(bench.now().adjtimeUs, 0);
}

void NtpStateTest::adjtimeAnswersWhatWasLeft()
{
    Bench bench;
    bench.set({.modes = timex_mode::adjtime | timex_mode::offset, .offset = 1200});
    bench.nextSecond();
    Timex timex{.modes = timex_mode::adjtime | timex_mode::offset | timex_mode::adjtimeReadOnly,
                .offset = 9};
    bench.ask(timex);
    QCOMPARE(timex.offset, 700);
    QCOMPARE(bench.now().adjtimeUs, 700);
    QVERIFY((bench.now().status & ntp_status::nano) == 0); // the bit is not ADJ_NANO here
    timex = {.modes = timex_mode::adjtime | timex_mode::offset, .offset = 9};
    bench.ask(timex);
    QCOMPARE(timex.offset, 700);
    QCOMPARE(bench.now().adjtimeUs, 9);
}

void NtpStateTest::leavingThePllForgetsALeapSecond()
{
    Bench bench;
    bench.setStatus(ntp_status::pll | ntp_status::insertLeap);
    bench.nextSecond();
    QCOMPARE(bench.now().leap, ClockState::InsertAtDaysEnd);
    QCOMPARE(bench.setStatus(ntp_status::insertLeap), ClockState::Ok);
    QCOMPARE(bench.now().nextLeapSecond, noLeapSecond);
}

void NtpStateTest::readOnlyStatusBitsCannotBeSet()
{
    Bench bench;
    bench.setStatus(0xffff'ffff);
    QCOMPARE(bench.now().status & ntp_status::readOnly, 0U);
    bench.set({.modes = timex_mode::nano});
    bench.setStatus(ntp_status::pll);
    QCOMPARE(bench.now().status, ntp_status::pll | ntp_status::nano);
}

void NtpStateTest::anInsertedSecondIsCountedTwice()
{
    Bench bench;
    bench.second = newYearsEve;
    QVERIFY(!bench.ntp.insertionDue());
    bench.setStatus(ntp_status::insertLeap);
    QCOMPARE(bench.nextSecond(), LeapStep::None);
    QCOMPARE(bench.ntp.insertionDue().value(), newYearsEve + 2);
    QCOMPARE(bench.nextSecond(), LeapStep::Insert);
    QCOMPARE(bench.second, newYearsEve + 1);
    QCOMPARE(bench.now().leap, ClockState::LeapInProgress);
    QCOMPARE(bench.nextSecond(), LeapStep::None);
    QCOMPARE(bench.now().leap, ClockState::LeapDone);
    bench.nextSecond();
    QCOMPARE(bench.now().leap, ClockState::LeapDone);
    bench.setStatus(0);
    bench.nextSecond();
    QCOMPARE(bench.now().leap, ClockState::Ok);
}

void NtpStateTest::aDeletedSecondIsLeftOut()
{
    Bench bench;
    bench.second = newYearsEve - 1;
    bench.setStatus(ntp_status::deleteLeap);
    QCOMPARE(bench.nextSecond(), LeapStep::None);
    QVERIFY(!bench.ntp.insertionDue());
    QCOMPARE(bench.nextSecond(), LeapStep::Delete);
    QCOMPARE(bench.second, newYearsEve + 2);
    QCOMPARE(bench.now().leap, ClockState::LeapDone);
}

void NtpStateTest::aWithdrawnLeapSecondIsNotMade()
{
    Bench bench;
    bench.second = newYearsEve;
    bench.setStatus(ntp_status::insertLeap);
    bench.nextSecond();
    bench.setStatus(0);
    QVERIFY(!bench.ntp.insertionDue());
    QCOMPARE(bench.nextSecond(), LeapStep::None);
    QCOMPARE(bench.now().leap, ClockState::Ok);
}

void NtpStateTest::anAnswerBetweenTheLeapAndItsTickIsAlreadyAfterIt()
{
    Bench bench;
    bench.second = newYearsEve;
    bench.setStatus(ntp_status::insertLeap);
    bench.nextSecond();
    ++bench.second; // midnight by the counter, the tick has not come
    Timex timex;
    QCOMPARE(bench.ask(timex), ClockState::LeapInProgress);
    QCOMPARE(timex.seconds, newYearsEve + 1);
    QCOMPARE(timex.tai, 38);
    QCOMPARE(bench.tai, 37);
}

void NtpStateTest::clearingKeepsTheFrequencyAndDropsThePhase()
{
    Bench bench;
    bench.setStatus(ntp_status::pll);
    bench.setOffset(1000);
    bench.set({.modes = timex_mode::frequency | timex_mode::maxError, .frequency = 1 << 16});
    bench.set({.modes = timex_mode::adjtime | timex_mode::offset, .offset = 1000});
    bench.nextSecond();
    QVERIFY(bench.now().tickLength > nominalTick + (10LL << 32));
    bench.ntp.clear();
    QCOMPARE(bench.now().tickLength, nominalTick + (10LL << 32));
    QCOMPARE(bench.now().phase, 0);
    QCOMPARE(bench.now().adjtimeUs, 0);
    QCOMPARE(bench.now().maxErrorUs, 16'000'000);
    QCOMPARE(bench.now().status, ntp_status::pll | ntp_status::unsynchronized);
}

void NtpStateTest::badRequestsAreRefused_data()
{
    QTest::addColumn<Timex>("request");
    QTest::addColumn<Errno>("answer");
    namespace mode = timex_mode;
    QTest::newRow("nothing") << Timex{} << Errno::Ok;
    QTest::newRow("tick 8999") << Timex{.modes = mode::tick, .tick = 8'999} << Errno::Invalid;
    QTest::newRow("tick 9000") << Timex{.modes = mode::tick, .tick = 9'000} << Errno::Ok;
    QTest::newRow("tick 11000") << Timex{.modes = mode::tick, .tick = 11'000} << Errno::Ok;
    QTest::newRow("tick 11001") << Timex{.modes = mode::tick, .tick = 11'001} << Errno::Invalid;
    QTest::newRow("tick 0 beside an adjtime")
        << Timex{.modes = mode::adjtime | mode::offset | mode::tick} << Errno::Ok;
    QTest::newRow("adjtime without offset") << Timex{.modes = mode::adjtime} << Errno::Invalid;
    QTest::newRow("step of a million us")
        << Timex{.modes = mode::setOffset, .subseconds = 1'000'000} << Errno::Invalid;
    QTest::newRow("step of a million ns")
        << Timex{.modes = mode::setOffset | mode::nano, .subseconds = 1'000'000} << Errno::Ok;
    QTest::newRow("step of a negative part")
        << Timex{.modes = mode::setOffset, .subseconds = -1} << Errno::Invalid;
    QTest::newRow("frequency that just fits")
        << Timex{.modes = mode::frequency, .frequency = 140'737'488'355} << Errno::Ok;
    QTest::newRow("frequency that overflows")
        << Timex{.modes = mode::frequency, .frequency = 140'737'488'356} << Errno::Invalid;
}

void NtpStateTest::badRequestsAreRefused()
{
    QFETCH(Timex, request);
    QFETCH(Errno, answer);
    QCOMPARE(validate(request), answer);
}

void NtpStateTest::taiOffsetIsTakenWithinItsRange()
{
    Bench bench;
    for (const std::int64_t refused : {-1, 100'001}) {
        bench.set({.modes = timex_mode::tai, .constant = refused});
        QCOMPARE(bench.tai, 37);
    }
    bench.set({.modes = timex_mode::tai, .constant = 100'000});
    QCOMPARE(bench.tai, 100'000);
    QCOMPARE(bench.now().timeConstant, 2);
}

QTEST_GUILESS_MAIN(NtpStateTest)
#include "ntp_state_test.moc"
