// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/machine/clock_tree.h"

#include "engine/base/wording.h"

#include <fmt/format.h>

#include <algorithm>

namespace timerscope {

namespace {

constexpr unsigned registerBits = 32;

/// The entry that the field chooses; empty when the list is too short for it.
std::optional<std::uint64_t> chosen(const std::vector<std::uint64_t>& list, std::uint32_t number)
{
    return number < list.size() ? std::optional(list[number]) : std::nullopt;
}

std::optional<std::uint64_t> byRule(DivisorRule rule, std::uint32_t number)
{
    switch (rule) {
    case DivisorRule::PlusOne:
        return std::uint64_t{number} + 1;
    case DivisorRule::OneBased:
        return number > 0 ? std::optional<std::uint64_t>(number) : std::nullopt;
    case DivisorRule::PowerOfTwo:
        return number < registerBits ? std::optional(std::uint64_t{1} << number) : std::nullopt;
    }
    return std::nullopt;
}

std::optional<std::uint64_t> divisorOf(const ClockProvider& clock)
{
    const std::uint32_t number = clock.field.number();
    return clock.divisors.empty() ? byRule(clock.rule, number) : chosen(clock.divisors, number);
}

std::uint64_t roundedUp(std::uint64_t rate, std::uint64_t divisor)
{
    return rate / divisor + (rate % divisor != 0 ? 1 : 0);
}

/// What comes out of @p clock when @p above goes in; 0 when that cannot be told.
std::uint64_t rateBelow(const ClockProvider& clock, std::uint64_t above)
{
    switch (clock.kind) {
    case ClockKind::FixedRate:
        return chosen(clock.rates, clock.field.number()).value_or(0);
    case ClockKind::FixedFactor:
        return above * clock.mult / clock.div; // 64 bits, as the kernel's product
    case ClockKind::Divider:
        return roundedUp(above, divisorOf(clock).value_or(UINT64_MAX));
    case ClockKind::Gate:
        return above;
    }
    return 0;
}

} // namespace

std::uint32_t RegisterField::number() const
{
    const std::uint64_t mask = (std::uint64_t{1} << width) - 1;
    return static_cast<std::uint32_t>((value >> shift) & mask);
}

const ClockProvider* ClockTree::find(std::string_view name) const
{
    const auto found = std::ranges::find(m_providers, name, &ClockProvider::name);
    return found != m_providers.end() ? &*found : nullptr;
}

std::vector<const ClockProvider*> ClockTree::pathOf(std::string_view name) const
{
    std::vector<const ClockProvider*> path;
    const ClockProvider* clock = find(name);
    while (clock != nullptr && std::ranges::find(path, clock) == path.end()) {
        path.push_back(clock);
        clock = clock->kind != ClockKind::FixedRate ? find(clock->parent) : nullptr;
    }
    return path;
}

Hertz ClockTree::rate(std::string_view name) const
{
    const auto path = pathOf(name);
    std::uint64_t rate = 0;
    for (auto clock = path.rbegin(); clock != path.rend(); ++clock) {
        rate = cutToLong(rateBelow(**clock, rate), m_width);
    }
    return {rate};
}

std::optional<ClockFault> ClockTree::firstFault() const
{
    for (std::size_t i = 0; i < m_providers.size(); ++i) {
        if (auto what = faultOf(m_providers[i])) {
            return ClockFault{.provider = i, .what = std::move(*what)};
        }
    }
    return std::nullopt;
}

std::optional<std::string> ClockTree::faultOf(const ClockProvider& clock) const
{
    if (find(clock.name) != &clock) {
        return fmt::format("two clocks are called {}; names must differ", inQuotes(clock.name));
    }
    const std::uint32_t number = clock.field.number();
    if (clock.kind == ClockKind::FixedRate && number >= clock.rates.size()) {
        return fmt::format("the register of clock {} says {}, and there is no rate for that",
                           inQuotes(clock.name), number);
    }
    if (clock.kind == ClockKind::Divider && !divisorOf(clock)) {
        return fmt::format("the register of clock {} says {}, and there is no divisor for that",
                           inQuotes(clock.name), number);
    }
    return faultAbove(clock);
}

std::optional<std::string> ClockTree::faultAbove(const ClockProvider& clock) const
{
    const auto path = pathOf(clock.name);
    const ClockProvider& last = *path.back();
    if (last.kind != ClockKind::FixedRate && find(last.parent) != nullptr) {
        return fmt::format("the clock {} comes from itself, by way of {}; it must come from a "
                           "clock of kind \"fixed-rate\"",
                           inQuotes(last.parent), inQuotes(last.name));
    }
    if (last.kind != ClockKind::FixedRate && &last == &clock) {
        std::vector<std::string_view> known;
        for (const ClockProvider& other : m_providers) {
            if (&other != &clock) {
                known.emplace_back(other.name);
            }
        }
        return fmt::format("unknown clock {}, the parent of {}{}", inQuotes(last.parent),
                           inQuotes(clock.name), hintFor(last.parent, known, "the scenario has"));
    }
    // A fault further up is told where it is.
    const bool isWhole = last.kind == ClockKind::FixedRate;
    if (isWhole && rate(clock.name).value == 0
        && (path.size() < 2 || rate(clock.parent).value > 0)) {
        return fmt::format("the clock {} comes to 0 Hz; it must be at least 1 Hz",
                           inQuotes(clock.name));
    }
    return std::nullopt;
}

} // namespace timerscope
