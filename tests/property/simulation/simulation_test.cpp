// SPDX-License-Identifier: GPL-3.0-or-later
//! Random machines with random faults keep what must always hold. The long run is
//! packaging/soak.sh; README.md says what is checked.
#include "tests/property/simulation/simulation.h"

#include <QTest>

using namespace timerscope;
using namespace timerscope::test;

namespace {

/// Debug and sanitized programs are an order of magnitude slower.
#ifdef NDEBUG
constexpr std::uint64_t seeds = 300;
#else
constexpr std::uint64_t seeds = 40;
#endif
constexpr std::uint64_t seedsRunTwice = 20;

} // namespace

class SimulationTest : public QObject
{
    Q_OBJECT
private slots:
    void invariantsHoldWhateverHappens();
    void aSeedAlwaysTellsTheSameStory();
};

void SimulationTest::invariantsHoldWhateverHappens()
{
    std::uint64_t expiries = 0;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        const SimulationResult result = simulate(seed);
        if (result.violation) {
            QFAIL(failureText(result).c_str());
        }
        expiries += result.expiries;
    }
    QVERIFY2(expiries > 100 * seeds, "hardly a timer fired: the scenarios show nothing");
}

void SimulationTest::aSeedAlwaysTellsTheSameStory()
{
    for (std::uint64_t seed = 1; seed <= seedsRunTwice; ++seed) {
        QCOMPARE(simulate(seed).fingerprint, simulate(seed).fingerprint);
    }
}

QTEST_GUILESS_MAIN(SimulationTest)
#include "simulation_test.moc"
