// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/result.h"

#include <QJsonObject>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace timerscope::oracle {

/// A row of a set file: what the kernel was given and what it answered.
struct VectorRow
{
    QJsonObject in;
    QJsonObject out;
};

/// All rows of NAME.jsonl, row n being line n + 1 of the file.
struct SetFile
{
    std::string name;
    std::filesystem::path path;
    std::vector<VectorRow> rows;
};

/// Reads a set file. Errors (Corrupt): unreadable, no row, or a line that is not an object with
/// the objects `in` and `out`; the sentence starts with "FILE:LINE: ".
[[nodiscard]] Result<SetFile> readSetFile(const std::filesystem::path& path);

/// The NAME.jsonl files of @p directory in order of name.
/// Errors (NotFound): no directory, or no such file in it.
[[nodiscard]] Result<std::vector<std::filesystem::path>>
listSetFiles(const std::filesystem::path& directory);

/// One line as an object. Errors (Corrupt): not JSON, or not an object.
[[nodiscard]] Result<QJsonObject> parseLine(std::string_view line);

/// The object called @p field of @p row. Errors (Corrupt): missing, or something else.
[[nodiscard]] Result<QJsonObject> objectField(const QJsonObject& row, const char* field);

} // namespace timerscope::oracle
