// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/posix/posix_timers.h"

#include "engine/posix/clock_posix_timer.h"
#include "engine/posix/cpu_posix_timer.h"
#include "engine/posix/process.h"

#include <limits>

namespace timerscope {

PosixTimers::~PosixTimers() = default;

int PosixTimers::takeId()
{
    int id = m_nextId;
    while (m_timers.contains(id)) {
        id = id == std::numeric_limits<int>::max() ? 0 : id + 1;
    }
    m_nextId = id == std::numeric_limits<int>::max() ? 0 : id + 1;
    return id;
}

KernelAnswer<int> PosixTimers::create(Task& caller, ClockId clock, const SignalEvent* event)
{
    const auto abilities = abilitiesOf(clock);
    if (!abilities) {
        return tl::unexpected(Errno::Invalid);
    }
    if (!abilities->canTime) {
        return tl::unexpected(Errno::NotSupported);
    }
    const int id = takeId();
    const auto notification = check(caller, id, event);
    if (!notification) {
        return tl::unexpected(notification.error());
    }
    auto timer = make(caller, id, clock, *notification);
    if (!timer) {
        return tl::unexpected(timer.error());
    }
    m_timers.emplace(id, std::move(*timer));
    return id;
}

KernelAnswer<TimerNotification> PosixTimers::check(Task& caller, int id, const SignalEvent* event)
{
    if (event == nullptr) {
        return TimerNotification{.value = id};
    }
    TimerNotification checked{
        .sendsSignal = true, .signalNumber = event->number, .value = event->value};
    int kind = event->notify;
    if (kind == SignalEvent::none) {
        checked.sendsSignal = false; // whatever the signal is
        return checked;
    }
    if (kind == (SignalEvent::signal | SignalEvent::threadId)) {
        if (caller.process().findThread(event->tid) == nullptr) {
            return tl::unexpected(Errno::Invalid);
        }
        checked.threadId = event->tid;
        kind = SignalEvent::signal;
    }
    const bool isKnown = kind == SignalEvent::signal || kind == SignalEvent::thread;
    if (!isKnown || !isSignal(event->number)) {
        return tl::unexpected(Errno::Invalid);
    }
    return checked;
}

KernelAnswer<std::unique_ptr<PosixTimer>> PosixTimers::make(Task& caller, int id, ClockId clock,
                                                            const TimerNotification& notification)
{
    std::unique_ptr<PosixTimer> timer;
    if (isAlarmClock(clock)) {
        AlarmTimers& alarms = m_process->host().alarmTimers();
        if (!alarms.hasRtc()) {
            return tl::unexpected(Errno::NotSupported);
        }
        if (!m_process->mayWakeMachine()) {
            return tl::unexpected(Errno::NotPermitted);
        }
        timer = std::make_unique<AlarmPosixTimer>(*m_process, alarms, id, clock, notification);
    } else if (const auto counts = hrtimerClockOf(clock)) {
        timer = std::make_unique<HrtimerPosixTimer>(*m_process, id, clock, *counts, notification);
    } else {
        const auto target = CpuClockTarget::find(caller, clock);
        if (!target) {
            return tl::unexpected(Errno::Invalid);
        }
        timer = std::make_unique<CpuPosixTimer>(*m_process, id, clock, *target, notification);
    }
    return timer;
}

PosixTimer* PosixTimers::find(int id)
{
    const auto found = m_timers.find(id);
    return found == m_timers.end() ? nullptr : found->second.get();
}

Errno PosixTimers::settime(int id, std::uint32_t flags, const TimerRequest& wanted,
                           TimerSetting* old)
{
    if (!isValid(wanted.interval) || !isValid(wanted.value)) {
        return Errno::Invalid;
    }
    PosixTimer* const timer = find(id);
    if (timer == nullptr) {
        return Errno::Invalid;
    }
    const TimerSetting setting{.value = ktimeOf(wanted.value),
                               .interval = ktimeOf(wanted.interval)};
    return timer->set((flags & timerAbstime) != 0, setting, old);
}

KernelAnswer<TimerSetting> PosixTimers::gettime(int id)
{
    PosixTimer* const timer = find(id);
    if (timer == nullptr) {
        return tl::unexpected(Errno::Invalid);
    }
    return timer->get();
}

KernelAnswer<int> PosixTimers::getoverrun(int id) const
{
    const auto found = m_timers.find(id);
    if (found == m_timers.end()) {
        return tl::unexpected(Errno::Invalid);
    }
    return found->second->overrun();
}

Errno PosixTimers::remove(int id)
{
    PosixTimer* const timer = find(id);
    if (timer == nullptr) {
        return Errno::Invalid;
    }
    timer->stop();
    m_timers.erase(id);
    return Errno::Ok;
}

void PosixTimers::removeAll()
{
    for (const auto& [id, timer] : m_timers) {
        timer->stop();
    }
    m_timers.clear();
}

int PosixTimers::rearm(const SignalEntry& taken)
{
    PosixTimer* const timer = find(taken.info.timerId);
    return timer != nullptr ? timer->signalTaken(taken) : taken.info.overrun;
}

} // namespace timerscope
