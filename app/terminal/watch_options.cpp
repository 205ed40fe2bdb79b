// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/terminal/watch_options.h"

#include "engine/base/time_text.h"

#include <utility>

namespace timerscope::terminal {

void addLength(CLI::App& line, WatchOptions& options, const std::string& name,
               const std::string& help)
{
    options.lengthName = name;
    line.add_option(name, options.length, help)->type_name("TIME");
}

void addRoot(CLI::App& line, WatchOptions& options)
{
    line.add_option("--root", options.root,
                    "Read DIR/sys and DIR/proc instead of the running kernel's")
        ->type_name("DIR");
}

void addOutputs(CLI::App& line, WatchOptions& options, const std::string& views)
{
    line.add_option("--print", options.prints, "What to show: " + views + " (can be repeated)")
        ->type_name("VIEW")
        ->allow_extra_args(false);
    line.add_option("--export", options.exports,
                    "Write the records to FILE.csv or FILE.pftrace (can be repeated)")
        ->type_name("FILE")
        ->allow_extra_args(false);
}

Result<WatchRequest> requestOf(const WatchOptions& options, std::string uri,
                               std::span<const View> allowed, View usual)
{
    WatchRequest request{.uri = std::move(uri),
                         .options = {},
                         .length = {},
                         .views = {usual},
                         .exports = {options.exports.begin(), options.exports.end()}};
    if (!options.root.empty()) {
        request.options.root = options.root;
    }
    if (!options.length.empty()) {
        const auto length = parseTime(options.length);
        if (!length) {
            return fail(length.error().code, options.lengthName + ": " + length.error().what);
        }
        request.length = *length;
    }
    if (!options.prints.empty()) {
        auto views = viewsOf(options.prints, allowed);
        if (!views) {
            return tl::unexpected(views.error());
        }
        request.views = std::move(*views);
    }
    return request;
}

} // namespace timerscope::terminal
