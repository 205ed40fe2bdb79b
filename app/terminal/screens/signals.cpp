// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/terminal/screens/signals.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <unistd.h>

namespace timerscope::terminal {

namespace {

constexpr std::array caught{SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGTSTP};

/// A pipe to ourselves: its ends and what the signals did before.
struct Pipe
{
    std::array<int, 2> ends{-1, -1};
    std::array<struct sigaction, caught.size()> before{};
};
Pipe wires; // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

extern "C" void onSignal(int signal)
{
    const int error = errno;
    const auto byte = static_cast<unsigned char>(signal);
    // A full pipe already holds more than anyone needs to know.
    [[maybe_unused]] const ssize_t written = ::write(wires.ends[1], &byte, 1);
    errno = error;
}

} // namespace

Signals::Signals(QObject* parent)
    : QObject(parent)
{
    if (::pipe2(wires.ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
        return; // signals then end the program as they always do
    }
    m_notifier = std::make_unique<QSocketNotifier>(wires.ends[0], QSocketNotifier::Read);
    connect(m_notifier.get(), &QSocketNotifier::activated, this, &Signals::read);
    struct sigaction action = {};
    action.sa_handler = onSignal;
    action.sa_flags = SA_RESTART;
    for (std::size_t i = 0; i < caught.size(); ++i) {
        ::sigaction(caught.at(i), &action, &wires.before.at(i));
    }
}

Signals::~Signals()
{
    if (!m_notifier) {
        return;
    }
    for (std::size_t i = 0; i < caught.size(); ++i) {
        ::sigaction(caught.at(i), &wires.before.at(i), nullptr);
    }
    m_notifier.reset();
    ::close(wires.ends[0]);
    ::close(wires.ends[1]);
    wires.ends = {-1, -1};
}

void Signals::read()
{
    unsigned char byte = 0;
    while (::read(wires.ends[0], &byte, 1) == 1) {
        if (byte == SIGWINCH) {
            emit resized();
        } else if (byte == SIGTSTP) {
            emit suspendAsked();
        } else {
            emit endAsked(byte);
        }
    }
}

} // namespace timerscope::terminal
