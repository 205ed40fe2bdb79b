// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/terminal/interrupt.h"

#include <csignal>
#include <ctime>

namespace timerscope::terminal {

namespace {

// What a signal handler writes cannot live anywhere but here.
volatile std::sig_atomic_t count = 0; // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

extern "C" void onInterrupt(int /*signal*/)
{
    count = count + 1;
}

} // namespace

void catchInterrupts()
{
    struct sigaction action = {};
    action.sa_handler = onInterrupt;
    // Without SA_RESTART: a write to a full pipe must come back.
    ::sigaction(SIGINT, &action, nullptr);
}

int interruptions()
{
    return count;
}

void rest(Ns span)
{
    const timespec wanted{.tv_sec = span.count() / nsPerSecond,
                          .tv_nsec = span.count() % nsPerSecond};
    ::nanosleep(&wanted, nullptr);
}

} // namespace timerscope::terminal
