// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/terminal/screens/terminal_guard.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

namespace timerscope::terminal {

namespace {

constexpr std::array crashes{SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
constexpr std::size_t longestSequence = 1024;
constexpr std::size_t stackSize = std::size_t{64} * 1024;

/// What a crash needs, where a signal handler can reach it: nothing is allocated or locked then.
struct Kept
{
    int terminal = -1;
    termios settings = {};
    std::array<char, longestSequence> sequence{};
    volatile std::sig_atomic_t length = 0;
    int realErrors = -1; ///< standard error as it was found; -1: not kept aside
    int keptErrors = -1; ///< what stands for it meanwhile
    std::array<struct sigaction, crashes.size()> before{};
    std::array<char, stackSize> stack{}; ///< a stack overflow is a crash, too
};
Kept kept; // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

void writeAll(int fd, const char* data, std::size_t size)
{
    while (size > 0) {
        const ssize_t written = ::write(fd, data, size);
        if (written <= 0) {
            return;
        }
        data += written;
        size -= static_cast<std::size_t>(written);
    }
}

/// Only functions that a signal handler may call.
void restoreModes()
{
    const auto length = static_cast<std::size_t>(kept.length);
    kept.length = 0;
    writeAll(kept.terminal, kept.sequence.data(), length);
    ::tcsetattr(kept.terminal, TCSADRAIN, &kept.settings);
}

void sayKeptErrors()
{
    if (kept.realErrors < 0) {
        return;
    }
    ::dup2(kept.realErrors, STDERR_FILENO);
    ::lseek(kept.keptErrors, 0, SEEK_SET);
    std::array<char, 1024> part{};
    for (ssize_t got = 0; (got = ::read(kept.keptErrors, part.data(), part.size())) > 0;) {
        writeAll(STDERR_FILENO, part.data(), static_cast<std::size_t>(got));
    }
}

extern "C" void onCrash(int signal)
{
    restoreModes();
    sayKeptErrors();
    ::raise(signal); // SA_RESETHAND: now it ends the program as it would have
}

void catchCrashes()
{
    const stack_t stack{.ss_sp = kept.stack.data(), .ss_flags = 0, .ss_size = kept.stack.size()};
    ::sigaltstack(&stack, nullptr);
    struct sigaction action = {};
    action.sa_handler = onCrash;
    action.sa_flags = static_cast<int>(SA_RESETHAND | SA_ONSTACK);
    for (std::size_t i = 0; i < crashes.size(); ++i) {
        ::sigaction(crashes.at(i), &action, &kept.before.at(i));
    }
}

void keepErrorsAside()
{
    if (::isatty(STDERR_FILENO) == 0) {
        return;
    }
    kept.keptErrors = ::memfd_create("stderr", MFD_CLOEXEC);
    if (kept.keptErrors >= 0) {
        kept.realErrors = ::dup(STDERR_FILENO);
        ::dup2(kept.keptErrors, STDERR_FILENO);
    }
}

} // namespace

TerminalGuard::TerminalGuard(int fd)
    : m_terminal(fd)
{
    ::tcgetattr(fd, &m_settings);
    kept.terminal = fd;
    kept.settings = m_settings;
    keepErrorsAside();
    catchCrashes();
}

TerminalGuard::~TerminalGuard()
{
    restoreModes();
    for (std::size_t i = 0; i < crashes.size(); ++i) {
        ::sigaction(crashes.at(i), &kept.before.at(i), nullptr);
    }
    sayKeptErrors();
    if (kept.realErrors >= 0) {
        ::close(std::exchange(kept.realErrors, -1));
        ::close(std::exchange(kept.keptErrors, -1));
    }
}

void TerminalGuard::setSequence(std::string_view sequence)
{
    kept.length = 0; // a crash between the two lines restores less, never nonsense
    const std::size_t length = std::min(sequence.size(), kept.sequence.size());
    std::copy_n(sequence.begin(), length, kept.sequence.begin());
    kept.length = static_cast<std::sig_atomic_t>(length);
}

void TerminalGuard::makeRaw() const
{
    termios raw = m_settings;
    ::cfmakeraw(&raw);
    ::tcsetattr(m_terminal, TCSAFLUSH, &raw);
}

void TerminalGuard::makeCooked() const
{
    ::tcsetattr(m_terminal, TCSADRAIN, &m_settings);
}

bool TerminalGuard::erasesWithBackspace() const
{
    return m_settings.c_cc[VERASE] == '\b';
}

} // namespace timerscope::terminal
