// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/posix/clock_sleep.h"

#include "engine/posix/alarm_timer.h"
#include "engine/posix/armed_hrtimer.h"
#include "engine/posix/cpu_clock_target.h"

#include <array>

namespace timerscope {

namespace {

/// On an hrtimer, with slack.
class HrtimerSleep final : public SleepTimer
{
public:
    HrtimerSleep(Task& task, HrtimerClock clock, bool absolute, Ns value)
        : SleepTimer(task)
        , m_hrtimer(task.process().host(), "hrtimer_wakeup",
                    [this](Hrtimer& /*timer*/) {
                        fire();
                        return HrtimerRestart::No;
                    })
        , m_slack(task.timerSlack())
        , m_mode(absolute ? hrtimer_mode::absolute : hrtimer_mode::relative)
    {
        m_hrtimer.setTask(task.name());
        tracer().call("timespec64_to_ktime");
        const CallSpan span(tracer(), "hrtimer_nanosleep");
        // A span must not change when the wall clock is set.
        const bool keepsSpan = clock == HrtimerClock::Realtime && !absolute;
        initSleeper(keepsSpan ? HrtimerClock::Monotonic : clock);
        tracer().call("hrtimer_set_expires_range_ns");
        m_soft = absolute ? HrtimerInstant{value} : m_hrtimer.after(value);
    }

    void start() override
    {
        const CallSpan outer(tracer(), "hrtimer_nanosleep");
        const CallSpan sleep(tracer(), "do_nanosleep");
        {
            const CallSpan span(tracer(), "hrtimer_sleeper_start_expires");
            m_hrtimer.start(m_soft, m_slack, m_mode);
        }
        m_mode = hrtimer_mode::absolute;
        tracer().call(task().process().host().sleepFunction());
    }
    void cancel() override
    {
        const CallSpan sleep(tracer(), "do_nanosleep");
        tracer().call("hrtimer_cancel");
        static_cast<void>(m_hrtimer.cancel());
    }
    [[nodiscard]] Ns remaining() override { return m_hrtimer.remaining(m_hrtimer.now()); }
    void makeExact() override
    {
        m_soft = m_hrtimer.expires();
        m_slack = Ns::zero();
    }

private:
    [[nodiscard]] Tracer& tracer() { return task().process().host().tracer(); }
    void initSleeper(HrtimerClock clock)
    {
        const CallChain chain(tracer(),
                              std::array{"hrtimer_init_sleeper_on_stack", "hrtimer_init_sleeper"});
        m_hrtimer.init(clock, "__hrtimer_init_sleeper");
        const CallSpan inner(tracer(), "__hrtimer_init_sleeper");
        tracer().install("hrtimer_wakeup");
    }

    ArmedHrtimer m_hrtimer;
    HrtimerInstant m_soft;
    Ns m_slack;
    std::uint8_t m_mode;
};

/// On an alarm clock: no slack, and the machine does not sleep on.
class AlarmSleep final : public SleepTimer
{
public:
    AlarmSleep(Task& task, AlarmClock clock, bool absolute, Ns value)
        : SleepTimer(task)
        , m_alarm(task.process().host().alarmTimers(), clock, [this](HrtimerInstant /*now*/) {
            fire();
            return HrtimerRestart::No;
        })
    {
        m_alarm.setTask(task.name());
        m_alarm.setExpires(absolute ? HrtimerInstant{value} : m_alarm.after(value));
    }

    void start() override { m_alarm.restart(); }
    void cancel() override { static_cast<void>(m_alarm.cancel()); }
    [[nodiscard]] Ns remaining() override { return m_alarm.expires() - m_alarm.now(); }
    void makeExact() override { }

private:
    AlarmTimer m_alarm;
};

/// Until a task, or a process, has used so much CPU time.
class CpuSleep final : public SleepTimer
{
public:
    CpuSleep(Task& task, const CpuClockTarget& target, bool absolute, Ns value)
        : SleepTimer(task)
        , m_target(target)
        , m_timer(target.clock(), [this] { fire(); })
    {
        const CpuTime asked = cpuTimeOf(value);
        const bool isSpan = !absolute && asked != CpuTime::zero();
        m_timer.setExpires(isSpan ? asked + m_target.sample(true) : asked);
    }

    void start() override
    {
        if (m_timer.isQueued()) {
            return;
        }
        if (m_target.isAlive() && m_target.sample(true) < m_timer.expires()) {
            m_target.arm(m_timer);
        } else {
            fire();
        }
    }
    void cancel() override
    {
        if (m_timer.isQueued()) {
            m_target.queues().disarm(m_timer);
        }
    }
    [[nodiscard]] Ns remaining() override
    {
        const CpuTime now = m_target.isAlive() ? m_target.sample(false) : noCpuExpiry;
        return now < m_timer.expires() ? spanOf(m_timer.expires() - now) : Ns::zero();
    }
    void makeExact() override { }

private:
    CpuClockTarget m_target;
    CpuTimer m_timer;
};

std::unique_ptr<SleepTimer> makeTimer(Task& task, ClockId clock, bool absolute, Ns value)
{
    if (isAlarmClock(clock)) {
        return std::make_unique<AlarmSleep>(task, alarmClockOf(clock), absolute, value);
    }
    if (const auto hrtimer = hrtimerClockOf(clock)) {
        return std::make_unique<HrtimerSleep>(task, *hrtimer, absolute, value);
    }
    const auto target = CpuClockTarget::find(task, clock);
    return target ? std::make_unique<CpuSleep>(task, *target, absolute, value) : nullptr;
}

/// The kernel's, which sleeps on that clock.
std::string_view functionOf(ClockId clock)
{
    if (isAlarmClock(clock)) {
        return "alarm_timer_nsleep";
    }
    return hrtimerClockOf(clock) ? "common_nsleep" : "posix_cpu_nsleep";
}

/// Nobody can wait for CPU time of its own thread: it would never come.
bool isOwnThread(ClockId clock, const Task& task)
{
    const auto id = cpuClockOf(clock);
    return id && id->isThread && (id->pid == 0 || id->pid == task.tid());
}

} // namespace

void SleepTimer::fire()
{
    m_fired = true;
    m_task->process().host().wakeUp(*m_task);
}

Errno ClockSleep::check(ClockId clock, std::uint32_t flags, SecondsAndNs request) const
{
    const auto abilities = abilitiesOf(clock);
    if (!abilities) {
        return Errno::Invalid;
    }
    if (!abilities->canSleep) {
        return Errno::NotSupported;
    }
    if (!isValid(request) || isOwnThread(clock, *m_task)) {
        return Errno::Invalid;
    }
    if (isAlarmClock(clock)) {
        if (!m_task->process().host().alarmTimers().hasRtc()) {
            return Errno::NotSupported;
        }
        if ((flags & ~timerAbstime) != 0) {
            return Errno::Invalid;
        }
        return m_task->process().mayWakeMachine() ? Errno::Ok : Errno::NotPermitted;
    }
    return Errno::Ok;
}

ClockSleep::State ClockSleep::begin(ClockId clock, std::uint32_t flags, SecondsAndNs request)
{
    m_remaining.reset();
    m_error = Errno::Ok;
    if (const Errno refused = check(clock, flags, request); refused != Errno::Ok) {
        return refuse(refused);
    }
    m_clock = clock;
    m_absolute = (flags & timerAbstime) != 0;
    m_value = ktimeOf(request);
    return start();
}

ClockSleep::State ClockSleep::refuse(Errno error)
{
    m_error = error;
    return end(State::Refused);
}

ClockSleep::State ClockSleep::end(State state)
{
    m_timer.reset();
    m_state = state;
    return state;
}

bool ClockSleep::startTimer()
{
    const CallSpan span(m_task->process().host().tracer(), functionOf(m_clock));
    m_timer = makeTimer(*m_task, m_clock, m_absolute, m_value);
    if (m_timer != nullptr) {
        m_timer->start();
    }
    return m_timer != nullptr;
}

ClockSleep::State ClockSleep::start()
{
    if (!startTimer()) {
        return refuse(Errno::Invalid);
    }
    m_state = State::Asleep;
    // Already over, or a signal was pending: the task does not stop running.
    return m_timer->hasFired() || m_task->hasSignal() ? woken() : m_state;
}

ClockSleep::State ClockSleep::woken()
{
    if (m_state != State::Asleep) {
        return m_state;
    }
    // Whoever woke it: the timer is off before anything is looked at.
    m_timer->cancel();
    if (m_timer->hasFired()) {
        return end(State::Over);
    }
    if (!m_task->hasSignal()) {
        m_timer->start();
        return m_state;
    }
    const Ns left = m_timer->remaining();
    if (!m_absolute) {
        if (left <= Ns::zero()) {
            return end(State::Over);
        }
        m_remaining = left;
    }
    m_state = State::Interrupted;
    return m_state;
}

ClockSleep::State ClockSleep::afterSignal(bool handlerRan)
{
    if (m_state != State::Interrupted) {
        return m_state;
    }
    if (handlerRan) {
        return refuse(Errno::Interrupted);
    }
    if (m_absolute) {
        return start();
    }
    m_timer->makeExact();
    m_timer->start();
    m_state = State::Asleep;
    return m_timer->hasFired() || m_task->hasSignal() ? woken() : m_state;
}

} // namespace timerscope
