// SPDX-License-Identifier: GPL-3.0-or-later
//! Numbers as people read them: groups of three parted by U+202F, a unit, a true minus sign.
#pragma once

#include "engine/base/time.h"
#include "engine/base/wide.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace timerscope {

/// "24 750 000", "−1 000".
[[nodiscard]] std::string groupedText(std::int64_t number);

/// A point in time, exact to the nanosecond: "0.238 478 000 s".
[[nodiscard]] std::string instantText(std::int64_t ns);

/// A span, exact, in the largest unit that it fills; groups of zeros at the end are left out:
/// "2.786 800 ms", "50 µs", "0 ns", "−1.5 s" never: "−1.500 s".
[[nodiscard]] std::string spanText(Ns span);

/// A span to three decimals, half away from zero: "2.787 ms". Only where a head says "≈".
[[nodiscard]] std::string roundedSpanText(Ns span);

/// @p text for a place that computes or searches: numbers without their group marks, with an ASCII
/// minus sign.
[[nodiscard]] std::string plainText(std::string_view text);

/// Longer than Ns can hold, if need be, in whole years or days from two of them on, else to three
/// decimals: "23 653 years", "12 days", "173.536 s".
[[nodiscard]] std::string longSpanText(WideUnsigned ns);

} // namespace timerscope
