// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/backend_choice.h"
#include "app/terminal/command.h"
#include "app/terminal/streams.h"
#include "app/terminal/watch_options.h"
#include "engine/base/wording.h"

#include <algorithm>
#include <array>
#include <memory>

namespace timerscope::terminal {

namespace {

struct RunOptions : WatchOptions
{
    std::string scenario;
    std::string backend;
    std::string detail;
};

Result<TraceDetail> detailOf(const std::string& word)
{
    if (word.empty() || word == "events") {
        return TraceDetail::Events;
    }
    if (word == "functions") {
        return TraceDetail::Functions;
    }
    return fail(ErrorCode::InvalidArgument,
                "--detail " + inQuotes(word) + R"( is not known; choose "events" or "functions")");
}

ExitCode runScenario(const RunOptions& options, const Resources& resources)
{
    static constexpr std::array views{View::Dmesg, View::Sysfs,       View::TimerList,
                                      View::State, View::Fingerprint, View::Calls};
    if (options.scenario.empty()) {
        complain("run needs the name of a scenario; \"tscope scenarios\" lists them");
        return ExitCode::WrongUse;
    }
    std::string uri = "sim:" + options.scenario;
    if (!options.backend.empty() && !isBackend(options.backend)) {
        complain("--backend " + inQuotes(options.backend)
                 + " is not known; known are sim, host, stm32:PORT and mmio:NAME");
        return ExitCode::WrongUse;
    }
    if (!options.backend.empty()) {
        uri += '@' + options.backend;
    }
    const auto detail = detailOf(options.detail);
    if (!detail) {
        return complain(detail.error());
    }
    auto request = requestOf(options, std::move(uri), views, View::Dmesg);
    if (request) {
        request->options.detail = *detail;
        if (*detail != TraceDetail::Functions
            && std::ranges::find(request->views, View::Calls) != request->views.end()) {
            complain("--print calls needs --detail functions: without it no functions are told");
            return ExitCode::WrongUse;
        }
    }
    return request ? watch(*request, resources) : complain(request.error());
}

} // namespace

Command addRunCommand(CLI::App& program)
{
    const auto options = std::make_shared<RunOptions>();
    CLI::App* const line
        = program.add_subcommand("run", "Run a scenario on the model and show what came of it");
    line->add_option("SCENARIO", options->scenario,
                     "A name that \"tscope scenarios\" lists, or a file (with a / or .toml)");
    line->add_option("--backend", options->backend,
                     "What its timers are: sim (usual: simulated, deterministic), host (this "
                     "computer's clock and timer), stm32:PORT (a board; stm32:auto finds it), "
                     "mmio:NAME (a mapped counter)")
        ->type_name("BACKEND");
    line->add_option("--detail", options->detail,
                     "How much the model tells: events (usual), or functions: which of the "
                     "kernel's functions each happens in")
        ->type_name("DETAIL");
    addLength(*line, *options, "--until",
              "Stop at this model time: 250ms, 1.5s, a plain number is seconds");
    addOutputs(*line, *options, "dmesg (usual), sysfs, timer_list, state, fingerprint, calls");
    return {line,
            [options](const Resources& resources) { return runScenario(*options, resources); }};
}

} // namespace timerscope::terminal
