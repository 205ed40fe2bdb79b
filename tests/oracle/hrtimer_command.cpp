// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/oracle/commands.h"
#include "tests/oracle/timer_comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <ostream>

namespace timerscope::oracle {
namespace {

constexpr std::size_t mostDifferencesShown = 8;

struct Verdict
{
    std::string name;
    std::size_t timers = 0;
    std::size_t pairs = 0; ///< neighbours in a base whose order was compared
    std::vector<std::string> differences;
};

/// The timers that one CPU ran. Returns how many neighbours' order was compared.
std::size_t judgeCpu(const std::vector<RecordedHrtimer>& timers, HrtimerPath path, Verdict& verdict)
{
    TimerComparison result = compareHrtimers(timers, replayHrtimers(timers, path));
    std::ranges::move(result.differences, std::back_inserter(verdict.differences));
    return result.compared;
}

/// Whether the run was in high resolution is not in the file; its order is the same either way.
Verdict judge(const HrtimerRecording& recording)
{
    Verdict verdict{.name = recording.name, .timers = 0, .pairs = 0, .differences = {}};
    std::map<unsigned, std::vector<RecordedHrtimer>> byCpu;
    for (const RecordedHrtimer& timer : recording.timers) {
        if (timer.hasFired()) {
            byCpu[timer.cpu].push_back(timer);
            ++verdict.timers;
        }
    }
    for (const auto& [cpu, timers] : byCpu) {
        verdict.pairs += judgeCpu(timers, HrtimerPath::Interrupt, verdict);
        static_cast<void>(judgeCpu(timers, HrtimerPath::Tick, verdict));
    }
    if (verdict.timers == 0) {
        verdict.differences.emplace_back("no timer of the recording has fired");
    }
    return verdict;
}

void describe(const Verdict& verdict, std::ostream& results, std::ostream& messages)
{
    if (verdict.differences.empty()) {
        results << fmt::format("{} passed ({} timers, {} pairs in order)\n", verdict.name,
                               verdict.timers, verdict.pairs);
        return;
    }
    results << fmt::format("{} failed: {}\n", verdict.name, verdict.differences.front());
    for (std::size_t i = 1; i < std::min(verdict.differences.size(), mostDifferencesShown); ++i) {
        messages << fmt::format("{}: {}\n", verdict.name, verdict.differences[i]);
    }
}

} // namespace

Result<bool> runHrtimers(const std::filesystem::path& directory, std::ostream& results,
                         std::ostream& messages)
{
    const auto paths = listHrtimerRecordings(directory);
    if (!paths) {
        return tl::unexpected<Error>(paths.error());
    }
    std::vector<Verdict> verdicts;
    for (const auto& path : *paths) {
        const auto recording = readHrtimerRecording(path);
        if (!recording) {
            return tl::unexpected<Error>(recording.error());
        }
        verdicts.push_back(judge(*recording));
    }
    const auto failed = std::ranges::count_if(
        verdicts, [](const Verdict& verdict) { return !verdict.differences.empty(); });
    for (const Verdict& verdict : verdicts) {
        describe(verdict, results, messages);
    }
    results << fmt::format("{} passed, {} failed\n", std::ssize(verdicts) - failed, failed)
            << std::flush;
    return failed == 0;
}

} // namespace timerscope::oracle
