// SPDX-License-Identifier: GPL-3.0-or-later
//! What run, host and attach have in common: open a source, let it run, write what came of it.
#pragma once

#include "app/session/open_source.h"
#include "app/terminal/exit_code.h"
#include "app/terminal/views.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace timerscope::terminal {

struct WatchRequest
{
    std::string uri;
    OpenOptions options;
    /// A model: up to this moment. An observed source: for this long; without it, one look.
    std::optional<Ns> length;
    std::vector<View> views;
    std::vector<std::filesystem::path> exports;
};

/// Opens, runs, writes. Files first, then standard output.
///
/// An interrupt ends a model's run with nothing written: it can be run again. What was seen of
/// anything else is written, and so it is when the source is lost; a second interrupt gives up the
/// file that is being written.
[[nodiscard]] ExitCode watch(const WatchRequest& request, const Resources& resources);

/// Lets @p source go on until @p length or its end, or for that long, or until an interrupt; a
/// kernel without a length is not looked at again. Errors: the source's.
[[nodiscard]] Result<void> runSource(Source& source, std::optional<Ns> length);

/// Says what a user would otherwise wonder about: the snapshot's notices, and that a model was over
/// before @p length.
void complainOfNotices(const Source& source, const Snapshot& end, std::optional<Ns> length);

} // namespace timerscope::terminal
