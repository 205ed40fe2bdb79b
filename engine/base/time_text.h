// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/result.h"
#include "engine/base/time.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace timerscope {

/// A span of time as people write it: "250ms", "1.5s", "50us", "7ns", "2min", "1h"; a plain
/// number is seconds. Decimals are exact: what does not end on a whole nanosecond is refused, as
/// is a sign, anything else around the number, and more than 292 years.
///
/// Errors: InvalidArgument and OutOfRange; the sentence quotes the text and shows what is allowed.
[[nodiscard]] Result<Ns> parseTime(std::string_view text);

/// The shortest text that parseTime() reads back to the same non-negative @p span: "1.5s", "50us",
/// "7ns", "0s".
[[nodiscard]] std::string timeText(Ns span);

/// A second since 1970 as the kernel's logs write it: "2023-07-05T03:02:00".
[[nodiscard]] std::string calendarText(std::int64_t seconds);

/// A moment as RFC 3339 writes it in UTC: "2023-07-05T03:02:00Z", with up to nine decimals of the
/// seconds, from 1970 to 2261.
///
/// Errors: InvalidArgument; the sentence quotes the text and shows what is allowed.
[[nodiscard]] Result<RealtimeInstant> parseUtc(std::string_view text);

} // namespace timerscope
