// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/rate_meter.h"

#include <QTest>

#include <cmath>
#include <random>

using namespace timerscope;

namespace {

constexpr Ns ms{1'000'000};

/// Samples a counter of @p hertz every 10 ms for @p length; each arrives up to @p delay late.
std::optional<RateMeter::Rate> measured(double hertz, Ns length, Ns delay)
{
    RateMeter meter(Hertz{1'000'000}, counterMask(16));
    std::mt19937 random(7); // the same delays in every run
    std::uniform_int_distribution<std::int64_t> late(0, delay.count());
    for (Ns at{}; at <= length; at += 10 * ms) {
        const double cycles = hertz * static_cast<double>(at.count()) / 1e9;
        const Cycles value{static_cast<std::uint64_t>(cycles) & counterMask(16)};
        meter.add(at + Ns{late(random)}, value);
    }
    return meter.rate();
}

} // namespace

class RateMeterTest : public QObject
{
    Q_OBJECT
private slots:
    void tellsNothingBeforeASecondHasPassed();
    void measuresAcrossWraps();
    void delaysOnTheWayCancelOut();
};

void RateMeterTest::tellsNothingBeforeASecondHasPassed()
{
    QVERIFY(!RateMeter(Hertz{1}, 1).rate());
    QVERIFY(!measured(1e6, 900 * ms, Ns{0}));
    QVERIFY(measured(1e6, 2100 * ms, Ns{0}));
}

void RateMeterTest::measuresAcrossWraps()
{
    const auto rate = measured(1'000'500, 3000 * ms, Ns{0}); // 16 bits: a wrap each 65 ms
    QVERIFY(rate && std::abs(rate->hertz - 1'000'500) < 2);
}

void RateMeterTest::delaysOnTheWayCancelOut()
{
    // 5 ms of jitter over 2 s would be 2500 ppm between any two samples.
    const auto rate = measured(1'000'000, 3100 * ms, 5 * ms);
    QVERIFY(rate && std::abs(rate->hertz - 1'000'000) < 200);
}

QTEST_GUILESS_MAIN(RateMeterTest)
#include "rate_meter_test.moc"
