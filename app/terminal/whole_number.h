// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/result.h"

#include <cstdint>
#include <limits>
#include <string_view>

namespace timerscope::terminal {

struct WholeRange
{
    std::int64_t least = 0;
    std::int64_t most = std::numeric_limits<std::int64_t>::max();
};

/// What stands behind @p option: decimal, or hexadecimal with 0x.
/// Errors: InvalidArgument and OutOfRange: "--bits is "70"; it must be a whole number from 1 to
/// 64".
[[nodiscard]] Result<std::int64_t> wholeNumber(std::string_view option, std::string_view text,
                                               WholeRange range);

} // namespace timerscope::terminal
