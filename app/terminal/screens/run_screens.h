// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace timerscope {
class Resources;
}

namespace timerscope::terminal {

struct ScreensRequest
{
    std::string source; ///< a URI, a scenario's name or file; empty: the picker comes first
    bool isPaused = false; ///< opens without playing
};

/// How the screens came to an end.
struct ScreensEnd
{
    int signal = 0; ///< SIGINT, SIGTERM or SIGHUP; 0: the user quit
    bool isMute = false; ///< the terminal did not answer: nothing was shown
};

/// Shows the screens on the terminal of standard input and output until the user quits. The
/// terminal is left as it was.
[[nodiscard]] ScreensEnd runScreens(const ScreensRequest& request, const Resources& resources);

} // namespace timerscope::terminal
