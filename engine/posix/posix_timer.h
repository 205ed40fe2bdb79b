// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/errno.h"
#include "engine/posix/clock_id.h"
#include "engine/posix/signal.h"

#include <cstdint>
#include <memory>
#include <optional>

namespace timerscope {

class Process;

/// overrun_last plus what the signal itself has counted, as timer_getoverrun() and si_overrun say
/// it: at most the greatest int. A sum below 0 goes through, cut to an int.
/// Source: oracle set overrun_to_int.
[[nodiscard]] int overrunToInt(std::int64_t overrunLast, std::int32_t counted);

/// What is to happen when a timer fires (struct sigevent, after the checks of timer_create()).
struct TimerNotification
{
    bool sendsSignal = true; ///< false: SIGEV_NONE
    int signalNumber = signal_number::alarm;
    std::int64_t value = 0; ///< told to the handler
    std::optional<int> threadId = std::nullopt; ///< SIGEV_THREAD_ID; else any thread of the process
};

/// A timer made by timer_create(): what all clocks have in common (struct k_itimer).
///
/// A periodic timer is not re-armed when it fires but when its signal is taken: so a process that
/// is slow gets one signal and a count of the periods that it missed. Only a timer whose signal is
/// ignored goes on by itself.
/// Source: behaviour of posix-timers.c, Linux 6.1; oracle set posix_timer_seq.
class PosixTimer
{
public:
    PosixTimer(Process& process, int id, ClockId clock, const TimerNotification& notification);
    virtual ~PosixTimer();
    PosixTimer(const PosixTimer&) = delete;
    PosixTimer& operator=(const PosixTimer&) = delete;

    [[nodiscard]] int id() const { return m_id; }
    [[nodiscard]] ClockId clock() const { return m_clock; }
    [[nodiscard]] const TimerNotification& notification() const { return m_notification; }

    /// timer_settime(): an absolute moment or a span on the clock; value zero stops the timer.
    /// @p old, unless null, gets what get() would tell.
    /// Errors: NoProcess when a CPU clock's task is gone.
    virtual Errno set(bool absolute, const TimerSetting& wanted, TimerSetting* old) = 0;
    /// timer_gettime(): 1 ns for one that has expired and is not re-armed yet. Counts the periods
    /// that have passed.
    virtual TimerSetting get() = 0;
    /// The number of periods that the signal taken last stands for besides its own.
    [[nodiscard]] int overrun() const { return overrunToInt(m_overrunLast, 0); }
    /// Its signal was taken: a periodic timer is armed again unless it was set since. Answers the
    /// overrun that the handler is told.
    int signalTaken(const SignalEntry& taken);
    /// Stops it for good, before it is deleted. A signal on its way stays pending.
    virtual void stop() = 0;

    // What a debugger would see.
    [[nodiscard]] Ns interval() const { return m_interval; }
    [[nodiscard]] std::int64_t overrunCount() const { return m_overrun; }
    [[nodiscard]] std::int64_t overrunLast() const { return m_overrunLast; }
    [[nodiscard]] int requeuePending() const { return m_requeue; }
    [[nodiscard]] bool isActive() const { return m_active; }

protected:
    /// Arms a periodic timer for the next period that is still to come, counting the missed ones.
    virtual void rearm() = 0;

    [[nodiscard]] Process& process() { return *m_process; }
    [[nodiscard]] bool sendsSignal() const { return m_notification.sendsSignal; }
    /// True while a signal of a periodic timer waits to be taken.
    [[nodiscard]] bool isRequeuePending() const { return (m_requeue & 1) != 0; }
    /// From now on it is another timer than the one whose signal may be pending.
    void markAsSet();
    /// The timer has fired. False when nobody will take its signal, so that a periodic timer has to
    /// go on by itself; then call goOnUnnoticed() once it is armed.
    [[nodiscard]] bool notify();
    void goOnUnnoticed() { ++m_requeue; }
    void setInterval(Ns interval) { m_interval = interval; }
    void setActive(bool active) { m_active = active; }
    void addOverruns(std::uint64_t missed);
    void restartOverruns() { m_overrun = -1; }

private:
    Process* m_process;
    int m_id;
    ClockId m_clock;
    TimerNotification m_notification;
    std::shared_ptr<SignalEntry> m_signal;
    Ns m_interval{};
    std::int64_t m_overrun = -1; // of the signal on its way; -1: the expiry itself is not counted
    std::int64_t m_overrunLast = 0; // of the signal taken last
    int m_requeue = 0; // bit 0: a signal waits to be taken
    bool m_active = false;
};

} // namespace timerscope
