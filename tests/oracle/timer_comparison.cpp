// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/oracle/timer_comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

namespace timerscope::oracle {
namespace {

// --- wheel -------------------------------------------------------------------------------------

std::string firedText(const WheelOutcome& outcome)
{
    return outcome.fired ? fmt::format("{}", outcome.fired->count) : std::string("never");
}

template<typename Value>
void compareField(std::int64_t id, std::string_view field, const Value& expected, const Value& got,
                  TimerComparison& result)
{
    if (expected != got) {
        result.differences.push_back(
            fmt::format("timer {}: {}: expected {} got {}", id, field, expected, got));
    }
}

void compareExactly(std::int64_t id, const WheelOutcome& expected, const WheelOutcome& got,
                    TimerComparison& result)
{
    compareField(id, "bucket", expected.index, got.index, result);
    compareField(id, "level", expected.level(), got.level(), result);
    compareField(id, "fired_jiffies", firedText(expected), firedText(got), result);
    compareField(id, "place in the firing order", expected.order, got.order, result);
}

void compareStructure(const WheelArming& arming, const WheelOutcome& expected,
                      const WheelOutcome& got, TimerComparison& result)
{
    compareField(arming.id, "nfire", expected.fires, got.fires, result);
    compareField(arming.id, "fire_cpu", expected.cpu, got.cpu, result);
    if (got.fired && isBefore(*got.fired, arming.requested)) {
        result.differences.push_back(
            fmt::format("timer {}: the model fired it in jiffy {}, before {} that was asked for",
                        arming.id, got.fired->count, arming.requested.count));
    }
}

// --- hrtimers ----------------------------------------------------------------------------------

/// Timers are only ordered among themselves inside one base; its context comes with it. The base is
/// the model's: which one a timer queues on is one of the rules. Where the CPUs were others, they
/// worked side by side.
struct Group
{
    std::size_t base = 0;
    bool inSoftirq = false;
    unsigned recordedCpu = 0;
    unsigned modelCpu = 0;
    friend auto operator<=>(const Group&, const Group&) = default;
};
using Orders = std::map<Group, std::vector<std::uint32_t>>;
using Firings = std::map<std::uint32_t, ModelFiring>;

std::string_view contextName(bool isSoftirq)
{
    return isSoftirq ? "the softirq" : "the interrupt";
}

Orders recordedOrders(std::vector<RecordedHrtimer> timers, const Firings& model)
{
    std::ranges::sort(timers, {}, &RecordedHrtimer::order);
    Orders orders;
    for (const RecordedHrtimer& timer : timers) {
        if (const auto found = model.find(timer.id); found != model.end()) {
            orders[{found->second.base, timer.inSoftirq, timer.cpu, found->second.cpu}].push_back(
                timer.id);
        }
    }
    return orders;
}

Orders modelOrders(const std::vector<ModelFiring>& firings,
                   const std::map<std::uint32_t, unsigned>& recordedCpus)
{
    Orders orders;
    for (const ModelFiring& firing : firings) {
        if (const auto cpu = recordedCpus.find(firing.id); cpu != recordedCpus.end()) {
            orders[{firing.base, firing.inSoftirq, cpu->second, firing.cpu}].push_back(firing.id);
        }
    }
    return orders;
}

void differ(const RecordedHrtimer& timer, std::string_view what, TimerComparison& result)
{
    result.differences.push_back(fmt::format("timer {}: {}", timer.id, what));
}

void compareTimer(const RecordedHrtimer& recorded, const ModelFiring& model,
                  TimerComparison& result)
{
    if (model.hardExpires != recorded.hardExpires) {
        differ(recorded,
               fmt::format("hard expiry: expected {} got {}", nsOf(recorded.hardExpires),
                           nsOf(model.hardExpires)),
               result);
    }
    if (model.inSoftirq != recorded.inSoftirq) {
        differ(recorded,
               fmt::format("context: expected {} got {}", contextName(recorded.inSoftirq),
                           contextName(model.inSoftirq)),
               result);
    }
    for (const auto& [who, fired] :
         {std::pair{"the kernel", recorded.fired}, std::pair{"the model", model.at}}) {
        if (fired < recorded.softExpires) {
            differ(recorded,
                   fmt::format("{} fired it at {}, before its soft expiry at {}", who, nsOf(fired),
                               nsOf(recorded.softExpires)),
                   result);
        }
    }
}

void compareOrders(const Orders& recorded, const Orders& model, TimerComparison& result)
{
    for (const auto& [group, ids] : recorded) {
        result.compared += ids.size() - 1;
        const auto found = model.find(group);
        const std::vector<std::uint32_t> none;
        const auto& got = found != model.end() ? found->second : none;
        const auto [expected, other] = std::ranges::mismatch(ids, got);
        if (expected != ids.end() || other != got.end()) {
            result.differences.push_back(
                fmt::format("base {} in {}: firing {} is timer {} got {}", group.base,
                            contextName(group.inSoftirq), expected - ids.begin() + 1,
                            expected != ids.end() ? std::to_string(*expected) : "none",
                            other != got.end() ? std::to_string(*other) : "none"));
        }
    }
}

} // namespace

TimerComparison compareWheel(const WheelRun& run, const std::vector<WheelOutcome>& model)
{
    TimerComparison result;
    for (std::size_t i = 0; i < run.armings.size(); ++i) {
        const WheelOutcome got = i < model.size() ? model[i] : WheelOutcome{};
        if (!run.isOneCpu) {
            ++result.compared;
            compareStructure(run.armings[i], run.outcomes[i], got, result);
        } else if (run.armings[i].deferrable) {
            ++result.excepted;
        } else {
            ++result.compared;
            compareExactly(run.armings[i].id, run.outcomes[i], got, result);
        }
    }
    return result;
}

TimerComparison compareHrtimers(std::span<const RecordedHrtimer> recorded,
                                const std::vector<ModelFiring>& model)
{
    TimerComparison result;
    Firings firings;
    for (const ModelFiring& firing : model) {
        firings[firing.id] = firing;
    }
    std::vector<RecordedHrtimer> fired;
    std::map<std::uint32_t, unsigned> cpus;
    for (const RecordedHrtimer& timer : recorded) {
        const auto found = firings.find(timer.id);
        if (timer.hasFired() != (found != firings.end())) {
            differ(timer,
                   timer.hasFired() ? "the model has not fired it"
                                    : "the model fired it, the kernel did not",
                   result);
        } else if (timer.hasFired()) {
            compareTimer(timer, found->second, result);
            fired.push_back(timer);
            cpus[timer.id] = timer.cpu;
        }
    }
    compareOrders(recordedOrders(std::move(fired), firings), modelOrders(model, cpus), result);
    return result;
}

} // namespace timerscope::oracle
