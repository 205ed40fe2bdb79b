// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/result.h"

#include <cstdint>

namespace timerscope::terminal {

/// What tscope ends with; part of its interface to scripts.
enum class ExitCode : std::uint8_t
{
    Fine = 0,
    CheckFailed = 1, ///< an expectation of a scenario
    WrongUse = 2, ///< or bad input: an unknown name, a broken file
    NoSource = 3, ///< not available, or lost
    NotWritten = 4, ///< an output
    Interrupted = 130, ///< by SIGINT, as shells count it
};

[[nodiscard]] constexpr ExitCode exitCodeOf(ErrorCode code)
{
    switch (code) {
    case ErrorCode::Unavailable:
    case ErrorCode::DeviceLost:
        return ExitCode::NoSource;
    case ErrorCode::WriteFailed:
        return ExitCode::NotWritten;
    default:
        return ExitCode::WrongUse;
    }
}

} // namespace timerscope::terminal
