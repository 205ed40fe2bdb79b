// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace timerscope::terminal {

/// The whole of tscope: reads the command line, does what it asks for, answers the exit code.
[[nodiscard]] int runProgram(int argc, const char* const* argv);

} // namespace timerscope::terminal
