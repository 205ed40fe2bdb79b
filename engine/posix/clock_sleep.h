// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/posix/clock_id.h"
#include "engine/posix/posix_host.h"

#include <memory>

namespace timerscope {

class Task;

/// What a task waits with in a sleep; one kind a clock.
class SleepTimer
{
public:
    virtual ~SleepTimer() = default;
    SleepTimer(const SleepTimer&) = delete;
    SleepTimer& operator=(const SleepTimer&) = delete;

    /// Begins to wait, or goes on after a wake-up for nothing.
    virtual void start() = 0;
    virtual void cancel() = 0;
    /// The time until the latest moment to fire, slack included; not above 0 when it has come.
    [[nodiscard]] virtual Ns remaining() = 0;
    /// From now on it waits for that latest moment, without slack.
    virtual void makeExact() = 0;
    [[nodiscard]] bool hasFired() const { return m_fired; }

protected:
    explicit SleepTimer(Task& task)
        : m_task(&task)
    {
    }
    [[nodiscard]] Task& task() { return *m_task; }
    /// Time is over: wakes the task.
    void fire();

private:
    Task* m_task;
    bool m_fired = false;
};

/// nanosleep() and clock_nanosleep() of one task, as far as a program can see them.
///
/// The machine begins a sleep, tells when the task has been woken, and what became of a signal that
/// had woken it. Source: behaviour of do_nanosleep(), alarm_timer_nsleep() and do_cpu_nanosleep(),
/// Linux 6.1; scenarios px11 to px13 of the recordings.
class ClockSleep
{
public:
    enum class State : std::uint8_t
    {
        Asleep,
        Over, ///< the call returns 0
        Interrupted, ///< a signal is to be dealt with first
        Refused, ///< the call returns error()
    };

    explicit ClockSleep(Task& task)
        : m_task(&task)
    {
    }

    /// clock_nanosleep(). A sleep on the clocks of hrtimers may end later by the task's slack.
    /// Refused with: Invalid for an unknown clock, malformed times, the own thread's clock by its
    /// id and CPU clocks of nobody; NotSupported for clocks that nobody can sleep on and alarm
    /// clocks without an RTC; NotPermitted for alarm clocks without the capability.
    State begin(ClockId clock, std::uint32_t flags, SecondsAndNs request);
    /// nanosleep().
    State begin(SecondsAndNs request) { return begin(ClockId::Monotonic, 0, request); }

    /// The task runs again, whoever has woken it. With a signal pending the sleep is interrupted.
    State woken();
    /// The signals were taken (Process::deliver()). When a handler ran, the call fails with EINTR;
    /// else it goes on: a span to its old end, without slack, a moment as it was asked for.
    State afterSignal(bool handlerRan);

    [[nodiscard]] State state() const { return m_state; }
    [[nodiscard]] bool isAsleep() const { return m_state == State::Asleep; }
    [[nodiscard]] Errno error() const { return m_error; }
    /// What an interrupted span had left, slack included: what is written to the program. Null for
    /// a moment, whose call writes nothing.
    [[nodiscard]] std::optional<Ns> remaining() const { return m_remaining; }

private:
    [[nodiscard]] Errno check(ClockId clock, std::uint32_t flags, SecondsAndNs request) const;
    State refuse(Errno error);
    State start();
    [[nodiscard]] bool startTimer();
    State end(State state);

    Task* m_task;
    State m_state = State::Over;
    Errno m_error = Errno::Ok;
    std::optional<Ns> m_remaining;

    ClockId m_clock = ClockId::Monotonic;
    bool m_absolute = false;
    Ns m_value{};
    std::unique_ptr<SleepTimer> m_timer;
};

} // namespace timerscope
