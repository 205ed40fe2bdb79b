// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/terminal/streams.h"

#include "app/terminal/interrupt.h"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <string>
#include <system_error>
#include <unistd.h>

namespace timerscope::terminal {

namespace {

/// Opened in place of a closed standard output: read-only, so that writing fails as it should.
void fill(int stream)
{
    if (::fcntl(stream, F_GETFD) < 0) {
        const int filler = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
        if (filler >= 0 && filler != stream) {
            ::close(filler);
        }
    }
}

/// Nobody reads, and whoever arranged it knows.
bool isClosed(int error)
{
    return error == EPIPE || error == EBADF;
}

/// 0, or the error that stopped the writing.
int writeAll(int stream, std::string_view text)
{
    while (!text.empty()) {
        const ssize_t written = ::write(stream, text.data(), text.size());
        if (written < 0 && errno == EAGAIN) {
            ::usleep(1000);
        } else if (written < 0 && (errno != EINTR || interruptions() > 0)) {
            return errno;
        }
        text.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
    }
    return 0;
}

} // namespace

void prepareStreams()
{
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        fill(stream);
    }
    static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
}

ExitCode print(std::string_view text)
{
    const int error = writeAll(STDOUT_FILENO, text);
    if (error == 0) {
        return ExitCode::Fine;
    }
    if (error == EINTR) {
        return ExitCode::Interrupted;
    }
    if (!isClosed(error)) {
        complain("cannot write to standard output: " + std::generic_category().message(error));
    }
    return ExitCode::NotWritten;
}

void complain(std::string_view sentence)
{
    // Where even this cannot be written, the exit code has to do.
    static_cast<void>(writeAll(STDERR_FILENO, "tscope: " + std::string(sentence) + "\n"));
}

ExitCode complain(const Error& error)
{
    complain(error.what);
    return exitCodeOf(error.code);
}

} // namespace timerscope::terminal
