// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/simulated/simulated_hardware.h"

#include <QTest>

using namespace timerscope;
using namespace clock_event_feature;
using std::chrono::hours;
using std::chrono::milliseconds;

namespace {

constexpr TraceInstant after(Ns span)
{
    return TraceInstant{span};
}
constexpr TraceInstant forEver = after(hours{24 * 365});

SimulatedHardware board(std::uint64_t channelHz = 1'000'000, std::size_t channels = 1,
                        Ns readCost = {})
{
    std::vector<EventChannelInfo> infos;
    for (std::size_t i = 0; i < channels; ++i) {
        infos.push_back({.name = "t" + std::to_string(i),
                         .rate = Hertz{channelHz},
                         .features = periodic | oneshot});
    }
    return {{{.name = "wide", .rate = Hertz{24'750'000}, .bits = 64, .readCost = readCost},
             {.name = "narrow", .rate = Hertz{1'000'000}, .bits = 16, .readCost = {}}},
            std::move(infos)};
}

} // namespace

class SimulatedHardwareTest : public QObject
{
    Q_OBJECT
private slots:
    void countersCountTrueTimeAndWrap();
    void readingCostsTimeAndLookingDoesNot();
    void periodsDoNotDriftOverHours();
    void oneshotFiresOnceAtTheFirstNanosecondOfItsTick();
    void programmingAgainReplacesWhatWasArmed();
    void otherStatesStopWhatWasArmed();
    void interruptsWhileBusyStayPendingOnceEach();
    void waitingEndsAtTheLimit();
    void whatIsDueAtTheLimitStaysPending();
    void limitInThePastStillHandsOverWhatIsOverdue();
    void channelsDueAtTheSameInstantComeInOrder();
    void earlierDeadlineComesFirstAlsoWhenBothAreOverdue();
    void featuresThatAChannelLacksAreRefused();
    void unknownCountersAndChannelsAreRefused();
    void endOfTimeSaturates();
};

void SimulatedHardwareTest::countersCountTrueTimeAndWrap()
{
    SimulatedHardware hardware = board();
    hardware.spend(Ns{65'536'999});
    QCOMPARE(hardware.read(1)->count, 0U); // 65536 us: one wrap of 16 bits
    hardware.spend(Ns{1});
    QCOMPARE(hardware.read(1)->count, 1U);
    hardware.spend(hours{1000} - Ns{65'537'000});
    QCOMPARE(hardware.read(0)->count, 3'600'000ULL * 24'750'000);
}

void SimulatedHardwareTest::readingCostsTimeAndLookingDoesNot()
{
    SimulatedHardware hardware = board(1'000'000, 1, Ns{600});
    QCOMPARE(hardware.observe(0).count, 0U);
    QCOMPARE(hardware.now(), after(Ns{0}));
    QCOMPARE(hardware.read(0)->count, 14U); // 600 ns at 24.75 MHz
    QCOMPARE(hardware.now(), after(Ns{600}));
    QCOMPARE(hardware.observe(0).count, 14U);
    QCOMPARE(hardware.now(), after(Ns{600}));
}

void SimulatedHardwareTest::periodsDoNotDriftOverHours()
{
    SimulatedHardware hardware = board(32'768);
    QVERIFY(hardware.set(0, ClockEventState::Periodic, 328)); // 10.009765625 ms
    std::uint64_t fired = 0;
    while (hardware.waitUntil(after(hours{3}))->has_value()) {
        ++fired;
    }
    QCOMPARE(hardware.now(), after(hours{3}));
    QCOMPARE(fired, 3ULL * 3600 * 32'768 / 328);
}

void SimulatedHardwareTest::oneshotFiresOnceAtTheFirstNanosecondOfItsTick()
{
    SimulatedHardware hardware = board(24'750'000);
    QVERIFY(hardware.set(0, ClockEventState::Oneshot, 0));
    QVERIFY(hardware.program(0, 1));
    QCOMPARE(hardware.waitUntil(forEver)->value(), ChannelIndex{0});
    QCOMPARE(hardware.now(), after(Ns{41})); // 40.4 ns
    QVERIFY(!hardware.waitUntil(after(milliseconds{1}))->has_value());
}

void SimulatedHardwareTest::programmingAgainReplacesWhatWasArmed()
{
    SimulatedHardware hardware = board();
    QVERIFY(hardware.program(0, 100));
    QVERIFY(hardware.program(0, 300));
    QVERIFY(hardware.waitUntil(forEver)->has_value());
    QCOMPARE(hardware.now(), after(Ns{300'000}));
}

void SimulatedHardwareTest::otherStatesStopWhatWasArmed()
{
    for (const auto state : {ClockEventState::Shutdown, ClockEventState::Oneshot,
                             ClockEventState::OneshotStopped, ClockEventState::Detached}) {
        SimulatedHardware hardware = board();
        QVERIFY(hardware.set(0, ClockEventState::Periodic, 10));
        QVERIFY(hardware.set(0, state, 0));
        QVERIFY(!hardware.waitUntil(after(milliseconds{1}))->has_value());
    }
}

void SimulatedHardwareTest::interruptsWhileBusyStayPendingOnceEach()
{
    SimulatedHardware hardware = board();
    QVERIFY(hardware.set(0, ClockEventState::Periodic, 1000)); // 1 ms
    hardware.spend(Ns{5'500'000});
    QVERIFY(hardware.waitUntil(forEver)->has_value());
    QCOMPARE(hardware.now(), after(Ns{5'500'000})); // at once, for five that fell due
    QVERIFY(hardware.waitUntil(forEver)->has_value());
    QCOMPARE(hardware.now(), after(Ns{6'000'000})); // and on the old beat
}

void SimulatedHardwareTest::waitingEndsAtTheLimit()
{
    SimulatedHardware hardware = board();
    QVERIFY(hardware.program(0, 1000));
    QVERIFY(!hardware.waitUntil(after(Ns{999'999}))->has_value());
    QCOMPARE(hardware.now(), after(Ns{999'999}));
    QVERIFY(hardware.waitUntil(after(Ns{1'000'001}))->has_value());
    QCOMPARE(hardware.now(), after(Ns{1'000'000}));
}

void SimulatedHardwareTest::whatIsDueAtTheLimitStaysPending()
{
    SimulatedHardware hardware = board();
    QVERIFY(hardware.program(0, 1000));
    QVERIFY(!hardware.waitUntil(after(milliseconds{1}))->has_value());
    QCOMPARE(hardware.now(), after(milliseconds{1}));
    QVERIFY(hardware.waitUntil(after(milliseconds{2}))->has_value());
    QCOMPARE(hardware.now(), after(milliseconds{1}));
}

void SimulatedHardwareTest::limitInThePastStillHandsOverWhatIsOverdue()
{
    SimulatedHardware hardware = board();
    QVERIFY(hardware.program(0, 1000));
    hardware.spend(milliseconds{5});
    QVERIFY(hardware.waitUntil(after(Ns{0}))->has_value());
    QCOMPARE(hardware.now(), after(milliseconds{5}));
    QVERIFY(!hardware.waitUntil(after(Ns{0}))->has_value());
    QCOMPARE(hardware.now(), after(milliseconds{5}));
}

void SimulatedHardwareTest::channelsDueAtTheSameInstantComeInOrder()
{
    SimulatedHardware hardware = board(1'000'000, 3);
    for (const ChannelIndex channel : {2U, 0U, 1U}) {
        QVERIFY(hardware.program(channel, 7));
    }
    for (const ChannelIndex channel : {0U, 1U, 2U}) {
        QCOMPARE(hardware.waitUntil(forEver)->value(), channel);
        QCOMPARE(hardware.now(), after(Ns{7000}));
    }
}

void SimulatedHardwareTest::earlierDeadlineComesFirstAlsoWhenBothAreOverdue()
{
    SimulatedHardware hardware = board(1'000'000, 2);
    QVERIFY(hardware.program(0, 9));
    QVERIFY(hardware.program(1, 7));
    hardware.spend(milliseconds{1});
    QCOMPARE(hardware.waitUntil(forEver)->value(), ChannelIndex{1});
    QCOMPARE(hardware.waitUntil(forEver)->value(), ChannelIndex{0});
}

void SimulatedHardwareTest::featuresThatAChannelLacksAreRefused()
{
    SimulatedHardware hardware({},
                               {{.name = "p", .rate = Hertz{1000}, .features = periodic},
                                {.name = "o", .rate = Hertz{1000}, .features = oneshot}});
    QVERIFY(hardware.set(0, ClockEventState::Periodic, 10));
    QCOMPARE(hardware.set(0, ClockEventState::Oneshot, 0).error().code, ErrorCode::NotSupported);
    QVERIFY(hardware.set(1, ClockEventState::Oneshot, 0));
    QCOMPARE(hardware.set(1, ClockEventState::Periodic, 10).error().code, ErrorCode::NotSupported);
    QCOMPARE(hardware.set(0, ClockEventState::Periodic, 0).error().code, ErrorCode::NotSupported);
}

void SimulatedHardwareTest::unknownCountersAndChannelsAreRefused()
{
    SimulatedHardware hardware = board();
    QCOMPARE(hardware.read(2).error().code, ErrorCode::OutOfRange);
    QCOMPARE(hardware.program(1, 1).error().code, ErrorCode::OutOfRange);
    QCOMPARE(hardware.set(1, ClockEventState::Oneshot, 0).error().code, ErrorCode::OutOfRange);
}

void SimulatedHardwareTest::endOfTimeSaturates()
{
    SimulatedHardware hardware = board();
    QVERIFY(hardware.program(0, 1ULL << 60)); // 36 000 years at 1 MHz
    hardware.spend(Ns::max());
    hardware.spend(Ns::max());
    QCOMPARE(hardware.now(), after(Ns::max()));
}

QTEST_GUILESS_MAIN(SimulatedHardwareTest)
#include "simulated_hardware_test.moc"
