// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/terminal/whole_number.h"

#include "engine/base/wording.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

namespace timerscope::terminal {

namespace {

/// Empty for anything else than one number, and for one that is too long.
std::optional<std::int64_t> numberIn(std::string_view text)
{
    const bool isHex = text.starts_with("0x") || text.starts_with("0X");
    if (isHex) {
        text.remove_prefix(2);
    }
    if (isHex && text.starts_with('-')) {
        return std::nullopt; // from_chars would take 0x-5
    }
    std::int64_t value = 0;
    const char* const begin = text.data();
    const char* const end = begin + text.size();
    const auto [stop, error] = std::from_chars(begin, end, value, isHex ? 16 : 10);
    return error == std::errc() && stop == end ? std::optional(value) : std::nullopt;
}

} // namespace

Result<std::int64_t> wholeNumber(std::string_view option, std::string_view text, WholeRange range)
{
    const auto value = numberIn(text);
    if (value && *value >= range.least && *value <= range.most) {
        return *value;
    }
    return fail(value ? ErrorCode::OutOfRange : ErrorCode::InvalidArgument,
                fmt::format("{} is {}; it must be a whole number from {} to {}", option,
                            inQuotes(text), range.least, range.most));
}

} // namespace timerscope::terminal
