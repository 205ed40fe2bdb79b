// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/terminal/command.h"
#include "app/terminal/streams.h"
#include "app/terminal/watch_options.h"

#include <array>
#include <memory>

namespace timerscope::terminal {

namespace {

constexpr Ns deviceLength = std::chrono::seconds(3);

struct AttachOptions : WatchOptions
{
    std::string source;
};

/// A device by itself has no log of a kernel's and no timers; it is watched long enough to tell its
/// rate.
Result<WatchRequest> requestForDevice(const AttachOptions& options)
{
    static constexpr std::array views{View::State, View::Fingerprint};
    auto request = requestOf(options, options.source, views, View::State);
    if (request && !request->length) {
        request->length = deviceLength;
    }
    return request;
}

Result<WatchRequest> requestFor(const AttachOptions& options)
{
    static constexpr std::array views{View::Dmesg, View::Sysfs, View::TimerList, View::State,
                                      View::Fingerprint};
    if (options.source.starts_with("stm32:") || options.source.starts_with("mmio:")) {
        return requestForDevice(options);
    }
    const bool isModel = options.source.starts_with("sim:");
    return requestOf(options, options.source, views, isModel ? View::Dmesg : View::State);
}

ExitCode attach(const AttachOptions& options, const Resources& resources)
{
    if (options.source.empty()) {
        complain("attach needs a source: sim:NAME, linux:, stm32:PORT or mmio:NAME");
        return ExitCode::WrongUse;
    }
    if (!options.root.empty() && !options.source.starts_with("linux:")) {
        complain("--root goes with linux: only");
        return ExitCode::WrongUse;
    }
    auto request = requestFor(options);
    return request ? watch(*request, resources) : complain(request.error());
}

} // namespace

Command addAttachCommand(CLI::App& program)
{
    const auto options = std::make_shared<AttachOptions>();
    CLI::App* const line = program.add_subcommand("attach", "Attach to any source by its URI");
    line->add_option("SOURCE", options->source,
                     "sim:NAME (a scenario), linux: (the running kernel), stm32:PORT or stm32:auto "
                     "(a board), mmio:NAME (a mapped counter)");
    addLength(*line, *options, "--for",
              "Watch for so long: 250ms, 1.5s, 10; else to a model's end, a device for 3 s, a "
              "kernel for one look");
    addRoot(*line, *options);
    addOutputs(
        *line, *options,
        "dmesg (usual for sim:), state (usual for the others), sysfs, timer_list, fingerprint");
    return {line, [options](const Resources& resources) { return attach(*options, resources); }};
}

} // namespace timerscope::terminal
