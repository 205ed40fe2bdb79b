// SPDX-License-Identifier: GPL-3.0-or-later
//! The precision report in words, a fact a line, for every face.
#pragma once

#include "engine/why/precision.h"

#include <string>
#include <vector>

namespace timerscope {

/// "mult/shift" and what stands beside it.
struct Fact
{
    std::string label;
    std::string text;
    friend bool operator==(const Fact&, const Fact&) = default;
};

/// "−0.058 208 ppb"
[[nodiscard]] std::string errorText(PartsPerBillion error);

/// "clocksource mfoc: 1 MHz, 32 bits"
[[nodiscard]] std::string headOf(const CounterPrecision& counter);
[[nodiscard]] std::vector<Fact> factsOf(const CounterPrecision& counter);

/// "event device hpet: 14.31818 MHz, 192 to 2147483647 ticks"
[[nodiscard]] std::string headOf(const EventPrecision& event);
[[nodiscard]] std::vector<Fact> factsOf(const EventPrecision& event);

} // namespace timerscope
