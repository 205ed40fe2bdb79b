// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/terminal/command.h"
#include "app/terminal/streams.h"
#include "app/terminal/watch_options.h"

#include <array>
#include <memory>

namespace timerscope::terminal {

namespace {

struct AttachOptions : WatchOptions
{
    std::string source;
};

ExitCode attach(const AttachOptions& options, const Resources& resources)
{
    static constexpr std::array views{View::Dmesg, View::Sysfs, View::TimerList, View::State,
                                      View::Fingerprint};
    if (options.source.empty()) {
        complain("attach needs a source: sim:NAME or linux:");
        return ExitCode::WrongUse;
    }
    if (!options.root.empty() && !options.source.starts_with("linux:")) {
        complain("--root goes with linux: only");
        return ExitCode::WrongUse;
    }
    const bool isModel = options.source.starts_with("sim:");
    const auto request
        = requestOf(options, options.source, views, isModel ? View::Dmesg : View::State);
    return request ? watch(*request, resources) : complain(request.error());
}

} // namespace

Command addAttachCommand(CLI::App& program)
{
    const auto options = std::make_shared<AttachOptions>();
    CLI::App* const line = program.add_subcommand("attach", "Attach to any source by its URI");
    line->add_option("SOURCE", options->source,
                     "sim:NAME (a scenario) or linux: (the running kernel)");
    addLength(*line, *options, "--for",
              "Watch for so long: 250ms, 1.5s, 10; else to a model's end, or one look");
    addRoot(*line, *options);
    addOutputs(*line, *options,
               "dmesg (usual for sim:), state (usual for linux:), sysfs, timer_list, fingerprint");
    return {line, [options](const Resources& resources) { return attach(*options, resources); }};
}

} // namespace timerscope::terminal
