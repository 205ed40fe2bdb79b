// SPDX-License-Identifier: GPL-3.0-or-later
//! A TOML text as plain values that know their line. The one door to the TOML library.
#pragma once

#include "engine/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace timerscope {

enum class ConfigKind : std::uint8_t
{
    Text,
    Integer,
    Real, ///< no key of ours takes one: kept only to be named in an error
    Boolean,
    Moment, ///< a TOML date or time: likewise
    Array,
    Table,
};

/// "text", "a whole number", …: what a person would call it.
[[nodiscard]] std::string_view nameOf(ConfigKind kind);

/// A value of a TOML text. Only the members that its kind has are set.
struct ConfigValue
{
    ConfigKind kind = ConfigKind::Table;
    unsigned line = 1; ///< where it stands, from 1; a table's entry: where its key stands
    std::string key; ///< of an entry of a table
    std::string text;
    std::int64_t integer = 0;
    bool boolean = false;
    std::vector<ConfigValue> items; ///< an array's items or a table's entries, in the text's order

    /// The entry called @p name of a table, or null.
    [[nodiscard]] const ConfigValue* find(std::string_view name) const;
};

/// Reads a whole TOML text. @p file is for messages only: nothing is opened.
///
/// Never fails but by the Error: texts over 1 MiB, nested too deep or not UTF-8 are refused.
/// Errors: Corrupt, as "FILE:LINE: sentence".
[[nodiscard]] Result<ConfigValue> parseToml(std::string_view text, std::string_view file);

} // namespace timerscope
