// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/machine/routine_task.h"

#include <algorithm>
#include <utility>

namespace timerscope {

namespace {

std::uint32_t microtimespecOf(Ns span)
{
    using Microseconds = std::chrono::duration<std::int64_t, std::micro>;
    return static_cast<std::uint32_t>(std::chrono::floor<Microseconds>(span).count());
}

std::uint32_t millitimespecOf(Ns span)
{
    constexpr std::uint32_t usPerMs = 1'000;
    return microtimespecOf(span) / usPerMs;
}

SignalAction actionOf(SignalHabit habit)
{
    switch (habit) {
    case SignalHabit::Ignore:
        return SignalAction::Ignore;
    case SignalHabit::Default:
        return SignalAction::Default;
    case SignalHabit::Handle:
    case SignalHabit::Block:
        break;
    }
    return SignalAction::Handle;
}

} // namespace

RoutineTask::RoutineTask(const Parts& parts, TaskDescription description, int pid)
    : m_parts(parts)
    , m_description(std::move(description))
    , m_process(parts.host, pid, m_description.name)
    , m_sleep(m_process.leader())
{
    m_entity.task = &task();
    m_entity.cpu = m_description.cpu;
    m_entity.priority = m_description.priority;
    m_entity.isInKernel = m_description.isInKernel || isKernelThread();
    if (m_description.slack) {
        task().setTimerSlack(*m_description.slack);
    }
    if (m_description.priority > 0) {
        task().setPolicy(SchedulingPolicy::RealTime);
    }
    setSignals(m_description.onSignal);
}

bool RoutineTask::isKernelThread() const
{
    return m_description.routine == TaskRoutine::Msleep
        || m_description.routine == TaskRoutine::UsleepRange
        || m_description.routine == TaskRoutine::Fsleep;
}

// --- signals -----------------------------------------------------------------------------------

void RoutineTask::setSignals(SignalHabit habit)
{
    for (int number = 1; number <= signal_number::last; ++number) {
        static_cast<void>(m_process.sigaction(number, actionOf(habit)));
    }
    task().setBlocked(habit == SignalHabit::Block ? SignalSet::all() : SignalSet{});
}

/// On its way back to user mode. False when that ends the process.
bool RoutineTask::takeSignals()
{
    for (;;) {
        const Process::Delivery delivery = m_process.deliver(task());
        if (delivery.outcome != Process::Outcome::Handled) {
            return delivery.outcome != Process::Outcome::Killed;
        }
        m_handlerRan = true;
        ++m_tally.handledSignals;
        m_tally.lastSignal = delivery.info.number;
        if (delivery.info.code == SignalCode::Timer) {
            m_tally.lastOverrun = delivery.info.overrun;
            m_tally.overruns += static_cast<std::uint64_t>(std::max(delivery.info.overrun, 0));
        }
    }
}

// --- rounds ------------------------------------------------------------------------------------

RoutineTask::State RoutineTask::proceed()
{
    m_state = m_state == State::Ended ? m_state : goOn();
    return m_state;
}

bool RoutineTask::isDone() const
{
    return m_description.count != 0 && m_tally.rounds == m_description.count;
}

RoutineTask::State RoutineTask::goOn()
{
    for (;;) {
        if (m_phase == Phase::Sleeping) {
            if (const Pause pause = goOnSleeping()) {
                return *pause;
            }
            endRound();
        }
        if (!takeSignals() || (m_phase == Phase::Begin && isDone())) {
            return State::Ended;
        }
        if (m_phase == Phase::Begin) {
            m_left = m_description.run;
            m_phase = Phase::Computing;
        }
        if (m_left > Ns::zero()) {
            return State::Computes;
        }
        m_phase = Phase::Sleeping;
        if (const Pause pause = beginSleep()) {
            return *pause;
        }
        endRound();
    }
}

void RoutineTask::endRound()
{
    ++m_tally.rounds;
    m_phase = Phase::Begin;
}

RoutineTask::State RoutineTask::fail(Errno error)
{
    m_tally.refused = error;
    return State::Ended;
}

RoutineTask::Pause RoutineTask::beginSleep()
{
    switch (m_description.routine) {
    case TaskRoutine::Compute:
        return m_description.period == Ns::zero()
            ? std::nullopt
            : nanosleep(ClockId::Monotonic, m_description.period);
    case TaskRoutine::Nanosleep:
        return nanosleep(m_description.clock, m_description.period);
    case TaskRoutine::Cyclic:
        return sleepUntilNext();
    case TaskRoutine::TimerFd:
        return readDescriptor();
    case TaskRoutine::Msleep:
    case TaskRoutine::UsleepRange:
    case TaskRoutine::Fsleep:
        return sleepInKernel(kernelSleep());
    case TaskRoutine::Burst:
        exchangePackets();
        return nanosleep(ClockId::Monotonic, m_description.period);
    }
    return std::nullopt;
}

RoutineTask::Pause RoutineTask::goOnSleeping()
{
    if (m_left > Ns::zero()) {
        return State::Computes; // it spins
    }
    if (isKernelThread()) {
        return m_isWoken ? Pause{} : Pause{State::Waits};
    }
    if (m_descriptor != nullptr) {
        return readDescriptor();
    }
    const Pause pause = pauseOf(m_sleep.woken());
    if (!pause && m_moment) {
        const Ns late = m_parts.clockNow(m_description.clock) - *m_moment;
        m_tally.worstLatency = std::max(m_tally.worstLatency, late);
    }
    return pause;
}

// --- the sleeps of programs --------------------------------------------------------------------

RoutineTask::Pause RoutineTask::nanosleep(ClockId clock, Ns span)
{
    return pauseOf(callNanosleep(clock, 0, span));
}

ClockSleep::State RoutineTask::callNanosleep(ClockId clock, std::uint32_t flags, Ns value)
{
    Tracer& tracer = m_parts.host.tracer();
    const CallSpan span(tracer,
                        m_parts.conversion.width() == LongWidth::Bits32
                            ? "sys_clock_nanosleep_time32"
                            : "sys_clock_nanosleep");
    tracer.call("clockid_to_kclock");
    return m_sleep.begin(clock, flags, timespecOf(value));
}

/// One period after the moment of the round before; when that has passed, the round begins at once.
RoutineTask::Pause RoutineTask::sleepUntilNext()
{
    const Ns now = m_parts.clockNow(m_description.clock);
    m_moment = addSaturating(m_moment.value_or(now), m_description.period);
    return pauseOf(callNanosleep(m_description.clock, timerAbstime, *m_moment));
}

/// A signal may have ended the sleep: it is taken first, and then the sleep goes on unless a
/// handler ran.
RoutineTask::Pause RoutineTask::pauseOf(ClockSleep::State state)
{
    while (state == ClockSleep::State::Interrupted) {
        m_handlerRan = false;
        if (!takeSignals()) {
            return State::Ended;
        }
        m_tally.interrupted += m_handlerRan ? 1 : 0;
        state = m_sleep.afterSignal(m_handlerRan);
    }
    if (state == ClockSleep::State::Asleep) {
        return State::Sleeps;
    }
    if (state == ClockSleep::State::Refused && m_sleep.error() != Errno::Interrupted) {
        return fail(m_sleep.error());
    }
    return std::nullopt;
}

Errno RoutineTask::makeDescriptor()
{
    auto made = TimerFd::create(m_process, m_parts.cancelList, m_description.clock, 0);
    if (!made) {
        return made.error();
    }
    m_descriptor = std::move(*made);
    const Ns period = m_description.period;
    const TimerRequest wanted{
        .value = timespecOf(addSaturating(m_parts.clockNow(m_description.clock), period)),
        .interval = timespecOf(period)};
    return m_descriptor->settime(timerfd_flag::absolute | timerfd_flag::cancelOnSet, wanted,
                                 nullptr);
}

RoutineTask::Pause RoutineTask::readDescriptor()
{
    if (m_descriptor == nullptr) {
        if (const Errno error = makeDescriptor(); error != Errno::Ok) {
            return fail(error);
        }
    }
    m_descriptor->removeReader(task());
    const KernelAnswer<std::uint64_t> answer = m_descriptor->read();
    if (answer) {
        m_tally.expirations += *answer;
        return std::nullopt;
    }
    if (answer.error() == Errno::Canceled) {
        ++m_tally.canceled;
        return std::nullopt;
    }
    if (answer.error() != Errno::Again) {
        return fail(answer.error());
    }
    m_descriptor->addReader(task());
    return takeSignals() ? State::Sleeps : State::Ended;
}

// --- the sleeps of kernel threads --------------------------------------------------------------

KernelSleep RoutineTask::kernelSleep() const
{
    const Ns period = m_description.period;
    switch (m_description.routine) {
    case TaskRoutine::Msleep:
        return msleep(millitimespecOf(period), m_parts.conversion);
    case TaskRoutine::UsleepRange:
        return usleepRange(microtimespecOf(period),
                           microtimespecOf(period + m_description.slack.value_or(Ns::zero())));
    default:
        return fsleep(microtimespecOf(period), m_parts.conversion);
    }
}

void RoutineTask::wakeFromKernelSleep()
{
    m_isWoken = true;
    m_parts.host.wakeUp(task());
}

RoutineTask::Pause RoutineTask::sleepInKernel(const KernelSleep& sleep)
{
    m_isWoken = false;
    if (sleep.kind == KernelSleep::Kind::Busy) {
        m_isWoken = true; // when the spinning is over
        m_left = sleep.least;
        return m_left > Ns::zero() ? Pause{State::Computes} : Pause{};
    }
    if (sleep.kind == KernelSleep::Kind::Range) {
        if (!m_hrtimer) {
            m_hrtimer.emplace(m_parts.host, "hrtimer_wakeup", [this](Hrtimer&) {
                wakeFromKernelSleep();
                return HrtimerRestart::No;
            });
            m_hrtimer->setTask(m_description.name);
        }
        m_hrtimer->init(HrtimerClock::Monotonic);
        m_hrtimer->start(m_hrtimer->after(sleep.least), sleep.slack);
        return State::Waits;
    }
    Cpu& cpu = m_parts.currentCpu();
    if (!m_wheelTimer) {
        m_wheelTimer.emplace(m_parts.host.nextTimerId(), "process_timeout",
                             [this](WheelTimer&) { wakeFromKernelSleep(); });
        m_wheelTimer->setTask(m_description.name);
        cpu.wheel().init(*m_wheelTimer);
    }
    const Jiffies now = m_parts.jiffies.now();
    cpu.wheel().modify(*m_wheelTimer, Jiffies{now.count + sleep.ticks}, now);
    return State::Waits;
}

// --- bursts ------------------------------------------------------------------------------------

void RoutineTask::makeConnections()
{
    m_connections.resize(m_description.timers);
    for (Connection& connection : m_connections) {
        connection.timer = std::make_unique<WheelTimer>(
            m_parts.host.nextTimerId(), "tcp_write_timer", [this, &connection](WheelTimer&) {
                ++m_tally.retransmits;
                connection.isLost = false; // what is sent again arrives
            });
        connection.timer->setTask(m_description.name);
        m_parts.currentCpu().wheel().init(*connection.timer);
    }
}

/// In turns: every connection that does not wait for its time-out sends, so that the timer is
/// armed; and the answers come, which stop it, but for those that are lost.
void RoutineTask::exchangePackets()
{
    if (m_connections.empty()) {
        makeConnections();
    }
    TimerWheel& wheel = m_parts.currentCpu().wheel();
    const Jiffies now = m_parts.jiffies.now();
    const std::uint64_t timeout
        = m_parts.conversion.msecsToJiffies(millitimespecOf(m_description.timeout));
    for (Connection& connection : m_connections) {
        if (connection.isLost) {
            continue;
        }
        if (m_isSending) {
            wheel.modify(*connection.timer, Jiffies{now.count + timeout}, now);
            continue;
        }
        ++m_answers;
        connection.isLost = m_description.loss != 0 && m_answers % m_description.loss == 0;
        if (!connection.isLost) {
            wheel.remove(*connection.timer);
        }
    }
    m_isSending = !m_isSending;
}

} // namespace timerscope
