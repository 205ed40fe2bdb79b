// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/posix/alarm_timer.h"
#include "engine/posix/armed_hrtimer.h"
#include "engine/posix/posix_timer.h"

namespace timerscope {

/// A POSIX timer on a clock that goes on whatever the tasks do: the rules that hrtimers and alarm
/// timers share (common_timer_set(), common_timer_get(), posix_timer_fn()).
class ClockPosixTimer : public PosixTimer
{
public:
    using PosixTimer::PosixTimer;

    Errno set(bool absolute, const TimerSetting& wanted, TimerSetting* old) override;
    TimerSetting get() override;
    void stop() override;

    /// Whether something waits for it to fire, and when that is; with SIGEV_NONE nothing does.
    [[nodiscard]] virtual bool isQueued() const = 0;
    [[nodiscard]] virtual HrtimerInstant expires() const = 0;

protected:
    /// The timer has fired. Answers Yes when it is to go on at once: it is forwarded then.
    [[nodiscard]] HrtimerRestart fire(HrtimerInstant now);

    /// @p now on the timer's own clock.
    [[nodiscard]] virtual HrtimerInstant now() = 0;
    /// Sets the expiry and, unless @p onlyKept, waits for it.
    virtual void arm(bool absolute, Ns value, bool onlyKept) = 0;
    virtual void cancel() = 0;
    virtual std::uint64_t forward(HrtimerInstant now) = 0;
};

/// On an hrtimer: the clocks realtime, monotonic, boottime and TAI. No slack.
class HrtimerPosixTimer final : public ClockPosixTimer
{
public:
    /// @p counts: what counts for @p clock.
    HrtimerPosixTimer(Process& process, int id, ClockId clock, HrtimerClock counts,
                      const TimerNotification& notification);

    [[nodiscard]] bool isQueued() const override { return m_hrtimer.isQueued(); }
    [[nodiscard]] HrtimerInstant expires() const override { return m_hrtimer.expires(); }

private:
    [[nodiscard]] HrtimerInstant now() override { return m_hrtimer.now(); }
    void arm(bool absolute, Ns value, bool onlyKept) override;
    void cancel() override { static_cast<void>(m_hrtimer.cancel()); }
    std::uint64_t forward(HrtimerInstant now) override;
    void rearm() override;

    HrtimerClock m_counts;
    ArmedHrtimer m_hrtimer;
};

/// On an alarm clock: it wakes the machine too.
class AlarmPosixTimer final : public ClockPosixTimer
{
public:
    AlarmPosixTimer(Process& process, AlarmTimers& alarms, int id, ClockId clock,
                    const TimerNotification& notification);

    [[nodiscard]] bool isQueued() const override { return m_alarm.isQueued(); }
    [[nodiscard]] HrtimerInstant expires() const override { return m_alarm.expires(); }

private:
    [[nodiscard]] HrtimerInstant now() override { return m_alarm.now(); }
    void arm(bool absolute, Ns value, bool onlyKept) override;
    void cancel() override { static_cast<void>(m_alarm.cancel()); }
    std::uint64_t forward(HrtimerInstant now) override;
    void rearm() override;

    AlarmTimer m_alarm;
};

} // namespace timerscope
