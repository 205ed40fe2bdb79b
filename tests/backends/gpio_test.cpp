// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/gpio/edge_watch.h"
#include "backends/gpio/gpio_chips.h"

#include <QTemporaryDir>
#include <QtTest>

#include <deque>
#include <fstream>

using namespace timerscope;
using namespace std::chrono_literals;

namespace {

constexpr EdgeKind up = EdgeKind::Rising;
constexpr EdgeKind down = EdgeKind::Falling;

/// A machine that was started 100 s ago, in 2023.
constexpr HostClocks clocksNow{.monotonic = 100s, .realtime = 1'700'000'000s};

/// Hands out batches as the library would, of a kernel that keeps four edges.
class FakeEdges final : public EdgeSource
{
public:
    using Batches = std::deque<std::vector<KernelEdge>>;
    explicit FakeEdges(Batches batches)
        : m_batches(std::move(batches))
    {
    }

    [[nodiscard]] std::string identity() const override { return "line 1 of fake"; }
    [[nodiscard]] std::size_t queueLength() const override { return 4; }
    [[nodiscard]] Result<bool> wait(Ns /*limit*/) override
    {
        if (m_batches.empty()) {
            return fail(ErrorCode::DeviceLost, "The fake is over");
        }
        if (m_batches.front().empty()) { // the limit passes
            m_batches.pop_front();
            return false;
        }
        return true;
    }
    [[nodiscard]] Result<std::vector<KernelEdge>> read() override
    {
        auto batch = std::move(m_batches.front());
        m_batches.pop_front();
        return batch;
    }

private:
    Batches m_batches;
};

struct Watched
{
    std::vector<Edge> edges;
    EdgeCounts counts;
    std::optional<StampClock> clock;
};

/// Watches until the fake is over.
Watched watchAll(
    FakeEdges::Batches batches, EdgeChoice choice = EdgeChoice::Both,
    const std::function<HostClocks()>& clocks = [] { return clocksNow; })
{
    EdgeWatch watch(std::make_unique<FakeEdges>(std::move(batches)), choice, clocks);
    Watched all;
    for (auto edges = watch.next(1s); edges; edges = watch.next(1s)) {
        all.edges.insert(all.edges.end(), edges->begin(), edges->end());
    }
    all.counts = watch.counts();
    all.clock = watch.clock();
    return all;
}

std::vector<EdgeGap> gapsOf(const Watched& watched)
{
    std::vector<EdgeGap> gaps;
    for (const Edge& edge : watched.edges) {
        gaps.push_back(edge.gap);
    }
    return gaps;
}

} // namespace

class GpioTest : public QObject
{
    Q_OBJECT

private slots:
    void edgesKeepTheirKindTimeAndOrder();
    void aTimeOutIsNoEdgeAndNoError();
    void twoEdgesOfAKindAreALoss();
    void oneKindWatchedRepeatsWithoutLoss();
    void aFullQueueIsAPossibleLossForTheEdgeBehindIt();
    void aFullQueueAtTheEndIsCounted();
    void aLossAcrossBatchesIsSeen();
    void stampsOfRealtimeBecomeMonotonic();
    void aChangeOfTheWallClockChangesNoStamp();
    void withoutAWallClockStampsAreMonotonic();
    void aStepBackIsSaid();
    void theHostsClocksAreReadTogether();
    void aLostChipEndsTheWatch();
    void withoutAChipThereIsOneSentence();
    void filesThatAreNoChipsAreSaid();
    void chipsAreListedByNumber();
    void openingWithoutAChipSaysTheSame();
};

void GpioTest::edgesKeepTheirKindTimeAndOrder()
{
    const Watched all = watchAll({{{up, 99s}, {down, 99s + 7ns}}, {{up, 100s}}});
    QCOMPARE(all.edges.size(), std::size_t{3});
    QCOMPARE(all.edges[0].kind, up);
    QCOMPARE(all.edges[1].kind, down);
    QCOMPARE(all.edges[2].kind, up);
    QCOMPARE(all.edges[0].at, MonotonicInstant{99s});
    QCOMPARE(all.edges[1].at, MonotonicInstant{99s + 7ns});
    QCOMPARE(all.edges[0].sequence, std::uint64_t{1});
    QCOMPARE(all.edges[2].sequence, std::uint64_t{3});
    QCOMPARE(gapsOf(all), (std::vector{EdgeGap::None, EdgeGap::None, EdgeGap::None}));
    QCOMPARE(all.counts.rising, std::uint64_t{2});
    QCOMPARE(all.counts.falling, std::uint64_t{1});
    QCOMPARE(all.counts.lost, std::uint64_t{0});
    QCOMPARE(all.counts.overflows, std::uint64_t{0});
    QCOMPARE(all.clock, StampClock::Monotonic);
}

void GpioTest::aTimeOutIsNoEdgeAndNoError()
{
    EdgeWatch watch(std::make_unique<FakeEdges>(FakeEdges::Batches{{}, {{up, 99s}}}),
                    EdgeChoice::Both, [] { return clocksNow; });
    QCOMPARE(watch.next(1s).value().size(), std::size_t{0});
    QVERIFY(!watch.clock());
    QCOMPARE(watch.next(1s).value().size(), std::size_t{1});
}

void GpioTest::twoEdgesOfAKindAreALoss()
{
    const Watched all = watchAll({{{up, 97s}, {up, 98s}, {down, 99s}}, {{down, 99s}}});
    QCOMPARE(gapsOf(all),
             (std::vector{EdgeGap::None, EdgeGap::Certain, EdgeGap::None, EdgeGap::Certain}));
    QCOMPARE(all.counts.lost, std::uint64_t{2});
}

void GpioTest::oneKindWatchedRepeatsWithoutLoss()
{
    const Watched all = watchAll({{{up, 97s}, {up, 98s}}, {{up, 99s}}}, EdgeChoice::Rising);
    QCOMPARE(gapsOf(all), (std::vector{EdgeGap::None, EdgeGap::None, EdgeGap::None}));
    QCOMPARE(all.counts.lost, std::uint64_t{0});
}

void GpioTest::aFullQueueIsAPossibleLossForTheEdgeBehindIt()
{
    const Watched all
        = watchAll({{{up, 95s}, {down, 96s}, {up, 97s}, {down, 98s}}, {{up, 99s}, {down, 99s}}});
    QCOMPARE(gapsOf(all),
             (std::vector{EdgeGap::None, EdgeGap::None, EdgeGap::None, EdgeGap::None,
                          EdgeGap::Possible, EdgeGap::None}));
    QCOMPARE(all.counts.overflows, std::uint64_t{1});
    QCOMPARE(all.counts.lost, std::uint64_t{0});
}

void GpioTest::aFullQueueAtTheEndIsCounted()
{
    const Watched all
        = watchAll({{{up, 95s}, {up, 96s}, {up, 97s}, {up, 98s}}, {}}, EdgeChoice::Rising);
    QCOMPARE(all.counts.overflows, std::uint64_t{1});
    QCOMPARE(all.counts.rising, std::uint64_t{4});
}

void GpioTest::aLossAcrossBatchesIsSeen()
{
    const Watched all
        = watchAll({{{up, 95s}, {down, 96s}, {up, 97s}, {down, 98s}}, {}, {{down, 99s}}});
    QCOMPARE(all.edges.back().gap, EdgeGap::Certain);
    QCOMPARE(all.counts.overflows, std::uint64_t{1});
    QCOMPARE(all.counts.lost, std::uint64_t{1});
}

void GpioTest::stampsOfRealtimeBecomeMonotonic()
{
    const Watched all = watchAll({{{up, 1'699'999'999s}, {down, 1'700'000'000s}}});
    QCOMPARE(all.clock, StampClock::Realtime);
    QCOMPARE(all.edges.at(0).at, MonotonicInstant{99s});
    QCOMPARE(all.edges.at(1).at, MonotonicInstant{100s});
}

void GpioTest::aChangeOfTheWallClockChangesNoStamp()
{
    int reads = 0;
    const auto clocks = [&reads] {
        ++reads; // someone sets the time an hour back after the first batch
        return HostClocks{.monotonic = Ns{99s} + reads * Ns{1s},
                          .realtime = reads == 1 ? Ns{1'700'000'000s} : Ns{1'699'996'401s}};
    };
    const Watched all
        = watchAll({{{up, 1'700'000'000s}}, {{down, 1'699'996'401s}}}, EdgeChoice::Both, clocks);
    QCOMPARE(all.edges.at(0).at, MonotonicInstant{100s});
    QCOMPARE(all.edges.at(1).at, MonotonicInstant{101s});
    QCOMPARE(all.counts.backwards, std::uint64_t{0});
}

void GpioTest::withoutAWallClockStampsAreMonotonic()
{
    // A board without a battery: its wall clock starts in 1970 with the kernel.
    const auto clocks = [] { return HostClocks{.monotonic = 100s, .realtime = 100s + 5ms}; };
    const Watched all = watchAll({{{up, 100s - 1ms}}}, EdgeChoice::Both, clocks);
    QCOMPARE(all.clock, StampClock::Monotonic);
    QCOMPARE(all.edges.at(0).at, MonotonicInstant{100s - 1ms});
}

void GpioTest::aStepBackIsSaid()
{
    const Watched all = watchAll({{{up, 98s}, {down, 97s}}, {{up, 97s}}});
    QVERIFY(!all.edges.at(0).isBackwards);
    QVERIFY(all.edges.at(1).isBackwards);
    QVERIFY(!all.edges.at(2).isBackwards);
    QCOMPARE(all.counts.backwards, std::uint64_t{1});
}

void GpioTest::theHostsClocksAreReadTogether()
{
    const HostClocks first = readHostClocks();
    const HostClocks second = readHostClocks();
    QVERIFY(first.monotonic > 0ns);
    QVERIFY(second.monotonic >= first.monotonic);
    QVERIFY(first.realtime > 1'600'000'000s); // after 2020
}

void GpioTest::aLostChipEndsTheWatch()
{
    EdgeWatch watch(std::make_unique<FakeEdges>(FakeEdges::Batches{}), EdgeChoice::Both);
    const auto edges = watch.next(1s);
    QVERIFY(!edges);
    QCOMPARE(edges.error().code, ErrorCode::DeviceLost);
}

void GpioTest::withoutAChipThereIsOneSentence()
{
    const QTemporaryDir devices;
    const auto chips = gpioChips(devices.path().toStdString());
    QVERIFY(!chips);
    QCOMPARE(chips.error().code, ErrorCode::Unavailable);
    QCOMPARE(chips.error().what,
             "there is no GPIO chip here: " + devices.path().toStdString()
                 + "/gpiochip* does not exist (no driver for one is loaded, or the machine has "
                   "none)");
    QVERIFY(!gpioChips("/nonexistent"));
}

void GpioTest::filesThatAreNoChipsAreSaid()
{
    const QTemporaryDir devices;
    const std::string file = devices.filePath("gpiochip0").toStdString();
    std::ofstream{file} << "no device";
    const auto chips = gpioChips(devices.path().toStdString());
    QVERIFY(!chips);
    QCOMPARE(chips.error().code, ErrorCode::Unavailable);
    QCOMPARE(chips.error().what,
             "the GPIO chip " + file + " cannot be used: no GPIO chip is behind this file");
}

void GpioTest::chipsAreListedByNumber()
{
    const QTemporaryDir devices;
    for (const char* name : {"gpiochip10", "gpiochip9"}) {
        std::ofstream{devices.filePath(name).toStdString()} << "no device";
    }
    const auto chips = gpioChips(devices.path().toStdString());
    QVERIFY(!chips);
    QVERIFY2(chips.error().what.find("/gpiochip9 ") != std::string::npos,
             chips.error().what.c_str());
}

void GpioTest::openingWithoutAChipSaysTheSame()
{
    const auto source = openEdgeSource("gpiochip4711", "3", EdgeChoice::Both);
    QVERIFY(!source);
    if (const auto chips = gpioChips(); chips) {
        QCOMPARE(source.error().code, ErrorCode::NotFound);
    } else {
        QCOMPARE(source.error().code, ErrorCode::Unavailable);
        QCOMPARE(source.error().what, chips.error().what);
    }
}

QTEST_GUILESS_MAIN(GpioTest)
#include "gpio_test.moc"
