// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/oracle/commands.h"
#include "tests/oracle/table_file.h"
#include "tests/oracle/wheel_replay.h"

#include <fmt/format.h>

#include <ostream>

namespace timerscope::oracle {
namespace {

constexpr std::size_t mostDifferencesShown = 8;

struct Verdict
{
    std::string id;
    std::size_t compared = 0;
    std::size_t excepted = 0;
    std::vector<std::string> differences; ///< "timer N: field: expected ... got ..."
};

std::string firedText(const WheelOutcome& outcome)
{
    return outcome.fired ? fmt::format("{}", outcome.fired->count) : std::string("never");
}

void compareTimer(std::int64_t id, const WheelOutcome& expected, const WheelOutcome& got,
                  Verdict& verdict)
{
    ++verdict.compared;
    const auto compare = [&](std::string_view field, const auto& wanted, const auto& is) {
        if (wanted != is) {
            verdict.differences.push_back(
                fmt::format("timer {}: {}: expected {} got {}", id, field, wanted, is));
        }
    };
    compare("bucket", expected.index, got.index);
    compare("level", expected.level(), got.level());
    compare("fired_jiffies", firedText(expected), firedText(got));
    compare("place in the firing order", expected.order, got.order);
}

/// FORMAT.md: the standard timers of runs on one CPU.
Verdict judge(const WheelRun& run)
{
    Verdict verdict{.id = run.id, .compared = 0, .excepted = 0, .differences = {}};
    if (!run.isOneCpu) {
        verdict.excepted = run.armings.size();
        return verdict;
    }
    const auto outcomes = replayWheel(run.armings, run.end);
    for (std::size_t i = 0; i < run.armings.size(); ++i) {
        if (run.armings[i].deferrable) {
            ++verdict.excepted;
        } else {
            compareTimer(run.armings[i].id, run.outcomes[i], outcomes[i], verdict);
        }
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
    for (std::size_t i = 1; i < verdict.differences.size(); ++i) {
        if (i == mostDifferencesShown) {
            messages << fmt::format("{}: {} more differ\n", verdict.id,
                                    verdict.differences.size() - i);
            return;
        }
        messages << fmt::format("{}: {}\n", verdict.id, verdict.differences[i]);
    }
}

std::string lineOf(const Verdict& verdict)
{
    if (!verdict.differences.empty()) {
        return fmt::format("{} failed: {}\n", verdict.id, verdict.differences.front());
    }
    if (verdict.compared == 0) {
        return fmt::format("{} left out ({} excepted)\n", verdict.id, verdict.excepted);
    }
    return fmt::format("{} passed ({} compared, {} excepted)\n", verdict.id, verdict.compared,
                       verdict.excepted);
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
        if (!verdict.differences.empty()) {
            ++failed;
        } else if (verdict.compared > 0) {
            ++passed;
        }
    }
    results << fmt::format("{} passed, {} failed\n", passed, failed) << std::flush;
    return failed == 0 && passed > 0;
}

} // namespace timerscope::oracle
