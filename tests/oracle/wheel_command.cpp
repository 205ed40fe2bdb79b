// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/oracle/commands.h"
#include "tests/oracle/table_file.h"
#include "tests/oracle/timer_comparison.h"

#include <fmt/format.h>

#include <ostream>

namespace timerscope::oracle {
namespace {

constexpr std::size_t mostDifferencesShown = 8;

struct Verdict
{
    std::string id;
    TimerComparison result;
};

/// FORMAT.md: the standard timers of runs on one CPU.
Verdict judge(const WheelRun& run)
{
    Verdict verdict{.id = run.id, .result = {}};
    if (run.isOneCpu) {
        verdict.result = compareWheel(run, replayWheel(run.armings, run.end));
    } else {
        verdict.result.excepted = run.armings.size();
    }
    return verdict;
}

Result<std::vector<Verdict>> judgeAll(const std::filesystem::path& directory)
{
    const auto paths = TableFile::list(directory);
    if (!paths) {
        return tl::unexpected<Error>(paths.error());
    }
    std::vector<Verdict> verdicts;
    for (const auto& path : *paths) {
        const auto run = readWheelRun(path);
        if (!run) {
            return tl::unexpected<Error>(run.error());
        }
        verdicts.push_back(judge(*run));
    }
    return verdicts;
}

void describe(const Verdict& verdict, std::ostream& messages)
{
    for (std::size_t i = 1; i < verdict.result.differences.size(); ++i) {
        if (i == mostDifferencesShown) {
            messages << fmt::format("{}: {} more differ\n", verdict.id,
                                    verdict.result.differences.size() - i);
            return;
        }
        messages << fmt::format("{}: {}\n", verdict.id, verdict.result.differences[i]);
    }
}

std::string lineOf(const Verdict& verdict)
{
    if (!verdict.result.differences.empty()) {
        return fmt::format("{} failed: {}\n", verdict.id, verdict.result.differences.front());
    }
    if (verdict.result.compared == 0) {
        return fmt::format("{} left out ({} excepted)\n", verdict.id, verdict.result.excepted);
    }
    return fmt::format("{} passed ({} compared, {} excepted)\n", verdict.id,
                       verdict.result.compared, verdict.result.excepted);
}

} // namespace

Result<bool> runWheel(const std::filesystem::path& directory, std::ostream& results,
                      std::ostream& messages)
{
    const auto verdicts = judgeAll(directory);
    if (!verdicts) {
        return tl::unexpected<Error>(verdicts.error());
    }
    std::size_t passed = 0;
    std::size_t failed = 0;
    for (const Verdict& verdict : *verdicts) {
        describe(verdict, messages);
        results << lineOf(verdict);
        if (!verdict.result.differences.empty()) {
            ++failed;
        } else if (verdict.result.compared > 0) {
            ++passed;
        }
    }
    results << fmt::format("{} passed, {} failed\n", passed, failed) << std::flush;
    return failed == 0 && passed > 0;
}

} // namespace timerscope::oracle
