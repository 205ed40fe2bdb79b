// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace timerscope {

/// What is wrong with a text, and on which line (from 1).
struct TextComplaint
{
    unsigned line = 1;
    std::string sentence;
};

/// Finds what toml++ 3.3 must not see, before it does:
/// - texts over 1 MiB;
/// - more than 64 dots outside of quotes on a line: each opens a table inside a table, and the
///   library bounds neither their number nor the stack that freeing them takes;
/// - characters outside of ASCII, outside of quotes and comments: TOML has none there, and the
///   library's test for odd blanks runs into undefined behaviour on some;
/// - quotes in the middle of a word and control characters, which are mistakes in any case: behind
///   them it is no longer plain what the library takes for quoted.
[[nodiscard]] std::optional<TextComplaint> complaintAbout(std::string_view text);

} // namespace timerscope
