// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/oracle/table_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <ranges>
#include <string>

namespace timerscope::oracle {
namespace {

std::vector<std::string_view> fieldsOf(std::string_view line)
{
    std::vector<std::string_view> fields;
    for (std::size_t from = 0; from <= line.size();) {
        const std::size_t to = std::min(line.find('\t', from), line.size());
        fields.push_back(line.substr(from, to - from));
        from = to + 1;
    }
    return fields;
}

Result<std::int64_t> integer(std::string_view text)
{
    std::int64_t value = 0;
    const std::string digits(text);
    const char* const end = digits.data() + digits.size();
    const auto parsed = std::from_chars(digits.data(), end, value);
    if (parsed.ec != std::errc{} || parsed.ptr != end) {
        return fail(ErrorCode::Corrupt,
                    fmt::format("the value is '{}'; it must be a 64-bit integer", text));
    }
    return value;
}

/// Which fields of a line are the @p columns.
Result<std::vector<std::size_t>> placesOf(std::string_view heading,
                                          std::span<const std::string_view> columns)
{
    if (!heading.starts_with('#')) {
        return fail(ErrorCode::Corrupt,
                    "the line does not start with '#'; the first one must name the columns");
    }
    const auto names = fieldsOf(heading.substr(1));
    std::vector<std::size_t> places;
    for (const std::string_view column : columns) {
        const auto found = std::ranges::find(names, column);
        if (found == names.end()) {
            return fail(ErrorCode::Corrupt,
                        fmt::format("the column '{}' is missing; the table must have it", column));
        }
        places.push_back(static_cast<std::size_t>(found - names.begin()));
    }
    return places;
}

Result<TableFile::Row> rowOf(std::string_view line, std::size_t width,
                             const std::vector<std::size_t>& places)
{
    const auto fields = fieldsOf(line);
    if (fields.size() != width) {
        return fail(
            ErrorCode::Corrupt,
            fmt::format("the row has {} values; the first line names {}", fields.size(), width));
    }
    TableFile::Row row;
    for (const std::size_t place : places) {
        const auto value = integer(fields[place]);
        if (!value) {
            return tl::unexpected<Error>(value.error());
        }
        row.push_back(*value);
    }
    return row;
}

tl::unexpected<Error> at(const std::filesystem::path& path, std::size_t line, const Error& error)
{
    return fail(error.code, fmt::format("{}:{}: {}", path.string(), line, error.what));
}

} // namespace

Result<std::vector<TableFile::Row>> TableFile::read(const std::filesystem::path& path,
                                                    std::span<const std::string_view> columns)
{
    std::ifstream stream(path, std::ios::binary);
    std::string line;
    std::getline(stream, line);
    const auto places = placesOf(line, columns);
    if (!places) {
        return at(path, 1, places.error());
    }
    const std::size_t width = fieldsOf(line).size();
    std::vector<Row> rows;
    while (std::getline(stream, line)) {
        auto row = rowOf(line, width, *places);
        if (!row) {
            return at(path, rows.size() + 2, row.error());
        }
        rows.push_back(std::move(*row));
    }
    if (rows.empty() || stream.bad()) {
        return fail(ErrorCode::Corrupt,
                    fmt::format("{}:2: the table has no row or cannot be read; it must have one",
                                path.string()));
    }
    return rows;
}

Result<std::vector<std::filesystem::path>> TableFile::list(const std::filesystem::path& directory)
{
    std::error_code problem;
    std::vector<std::filesystem::path> paths;
    std::filesystem::directory_iterator entry(directory, problem);
    for (; !problem && entry != std::filesystem::directory_iterator(); entry.increment(problem)) {
        if (entry->path().extension() == ".tsv") {
            paths.push_back(entry->path());
        }
    }
    if (problem) {
        return fail(ErrorCode::NotFound,
                    fmt::format("the directory '{}' cannot be read: {}", directory.string(),
                                problem.message()));
    }
    if (paths.empty()) {
        return fail(ErrorCode::NotFound,
                    fmt::format("the directory '{}' holds no table; it must hold NAME.tsv files",
                                directory.string()));
    }
    std::ranges::sort(paths);
    return paths;
}

} // namespace timerscope::oracle
