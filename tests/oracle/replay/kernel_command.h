// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/result.h"
#include "engine/base/time.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace timerscope::oracle {

/// A recorded command, cut at its blanks. FORMAT.md lists them.
struct KernelCommand
{
    std::string verb; ///< "load", "override", "sleep"; for a test module the module's own command
    char module = 0; ///< 'a', 'b' or 'c' for a command to a test module; else 0
    unsigned cpu = 0; ///< that it runs on: "@1"
    std::vector<std::string> words; ///< after the verb
    std::size_t length = 0; ///< of what is written to the module, without a newline

    /// The word at @p place; empty when there are fewer.
    [[nodiscard]] std::string_view word(std::size_t place) const;
    /// It as a number, decimal or with "0x"; empty for anything else.
    [[nodiscard]] std::optional<std::int64_t> number(std::size_t place) const;
    [[nodiscard]] bool isToModule(std::string_view command) const
    {
        return module != 0 && verb == command;
    }
};

/// Errors (Corrupt): no word at all, "@" without a CPU, a module without a command.
[[nodiscard]] Result<KernelCommand> parseCommand(std::string_view text);

/// A number, decimal or hexadecimal with "0x", either sign.
[[nodiscard]] std::optional<std::int64_t> parseNumber(std::string_view text);
/// "1.25" seconds; no floating point is involved. Empty for anything else, or below 0.
[[nodiscard]] std::optional<Ns> parseSeconds(std::string_view text);

} // namespace timerscope::oracle
