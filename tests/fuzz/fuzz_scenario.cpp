// SPDX-License-Identifier: GPL-3.0-or-later
//! Any bytes are a scenario, a device, a time: a value or one sentence comes back, never a crash.
#include "engine/base/invariant.h"
#include "engine/base/time_text.h"
#include "engine/base/wording.h"
#include "engine/scenario/device_file.h"
#include "engine/scenario/scenario_file.h"

#include <cstddef>
#include <cstdint>

using namespace timerscope;

namespace {

Result<DeviceDescription> lookUp(std::string_view name)
{
    if (name != "fttmr010" && name != "jiffies") {
        return fail(ErrorCode::NotFound, "no device is called " + inQuotes(name));
    }
    return DeviceDescription{
        .name = std::string(name),
        .title = {},
        .source = {},
        .assumed = {},
        .compatible = {},
        .driver = {.name = {}, .module = "module-of-" + std::string(name), .clock = {}},
        .counters = {{.name = "counter of " + std::string(name), .rate = {1}}},
        .events = {{.name = "e", .rate = {1}, .irq = std::nullopt}},
        .channels = {}};
}

template<typename T>
void checkSentence(const Result<T>& result)
{
    const bool good = result || result.error().what.starts_with("f.toml:");
    invariant(good);
    invariant(result || result.error().what.find('\n') == std::string::npos);
}

void checkScenario(const Scenario& scenario)
{
    TraceInstant last{};
    for (const Step& step : scenario.steps) {
        invariant(step.at >= last && step.at <= scenario.end);
        invariant(!keywordOf(step.action).empty());
        last = step.at;
    }
    invariant(scenario.machine.profile != nullptr);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes are text here
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto scenario = parseScenario(text, "f.toml", lookUp);
    checkSentence(scenario);
    if (scenario) {
        checkScenario(*scenario);
    }
    checkSentence(parseDevice(text, "f.toml"));
    if (const auto span = parseTime(text)) {
        invariant(*span >= Ns{0} && parseTime(timeText(*span)).value() == *span);
    }
    (void)parseUtc(text);
    return 0;
}
