// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/oracle/commands.h"
#include "tests/oracle/hrtimer_replay.h"

#include <fmt/format.h>

#include <algorithm>
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

    void differ(const RecordedHrtimer& timer, std::string_view what)
    {
        differences.push_back(fmt::format("timer {}: {}", timer.id, what));
    }
};

/// Timers are only ordered among themselves inside one base; its context comes with it.
using Group = std::pair<std::size_t, bool>;
using Orders = std::map<Group, std::vector<std::uint32_t>>;

std::string_view contextName(bool isSoftirq)
{
    return isSoftirq ? "the softirq" : "the interrupt";
}

/// Orders as recorded. The group is the model's: which base a timer queues on is one of the rules.
Orders recordedOrders(std::vector<RecordedHrtimer> timers,
                      const std::map<std::uint32_t, ModelFiring>& model)
{
    std::ranges::sort(timers, {}, &RecordedHrtimer::order);
    Orders orders;
    for (const RecordedHrtimer& timer : timers) {
        orders[{model.at(timer.id).base, timer.inSoftirq}].push_back(timer.id);
    }
    return orders;
}

Orders modelOrders(const std::vector<ModelFiring>& firings)
{
    Orders orders;
    for (const ModelFiring& firing : firings) {
        orders[{firing.base, firing.inSoftirq}].push_back(firing.id);
    }
    return orders;
}

void compareTimer(const RecordedHrtimer& recorded, const ModelFiring& model, Verdict& verdict)
{
    if (model.hardExpires != recorded.hardExpires) {
        verdict.differ(recorded,
                       fmt::format("hard expiry: expected {} got {}", nsOf(recorded.hardExpires),
                                   nsOf(model.hardExpires)));
    }
    if (model.inSoftirq != recorded.inSoftirq) {
        verdict.differ(recorded,
                       fmt::format("context: expected {} got {}", contextName(recorded.inSoftirq),
                                   contextName(model.inSoftirq)));
    }
    for (const auto& [who, fired] :
         {std::pair{"the kernel", recorded.fired}, std::pair{"the model", model.at}}) {
        if (fired < recorded.softExpires) {
            verdict.differ(recorded,
                           fmt::format("{} fired it at {}, before its soft expiry at {}", who,
                                       nsOf(fired), nsOf(recorded.softExpires)));
        }
    }
}

void compareOrders(const Orders& recorded, const Orders& model, Verdict& verdict)
{
    for (const auto& [group, ids] : recorded) {
        const auto found = model.find(group);
        const std::vector<std::uint32_t> none;
        const auto& got = found != model.end() ? found->second : none;
        const auto [expected, other] = std::ranges::mismatch(ids, got);
        if (expected != ids.end() || other != got.end()) {
            verdict.differences.push_back(
                fmt::format("base {} in {}: firing {} is timer {} got {}", group.first,
                            contextName(group.second), expected - ids.begin() + 1,
                            expected != ids.end() ? std::to_string(*expected) : "none",
                            other != got.end() ? std::to_string(*other) : "none"));
        }
    }
}

/// The timers that one CPU ran. Returns how many neighbours' order was compared.
std::size_t judgeCpu(const std::vector<RecordedHrtimer>& timers, HrtimerPath path, Verdict& verdict)
{
    const std::vector<ModelFiring> firings = replayHrtimers(timers, path);
    std::map<std::uint32_t, ModelFiring> model;
    for (const ModelFiring& firing : firings) {
        model[firing.id] = firing;
    }
    for (const RecordedHrtimer& timer : timers) {
        compareTimer(timer, model.at(timer.id), verdict);
    }
    const Orders recorded = recordedOrders(timers, model);
    compareOrders(recorded, modelOrders(firings), verdict);
    return timers.size() - recorded.size();
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
