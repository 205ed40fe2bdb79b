// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/posix/armed_hrtimer.h"
#include "engine/posix/clock_id.h"

#include <array>
#include <functional>
#include <map>
#include <optional>

namespace timerscope {

/// The two clocks of alarm timers (enum alarmtimer_type).
enum class AlarmClock : std::uint8_t
{
    Realtime = 0,
    Boottime = 1,
};
inline constexpr std::size_t alarmClocks = 2;

/// @p clock must be an alarm clock.
[[nodiscard]] AlarmClock alarmClockOf(ClockId clock);

class AlarmTimer;

/// The machine's alarm timers: what is to be woken for.
///
/// While the machine is awake each fires by an hrtimer of its own. When it goes to sleep the RTC is
/// set for the first of them. Rules: kernel/time/alarmtimer.c, Linux 6.1.
class AlarmTimers
{
public:
    /// An alarm that is nearer than this keeps the machine awake.
    static constexpr Ns nearest = std::chrono::seconds{2};

    explicit AlarmTimers(PosixHost& host)
        : m_host(&host)
    {
    }
    ~AlarmTimers();
    AlarmTimers(const AlarmTimers&) = delete;
    AlarmTimers& operator=(const AlarmTimers&) = delete;

    [[nodiscard]] PosixHost& host() { return *m_host; }
    [[nodiscard]] bool hasRtc() const { return m_host->alarmRtc() != nullptr; }

    /// A task that sleeps for @p clock to reach @p expires is frozen: it will not be there to wake
    /// up, so the RTC has to know. Called with each such sleep before suspend().
    void freeze(AlarmClock clock, HrtimerInstant expires, Ns remaining);

    struct Suspend
    {
        Errno error = Errno::Ok;
        Ns keepAwake{}; ///< the machine may not try again before
        std::optional<RealtimeInstant> alarm = std::nullopt; ///< what the RTC was set to
    };
    /// Sets the RTC's alarm for the first timer that would fire.
    /// Errors: Busy when that is less than 2 s away; those of the RTC.
    Suspend suspend();
    /// The machine is awake again, whatever woke it.
    void resume();

private:
    friend class AlarmTimer;
    using Queue = std::multimap<HrtimerInstant, AlarmTimer*>;
    struct Soonest
    {
        AlarmClock clock = AlarmClock::Realtime;
        HrtimerInstant expires;
        Ns remaining{};
    };
    [[nodiscard]] Queue& queue(AlarmClock clock)
    {
        return m_queues[static_cast<std::size_t>(clock)];
    }
    [[nodiscard]] std::optional<Soonest> soonest();

    PosixHost* m_host;
    std::array<Queue, alarmClocks> m_queues;
    std::optional<Soonest> m_frozen;
};

/// One alarm timer (struct alarm).
class AlarmTimer
{
public:
    /// Answers Yes to go on: the alarm was forwarded. @p now is on the alarm's clock.
    using Function = std::function<HrtimerRestart(HrtimerInstant now)>;

    AlarmTimer(AlarmTimers& alarms, AlarmClock clock, Function fired);
    ~AlarmTimer() { static_cast<void>(cancel()); }
    AlarmTimer(const AlarmTimer&) = delete;
    AlarmTimer& operator=(const AlarmTimer&) = delete;

    [[nodiscard]] AlarmClock clock() const { return m_clock; }
    [[nodiscard]] bool isQueued() const { return m_hrtimer.isQueued(); }
    [[nodiscard]] HrtimerInstant expires() const { return m_expires; }
    [[nodiscard]] HrtimerInstant now() { return m_hrtimer.now(); }
    /// @p span from now, or "never" when that is too far.
    [[nodiscard]] HrtimerInstant after(Ns span) { return m_hrtimer.after(span); }
    /// Says when it would expire. Not while queued.
    void setExpires(HrtimerInstant at);
    void start(HrtimerInstant at);
    void restart() { start(m_expires); }
    /// True when it was queued.
    bool cancel();
    /// As Hrtimer::forward(). Not while queued.
    std::uint64_t forward(HrtimerInstant at, Ns interval);
    /// The task that it wakes, for people.
    void setTask(std::string task) { m_hrtimer.setTask(std::move(task)); }

private:
    friend class AlarmTimers;
    void enqueue();
    void dequeue();
    HrtimerRestart expired(Hrtimer& timer);

    AlarmTimers* m_alarms;
    Function m_fired;
    ArmedHrtimer m_hrtimer;
    HrtimerInstant m_expires;
    AlarmClock m_clock;
    std::optional<std::multimap<HrtimerInstant, AlarmTimer*>::iterator> m_position;
};

} // namespace timerscope
