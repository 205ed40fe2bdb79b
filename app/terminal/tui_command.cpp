// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/terminal/command.h"
#include "app/terminal/screens/run_screens.h"
#include "app/terminal/streams.h"

#include <csignal>
#include <memory>
#include <unistd.h>

namespace timerscope::terminal {

namespace {

/// Ended by a signal: the program ends by it, as whoever sent it expects.
ExitCode endBy(int signal)
{
    if (signal == SIGINT) {
        return ExitCode::Interrupted;
    }
    static_cast<void>(std::signal(signal, SIG_DFL));
    static_cast<void>(std::raise(signal));
    return ExitCode::Interrupted;
}

ExitCode show(const ScreensRequest& request, const Resources& resources)
{
    if (::isatty(STDIN_FILENO) == 0 || ::isatty(STDOUT_FILENO) == 0) {
        complain("tui needs a terminal to draw on and to read keys from; standard "
                 + std::string(::isatty(STDOUT_FILENO) == 0 ? "output" : "input") + " is not one");
        return ExitCode::WrongUse;
    }
    const ScreensEnd end = runScreens(request, resources);
    if (end.isMute) {
        complain("the terminal does not answer within 5 s; tui needs one that tells where its "
                 "cursor is");
        return ExitCode::NoSource;
    }
    return end.signal == 0 ? ExitCode::Fine : endBy(end.signal);
}

} // namespace

Command addTuiCommand(CLI::App& program)
{
    const auto request = std::make_shared<ScreensRequest>();
    CLI::App* const line = program.add_subcommand("tui", "Show a source on the terminal's screens");
    line->add_option("SOURCE", request->source,
                     "sim:NAME, or NAME alone (a scenario, by its name or its file), or linux: "
                     "(the running kernel); without it, choose there");
    line->add_flag("--paused", request->isPaused, "Open it without playing");
    return {line, [request](const Resources& resources) { return show(*request, resources); }};
}

} // namespace timerscope::terminal
