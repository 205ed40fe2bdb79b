// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/property/simulation/record_check.h"

#include <cstdint>
#include <optional>
#include <string>

namespace timerscope::test {

/// How one seed went.
struct SimulationResult
{
    std::uint64_t seed = 0;
    std::uint64_t fingerprint = 0; ///< of the whole log
    std::size_t records = 0;
    std::uint64_t expiries = 0; ///< timers that fired
    bool endedEarly = false; ///< by a fault of the kernel that the scenario is entitled to
    std::optional<Violation> violation;
    std::string story; ///< the last records, a line each; empty unless asked for
};

/// Makes the scenario of @p seed, lets it run, and looks whether the invariants hold.
/// @p recordsTold: how many of the last records the result tells as a story.
[[nodiscard]] SimulationResult simulate(std::uint64_t seed, std::size_t recordsTold = 0);

/// One line for a person about a seed that failed: what broke, when, and how to see it again.
/// @pre result.violation
[[nodiscard]] std::string failureText(const SimulationResult& result);

/// What the scenario of @p seed is, a line a step.
[[nodiscard]] std::string scenarioText(std::uint64_t seed);

} // namespace timerscope::test
