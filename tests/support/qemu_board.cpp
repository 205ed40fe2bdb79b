// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/qemu_board.h"

#include <QByteArray>

#include <array>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <regex>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace timerscope::test {

namespace {

using Clock = std::chrono::steady_clock;

/// Waits for more of what @p file has to say; empty at its end or at @p deadline.
std::string nextPart(int file, Clock::time_point deadline)
{
    const auto left
        = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    pollfd waiting{file, POLLIN, 0};
    if (left.count() <= 0 || ::poll(&waiting, 1, static_cast<int>(left.count())) <= 0) {
        return {};
    }
    std::array<char, 512> buffer{};
    const auto size = ::read(file, buffer.data(), buffer.size());
    return {buffer.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
}

/// In the child. The shell tells its process id before it becomes the emulator, so that the
/// emulator itself can be stopped, and not only its guard.
[[noreturn]] void become(const char* firmware, pid_t parent, int output)
{
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent) {
        ::_exit(1); // it died before the line above
    }
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    ::execlp("timeout", "timeout", "-k", "2", "60", "sh", "-c", R"(echo "pid $$"; exec "$@")", "sh",
             "qemu-system-arm", "-M", "netduinoplus2", "-kernel", firmware, "-display", "none",
             "-monitor", "none", "-serial", "pty", nullptr);
    ::_exit(127);
}

std::string firstMatch(const std::string& text, const char* pattern)
{
    std::smatch match;
    return std::regex_search(text, match, std::regex{pattern}) ? match[1].str() : std::string{};
}

} // namespace

QemuBoard::~QemuBoard()
{
    kill();
    if (m_output >= 0) {
        ::close(m_output);
    }
}

Result<void> QemuBoard::start()
{
    const std::string firmware
        = qgetenv("TIMERSCOPE_BIN_DIR").toStdString() + "/../firmware/stm32f405-qemu.elf";
    if (::access(firmware.c_str(), R_OK) != 0) {
        return fail(ErrorCode::Unavailable,
                    "there is no " + firmware + ": install gcc-arm-none-eabi and configure again");
    }
    if (const auto launched = launch(firmware); !launched) {
        return launched;
    }
    const auto found = readPort();
    if (!found) {
        kill();
    }
    return found;
}

Result<void> QemuBoard::launch(const std::string& firmware)
{
    std::array<int, 2> pipe{};
    if (::pipe2(pipe.data(), O_CLOEXEC) != 0) {
        return fail(ErrorCode::Unavailable, "no pipe can be made");
    }
    const pid_t parent = ::getpid();
    m_guard = ::fork();
    if (m_guard == 0) {
        become(firmware.c_str(), parent, pipe[1]);
    }
    ::close(pipe[1]);
    m_output = pipe[0];
    return {};
}

Result<void> QemuBoard::readPort()
{
    const auto deadline = Clock::now() + std::chrono::seconds{20};
    std::string said;
    while (m_port.empty()) {
        const std::string part = nextPart(m_output, deadline);
        if (part.empty()) {
            return fail(ErrorCode::Unavailable, "qemu-system-arm gave no serial port: " + said);
        }
        said += part;
        m_port = firstMatch(said, R"(redirected to (/dev/\S+)\s)");
    }
    m_emulator = std::stoi(firstMatch(said, R"(pid (\d+))"));
    return {};
}

void QemuBoard::kill()
{
    if (m_guard <= 0) {
        return;
    }
    if (m_emulator > 0) {
        ::kill(m_emulator, SIGKILL);
    } else {
        ::kill(m_guard, SIGTERM); // it hands it on, and kills after two seconds
    }
    ::waitpid(m_guard, nullptr, 0);
    m_guard = -1;
    m_emulator = -1;
}

void QemuBoard::freeze() const
{
    ::kill(m_emulator, SIGSTOP);
}

void QemuBoard::thaw() const
{
    ::kill(m_emulator, SIGCONT);
}

} // namespace timerscope::test
