// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/oracle/commands.h"
#include "tests/oracle/replay/replay.h"
#include "tests/oracle/replay/step_comparison.h"
#include "tests/oracle/timer_comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>

namespace timerscope::oracle {
namespace {

constexpr std::size_t mostDifferencesShown = 8;

struct Verdict
{
    std::string id;
    std::size_t compared = 0;
    std::size_t excepted = 0;
    std::vector<std::string> differences; ///< "step N: field: expected ... got ..."

    [[nodiscard]] bool hasPassed() const { return differences.empty(); }
    void differ(std::int64_t step, std::string_view field, std::string_view expected,
                std::string_view got)
    {
        differences.push_back(
            fmt::format("step {}: {}: expected {} got {}", step, field, expected, got));
    }
};

bool isFirstObserved(const RecordedScenario& scenario, std::size_t place)
{
    const auto first = std::ranges::find_if(
        scenario.steps, [](const RecordedStep& step) { return step.obs.has_value(); });
    return first == scenario.steps.begin() + static_cast<std::ptrdiff_t>(place);
}

StepPlace placeOf(const RecordedScenario& scenario, std::size_t place)
{
    const bool isSavedMachine = !scenario.steps.front().command.starts_with("load a");
    return {.isFirstOfSavedMachine = isSavedMachine && isFirstObserved(scenario, place),
            .isLastOfIncomplete = !scenario.complete && place + 1 == scenario.steps.size()};
}

void compareSteps(const RecordedScenario& scenario, const ReplayedScenario& replayed,
                  Verdict& verdict)
{
    const MaskRules rules{.smp = scenario.cpus > 1};
    for (std::size_t i = 0; i < replayed.answers.size(); ++i) {
        const StepAnswer& answer = replayed.answers[i];
        const ComparisonResult compared
            = compareStep(scenario.steps[i], answer.toJson(), placeOf(scenario, i), rules);
        verdict.compared += compared.compared;
        verdict.excepted += compared.excepted;
        for (const Difference& difference : compared.differences) {
            verdict.differ(answer.number, difference.field, difference.expected, difference.got);
        }
    }
}

/// A replay that ended early has not answered, and what is not answered is wrong.
void compareEnd(const RecordedScenario& scenario, const ReplayedScenario& replayed,
                Verdict& verdict)
{
    if (replayed.stop) {
        const bool isBoot = replayed.stop->step == 0;
        verdict.differ(replayed.stop->step, isBoot ? "machine" : "command",
                       isBoot ? "one that the engine models" : "one that the model carries out",
                       fmt::format("\"{}\"", replayed.stop->what));
        return;
    }
    if (replayed.answers.size() < scenario.steps.size()) {
        const RecordedStep& next = scenario.steps[replayed.answers.size()];
        verdict.differ(next.number, "answer", "one", "nothing: the model's kernel has died");
    }
}

void take(TimerComparison&& result, std::int64_t step, Verdict& verdict)
{
    verdict.compared += result.compared;
    verdict.excepted += result.excepted;
    for (const std::string& difference : result.differences) {
        verdict.differences.push_back(fmt::format("step {}: {}", step, difference));
    }
}

/// Of timers that were armed at random, the recording keeps in its table what became of them.
void compareTables(const RecordedScenario& scenario, const ReplayedScenario& replayed,
                   Verdict& verdict)
{
    const std::int64_t last = scenario.steps.back().number;
    if (scenario.wheel && replayed.wheel) {
        WheelRun run = *scenario.wheel;
        run.isOneCpu = scenario.cpus == 1;
        take(compareWheel(run, *replayed.wheel), last, verdict);
    }
    if (scenario.hrtimers && replayed.hrtimers) {
        take(compareHrtimers(scenario.hrtimers->timers, *replayed.hrtimers), last, verdict);
    }
}

Result<Verdict> judge(const RecordedScenario& scenario)
{
    const auto replayed = replay(scenario);
    if (!replayed) {
        return tl::unexpected<Error>(replayed.error());
    }
    Verdict verdict{.id = scenario.id, .compared = 0, .excepted = 0, .differences = {}};
    compareSteps(scenario, *replayed, verdict);
    compareTables(scenario, *replayed, verdict);
    compareEnd(scenario, *replayed, verdict);
    if (verdict.compared == 0 && verdict.hasPassed()) {
        verdict.differ(0, "steps", "something to compare", "nothing");
    }
    return verdict;
}

Result<std::vector<Verdict>> judgeAll(const ScenariosRequest& request)
{
    const auto paths = listScenarios(request.directory, request.only);
    if (!paths) {
        return tl::unexpected<Error>(paths.error());
    }
    std::vector<Verdict> verdicts;
    for (const auto& path : *paths) {
        const auto scenario = readScenario(path);
        if (!scenario) {
            return tl::unexpected<Error>(scenario.error());
        }
        auto verdict = judge(*scenario);
        if (!verdict) {
            return tl::unexpected<Error>(std::move(verdict.error()));
        }
        verdicts.push_back(std::move(*verdict));
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

} // namespace

Result<bool> runScenarios(const ScenariosRequest& request, std::ostream& results,
                          std::ostream& messages)
{
    const auto verdicts = judgeAll(request);
    if (!verdicts) {
        return tl::unexpected<Error>(verdicts.error());
    }
    std::size_t passed = 0;
    for (const Verdict& verdict : *verdicts) {
        describe(verdict, messages);
        if (verdict.hasPassed()) {
            ++passed;
            results << fmt::format("{} passed ({} compared, {} excepted)\n", verdict.id,
                                   verdict.compared, verdict.excepted);
        } else {
            results << fmt::format("{} failed: {}\n", verdict.id, verdict.differences.front());
        }
    }
    results << fmt::format("{} passed, {} failed\n", passed, verdicts->size() - passed)
            << std::flush;
    return passed == verdicts->size();
}

} // namespace timerscope::oracle
