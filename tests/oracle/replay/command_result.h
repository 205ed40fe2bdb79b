// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/errno.h"
#include "engine/base/result.h"

#include <cstddef>
#include <string>
#include <vector>

namespace timerscope::oracle {

/// What the shell of a recording shows of a command.
struct CommandResult
{
    std::vector<std::string> lines;
    int rc = 0; ///< 0: done, 1: refused
};

/// "ok ret=N": write(2) took N bytes, or a call gave N.
[[nodiscard]] CommandResult accepted(std::size_t value);
/// "errno=16 EBUSY". @p error may be any of Linux's; @p prefix comes before it ("open ").
[[nodiscard]] CommandResult refused(Errno error, const std::string& prefix = {});
/// accepted() or refused().
[[nodiscard]] CommandResult answered(Errno error, std::size_t value);

/// The shell knows no such command.
[[nodiscard]] CommandResult notFound();

/// The engine cannot carry a command out: the replay stops there.
[[nodiscard]] tl::unexpected<Error> notModelled(const std::string& command);

inline constexpr Errno exists{17}; ///< EEXIST: only modules' loading answers it

} // namespace timerscope::oracle
