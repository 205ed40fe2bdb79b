// SPDX-License-Identifier: GPL-3.0-or-later
//! The timekeeper under any legal treatment, judged with 128-bit numbers.
#include "engine/base/wide.h"
#include "engine/timekeeping/timekeeper.h"
#include "tests/support/engine_bench.h"

#include <QTest>

#include <rapidcheck.h>

#include <array>

using namespace timerscope;
using namespace timerscope::test;

namespace {

TickRate anyTickRate()
{
    return TickRate{*rc::gen::element<std::uint32_t>(100, 250, 300, 1000)};
}

/// Three counters of any rate and width, and a timekeeper that runs on one of them.
class Bench
{
public:
    Bench()
        : m_rate(anyTickRate())
        , m_timekeeper(m_sources[0], m_rate, {.persistent = {.seconds = m_persistent}})
    {
    }

    [[nodiscard]] Timekeeper& timekeeper() { return m_timekeeper; }
    [[nodiscard]] const Clocksource& clock() const { return m_timekeeper.clock(); }

    /// Lets the counters run, no further than the kernel allows between two updates.
    void pass()
    {
        const std::uint64_t most = std::min(clock().rate.maxCycles / 2, clock().rate.mask / 2);
        const auto cycles = *rc::gen::inRange<std::uint64_t>(0, most - m_sinceUpdate);
        m_sinceUpdate += cycles;
        counterInUse().count += cycles;
    }
    void accumulate()
    {
        m_timekeeper.accumulate();
        m_sinceUpdate = 0; // less than a tick is left, which half the range makes up for
    }
    void switchClocksource()
    {
        m_timekeeper.changeClocksource(m_sources[*rc::gen::inRange<std::size_t>(0, 3)]);
        m_sinceUpdate = 0;
    }
    void sleep()
    {
        Clocksource* const nonstop = *rc::gen::arbitrary<bool>()
            ? &m_sources[*rc::gen::inRange<std::size_t>(0, 3)]
            : nullptr;
        m_timekeeper.suspend({.persistent = {.seconds = m_persistent}, .nonstop = nonstop});
        for (CounterBench& counter : m_counters) {
            counter.count += *rc::gen::arbitrary<std::uint32_t>();
        }
        m_persistent += *rc::gen::inRange(0, 100'000);
        m_timekeeper.resume({.persistent = {.seconds = m_persistent}, .nonstop = nonstop});
        m_sinceUpdate = 0;
    }
    void discipline()
    {
        Timex timex;
        timex.modes = *rc::gen::element(timex_mode::frequency, timex_mode::tick,
                                        timex_mode::offset | timex_mode::nano,
                                        timex_mode::status | timex_mode::timeConstant,
                                        timex_mode::adjtime | timex_mode::offset, timex_mode::tai);
        timex.frequency = *rc::gen::inRange<std::int64_t>(-(501LL << 16), 501LL << 16);
        timex.tick = *rc::gen::inRange<std::int64_t>(leastTickUs, mostTickUs + 1);
        timex.offset = *rc::gen::inRange<std::int64_t>(-600'000'000, 600'000'000);
        timex.constant = *rc::gen::inRange<std::int64_t>(0, 12);
        timex.status = *rc::gen::arbitrary<std::uint32_t>();
        RC_ASSERT(m_timekeeper.adjtimex(timex).error == Errno::Ok);
    }
    void setTime()
    {
        const auto seconds = *rc::gen::inRange<std::int64_t>(-10, 4'000'000'000);
        const auto nanoseconds = *rc::gen::inRange<std::int64_t>(0, nsPerSecond);
        const WallTime time{.seconds = seconds, .nanoseconds = nanoseconds};
        // Some are before boot: refusals must move nothing either.
        if (*rc::gen::arbitrary<bool>()) {
            m_timekeeper.setRealtime(time);
        } else {
            m_timekeeper.injectOffset(time - WallTime{.seconds = 2'000'000'000});
        }
        m_sinceUpdate = 0;
    }

    /// CLOCK_MONOTONIC by the kept state, in arithmetic that cannot overflow.
    [[nodiscard]] WideUnsigned monotonicByHand() const
    {
        const TimekeeperState& state = m_timekeeper.state();
        const std::uint64_t now = clock().counter->observeCounter().count;
        const WideUnsigned cycles = (now - state.cycleLast.count) & clock().rate.mask;
        const auto base = static_cast<WideUnsigned>(static_cast<WideSigned>(
            static_cast<WideSigned>(state.wall.seconds + state.wallToMonotonic.seconds)
                * nsPerSecond
            + state.wallToMonotonic.nanoseconds));
        return base + ((cycles * state.mult + state.wall.fraction) >> state.shift);
    }

private:
    CounterBench& counterInUse()
    {
        return m_counters[static_cast<std::size_t>(&clock() - m_sources.data())];
    }
    static Clocksource anyClocksource(CounterBench& counter)
    {
        const int magnitude = *rc::gen::inRange(15, 31);
        const auto hz = (*rc::gen::inRange(1U << 14, 1U << 15)) << (magnitude - 14);
        // Some time beyond a tick must fit, as a driver must see to.
        const auto bits = static_cast<unsigned>(*rc::gen::inRange(std::min(magnitude + 2, 32), 65));
        Clocksource source = clocksourceOn(counter, "c", hz, bits, 300, 0);
        counter.count = *rc::gen::arbitrary<std::uint64_t>();
        return source;
    }

    TickRate m_rate;
    std::array<CounterBench, 3> m_counters;
    std::array<Clocksource, 3> m_sources{anyClocksource(m_counters[0]),
                                         anyClocksource(m_counters[1]),
                                         anyClocksource(m_counters[2])};
    std::int64_t m_persistent = *rc::gen::inRange<std::int64_t>(0, 2'000'000'000);
    std::uint64_t m_sinceUpdate = 0;
    Timekeeper m_timekeeper;
};

} // namespace

class TimekeepingProperty : public QObject
{
    Q_OBJECT
private slots:
    void onlyTheCounterMovesMonotonicTime();
    void nothingTurnsTheClocksBack();
    void readingsEqualWideArithmetic();
    void noRequestWhateverLeavesTheLegalRange();
    void theKeptClocksAgree();
    void ticksGetNtpsLengthInTheLongRun();
    void aTickOnACounterLosesNothing();
};

void TimekeepingProperty::onlyTheCounterMovesMonotonicTime()
{
    const bool holds = rc::check("no tick, setting, switch or sleep moves CLOCK_MONOTONIC", [] {
        Bench bench;
        const auto steps = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 5));
        for (const int step : steps) {
            bench.pass();
            const MonotonicInstant before = bench.timekeeper().monotonicNow();
            switch (step) {
            case 0:
                bench.accumulate();
                break;
            case 1:
                bench.switchClocksource();
                break;
            case 2:
                bench.discipline();
                break;
            case 3:
                bench.setTime();
                break;
            default:
                bench.sleep();
                break;
            }
            RC_ASSERT(bench.timekeeper().monotonicNow() == before);
        }
    });
    QVERIFY(holds);
}

void TimekeepingProperty::nothingTurnsTheClocksBack()
{
    const bool holds = rc::check("monotonic, boottime and raw time only grow", [] {
        Bench bench;
        const auto steps = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 6));
        MonotonicInstant monotonic;
        BoottimeInstant boottime;
        RawInstant raw;
        for (const int step : steps) {
            bench.pass();
            if (step == 0) {
                bench.accumulate();
            } else if (step == 1) {
                bench.switchClocksource();
            } else if (step == 2) {
                bench.discipline();
            } else if (step == 3) {
                bench.setTime();
            } else if (step == 4) {
                bench.sleep();
            }
            const Timekeeper& timekeeper = bench.timekeeper();
            RC_ASSERT(timekeeper.monotonicNow() >= monotonic);
            RC_ASSERT(timekeeper.boottimeNow() >= boottime);
            RC_ASSERT(timekeeper.rawNow() >= raw);
            RC_ASSERT(timekeeper.coarseMonotonic() <= timekeeper.monotonicNow());
            monotonic = timekeeper.monotonicNow();
            boottime = timekeeper.boottimeNow();
            raw = timekeeper.rawNow();
        }
    });
    QVERIFY(holds);
}

void TimekeepingProperty::readingsEqualWideArithmetic()
{
    const bool holds = rc::check("no reading within the legal range is cut to 64 bits", [] {
        Bench bench;
        const int steps = *rc::gen::inRange(1, 20);
        for (int i = 0; i < steps; ++i) {
            if (*rc::gen::arbitrary<bool>()) {
                bench.discipline();
            }
            bench.pass();
            const auto now = static_cast<WideUnsigned>(nsOf(bench.timekeeper().monotonicNow()));
            RC_ASSERT(now == bench.monotonicByHand());
            bench.accumulate();
            RC_ASSERT(now == bench.monotonicByHand());
        }
    });
    QVERIFY(holds);
}

void TimekeepingProperty::noRequestWhateverLeavesTheLegalRange()
{
    const bool holds = rc::check("arbitrary requests are refused or cut to what is legal", [] {
        Bench bench;
        const auto anything = [] {
            const int bits = *rc::gen::inRange(0, 64); // every magnitude is equally likely
            return *rc::gen::arbitrary<std::int64_t>() >> bits;
        };
        const int steps = *rc::gen::inRange(1, 20);
        for (int i = 0; i < steps; ++i) {
            bench.pass();
            const MonotonicInstant before = bench.timekeeper().monotonicNow();
            Timex timex{.modes = *rc::gen::arbitrary<std::uint32_t>() & 0xf1ff,
                        .offset = anything(),
                        .frequency = anything(),
                        .maxError = anything(),
                        .estError = anything(),
                        .status = *rc::gen::arbitrary<std::uint32_t>(),
                        .constant = anything(),
                        .seconds = anything(),
                        .subseconds = anything(),
                        .tick = *rc::gen::arbitrary<bool>() ? 10'500 : anything()};
            bench.timekeeper().adjtimex(timex);
            bench.timekeeper().setRealtime(
                WallTime{.seconds = anything(), .nanoseconds = anything()});
            bench.timekeeper().injectOffset({.seconds = anything(), .nanoseconds = anything()});
            bench.timekeeper().injectSleep({.seconds = anything(), .nanoseconds = anything()});
            bench.accumulate();
            RC_ASSERT(bench.timekeeper().monotonicNow() == before);

            const NtpVariables& ntp = bench.timekeeper().ntp();
            RC_ASSERT(std::abs(ntp.frequency) <= std::int64_t{500'000} << 32);
            RC_ASSERT(ntp.tickUs >= leastTickUs);
            RC_ASSERT(ntp.tickUs <= mostTickUs);
            RC_ASSERT(ntp.timeConstant >= 0);
            RC_ASSERT(ntp.timeConstant <= 10);
            RC_ASSERT(ntp.maxErrorUs >= 0);
            RC_ASSERT(ntp.maxErrorUs <= 16'000'000);
            RC_ASSERT(ntp.leap != ClockState::Unsynchronized);
            RC_ASSERT(bench.timekeeper().state().wall.seconds >= 0);
        }
    });
    QVERIFY(holds);
}

void TimekeepingProperty::theKeptClocksAgree()
{
    const bool holds = rc::check("what readers add is what wall time and offsets make", [] {
        Bench bench;
        const auto steps = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 4));
        for (const int step : steps) {
            bench.pass();
            if (step == 0) {
                bench.accumulate();
            } else if (step == 1) {
                bench.setTime();
            } else if (step == 2) {
                bench.discipline();
            } else {
                bench.sleep();
            }
            const TimekeeperState& state = bench.timekeeper().state();
            const WideSigned second = WideSigned{nsPerSecond} << state.shift;
            RC_ASSERT(static_cast<WideSigned>(state.wall.fraction) < second);
            RC_ASSERT(static_cast<WideSigned>(state.raw.fraction) < second);
            const Ns wholeWall = nsOf(WallTime{.seconds = state.wall.seconds});
            RC_ASSERT(state.monotonicBase + state.realtimeOffset == wholeWall);
            const Ns tai = std::chrono::seconds{state.taiOffset};
            RC_ASSERT(state.taiClockOffset - state.realtimeOffset == tai);
        }
    });
    QVERIFY(holds);
}

void TimekeepingProperty::ticksGetNtpsLengthInTheLongRun()
{
    const bool holds = rc::check("the error against NTP stays below a few mults of a tick", [] {
        Bench bench;
        Timex timex{.modes = timex_mode::frequency | timex_mode::tick};
        timex.frequency = *rc::gen::inRange<std::int64_t>(-(500LL << 16), 500LL << 16);
        timex.tick = *rc::gen::inRange<std::int64_t>(leastTickUs, mostTickUs + 1);
        bench.timekeeper().adjtimex(timex);
        auto& counter = static_cast<CounterBench&>(*bench.clock().counter);
        const TickConversion tick = bench.timekeeper().state().tick;
        for (int i = 0; i < 200; ++i) {
            // Ticks come a little early or late, never two at once.
            const auto late = *rc::gen::inRange<std::uint64_t>(0, tick.cycleInterval / 4 + 1);
            counter.count += tick.cycleInterval - tick.cycleInterval / 8 + late;
            bench.timekeeper().accumulate();
            const WideSigned error = bench.timekeeper().state().ntpError;
            const WideSigned unit = static_cast<WideSigned>(tick.cycleInterval)
                << tick.ntpErrorShift;
            RC_ASSERT(error <= 4 * unit);
            RC_ASSERT(error >= -4 * unit);
        }
    });
    QVERIFY(holds);
}

void TimekeepingProperty::aTickOnACounterLosesNothing()
{
    const bool holds = rc::check("interval + remainder = tick, and the interval is nearest", [] {
        const MultShift factor{.mult = *rc::gen::inRange<std::uint32_t>(1, 0xffff'ffff),
                               .shift = *rc::gen::inRange<std::uint32_t>(0, 33)};
        const TickRate rate{*rc::gen::inRange<std::uint32_t>(1, 10'001)};
        const TickConversion tick = tickConversion(factor, rate);
        const WideSigned length = static_cast<WideSigned>(nsPerSecond / rate.hz) << factor.shift;
        const WideSigned counted
            = static_cast<WideSigned>(tick.cycleInterval) * WideSigned{factor.mult};
        RC_ASSERT(static_cast<WideSigned>(tick.xtimeInterval) == counted);
        RC_ASSERT(counted + tick.xtimeRemainder == length);
        RC_ASSERT(static_cast<WideSigned>(tick.ntpTick) == length << tick.ntpErrorShift);
        const WideSigned off = std::abs(tick.xtimeRemainder);
        RC_ASSERT(2 * off <= WideSigned{factor.mult} || tick.cycleInterval == 1);
    });
    QVERIFY(holds);
}

QTEST_GUILESS_MAIN(TimekeepingProperty)
#include "timekeeping_property.moc"
