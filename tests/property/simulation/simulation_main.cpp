// SPDX-License-Identifier: GPL-3.0-or-later
//! simulation_run --first S --seeds N [--step K] [--describe] [--records R]:
//! the simulation test for any seeds; shows scenarios and their last records.
#include "tests/property/simulation/simulation.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdio>
#include <optional>
#include <span>
#include <string_view>

using namespace timerscope::test;

namespace {

constexpr std::uint64_t seedsPerProgress = 500;

struct Wish
{
    std::uint64_t first = 1;
    std::uint64_t seeds = 1;
    std::uint64_t step = 1; ///< every which seed: two programs share a range like that
    std::uint64_t records = 0; ///< prints so many of the last ones as well
    bool describes = false; ///< prints the scenarios as well
};

struct Total
{
    std::uint64_t seeds = 0;
    std::uint64_t failed = 0;
    std::uint64_t endedEarly = 0;
    std::uint64_t expiries = 0;
    std::uint64_t records = 0;
};

std::optional<Wish> wishOf(std::span<char*> arguments)
{
    Wish wish;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string_view name = arguments[i];
        std::uint64_t* const number = name == "--first" ? &wish.first
            : name == "--seeds"                         ? &wish.seeds
            : name == "--step"                          ? &wish.step
            : name == "--records"                       ? &wish.records
                                                        : nullptr;
        if (name == "--describe") {
            wish.describes = true;
        } else if (number == nullptr || i + 1 == arguments.size()) {
            return std::nullopt;
        } else {
            const std::string_view text = arguments[++i];
            const auto [end, error] = std::from_chars(text.begin(), text.end(), *number);
            if (error != std::errc{} || end != text.end()) {
                return std::nullopt;
            }
        }
    }
    return wish.step > 0 ? std::optional(wish) : std::nullopt;
}

void runOne(std::uint64_t seed, const Wish& wish, Total& total)
{
    if (wish.describes) {
        fmt::print("{}", scenarioText(seed));
    }
    const SimulationResult result = simulate(seed, wish.records);
    fmt::print("{}", result.story);
    ++total.seeds;
    total.endedEarly += result.endedEarly ? 1 : 0;
    total.expiries += result.expiries;
    total.records += result.records;
    if (result.violation) {
        ++total.failed;
        fmt::print("{}\n", failureText(result));
    }
    if (wish.seeds == 1) {
        fmt::print("seed {} fingerprint {:016x}\n", seed, result.fingerprint);
    } else if (total.seeds % seedsPerProgress == 0) {
        fmt::print(stderr, "{} seeds, {} failed\n", total.seeds, total.failed);
    }
    std::fflush(stdout);
}

} // namespace

int main(int count, char** arguments)
{
    const auto wish = wishOf(std::span(arguments, static_cast<std::size_t>(count)).subspan(1));
    if (!wish) {
        fmt::print(stderr,
                   "usage: simulation_run [--first S] [--seeds N] [--step K] "
                   "[--describe] [--records R]\n");
        return 2;
    }
    Total total;
    for (std::uint64_t i = 0; i < wish->seeds; i += wish->step) {
        runOne(wish->first + i, *wish, total);
    }
    fmt::print("total: {} seeds, {} failed, {} ended by a fault of the kernel, {} expiries, {} "
               "records\n",
               total.seeds, total.failed, total.endedEarly, total.expiries, total.records);
    return total.failed == 0 ? 0 : 1;
}
