// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/posix/posix_timer.h"

#include "engine/posix/process.h"

#include <limits>

namespace timerscope {

namespace {

/// Modulo 2^64, as the kernel's counters.
std::int64_t addWrapping(std::int64_t a, std::uint64_t b)
{
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + b);
}

} // namespace

int overrunToInt(std::int64_t overrunLast, std::int32_t counted)
{
    const std::int64_t sum
        = addWrapping(overrunLast, static_cast<std::uint64_t>(std::int64_t{counted}));
    constexpr std::int64_t most = std::numeric_limits<int>::max();
    return sum > most ? static_cast<int>(most) : static_cast<int>(sum);
}

PosixTimer::PosixTimer(Process& process, int id, ClockId clock,
                       const TimerNotification& notification)
    : m_process(&process)
    , m_id(id)
    , m_clock(clock)
    , m_notification(notification)
    , m_signal(std::make_shared<SignalEntry>())
{
    m_signal->info = {.number = notification.signalNumber,
                      .code = SignalCode::Timer,
                      .timerId = id,
                      .value = notification.value};
    m_signal->hasTimer = true;
}

PosixTimer::~PosixTimer()
{
    m_signal->hasTimer = false;
}

void PosixTimer::markAsSet()
{
    m_requeue = (m_requeue + 2) & ~1;
    m_overrunLast = 0;
}

void PosixTimer::addOverruns(std::uint64_t missed)
{
    m_overrun = addWrapping(m_overrun, missed);
}

bool PosixTimer::notify()
{
    m_signal->requeue = m_interval != Ns::zero() ? ++m_requeue : 0;
    return m_process->sendTimerSignal(m_signal, m_notification.threadId) != SendResult::Ignored;
}

int PosixTimer::signalTaken(const SignalEntry& taken)
{
    if (m_interval == Ns::zero() || m_requeue != taken.requeue) {
        return taken.info.overrun;
    }
    rearm();
    m_active = true;
    m_overrunLast = m_overrun;
    restartOverruns();
    ++m_requeue;
    return overrunToInt(m_overrunLast, taken.info.overrun);
}

} // namespace timerscope
