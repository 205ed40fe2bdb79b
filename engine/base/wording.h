// SPDX-License-Identifier: GPL-3.0-or-later
//! How sentences for people are put together: quoting, lists, and the nearest known name.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace timerscope {

/// @p text between double quotes, fit for one line of a terminal: control characters
/// become ?, and what is longer than 60 bytes is cut and ends in an ellipsis.
[[nodiscard]] std::string inQuotes(std::string_view text);

/// `"a", "b" and "c"`; empty for no names.
[[nodiscard]] std::string quotedList(std::span<const std::string_view> names);

/// The name of @p known that is a typing slip away from @p met: at most one edit for every three
/// characters, letters of any case. Empty when none is near. Equal distances: the first one.
[[nodiscard]] std::string_view nearestName(std::string_view met,
                                           std::span<const std::string_view> known);

/// `; did you mean "x"?`, or when nothing is near `; known are "x", "y" and "z"`. Empty when there
/// are no names at all. Goes behind a sentence about an unknown name.
[[nodiscard]] std::string hintFor(std::string_view met, std::span<const std::string_view> known,
                                  std::string_view knownAre = "known are");

} // namespace timerscope
