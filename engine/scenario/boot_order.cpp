// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/scenario/boot_order.h"

#include "engine/base/wording.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace timerscope {

namespace {

const step::Boot* bootOf(const Step& step)
{
    return std::get_if<step::Boot>(&step.action);
}

const Step* stepOf(std::span<const Step> steps, BootStage stage)
{
    const auto found = std::ranges::find_if(steps, [stage](const Step& step) {
        return bootOf(step) != nullptr && bootOf(step)->stage == stage;
    });
    return found != steps.end() ? &*found : nullptr;
}

void checkStages(std::span<const Step> steps, FileErrors& errors)
{
    const Step* last = nullptr;
    for (const Step& step : steps) {
        const step::Boot* const boot = bootOf(step);
        const step::Boot* const before = last != nullptr ? bootOf(*last) : nullptr;
        if (boot != nullptr && before != nullptr && boot->stage == before->stage) {
            errors.report(step.line,
                          fmt::format("boot = {} is there already, on line {}",
                                      inQuotes(nameOf(boot->stage)), last->line));
        }
        if (boot != nullptr && before != nullptr && boot->stage < before->stage) {
            errors.report(step.line,
                          fmt::format("boot = {} comes after {}; a kernel runs it "
                                      "before",
                                      inQuotes(nameOf(boot->stage)),
                                      inQuotes(nameOf(before->stage))));
        }
        last = boot != nullptr ? &step : last;
    }
}

/// What has to be there before an action; empty for one that needs nothing of the boot.
struct Need
{
    BootStage stage;
    std::string_view what; ///< there is no such thing before it
};

std::optional<Need> needOf(const StepAction& action)
{
    constexpr Need time{.stage = BootStage::TimekeepingInit, .what = "timekeeper"};
    if (const auto* const workload = std::get_if<step::StartWorkload>(&action)) {
        return workload->kind == step::WorkloadKind::Sleep
            ? Need{.stage = BootStage::HrtimersInit, .what = "hrtimer base"}
            : Need{.stage = BootStage::InitTimers, .what = "timer wheel"};
    }
    if (std::holds_alternative<step::StartTask>(action)) {
        return Need{.stage = BootStage::HrtimersInit, .what = "hrtimer base"};
    }
    // Whatever sets the time, and whatever brings or judges a clock to count it by.
    const bool needsTime = std::holds_alternative<step::SetTime>(action)
        || std::holds_alternative<step::Adjtimex>(action)
        || std::holds_alternative<step::ProbeRtc>(action)
        || std::holds_alternative<step::Suspend>(action)
        || std::holds_alternative<step::Probe>(action)
        || std::holds_alternative<step::LoadModule>(action)
        || std::holds_alternative<step::RegisterClocksource>(action)
        || std::holds_alternative<step::WriteSysfs>(action);
    return needsTime ? std::optional(time) : std::nullopt;
}

} // namespace

void checkBootOrder(std::span<const Step> steps, FileErrors& errors)
{
    checkStages(steps, errors);
    for (const Step& step : steps) {
        const auto need = needOf(step.action);
        const Step* const stage = need ? stepOf(steps, need->stage) : nullptr;
        if (stage != nullptr && stage > &step) {
            errors.report(step.line,
                          fmt::format("the step {} comes before boot = {} on line {}; until then "
                                      "there is no {}",
                                      inQuotes(keywordOf(step.action)),
                                      inQuotes(nameOf(need->stage)), stage->line, need->what));
        }
    }
}

BootPlan bootPlanOf(std::span<const Step> steps)
{
    return {.callsTimekeepingInit = stepOf(steps, BootStage::TimekeepingInit) != nullptr,
            .callsSchedClockInit = stepOf(steps, BootStage::SchedClockInit) != nullptr,
            .callsSmpInit = stepOf(steps, BootStage::SmpInit) != nullptr};
}

} // namespace timerscope
