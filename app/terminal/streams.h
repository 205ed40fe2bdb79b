// SPDX-License-Identifier: GPL-3.0-or-later
//! The program's two ways out: results on standard output, sentences on standard error.
#pragma once

#include "app/terminal/exit_code.h"

#include <string_view>

namespace timerscope::terminal {

/// To be called first. Puts /dev/null where a standard stream is closed, so that no file which is
/// opened later gets its number and the results; and lets a closed pipe be an error of write()
/// instead of the program's end.
void prepareStreams();

/// Writes all of @p text to standard output.
///
/// NotWritten when that fails: with a sentence on standard error, but in silence when nobody reads
/// (a pipe closed by `head`, a stream closed by the shell). Interrupted when SIGINT came first.
[[nodiscard]] ExitCode print(std::string_view text);

/// One line on standard error: "tscope: sentence".
void complain(std::string_view sentence);

/// complain() and the code that goes with the error.
[[nodiscard]] ExitCode complain(const Error& error);

} // namespace timerscope::terminal
