// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/result.h"

#include <string>
#include <sys/types.h>

namespace timerscope::test {

/// The STM32's real firmware on an emulated board, with its serial port on a pseudo terminal.
///
/// The emulator goes with the object. Should the test program die first, the kernel tells `timeout`
/// at once; and whatever happens, `timeout` ends the emulator after a minute. SIGKILL follows two
/// seconds later: an emulator that spins does not hear SIGTERM.
class QemuBoard
{
public:
    QemuBoard() = default;
    ~QemuBoard();
    QemuBoard(const QemuBoard&) = delete;
    QemuBoard& operator=(const QemuBoard&) = delete;

    /// Starts it and waits until the serial port is there. Errors: Unavailable: no emulator, no
    /// firmware, or no port within 20 s; what the emulator said is in the sentence.
    [[nodiscard]] Result<void> start();

    /// "/dev/pts/5".
    [[nodiscard]] const std::string& port() const { return m_port; }

    /// Ends the emulator at once, as a pulled plug does. Returns when the process is gone.
    void kill();

    /// Stops and resumes the emulator: a board that hangs.
    void freeze() const;
    void thaw() const;

private:
    [[nodiscard]] Result<void> launch(const std::string& firmware);
    [[nodiscard]] Result<void> readPort();

    pid_t m_guard = -1; ///< of `timeout`, our child
    pid_t m_emulator = -1;
    int m_output = -1; ///< what the emulator prints
    std::string m_port;
};

} // namespace timerscope::test
