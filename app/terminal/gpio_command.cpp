// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/gpio.h"
#include "app/session/gpio_text.h"
#include "app/terminal/command.h"
#include "app/terminal/interrupt.h"
#include "app/terminal/streams.h"
#include "engine/base/time_text.h"
#include "engine/base/wording.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>

namespace timerscope::terminal {

namespace {

using std::chrono::steady_clock;

// Often enough for Ctrl-C and the end of --for to feel immediate where no signal wakes the wait.
constexpr Ns longestWait = std::chrono::milliseconds(100);

constexpr std::array<std::string_view, 2> actions{"list", "watch"};
constexpr std::array<std::string_view, 3> edgeNames{"rising", "falling", "both"};

struct GpioOptions
{
    std::string action;
    std::string chip;
    std::string line;
    std::string edges;
    std::string length;
};

ExitCode refuse(std::string_view sentence)
{
    complain(sentence);
    return ExitCode::WrongUse;
}

ExitCode list(const GpioOptions& options)
{
    if (!options.chip.empty()) {
        return refuse("gpio list has no use for " + inQuotes(options.chip));
    }
    if (!options.edges.empty() || !options.length.empty()) {
        return refuse("--edges and --for go with gpio watch only");
    }
    const auto chips = gpioChips();
    return chips ? print(textOf(*chips)) : complain(chips.error());
}

/// Prints edges as they come, until @p length has passed or Ctrl-C.
ExitCode follow(EdgeWatch& watch, std::optional<Ns> length)
{
    const auto start = steady_clock::now();
    EdgeWriter writer(watch.queueLength());
    ExitCode code = print(watch.identity() + "\n");
    while (code == ExitCode::Fine && interruptions() == 0) {
        const Ns passed = steady_clock::now() - start;
        if (length && passed >= *length) {
            break;
        }
        const auto edges
            = watch.next(length ? std::min(*length - passed, longestWait) : longestWait);
        if (!edges) {
            code = complain(edges.error());
            break;
        }
        code = edges->empty() ? code : print(writer.textOf(*edges));
    }
    const Ns passed = steady_clock::now() - start;
    const ExitCode summed = print(summaryOf(watch.counts(), watch.clock(), passed));
    if (code == ExitCode::Fine && interruptions() > 0) {
        code = ExitCode::Interrupted;
    }
    return code == ExitCode::Fine ? summed : code;
}

ExitCode watchLine(const GpioOptions& options)
{
    if (options.chip.empty() || options.line.empty()) {
        return refuse("gpio watch needs a chip and a line, such as gpiochip0 3; \"tscope gpio "
                      "list\" shows them");
    }
    const auto known = std::ranges::find(edgeNames, options.edges);
    if (!options.edges.empty() && known == edgeNames.end()) {
        return refuse("--edges is " + inQuotes(options.edges) + hintFor(options.edges, edgeNames));
    }
    const auto choice = known == edgeNames.end()
        ? EdgeChoice::Both
        : static_cast<EdgeChoice>(known - edgeNames.begin());
    std::optional<Ns> length;
    if (!options.length.empty()) {
        const Result<Ns> span = parseTime(options.length);
        if (!span) {
            return refuse("--for: " + span.error().what);
        }
        length = *span;
    }
    auto watch = watchGpioLine(options.chip, options.line, choice);
    if (!watch) {
        return complain(watch.error());
    }
    catchInterrupts();
    return follow(*watch, length);
}

ExitCode runGpio(const GpioOptions& options)
{
    if (options.action.empty()) {
        return refuse("gpio needs an action: list, or watch CHIP LINE");
    }
    const auto action = std::ranges::find(actions, options.action);
    if (action == actions.end()) {
        return refuse("gpio has no action " + inQuotes(options.action)
                      + hintFor(options.action, actions));
    }
    return action == actions.begin() ? list(options) : watchLine(options);
}

} // namespace

Command addGpioCommand(CLI::App& program)
{
    const auto options = std::make_shared<GpioOptions>();
    CLI::App* const line
        = program.add_subcommand("gpio", "List GPIO chips, or watch the edges of a line");
    line->add_option("ACTION", options->action, "list (chips and their lines), or watch CHIP LINE");
    line->add_option("CHIP", options->chip, "Name, number, label or path of a chip: gpiochip0");
    line->add_option("LINE", options->line, "Number or name of an input line: 3");
    line->add_option("--edges", options->edges, "rising, falling, both (usual)")->type_name("KIND");
    line->add_option("--for", options->length, "Watch for so long: 250ms, 1.5s, 10; else to Ctrl-C")
        ->type_name("TIME");
    return {line, [options](const Resources& /*resources*/) { return runGpio(*options); }};
}

} // namespace timerscope::terminal
