// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sched/global_load.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace timerscope {

namespace {

constexpr std::uint64_t one = std::uint64_t{1} << GlobalLoad::fractionBits;
/// What is left of an average after one window: e^(-5 s / 1, 5 and 15 minutes).
constexpr std::array<std::uint64_t, 3> decays{1884, 2014, 2037};
constexpr std::uint64_t windowSeconds = 5;

/// @p factor to the power of @p n, rounded at each product.
std::uint64_t power(std::uint64_t factor, std::uint64_t n)
{
    const auto times = [](std::uint64_t a, std::uint64_t b) {
        return (a * b + one / 2) >> GlobalLoad::fractionBits;
    };
    std::uint64_t result = one;
    for (; n != 0; n /= 2) {
        if (n % 2 != 0) {
            result = times(result, factor);
        }
        factor = times(factor, factor);
    }
    return result;
}

/// Rounded up while the load grows, so that a steady load is reached.
std::uint64_t mixed(std::uint64_t average, std::uint64_t decay, std::uint64_t active)
{
    const std::uint64_t sum = average * decay + active * (one - decay);
    return (active >= average ? sum + one - 1 : sum) / one;
}

} // namespace

GlobalLoad::GlobalLoad(TickRate rate)
    : m_window(windowSeconds * rate.hz + 1)
    , m_next{rate.initialJiffies().count + m_window}
{
}

/// How many more there are than the CPU told last.
std::int64_t GlobalLoad::fold(CpuLoad& cpu, std::int64_t active)
{
    const std::int64_t more = active - cpu.told;
    cpu.told = active;
    return more;
}

void GlobalLoad::tickStopped(CpuLoad& cpu, std::int64_t active, Jiffies now)
{
    // After the end of the window it counts for the next one.
    const unsigned slot = m_slot + (isBefore(now, m_next) ? 0 : 1);
    m_stopped.at(slot % 2) += fold(cpu, active);
}

/// A CPU that comes back within the grace of a window has told already, as it stopped.
void GlobalLoad::tickRestarted(CpuLoad& cpu, Jiffies now) const
{
    cpu.next = m_next;
    if (!isBefore(now, cpu.next) && isBefore(now, later(cpu.next))) {
        cpu.next.count += m_window;
    }
}

void GlobalLoad::calculate(Jiffies now)
{
    m_active += std::exchange(m_stopped.at(m_slot % 2), 0);
    mix(1);
    m_next.count += m_window;
    passWindowsWithoutTicks(now);
    ++m_slot;
}

void GlobalLoad::passWindowsWithoutTicks(Jiffies now)
{
    if (isBefore(now, later(m_next))) {
        return;
    }
    const std::uint64_t windows = 1 + (now.count - later(m_next).count) / m_window;
    mix(windows);
    m_next.count += windows * m_window;
}

void GlobalLoad::mix(std::uint64_t windows)
{
    const std::uint64_t active
        = static_cast<std::uint64_t>(std::max<std::int64_t>(m_active, 0)) * one;
    for (std::size_t i = 0; i < decays.size(); ++i) {
        m_averages.at(i) = mixed(m_averages.at(i), power(decays.at(i), windows), active);
    }
}

std::string GlobalLoad::text() const
{
    const auto shown = [](std::uint64_t average) {
        average += one / 200; // half of the last digit
        return fmt::format("{}.{:02}", average / one, average % one * 100 / one);
    };
    return fmt::format("{} {} {}", shown(m_averages[0]), shown(m_averages[1]),
                       shown(m_averages[2]));
}

} // namespace timerscope
