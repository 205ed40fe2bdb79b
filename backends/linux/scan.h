// SPDX-License-Identifier: GPL-3.0-or-later
//! Reading numbers and words out of kernel text that may be damaged. Nothing here throws.
#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace timerscope::scan {

/// Without blanks, tabs and carriage returns at both ends.
[[nodiscard]] std::string_view trim(std::string_view text);

/// Takes @p prefix off the front of @p text; false and unchanged when it is not there.
[[nodiscard]] bool takePrefix(std::string_view& text, std::string_view prefix);

/// Takes everything before the first @p separator off the front of @p text, and the separator;
/// all of it when there is none.
[[nodiscard]] std::string_view takeUntil(std::string_view& text, std::string_view separator);

/// All of @p text as one number of that type, in that base; empty for anything else.
template<std::integral T>
[[nodiscard]] std::optional<T> number(std::string_view text, int base = 10)
{
    T value{};
    const char* const end = text.data() + text.size();
    // NOLINTNEXTLINE(bugprone-suspicious-stringview-data-usage): from_chars is told the end
    const auto [stop, error] = std::from_chars(text.data(), end, value, base);
    return error == std::errc{} && stop == end ? std::optional{value} : std::nullopt;
}

/// A decimal number of nanoseconds with or without " nsecs" after it. Kernels up to 6.x print
/// negative times as unsigned 64-bit numbers: these come back negative.
[[nodiscard]] std::optional<std::int64_t> nanoseconds(std::string_view text);

/// A CPU mask as the kernel prints it: hexadecimal groups of 32 bits, highest first, with commas.
/// Empty when damaged or wider than 65536 CPUs.
[[nodiscard]] std::optional<std::vector<unsigned>> cpuMask(std::string_view text);

/// A CPU list: "0-3,8". Empty when damaged or naming a CPU above 65535.
[[nodiscard]] std::optional<std::vector<unsigned>> cpuList(std::string_view text);

/// Words separated by blanks.
[[nodiscard]] std::vector<std::string_view> words(std::string_view text);

/// @p text for a message: in quotes, 60 characters at most, only printable ASCII.
[[nodiscard]] std::string quoted(std::string_view text);

} // namespace timerscope::scan
