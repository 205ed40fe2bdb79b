// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/posix/timer_fd.h"

#include "engine/posix/process.h"

#include <algorithm>
#include <utility>

namespace timerscope {

namespace {

constexpr Ns clockWasMoved = Ns::max();

constexpr bool isWallClock(ClockId clock)
{
    return clock == ClockId::Realtime || clock == ClockId::RealtimeAlarm;
}

} // namespace

void TimerFdCancelList::clockWasSet()
{
    const Ns offset = m_host->realtimeOffset();
    for (TimerFd* const member : m_members) {
        member->cancelIfMoved(offset);
    }
}

KernelAnswer<std::unique_ptr<TimerFd>>
TimerFd::create(Process& owner, TimerFdCancelList& cancelList, ClockId clock, std::uint32_t flags)
{
    constexpr std::uint32_t known = timerfd_flag::nonBlocking | timerfd_flag::closeOnExec;
    const auto counts = hrtimerClockOf(clock);
    if ((flags & ~known) != 0 || !counts || *counts == HrtimerClock::Tai) {
        return tl::unexpected(Errno::Invalid);
    }
    if (isAlarmClock(clock) && !owner.mayWakeMachine()) {
        return tl::unexpected(Errno::NotPermitted);
    }
    return std::unique_ptr<TimerFd>(new TimerFd(owner, cancelList, clock, *counts, flags));
}

TimerFd::TimerFd(Process& owner, TimerFdCancelList& cancelList, ClockId clock, HrtimerClock counts,
                 std::uint32_t flags)
    : m_owner(&owner)
    , m_cancelList(&cancelList)
    , m_clock(clock)
    , m_counts(counts)
    , m_realtimeOffset(cancelList.host().realtimeOffset())
    , m_nonBlocking((flags & timerfd_flag::nonBlocking) != 0)
{
    PosixHost& host = cancelList.host();
    if (isAlarmClock(clock)) {
        m_timer.emplace<AlarmTimer>(host.alarmTimers(), alarmClockOf(clock),
                                    [this](HrtimerInstant /*now*/) {
                                        triggered();
                                        return HrtimerRestart::No;
                                    });
    } else {
        m_timer.emplace<ArmedHrtimer>(host, "timerfd_tmrproc", [this](Hrtimer& /*timer*/) {
            triggered();
            return HrtimerRestart::No;
        });
        hrtimer()->init(counts);
    }
}

TimerFd::~TimerFd()
{
    std::erase(m_cancelList->m_members, this);
}

// --- the clock was set ------------------------------------------------------------------------

void TimerFd::cancelIfMoved(Ns offset)
{
    if (m_realtimeOffset != offset) {
        m_realtimeOffset = clockWasMoved;
        ++m_ticks;
        wakeReaders();
    }
}

void TimerFd::watchClock(std::uint32_t flags)
{
    constexpr std::uint32_t both = timerfd_flag::absolute | timerfd_flag::cancelOnSet;
    const bool watches = isWallClock(m_clock) && (flags & both) == both;
    if (watches && !m_mightCancel) {
        m_cancelList->m_members.push_back(this);
    } else if (!watches) {
        std::erase(m_cancelList->m_members, this);
    }
    m_mightCancel = watches;
}

bool TimerFd::takeCancelled()
{
    if (!m_mightCancel || m_realtimeOffset != clockWasMoved) {
        return false;
    }
    m_realtimeOffset = m_cancelList->host().realtimeOffset();
    return true;
}

// --- the timer --------------------------------------------------------------------------------

void TimerFd::triggered()
{
    m_expired = true;
    ++m_ticks;
    wakeReaders();
}

void TimerFd::wakeReaders()
{
    for (Task* const reader : std::exchange(m_readers, {})) {
        m_cancelList->host().wakeUp(*reader);
    }
}

void TimerFd::stop()
{
    if (ArmedHrtimer* const timer = hrtimer()) {
        static_cast<void>(timer->cancel());
    } else {
        static_cast<void>(alarm().cancel());
    }
}

std::uint64_t TimerFd::forward()
{
    if (ArmedHrtimer* const timer = hrtimer()) {
        return timer->forward(timer->now(), m_interval);
    }
    return alarm().forward(alarm().now(), m_interval);
}

void TimerFd::catchUp()
{
    m_expired = false;
    // The expiry itself was counted when it fired.
    m_ticks += forward() - 1;
    if (ArmedHrtimer* const timer = hrtimer()) {
        timer->restart();
    } else {
        alarm().restart();
    }
}

Ns TimerFd::remaining()
{
    ArmedHrtimer* const timer = hrtimer();
    const Ns left
        = timer != nullptr ? timer->remaining(timer->now()) : alarm().expires() - alarm().now();
    return std::max(left, Ns::zero());
}

void TimerFd::start(bool absolute, Ns value)
{
    ArmedHrtimer* const timer = hrtimer();
    if (timer == nullptr) {
        alarm().setExpires(HrtimerInstant{});
        if (value != Ns::zero()) {
            alarm().start(absolute ? HrtimerInstant{value} : alarm().after(value));
        }
        return;
    }
    // A span must not change when the wall clock is set.
    const bool keepsSpan = m_counts == HrtimerClock::Realtime && !absolute;
    timer->init(keepsSpan ? HrtimerClock::Monotonic : m_counts);
    if (value != Ns::zero()) {
        timer->start(absolute ? HrtimerInstant{value} : timer->after(value), Ns::zero(),
                     absolute ? hrtimer_mode::absolute : hrtimer_mode::relative);
    }
}

// --- system calls -----------------------------------------------------------------------------

Errno TimerFd::settime(std::uint32_t flags, const TimerRequest& wanted, TimerSetting* old)
{
    constexpr std::uint32_t known = timerfd_flag::absolute | timerfd_flag::cancelOnSet;
    if ((flags & ~known) != 0 || !isValid(wanted.value) || !isValid(wanted.interval)) {
        return Errno::Invalid;
    }
    if (isAlarmClock(m_clock) && !m_owner->mayWakeMachine()) {
        return Errno::NotPermitted;
    }
    watchClock(flags);
    stop();
    if (isCatchingUp()) {
        static_cast<void>(forward()); // only for what is told of the old setting
    }
    if (old != nullptr) {
        *old = {.value = remaining(), .interval = m_interval};
    }
    m_expired = false;
    m_ticks = 0;
    m_interval = ktimeOf(wanted.interval);
    const Ns value = ktimeOf(wanted.value);
    start((flags & timerfd_flag::absolute) != 0, value);
    if (value != Ns::zero() && takeCancelled()) {
        return Errno::Canceled;
    }
    m_settimeFlags = flags;
    return Errno::Ok;
}

TimerSetting TimerFd::gettime()
{
    if (isCatchingUp()) {
        catchUp();
    }
    return {.value = remaining(), .interval = m_interval};
}

KernelAnswer<std::uint64_t> TimerFd::read(std::size_t bytes)
{
    if (bytes < sizeof(std::uint64_t)) {
        return tl::unexpected(Errno::Invalid);
    }
    if (takeCancelled()) {
        // The program has to think anew: the timer is not moved on.
        m_ticks = 0;
        m_expired = false;
        return tl::unexpected(Errno::Canceled);
    }
    if (m_ticks == 0) {
        return tl::unexpected(Errno::Again);
    }
    if (isCatchingUp()) {
        catchUp();
    }
    m_expired = false;
    return std::exchange(m_ticks, 0);
}

Errno TimerFd::setTicks(std::uint64_t ticks)
{
    if (ticks == 0) {
        return Errno::Invalid;
    }
    if (takeCancelled()) {
        return Errno::Canceled;
    }
    m_ticks = ticks;
    wakeReaders();
    return Errno::Ok;
}

} // namespace timerscope
