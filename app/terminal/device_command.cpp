// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/terminal/command.h"
#include "app/terminal/device_json.h"
#include "app/terminal/device_options.h"
#include "app/terminal/streams.h"
#include "app/terminal/wrapped_text.h"
#include "engine/base/wording.h"
#include "engine/why/number_text.h"
#include "engine/why/precision_text.h"

#include <array>
#include <memory>

namespace timerscope::terminal {

namespace {

constexpr std::array<std::string_view, 1> actions{"eval"};
constexpr std::size_t labelWidth = 20;

ExitCode refuse(std::string_view sentence)
{
    complain(sentence);
    return ExitCode::WrongUse;
}

/// The head, and below it a fact a line. A single counter or event device, each with its own rows.
template<typename Precision>
void addReport(std::string& out, const Precision& precision)
{
    out += (out.empty() ? "" : "\n") + plainText(headOf(precision)) + "\n";
    for (const Fact& fact : factsOf(precision)) {
        addLabelled(out, "  " + fact.label, plainText(fact.text), labelWidth);
    }
}

std::string textOf(const DevicePrecision& device)
{
    std::string out;
    for (const CounterPrecision& counter : device.counters) {
        addReport(out, counter);
    }
    for (const EventPrecision& event : device.events) {
        addReport(out, event);
    }
    return out;
}

ExitCode runDevice(const DeviceOptions& options, const Resources& resources)
{
    if (options.action.empty()) {
        return refuse("device needs an action: eval");
    }
    if (options.action != actions.front()) {
        return refuse("device has no action " + inQuotes(options.action)
                      + hintFor(options.action, actions));
    }
    const auto report = reportOf(options, resources);
    if (!report) {
        return complain(report.error());
    }
    return print(options.asJson ? jsonOf(*report) : textOf(*report));
}

void addFigure(CLI::App& line, const char* name, std::string& value, const char* help,
               const char* type)
{
    line.add_option(name, value, help)->type_name(type);
}

} // namespace

Command addDeviceCommand(CLI::App& program)
{
    const auto options = std::make_shared<DeviceOptions>();
    CLI::App* const line
        = program.add_subcommand("device", "Say what a kernel would make of a timer");
    line->add_option("ACTION", options->action, "eval: the precision of its counters and events");
    line->add_option("FILE", options->file,
                     "A name that \"tscope devices\" lists, or a file (with a / or .toml); without "
                     "it, say --freq");
    addFigure(*line, "--freq", options->frequency, "Its rate: 24.75MHz, 32768", "FREQUENCY");
    addFigure(*line, "--bits", options->bits, "Width of the counter: 1 to 64", "N");
    addFigure(*line, "--rating", options->rating, "As which it is registered", "N");
    line->add_option("--flags", options->flags,
                     "Its driver's flags, parted by commas: continuous, must-verify, "
                     "valid-for-hres, unstable, suspend-nonstop, verify-percpu")
        ->type_name("FLAGS")
        ->allow_extra_args(false);
    addFigure(*line, "--min-ticks", options->minTicks, "Shortest wait of its event device", "N");
    addFigure(*line, "--max-ticks", options->maxTicks, "Longest wait of its event device", "N");
    addFigure(*line, "--hz", options->tickRate, "Ticks a second, for jiffies (usual: 100)", "HZ");
    line->add_flag("--json", options->asJson, "For programs: one JSON object");
    return {line, [options](const Resources& resources) { return runDevice(*options, resources); }};
}

} // namespace timerscope::terminal
