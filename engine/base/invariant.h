// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <source_location>

namespace timerscope {

/// Says where on stderr and aborts. Called by invariant() only.
[[noreturn]] void invariantBroken(const std::source_location& where);

/// Stops the program when @p holds is false, in release builds too: a model that has lost an
/// invariant would go on to show wrong answers. For bad input use Result instead.
inline void invariant(bool holds,
                      const std::source_location& where = std::source_location::current())
{
    if (!holds) [[unlikely]] {
        invariantBroken(where);
    }
}

} // namespace timerscope
