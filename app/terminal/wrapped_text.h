// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace timerscope::terminal {

/// Adds @p text below @p indent blanks, broken between words so that lines keep to 100 columns.
void addWrapped(std::string& out, std::string_view text, std::size_t indent);

/// The same, with @p label in front of the first line; it must be shorter than the indent.
void addLabelled(std::string& out, std::string_view label, std::string_view text,
                 std::size_t indent);

} // namespace timerscope::terminal
