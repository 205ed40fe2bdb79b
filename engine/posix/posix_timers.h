// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/posix/posix_timer.h"

#include <tl/expected.hpp>

#include <cstdint>
#include <map>
#include <memory>

namespace timerscope {

class Task;

/// A value, or the errno that the system call fails with.
template<typename T>
using KernelAnswer = tl::expected<T, Errno>;

/// struct sigevent, as a program gives it to timer_create().
struct SignalEvent
{
    static constexpr int signal = 0; ///< SIGEV_SIGNAL
    static constexpr int none = 1; ///< SIGEV_NONE
    static constexpr int thread = 2; ///< SIGEV_THREAD: to the kernel the same as signal
    static constexpr int threadId = 4; ///< SIGEV_THREAD_ID: may be added to the others

    int notify = signal; ///< any number: the kernel's check is part of the model
    int number = signal_number::alarm;
    std::int64_t value = 0;
    int tid = 0;
};

/// struct itimerspec, as a program gives it: any numbers.
struct TimerRequest
{
    SecondsAndNs value{};
    SecondsAndNs interval{};
};

/// A process's POSIX timers: the system calls.
///
/// Source: behaviour of posix-timers.c, Linux 6.1; scenarios px04 to px09 of the recordings.
class PosixTimers
{
public:
    explicit PosixTimers(Process& process)
        : m_process(&process)
    {
    }
    ~PosixTimers();
    PosixTimers(const PosixTimers&) = delete;
    PosixTimers& operator=(const PosixTimers&) = delete;

    /// timer_create(): the new timer's id. Ids go up, and an id is used up too when @p event or the
    /// clock's own check then refuses. Null @p event: SIGALRM, with the id as value.
    /// Errors: Invalid for an unknown clock, signal, thread or kind of notification; NotSupported
    /// for clocks without timers and alarm clocks without an RTC; NotPermitted for alarm clocks
    /// without the capability.
    KernelAnswer<int> create(Task& caller, ClockId clock, const SignalEvent* event);
    /// timer_settime(). Flags other than TIMER_ABSTIME mean nothing.
    /// Errors: Invalid for an unknown id and for malformed times.
    Errno settime(int id, std::uint32_t flags, const TimerRequest& wanted, TimerSetting* old);
    /// Errors of these: Invalid for an unknown id.
    KernelAnswer<TimerSetting> gettime(int id);
    [[nodiscard]] KernelAnswer<int> getoverrun(int id) const;
    /// A signal of the timer that is pending stays so, without a timer.
    Errno remove(int id);
    void removeAll();

    /// Null for an unknown id.
    [[nodiscard]] PosixTimer* find(int id);
    [[nodiscard]] const std::map<int, std::unique_ptr<PosixTimer>>& all() const { return m_timers; }
    /// For the delivery of signals: the overrun that a handler is told; see
    /// PosixTimer::signalTaken().
    int rearm(const SignalEntry& taken);

private:
    [[nodiscard]] static KernelAnswer<TimerNotification> check(Task& caller, int id,
                                                               const SignalEvent* event);
    [[nodiscard]] KernelAnswer<std::unique_ptr<PosixTimer>>
    make(Task& caller, int id, ClockId clock, const TimerNotification& notification);
    [[nodiscard]] int takeId();

    Process* m_process;
    std::map<int, std::unique_ptr<PosixTimer>> m_timers;
    int m_nextId = 0;
};

} // namespace timerscope
