// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/posix/alarm_timer.h"
#include "engine/posix/posix_timers.h"

#include <memory>
#include <variant>
#include <vector>

namespace timerscope {

class Process;
class TimerFd;

/// The flags of timerfd calls.
namespace timerfd_flag {
inline constexpr std::uint32_t absolute = 0x01; ///< TFD_TIMER_ABSTIME
inline constexpr std::uint32_t cancelOnSet = 0x02; ///< TFD_TIMER_CANCEL_ON_SET
inline constexpr std::uint32_t nonBlocking = 04'000; ///< O_NONBLOCK
inline constexpr std::uint32_t closeOnExec = 02'000'000; ///< O_CLOEXEC
} // namespace timerfd_flag

/// All timer descriptors of the machine that want to know when the wall clock is set.
class TimerFdCancelList
{
public:
    explicit TimerFdCancelList(PosixHost& host)
        : m_host(&host)
    {
    }
    TimerFdCancelList(const TimerFdCancelList&) = delete;
    TimerFdCancelList& operator=(const TimerFdCancelList&) = delete;

    [[nodiscard]] PosixHost& host() { return *m_host; }
    /// The wall clock was set, or the machine has slept: reads that depend on it are cancelled.
    void clockWasSet();

private:
    friend class TimerFd;
    PosixHost* m_host;
    std::vector<TimerFd*> m_members;
};

/// A timer that a program reads from (timerfd).
///
/// Source: behaviour of fs/timerfd.c, Linux 6.1; scenarios px20, px22 and px32 of the recordings.
class TimerFd
{
public:
    /// timerfd_create().
    /// Errors: Invalid for other clocks than realtime, monotonic, boottime and their alarms, and
    /// for unknown flags; NotPermitted for alarm clocks without the capability.
    [[nodiscard]] static KernelAnswer<std::unique_ptr<TimerFd>>
    create(Process& owner, TimerFdCancelList& cancelList, ClockId clock, std::uint32_t flags);
    ~TimerFd();
    TimerFd(const TimerFd&) = delete;
    TimerFd& operator=(const TimerFd&) = delete;

    /// timerfd_settime(). @p old, unless null, gets what was set before.
    /// Errors: Invalid for unknown flags and malformed times; NotPermitted as create(); Canceled
    /// when the clock was set since the last look: the timer runs all the same.
    Errno settime(std::uint32_t flags, const TimerRequest& wanted, TimerSetting* old);
    /// timerfd_gettime(). Goes on with a periodic timer that has expired.
    TimerSetting gettime();
    /// read(): how often it has expired since the last read.
    /// Errors: Invalid for less than 8 bytes; Again when it has not, whereupon a blocking reader
    /// waits (addReader()) and reads again; Canceled when the clock was set.
    KernelAnswer<std::uint64_t> read(std::size_t bytes = sizeof(std::uint64_t));
    /// poll(): a read would not block.
    [[nodiscard]] bool isReadable() const { return m_ticks != 0; }
    /// ioctl(TFD_IOC_SET_TICKS). Errors: Invalid for 0; Canceled when the clock was set.
    Errno setTicks(std::uint64_t ticks);

    [[nodiscard]] bool isNonBlocking() const { return m_nonBlocking; }
    /// Wakes @p task when the descriptor becomes readable next.
    void addReader(Task& task) { m_readers.push_back(&task); }
    void removeReader(Task& task) { std::erase(m_readers, &task); }

    // What /proc/PID/fdinfo shows.
    [[nodiscard]] ClockId clock() const { return m_clock; }
    [[nodiscard]] std::uint64_t ticks() const { return m_ticks; }
    [[nodiscard]] std::uint32_t settimeFlags() const { return m_settimeFlags; }
    [[nodiscard]] Ns interval() const { return m_interval; }
    [[nodiscard]] Ns remaining();

private:
    friend class TimerFdCancelList;
    TimerFd(Process& owner, TimerFdCancelList& cancelList, ClockId clock, HrtimerClock counts,
            std::uint32_t flags);
    void cancelIfMoved(Ns offset);
    void watchClock(std::uint32_t flags);
    [[nodiscard]] bool takeCancelled();
    void triggered();
    void wakeReaders();
    void start(bool absolute, Ns value);
    void stop();
    /// Goes on with a periodic timer that has expired, and counts the periods.
    void catchUp();
    std::uint64_t forward();
    [[nodiscard]] bool isCatchingUp() const { return m_expired && m_interval != Ns::zero(); }
    [[nodiscard]] ArmedHrtimer* hrtimer() { return std::get_if<ArmedHrtimer>(&m_timer); }
    [[nodiscard]] AlarmTimer& alarm() { return std::get<AlarmTimer>(m_timer); }

    Process* m_owner;
    TimerFdCancelList* m_cancelList;
    ClockId m_clock;
    HrtimerClock m_counts; // what counts for it
    std::variant<std::monostate, ArmedHrtimer, AlarmTimer> m_timer;
    std::vector<Task*> m_readers;
    Ns m_interval{};
    std::uint64_t m_ticks = 0;
    std::uint32_t m_settimeFlags = 0;
    Ns m_realtimeOffset; // when last looked at; "never" once the clock was set
    bool m_expired = false;
    bool m_mightCancel = false;
    bool m_nonBlocking;
};

} // namespace timerscope
