// SPDX-License-Identifier: GPL-3.0-or-later
//! How lines that nobody understood travel in a text that we print ourselves.
#pragma once

#include <string_view>

namespace timerscope {

/// Stands alone on a line behind everything that a kernel prints. What follows are a snapshot's
/// unknownLines as they were read: their places are not kept, and at another place some of them
/// would mean something. No kernel prints this line.
inline constexpr std::string_view unknownLinesHeading = "Lines not understood:";

} // namespace timerscope
