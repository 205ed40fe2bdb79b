// SPDX-License-Identifier: GPL-3.0-or-later
//! Reads an exported CSV file back and compares it with the log it was made from.
#pragma once

#include "engine/trace/record_schema.h"
#include "engine/trace/trace_log.h"
#include "tests/support/read_csv.h"

#include <fmt/format.h>

#include <charconv>
#include <map>
#include <optional>
#include <string>

namespace timerscope::test {

/// A row by the names of its columns; empty cells are left out.
using CsvRow = std::map<std::string, std::string, std::less<>>;

[[nodiscard]] inline std::vector<CsvRow> namedRows(std::string_view text)
{
    const auto rows = readCsv(text);
    std::vector<CsvRow> named;
    for (std::size_t i = 1; i < rows.size(); ++i) {
        CsvRow row;
        for (std::size_t column = 0; column < rows[i].size(); ++column) {
            if (!rows[i][column].empty() && column < rows[0].size()) {
                row[rows[0][column]] = rows[i][column];
            }
        }
        named.push_back(row);
    }
    return named;
}

/// The number that the text of an enumeration stands for: found by trying its names.
template<typename Enum>
std::optional<std::int64_t> valueNamed(std::string_view text, int count)
{
    for (int value = 0; value < count; ++value) {
        if (nameOf(static_cast<Enum>(value)) == text) {
            return value;
        }
    }
    return std::nullopt;
}

[[nodiscard]] inline std::optional<std::int64_t> numberIn(std::string_view text, int base = 10)
{
    std::int64_t value = 0;
    if (base == 16) {
        std::uint64_t bits = 0;
        const bool isHex = text.starts_with("0x");
        const auto read = std::from_chars(text.data() + 2, text.data() + text.size(), bits, 16);
        return isHex && read.ptr == text.data() + text.size()
            ? std::optional{static_cast<std::int64_t>(bits)}
            : std::nullopt;
    }
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool isAll = read.ec == std::errc{} && read.ptr == text.data() + text.size();
    return isAll ? std::optional{value} : std::nullopt;
}

[[nodiscard]] inline std::optional<std::int64_t> hrtimerModeIn(std::string_view text)
{
    const std::map<std::string_view, std::int64_t> words{
        {"ABS", 0}, {"REL", 1}, {"PINNED", 2}, {"SOFT", 4}, {"HARD", 8}};
    std::int64_t mode = 0;
    while (!text.empty()) {
        const std::string_view word = text.substr(0, text.find('|'));
        text.remove_prefix(std::min(text.size(), word.size() + 1));
        const auto known = words.find(word);
        const auto bits = known == words.end() ? numberIn(word, 16) : std::optional{known->second};
        if (!bits) {
            return std::nullopt;
        }
        mode |= *bits;
    }
    return mode;
}

[[nodiscard]] inline std::optional<std::int64_t> wordIn(FieldType type, std::string_view text)
{
    const std::map<std::string_view, std::int64_t> reasons{
        {"best", 0}, {"override", 1}, {"only-one", 2}, {"unknown", 3}};
    switch (type) {
    case FieldType::Softirq:
        for (std::int64_t vector = 0; vector < 10; ++vector) {
            if (softirqName(vector) == text) {
                return vector;
            }
        }
        return std::nullopt;
    case FieldType::ClockEventState:
        return valueNamed<ClockEventState>(text, 5);
    case FieldType::TickMode:
        return valueNamed<TickMode>(text, 2);
    case FieldType::NohzMode:
        return valueNamed<NohzMode>(text, 3);
    case FieldType::SelectReason:
        return reasons.contains(text) ? std::optional{reasons.at(text)} : std::nullopt;
    case FieldType::WatchdogVerdict:
        return valueNamed<WatchdogVerdict>(text, 6);
    case FieldType::FaultKind:
        return valueNamed<FaultKind>(text, 4);
    case FieldType::HoldRole:
        return valueNamed<HoldRole>(text, 7);
    case FieldType::IdleState:
        return text == "asleep" ? std::optional{idle_state::halt}
            : text == "awake"   ? std::optional{idle_state::exit}
                                : std::nullopt;
    case FieldType::HrtimerMode:
        return hrtimerModeIn(text);
    case FieldType::Hex:
        return numberIn(text, 16);
    default:
        return std::nullopt;
    }
}

[[nodiscard]] inline std::string columnFor(const FieldSchema& field)
{
    const bool isPlain = field.name == "jiffies";
    return std::string{field.name}
    + (field.type == FieldType::Nanoseconds               ? "_ns"
           : field.type == FieldType::Jiffies && !isPlain ? "_jiffies"
                                                          : "");
}

/// What is wrong with one field's cell; empty when it says @p value.
[[nodiscard]] inline std::string cellProblem(const TraceLog& log, const FieldSchema& field,
                                             std::int64_t value, const CsvRow& row)
{
    if (field.type == FieldType::Absent) {
        return {};
    }
    const auto cell = row.find(columnFor(field));
    const std::string text = cell == row.end() ? std::string{} : cell->second;
    if (field.type == FieldType::Text) {
        const bool isSame = text == log.string(static_cast<std::uint32_t>(value));
        return isSame ? std::string{} : fmt::format("{}: text '{}'", columnFor(field), text);
    }
    const auto word = wordIn(field.type, text);
    const bool isSame = (word ? word : numberIn(text)) == value;
    return isSame ? std::string{} : fmt::format("{}: '{}' for {}", columnFor(field), text, value);
}

/// What is wrong with the row of @p record; empty when every field can be read back from it.
[[nodiscard]] inline std::string rowProblem(const TraceLog& log, std::size_t index,
                                            const CsvRow& row)
{
    const TraceRecord& record = log[index];
    const RecordSchema& schema = schemaOf(record.kind);
    const auto at = [&](std::string_view column) {
        const auto cell = row.find(column);
        return cell == row.end() ? std::string{} : cell->second;
    };
    const std::string event = schema.kind == record.kind
        ? std::string{schema.name}
        : fmt::format("unknown_{}", static_cast<int>(record.kind));
    if (at("record") != fmt::to_string(index) || at("time_ns") != fmt::to_string(nsOf(record.at))
        || at("cpu") != fmt::to_string(record.cpu) || at("event") != event) {
        return fmt::format("record {}: wrong number, time, CPU or event", index);
    }
    std::string problems = cellProblem(log, schema.subject, record.subject, row)
        + cellProblem(log, schema.a, record.a, row) + cellProblem(log, schema.b, record.b, row)
        + cellProblem(log, schema.flags, record.flags, row);
    return problems.empty() ? problems : fmt::format("record {}: {}", index, problems);
}

/// What is wrong with the first rows of a file; empty when they are the log's first @p records.
[[nodiscard]] inline std::string csvProblem(const TraceLog& log, std::size_t records,
                                            std::string_view text)
{
    const std::vector<CsvRow> rows = namedRows(text);
    if (rows.size() < records) {
        return fmt::format("{} rows for {} records", rows.size(), records);
    }
    for (std::size_t i = 0; i < records; ++i) {
        if (auto problem = rowProblem(log, i, rows[i]); !problem.empty()) {
            return problem;
        }
    }
    return {};
}

} // namespace timerscope::test
