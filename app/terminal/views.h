// SPDX-License-Identifier: GPL-3.0-or-later
//! What --print can show of a source.
#pragma once

#include "engine/port/source.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace timerscope::terminal {

enum class View : std::uint8_t
{
    Dmesg,
    Sysfs,
    TimerList,
    State,
    Fingerprint,
    Calls, ///< who calls whom; needs a model that tells of functions
};

/// The views that @p names ask for, in order. Errors: InvalidArgument for a name that is not one
/// of @p allowed; the sentence lists them.
[[nodiscard]] Result<std::vector<View>> viewsOf(std::span<const std::string> names,
                                                std::span<const View> allowed);

/// Whether @p kind of source in this state has something to show for every one of @p views.
/// Errors: Unavailable when there is no timer list, InvalidArgument for a boot log of a live
/// kernel.
[[nodiscard]] Result<void> checkViews(std::span<const View> views, SourceKind kind,
                                      const Snapshot& snapshot);

/// All of @p views as text, with an empty line between two.
[[nodiscard]] std::string textOf(std::span<const View> views, const Snapshot& snapshot,
                                 const TraceLog& log);

} // namespace timerscope::terminal
