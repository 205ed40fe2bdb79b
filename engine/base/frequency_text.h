// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/cycles.h"
#include "engine/base/result.h"

#include <string>
#include <string_view>

namespace timerscope {

/// The most that a clocksource can be registered with: 2^32 - 1 kHz (clocksource_register_khz).
inline constexpr Hertz highestFrequency{4'294'967'295'000};

/// A rate as people write it: "24.75MHz", "1.92 MHz", "32768Hz", "3GHz"; a plain number is hertz.
/// Decimals are exact: what does not end on a whole hertz is refused, as is 0 and what lies above
/// highestFrequency.
///
/// Errors: InvalidArgument and OutOfRange; the sentence quotes the text and shows what is allowed.
[[nodiscard]] Result<Hertz> parseFrequency(std::string_view text);

/// In the largest unit that it fills: "24.75 MHz", "100 Hz"; "no rate" for 0.
[[nodiscard]] std::string frequencyText(Hertz rate);

} // namespace timerscope
