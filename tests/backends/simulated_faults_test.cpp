// SPDX-License-Identifier: GPL-3.0-or-later
//! What goes wrong on simulated hardware is exactly what was asked for, and as long.
#include "backends/simulated/simulated_hardware.h"

#include <QTest>

using namespace timerscope;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr std::uint32_t allFeatures = clock_event_feature::periodic | clock_event_feature::oneshot;

SimulatedHardware board()
{
    return {{{.name = "fast", .rate = Hertz{10'000'000}, .bits = 64},
             {.name = "halves",
              .rate = Hertz{1'000'000},
              .bits = 32,
              .readCost = Ns{600},
              .standsInSuspend = true,
              .partBits = 16}},
            {{.name = "timer", .rate = Hertz{1'000'000}, .features = allFeatures}}};
}

InjectedFault fault(std::string target, FaultEffect effect, std::int64_t amount, Ns duration = {})
{
    return {.target = std::move(target), .effect = effect, .amount = amount, .duration = duration};
}

std::uint64_t value(const SimulatedHardware& hardware, CounterIndex counter = 0)
{
    return hardware.observe(counter).count;
}

} // namespace

class SimulatedFaultsTest : public QObject
{
    Q_OBJECT
private slots:
    void driftIsExactAndEndsByItself();
    void aJumpStays();
    void aReadingIsKeptUntilTimePassesOrTheCounterJumps();
    void aStoppedCounterGoesOnFromWhereItStood();
    void slowReadsTakeTheirTime();
    void aTornReadMixesTwoMoments();
    void lostInterruptsAreCounted();
    void lateInterruptsComeLate();
    void lateInterruptsComeAtOnceWhenTheFaultEnds();
    void aPauseMovesEverythingButTheMachine();
    void inSuspendOnlySomeCountersStand();
    void whatMakesNoSenseIsRefused_data();
    void whatMakesNoSenseIsRefused();
};

void SimulatedFaultsTest::driftIsExactAndEndsByItself()
{
    SimulatedHardware hardware = board();
    hardware.spend(seconds{1});
    QVERIFY(hardware.inject(fault("fast", FaultEffect::Drift, 900, seconds{5})).has_value());
    hardware.spend(seconds{10});
    // 900 ppm of 5 s at 10 MHz are 45 000 cycles.
    QCOMPARE(value(hardware), std::uint64_t{110'045'000});
    QVERIFY(hardware.inject(fault("fast", FaultEffect::Drift, -500'000)).has_value());
    hardware.spend(seconds{2});
    QCOMPARE(value(hardware), std::uint64_t{120'045'000});
}

void SimulatedFaultsTest::aReadingIsKeptUntilTimePassesOrTheCounterJumps()
{
    SimulatedHardware hardware = board();
    const KeptReading& kept = *hardware.keptReading(0);
    hardware.spend(seconds{1});
    QCOMPARE(hardware.read(0)->count, 10'000'000U);
    QCOMPARE(kept.at, *hardware.keptNow());
    QCOMPARE(kept.value.count, 10'000'000U);
    QVERIFY(hardware.inject(fault("fast", FaultEffect::Jump, 1'000)).has_value());
    QVERIFY(kept.at != *hardware.keptNow());
    QCOMPARE(hardware.read(0)->count, 10'000'010U);
    hardware.spend(Ns{100});
    QVERIFY(kept.at != *hardware.keptNow());
    // What costs time, or may be torn, is read each time.
    static_cast<void>(hardware.read(1));
    QVERIFY(hardware.keptReading(1)->at != *hardware.keptNow());
}

void SimulatedFaultsTest::aJumpStays()
{
    SimulatedHardware hardware = board();
    hardware.spend(seconds{1});
    QVERIFY(hardware.inject(fault("fast", FaultEffect::Jump, -1'000'000)).has_value());
    QCOMPARE(value(hardware), std::uint64_t{9'990'000});
    QVERIFY(hardware.inject(fault("halves", FaultEffect::Jump, 2'000'000'000)).has_value());
    hardware.spend(seconds{1});
    QCOMPARE(value(hardware), std::uint64_t{19'990'000});
    QCOMPARE(value(hardware, 1), std::uint64_t{4'000'000});
}

void SimulatedFaultsTest::aStoppedCounterGoesOnFromWhereItStood()
{
    SimulatedHardware hardware = board();
    hardware.spend(seconds{1});
    QVERIFY(hardware.inject(fault("fast", FaultEffect::Stop, 0, seconds{1})).has_value());
    hardware.spend(milliseconds{500});
    QCOMPARE(value(hardware), std::uint64_t{10'000'000});
    hardware.spend(milliseconds{1500});
    QCOMPARE(value(hardware), std::uint64_t{20'000'000});
}

void SimulatedFaultsTest::slowReadsTakeTheirTime()
{
    SimulatedHardware hardware = board();
    QVERIFY(
        hardware.inject(fault("halves", FaultEffect::SlowRead, 100'000, seconds{1})).has_value());
    QVERIFY(hardware.read(1).has_value());
    QCOMPARE(hardware.now(), TraceInstant{Ns{100'600}});
    hardware.spend(seconds{1});
    const TraceInstant before = hardware.now();
    QVERIFY(hardware.read(1).has_value());
    QCOMPARE(hardware.now() - before, Ns{600});
}

void SimulatedFaultsTest::aTornReadMixesTwoMoments()
{
    SimulatedHardware hardware = board();
    QVERIFY(hardware.inject(fault("halves", FaultEffect::TornRead, 100'000)).has_value());
    hardware.spend(Ns{65'500'000 - 600});
    // 65 500 now, 65 600 when the other CPU latches: the upper half is already 1.
    QCOMPARE(hardware.read(1).value(), Cycles{65'536 + 65'500});
    hardware.spend(milliseconds{1});
    QCOMPARE(hardware.read(1).value(), Cycles{66'500}); // far from a carry: as it should be
}

void SimulatedFaultsTest::lostInterruptsAreCounted()
{
    SimulatedHardware hardware = board();
    QVERIFY(hardware.inject(fault("timer", FaultEffect::LostInterrupt, 3)).has_value());
    QVERIFY(hardware.set(0, ClockEventState::Periodic, 1000).has_value());
    const auto fired = hardware.waitUntil(TraceInstant{seconds{1}});
    QVERIFY(fired.value().has_value());
    QCOMPARE(hardware.now(), TraceInstant{milliseconds{4}});
}

void SimulatedFaultsTest::lateInterruptsComeLate()
{
    SimulatedHardware hardware = board();
    QVERIFY(hardware.inject(fault("timer", FaultEffect::LateInterrupt, 70'000)).has_value());
    QVERIFY(hardware.program(0, 1000).has_value());
    QVERIFY(hardware.waitUntil(TraceInstant{seconds{1}}).value().has_value());
    QCOMPARE(hardware.now(), TraceInstant{Ns{1'070'000}});
}

void SimulatedFaultsTest::lateInterruptsComeAtOnceWhenTheFaultEnds()
{
    // Whether somebody looks in between makes no difference.
    for (const bool looksInBetween : {false, true}) {
        SimulatedHardware hardware = board();
        QVERIFY(hardware.inject(fault("timer", FaultEffect::LateInterrupt, 900'000, Ns{1'200'000}))
                    .has_value());
        QVERIFY(hardware.program(0, 1000).has_value());
        if (looksInBetween) {
            QVERIFY(!hardware.waitUntil(TraceInstant{Ns{1'200'000}}).value().has_value());
        }
        QVERIFY(hardware.waitUntil(TraceInstant{seconds{1}}).value().has_value());
        QCOMPARE(hardware.now(), TraceInstant{Ns{1'200'000}});
    }
}

void SimulatedFaultsTest::aPauseMovesEverythingButTheMachine()
{
    SimulatedHardware hardware = board();
    QVERIFY(hardware.program(0, 1000).has_value());
    QVERIFY(hardware.inject(fault("", FaultEffect::Pause, 2'000'000'000)).has_value());
    QCOMPARE(hardware.now(), TraceInstant{seconds{2}});
    QCOMPARE(value(hardware), std::uint64_t{20'000'000});
    QVERIFY(hardware.waitUntil(TraceInstant{seconds{3}}).value().has_value());
    QCOMPARE(hardware.now(), TraceInstant{seconds{2}});
}

void SimulatedFaultsTest::inSuspendOnlySomeCountersStand()
{
    SimulatedHardware hardware = board();
    hardware.spend(seconds{1});
    QVERIFY(hardware.sleep(seconds{10}).has_value());
    QCOMPARE(value(hardware), std::uint64_t{110'000'000});
    QCOMPARE(value(hardware, 1), std::uint64_t{1'000'000});
    hardware.spend(seconds{1});
    QCOMPARE(value(hardware, 1), std::uint64_t{2'000'000});
}

void SimulatedFaultsTest::whatMakesNoSenseIsRefused_data()
{
    QTest::addColumn<QString>("target");
    QTest::addColumn<int>("effect");
    QTest::addColumn<qint64>("amount");
    QTest::addColumn<QString>("sentence");
    const auto row = [](const char* name, const QString& target, FaultEffect effect, qint64 amount,
                        const QString& sentence) {
        QTest::newRow(name) << target << static_cast<int>(effect) << amount << sentence;
    };
    row("a channel cannot drift", "timer", FaultEffect::Drift, 1,
        "the fault is for counter \"timer\", but the hardware has no such counter");
    row("a counter has no interrupts", "fast", FaultEffect::LostInterrupt, 1,
        "the fault is for event channel \"fast\", but the hardware has no such event channel");
    row("no counter runs backwards", "fast", FaultEffect::Drift, -1'000'000,
        "fast cannot drift by -1000000 ppm; it must be more than -1000000 ppm");
    row("what is read at once cannot tear", "fast", FaultEffect::TornRead, 1,
        "fast is read at once, so no read of it can be torn");
}

void SimulatedFaultsTest::whatMakesNoSenseIsRefused()
{
    QFETCH(QString, target);
    QFETCH(int, effect);
    QFETCH(qint64, amount);
    QFETCH(QString, sentence);
    SimulatedHardware hardware = board();
    const auto injected
        = hardware.inject(fault(target.toStdString(), static_cast<FaultEffect>(effect), amount));
    QVERIFY(!injected);
    QCOMPARE(QString::fromStdString(injected.error().what), sentence);
}

QTEST_APPLESS_MAIN(SimulatedFaultsTest)
#include "simulated_faults_test.moc"
