// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/oracle/replay/made_up_timers.h"

#include <bit>
#include <random>

namespace timerscope::oracle {
namespace {

/// The same on every platform, unlike the distributions of the standard library.
class Dice
{
public:
    explicit Dice(std::uint64_t seed)
        : m_engine(seed)
    {
    }
    /// From 0 to @p end - 1. @pre end > 0
    std::uint64_t below(std::uint64_t end) { return m_engine() % end; }

private:
    std::mt19937_64 m_engine;
};

/// First the magnitude, then a place in it.
std::uint64_t logUniform(Dice& dice, std::uint64_t most)
{
    const auto magnitudes = static_cast<std::uint64_t>(std::bit_width(most));
    const std::uint64_t least = std::uint64_t{1} << dice.below(magnitudes);
    return least + dice.below(std::min(least, most - least + 1));
}

std::uint8_t anyMode(Dice& dice)
{
    constexpr std::uint8_t contexts[] = {0, hrtimer_mode::soft, hrtimer_mode::hard};
    const auto bits = static_cast<std::uint8_t>(dice.below(4)); // relative, pinned
    return static_cast<std::uint8_t>(bits | contexts[dice.below(std::size(contexts))]);
}

constexpr Ns armingTakes = std::chrono::microseconds{1};
constexpr Ns mostSlack = std::chrono::milliseconds{20};

} // namespace

std::vector<WheelArming> madeUpWheelTimers(const WheelWish& wish, Jiffies from, TickRate rate,
                                           unsigned cpu)
{
    Dice dice(wish.seed);
    const auto pauses = static_cast<std::uint64_t>(wish.spread / rate.period()) + 1;
    std::vector<WheelArming> armings;
    Jiffies at = from;
    for (std::uint64_t i = 0; i < wish.count; ++i) {
        at.count += i == 0 ? 0 : dice.below(pauses);
        const std::uint64_t delta = logUniform(dice, wish.maxDelta);
        armings.push_back({.id = static_cast<std::int64_t>(i),
                           .cpu = cpu,
                           .deferrable = dice.below(100) < wish.deferrablePercent,
                           .armed = at,
                           .requested = Jiffies{at.count + delta},
                           .baseClk = at});
    }
    return armings;
}

std::vector<RecordedHrtimer> madeUpHrtimers(std::uint64_t count, std::uint64_t seed, Ns span,
                                            MonotonicInstant from, unsigned cpu)
{
    Dice dice(seed);
    const auto below = [&](Ns end) {
        return Ns{static_cast<std::int64_t>(dice.below(static_cast<std::uint64_t>(end.count())))};
    };
    std::vector<RecordedHrtimer> timers;
    for (std::uint64_t i = 0; i < count; ++i) {
        RecordedHrtimer& timer = timers.emplace_back();
        timer.id = static_cast<std::uint32_t>(i);
        timer.kind.clock = static_cast<HrtimerClock>(dice.below(hrtimerClocks));
        timer.kind.mode = anyMode(dice);
        timer.slack = dice.below(2) == 0 ? Ns::zero() : below(mostSlack);
        timer.armedOn = cpu;
        timer.armed = from + static_cast<std::int64_t>(i) * armingTakes;
        timer.softExpires = timer.armed + below(span);
    }
    return timers;
}

} // namespace timerscope::oracle
