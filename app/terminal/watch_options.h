// SPDX-License-Identifier: GPL-3.0-or-later
//! The options that run, host and attach share.
#pragma once

#include "app/terminal/watch.h"

#include <CLI/CLI.hpp>
#include <span>
#include <string>
#include <vector>

namespace timerscope::terminal {

/// As they stand on the command line. One object lives as long as the CLI::App that fills it.
struct WatchOptions
{
    std::string length;
    std::string lengthName; ///< "--until" or "--for"
    std::string root;
    std::vector<std::string> prints;
    std::vector<std::string> exports;
};

/// --until TIME or --for TIME.
void addLength(CLI::App& line, WatchOptions& options, const std::string& name,
               const std::string& help);
void addRoot(CLI::App& line, WatchOptions& options);
/// --print and --export; @p views is the list for the help.
void addOutputs(CLI::App& line, WatchOptions& options, const std::string& views);

/// The request that they come to; without --print, @p usual is shown.
/// Errors: InvalidArgument and OutOfRange; the sentence names the option.
[[nodiscard]] Result<WatchRequest> requestOf(const WatchOptions& options, std::string uri,
                                             std::span<const View> allowed, View usual);

} // namespace timerscope::terminal
