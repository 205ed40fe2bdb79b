// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/terminal/command.h"
#include "app/terminal/streams.h"
#include "app/terminal/watch_options.h"

#include <array>
#include <memory>

namespace timerscope::terminal {

namespace {

ExitCode showHost(const WatchOptions& options, const Resources& resources)
{
    static constexpr std::array views{View::Sysfs, View::TimerList, View::State};
    const auto request = requestOf(options, "linux:", views, View::State);
    return request ? watch(*request, resources) : complain(request.error());
}

} // namespace

Command addHostCommand(CLI::App& program)
{
    const auto options = std::make_shared<WatchOptions>();
    CLI::App* const line
        = program.add_subcommand("host", "Look at the running kernel (nothing is changed)");
    addLength(*line, *options, "--for", "Keep looking for so long: 250ms, 1.5s, 10");
    addRoot(*line, *options);
    addOutputs(*line, *options, "state (usual), sysfs, timer_list");
    return {line, [options](const Resources& resources) { return showHost(*options, resources); }};
}

} // namespace timerscope::terminal
