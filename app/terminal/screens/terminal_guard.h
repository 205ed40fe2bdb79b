// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>
#include <termios.h>

namespace timerscope::terminal {

/// Sees to it that the terminal is left as it was found, whatever ends the program: its settings
/// are kept, and put back together with the sequence that undoes what was switched on. A crash is
/// caught for that, and then goes its way. Standard error, where it is the same terminal, is kept
/// aside meanwhile and said afterwards: it would be written across the screens.
///
/// One at a time, on the main thread.
class TerminalGuard
{
public:
    /// Keeps the settings of the terminal @p fd.
    explicit TerminalGuard(int fd);
    ~TerminalGuard(); ///< restores; crashes are no longer caught
    TerminalGuard(const TerminalGuard&) = delete;
    TerminalGuard& operator=(const TerminalGuard&) = delete;

    /// What undoes the terminal's modes, from now on.
    static void setSequence(std::string_view sequence);
    /// Single keys, no echo, no signals by keys.
    void makeRaw() const;
    /// The settings as they were found; makeRaw() may follow.
    void makeCooked() const;
    /// Whether the terminal's own erase key is ^H.
    [[nodiscard]] bool erasesWithBackspace() const;

private:
    int m_terminal;
    termios m_settings{};
};

} // namespace timerscope::terminal
