// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/host/host_bench.h"
#include "tests/support/fake_block.h"

#include <QElapsedTimer>
#include <QTest>

#include <thread>

using namespace timerscope;
using namespace clock_event_feature;
using std::chrono::milliseconds;
using timerscope::test::FakeBlock;

namespace {

constexpr Ns ms{1'000'000};

EventChannelInfo channel(const char* name, std::uint32_t features = oneshot | periodic)
{
    return {.name = name, .rate = Hertz{1'000'000}, .features = features};
}

HostBench hostOnly(std::size_t channels = 1)
{
    std::vector<EventChannelInfo> infos(channels, channel("host"));
    return {{{.name = "host-counter", .rate = Hertz{24'000'000}, .bits = 24, .readCost = {}}},
            std::move(infos),
            {}};
}

/// A bench with one fake block beside one counter and one channel of the host.
struct Attached
{
    FakeBlock* block = nullptr;
    std::unique_ptr<HostBench> bench;
    static constexpr ChannelIndex hostChannel = 0;
    static constexpr ChannelIndex blockChannel = 1;
    static constexpr CounterIndex blockCounter = 1;
};

Attached attached()
{
    auto block = std::make_unique<FakeBlock>(std::vector{channel("fake", oneshot)});
    Attached result{.block = block.get(), .bench = nullptr};
    std::vector<std::unique_ptr<AttachedBlock>> blocks;
    blocks.push_back(std::move(block));
    result.bench = std::make_unique<HostBench>(
        std::vector<CounterInfo>{
            {.name = "host-counter", .rate = Hertz{1'000'000}, .bits = 32, .readCost = {}}},
        std::vector{channel("host")}, std::move(blocks));
    return result;
}

TraceInstant in(const HostBench& bench, Ns span)
{
    return bench.now() + span;
}

} // namespace

class HostBenchTest : public QObject
{
    Q_OBJECT
private slots:
    void theHostsCounterFollowsItsClock();
    void aOneshotOfTheHostIsNeverEarlyAndComesOnce();
    void aPeriodOfTheHostGoesOn();
    void waitingEndsAtTheLimit();
    void namesOfAllPartsStandInOneList();
    void aBlocksInterruptEndsTheWait();
    void anInterruptThatIsPendingWhenItsChannelIsArmedAnewIsForgotten();
    void interruptsOfOneChannelMergeWhileNobodyWaits();
    void aBlockIsToldWhatItsChannelWasTold();
    void lossIsToldWithinAHundredMillisecondsAndForEver();
    void unknownPartsAreRefused();
};

void HostBenchTest::theHostsCounterFollowsItsClock()
{
    HostBench bench = hostOnly();
    const TraceInstant before = bench.now();
    const std::uint64_t value = bench.read(0)->count;
    const TraceInstant after = bench.now();
    const auto ticks = [](TraceInstant at) {
        return static_cast<std::uint64_t>(nsOf(at)) * 24 / 1000 & counterMask(24);
    };
    QVERIFY(value >= ticks(before) && value <= ticks(after));
}

void HostBenchTest::aOneshotOfTheHostIsNeverEarlyAndComesOnce()
{
    HostBench bench = hostOnly();
    const TraceInstant start = bench.now();
    QVERIFY(bench.program(0, 3000)); // 3 ms
    const auto fired = bench.waitUntil(in(bench, 5000 * ms));
    const Ns took = bench.now() - start;
    QVERIFY(fired && *fired == 0U);
    QVERIFY2(took >= 3 * ms - Ns{1000}, "less than one tick may be missing: it was running");
    QVERIFY(!*bench.waitUntil(in(bench, 10 * ms)));
}

void HostBenchTest::aPeriodOfTheHostGoesOn()
{
    HostBench bench = hostOnly();
    QVERIFY(bench.set(0, ClockEventState::Periodic, 1000));
    for (int i = 0; i < 5; ++i) {
        const auto fired = bench.waitUntil(in(bench, 5000 * ms));
        QVERIFY(fired && *fired == 0U);
    }
    QVERIFY(bench.set(0, ClockEventState::Shutdown, 0));
    QVERIFY(!*bench.waitUntil(in(bench, 5 * ms)));
}

void HostBenchTest::waitingEndsAtTheLimit()
{
    HostBench bench = hostOnly();
    const TraceInstant limit = in(bench, 20 * ms);
    const auto waited = bench.waitUntil(limit);
    QVERIFY(waited && !*waited);
    QVERIFY(bench.now() >= limit);
}

void HostBenchTest::namesOfAllPartsStandInOneList()
{
    const Attached hardware = attached();
    QCOMPARE(hardware.bench->counters().size(), 2U);
    QCOMPARE(hardware.bench->counters()[1].name, std::string("fake-counter"));
    QCOMPARE(hardware.bench->channels().size(), 2U);
    QCOMPARE(hardware.bench->channels()[1].name, std::string("fake"));
    QVERIFY(hardware.bench->read(Attached::blockCounter)->count < 60'000'000);
}

void HostBenchTest::aBlocksInterruptEndsTheWait()
{
    const Attached hardware = attached();
    std::thread device([&] {
        std::this_thread::sleep_for(milliseconds(20));
        hardware.block->fire(0);
    });
    const TraceInstant start = hardware.bench->now();
    const auto fired = hardware.bench->waitUntil(in(*hardware.bench, 10'000 * ms));
    const Ns took = hardware.bench->now() - start;
    device.join();
    QVERIFY(fired && *fired == std::size_t{Attached::blockChannel});
    QVERIFY(took < 5'000 * ms);
}

void HostBenchTest::anInterruptThatIsPendingWhenItsChannelIsArmedAnewIsForgotten()
{
    const Attached hardware = attached();
    hardware.block->fire(0);
    QVERIFY(hardware.bench->program(Attached::blockChannel, 100));
    QVERIFY(!*hardware.bench->waitUntil(in(*hardware.bench, 5 * ms)));
    hardware.block->fire(0);
    QVERIFY(hardware.bench->set(Attached::blockChannel, ClockEventState::Shutdown, 0));
    QVERIFY(!*hardware.bench->waitUntil(in(*hardware.bench, 5 * ms)));
}

void HostBenchTest::interruptsOfOneChannelMergeWhileNobodyWaits()
{
    const Attached hardware = attached();
    hardware.block->fire(0);
    hardware.block->fire(0);
    QVERIFY(hardware.bench->program(Attached::hostChannel, 1));
    std::vector<ChannelIndex> fired;
    while (const auto next = *hardware.bench->waitUntil(in(*hardware.bench, 20 * ms))) {
        fired.push_back(*next);
    }
    QCOMPARE(fired, (std::vector<ChannelIndex>{Attached::blockChannel, Attached::hostChannel}));
}

void HostBenchTest::aBlockIsToldWhatItsChannelWasTold()
{
    const Attached hardware = attached();
    QVERIFY(hardware.bench->set(Attached::blockChannel, ClockEventState::Oneshot, 0));
    QVERIFY(hardware.bench->program(Attached::blockChannel, 1234));
    QCOMPARE(hardware.block->programmed(), 1234U);
    QCOMPARE(hardware.block->state(), ClockEventState::Oneshot);
}

void HostBenchTest::lossIsToldWithinAHundredMillisecondsAndForEver()
{
    const Attached hardware = attached();
    QElapsedTimer since;
    std::atomic<qint64> told = 0;
    since.start();
    std::thread device([&] {
        std::this_thread::sleep_for(milliseconds(20));
        told = since.nsecsElapsed();
        hardware.block->lose();
    });
    const auto waited = hardware.bench->waitUntil(in(*hardware.bench, 10'000 * ms));
    const qint64 noticed = since.nsecsElapsed();
    device.join();
    QVERIFY(!waited);
    QCOMPARE(waited.error().code, ErrorCode::DeviceLost);
    QVERIFY(noticed - told < 100'000'000);
    QVERIFY(!hardware.bench->waitUntil(in(*hardware.bench, ms)));
    QVERIFY(!hardware.bench->read(Attached::blockCounter));
}

void HostBenchTest::unknownPartsAreRefused()
{
    HostBench bench = hostOnly();
    QCOMPARE(bench.read(1).error().what, std::string("counter 1 does not exist, there are 1"));
    QCOMPARE(bench.program(1, 1).error().what,
             std::string("event channel 1 does not exist, there are 1"));
    QVERIFY(!bench.set(7, ClockEventState::Oneshot, 0));
}

QTEST_GUILESS_MAIN(HostBenchTest)
#include "host_bench_test.moc"
