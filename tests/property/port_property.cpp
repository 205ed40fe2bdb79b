// SPDX-License-Identifier: GPL-3.0-or-later
//! The quick ways of the simulated hardware, judged by the slow and plain ones.
#include "engine/port/earliest.h"
#include "engine/port/ideal_rate.h"

#include <QTest>

#include <rapidcheck.h>

#include <algorithm>

using namespace timerscope;

namespace {

constexpr auto second = static_cast<WideUnsigned>(nsPerSecond);

/// 1 to 2^64 - 1 with every magnitude equally likely.
rc::Gen<std::uint64_t> positive()
{
    return rc::gen::map(
        rc::gen::pair(rc::gen::inRange(0, 64), rc::gen::arbitrary<std::uint64_t>()),
        [](const auto& pair) { return (pair.second | std::uint64_t{1} << 63U) >> pair.first; });
}

std::uint64_t widely(std::uint64_t ns, Hertz rate)
{
    return static_cast<std::uint64_t>(WideUnsigned{ns} * rate.value / second);
}

} // namespace

class PortProperty : public QObject
{
    Q_OBJECT
private slots:
    void cyclesAreThoseOfExactArithmetic();
    void spansAreTheShortestThatCountSoManyCycles();
    void earliestIsTheFirstOfTheLeast();
};

void PortProperty::cyclesAreThoseOfExactArithmetic()
{
    QVERIFY(rc::check([] {
        const std::uint64_t ns = *positive() >> 1U;
        const Hertz rate{*positive()};
        RC_ASSERT(cyclesIn(Ns{static_cast<std::int64_t>(ns)}, rate) == widely(ns, rate));
    }));
}

void PortProperty::spansAreTheShortestThatCountSoManyCycles()
{
    QVERIFY(rc::check([] {
        const std::uint64_t cycles = *positive();
        const Hertz rate{*positive() >> 1U | 1U};
        const WideUnsigned exact = (WideUnsigned{cycles} * second + rate.value - 1) / rate.value;
        const auto longest = static_cast<WideUnsigned>(Ns::max().count());
        RC_ASSERT(static_cast<WideUnsigned>(spanOf(cycles, rate).count())
                  == std::min(exact, longest));
    }));
}

void PortProperty::earliestIsTheFirstOfTheLeast()
{
    QVERIFY(rc::check([] {
        const auto count = *rc::gen::inRange<std::size_t>(1, 70);
        std::vector<TraceInstant> plain(count, never<TraceClock>);
        Earliest quick(count);
        const auto changes = *rc::gen::container<std::vector<std::pair<std::size_t, int>>>(
            rc::gen::pair(rc::gen::inRange<std::size_t>(0, count), rc::gen::inRange(0, 20)));
        for (const auto& [number, at] : changes) {
            plain[number] = at == 0 ? never<TraceClock> : TraceInstant{Ns{at}};
            quick.set(number, plain[number]);
            const auto least = std::ranges::min_element(plain);
            RC_ASSERT(quick.first().at == *least);
            RC_ASSERT(*least == never<TraceClock>
                      || quick.first().number == static_cast<std::size_t>(least - plain.begin()));
        }
    }));
}

QTEST_APPLESS_MAIN(PortProperty)
#include "port_property.moc"
