// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/oracle/commands.h"
#include "tests/oracle/compare.h"
#include "tests/oracle/oracle_set.h"
#include "tests/oracle/row_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>

namespace timerscope::oracle {
namespace {

constexpr std::size_t mostRowsShown = 3;
constexpr std::size_t mostFieldsShown = 4;

struct Verdict
{
    std::string name;
    std::size_t passed = 0;
    std::size_t total = 0;
    std::string details; ///< lines for people: what differs in the first failed rows
};

/// What is wrong with the answer to @p row, one line a field; empty when nothing is.
/// Errors (Corrupt): the row's input is not one of the set.
Result<std::vector<std::string>> judge(const OracleSet& set, const VectorRow& row)
{
    const auto answer = set.answer(row.in);
    if (!answer && answer.error().code == ErrorCode::Corrupt) {
        return tl::unexpected<Error>(answer.error());
    }
    if (!answer) {
        return std::vector<std::string>{answer.error().what};
    }
    std::vector<std::string> lines;
    for (const auto& difference : differences(row.out, *answer)) {
        lines.push_back(fmt::format("{}: expected {}, got {}", difference.field,
                                    difference.expected, difference.got));
    }
    return lines;
}

void describe(Verdict& verdict, std::size_t row, const std::vector<std::string>& lines)
{
    const std::size_t shown = std::min(lines.size(), mostFieldsShown);
    for (std::size_t i = 0; i < shown; ++i) {
        verdict.details += fmt::format("{} row {}: {}\n", verdict.name, row, lines[i]);
    }
    if (shown < lines.size()) {
        verdict.details += fmt::format("{} row {}: {} more fields differ\n", verdict.name, row,
                                       lines.size() - shown);
    }
}

Result<Verdict> checkKnown(const OracleSet& set, const SetFile& file)
{
    Verdict verdict{.name = file.name, .passed = 0, .total = file.rows.size(), .details = {}};
    std::size_t row = 0;
    for (const VectorRow& vector : file.rows) {
        ++row;
        const auto wrong = judge(set, vector);
        if (!wrong) {
            return fail(ErrorCode::Corrupt,
                        fmt::format("{}:{}: {}", file.path.string(), row, wrong.error().what));
        }
        if (wrong->empty()) {
            ++verdict.passed;
        } else if (row - verdict.passed <= mostRowsShown) {
            describe(verdict, row, *wrong);
        }
    }
    const std::size_t failed = verdict.total - verdict.passed;
    if (failed > mostRowsShown) {
        verdict.details
            += fmt::format("{}: {} more rows failed\n", verdict.name, failed - mostRowsShown);
    }
    return verdict;
}

Verdict refuseUnknown(const SetFile& file)
{
    return {.name = file.name,
            .passed = 0,
            .total = file.rows.size(),
            .details = fmt::format("{}: the engine cannot answer this set\n", file.name)};
}

Result<std::vector<std::filesystem::path>> chooseFiles(const VectorsRequest& request)
{
    auto paths = listSetFiles(request.directory);
    if (!paths || request.set.empty()) {
        return paths;
    }
    std::erase_if(*paths, [&](const auto& path) { return path.stem() != request.set; });
    if (paths->empty()) {
        return fail(ErrorCode::NotFound,
                    fmt::format("the set '{}' is unknown; the directory '{}' holds no {}.jsonl",
                                request.set, request.directory.string(), request.set));
    }
    return paths;
}

Result<std::vector<Verdict>> judgeAll(const VectorsRequest& request, std::ostream& messages)
{
    const auto paths = chooseFiles(request);
    if (!paths) {
        return tl::unexpected<Error>(paths.error());
    }
    std::vector<Verdict> verdicts;
    for (const auto& path : *paths) {
        // A set that is left out must still be well formed.
        const auto file = readSetFile(path);
        if (!file) {
            return tl::unexpected<Error>(file.error());
        }
        const OracleSet* const set = findSet(file->name);
        if (set == nullptr && request.onlyKnown) {
            messages << file->name << ": left out, the engine cannot answer this set\n";
            continue;
        }
        auto verdict
            = set == nullptr ? Result<Verdict>(refuseUnknown(*file)) : checkKnown(*set, *file);
        if (!verdict) {
            return tl::unexpected<Error>(verdict.error());
        }
        verdicts.push_back(std::move(*verdict));
    }
    return verdicts;
}

} // namespace

Result<bool> runVectors(const VectorsRequest& request, std::ostream& results,
                        std::ostream& messages)
{
    const auto verdicts = judgeAll(request, messages);
    if (!verdicts) {
        return tl::unexpected<Error>(verdicts.error());
    }
    std::size_t passed = 0;
    std::size_t total = 0;
    for (const Verdict& verdict : *verdicts) {
        messages << verdict.details;
        results << fmt::format("{} {}/{}\n", verdict.name, verdict.passed, verdict.total);
        passed += verdict.passed;
        total += verdict.total;
    }
    results << fmt::format("{} passed, {} failed\n", passed, total - passed) << std::flush;
    return passed == total;
}

} // namespace timerscope::oracle
