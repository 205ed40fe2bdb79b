// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/result.h"

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

namespace timerscope::oracle {

/// The rows of a recorded table (FORMAT.md, wheel/ and hrtimer/): whole numbers between tabs, under
/// a first line that starts with # and names the columns. Row n is line n + 2 of the file.
class TableFile
{
public:
    using Row = std::vector<std::int64_t>;

    /// Reads @p path; its rows hold the values of @p columns, in that order. Other columns are left
    /// out. Errors (Corrupt): unreadable, no row, a column missing, a row with another number of
    /// values, or a value that is no 64-bit integer; the sentence starts with "FILE:LINE: ".
    [[nodiscard]] static Result<std::vector<Row>> read(const std::filesystem::path& path,
                                                       std::span<const std::string_view> columns);
    /// The NAME.tsv files of @p directory in order of name.
    /// Errors (NotFound): no directory, or no such file in it.
    [[nodiscard]] static Result<std::vector<std::filesystem::path>>
    list(const std::filesystem::path& directory);
};

} // namespace timerscope::oracle
