// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/posix/interval_timers.h"

#include "engine/posix/process.h"

namespace timerscope {

namespace {

constexpr std::int64_t usPerSecond = 1'000'000;
constexpr std::int64_t nsPerUs = 1'000;

constexpr bool isValid(SecondsAndUs time)
{
    return time.seconds >= 0 && time.us >= 0 && time.us < usPerSecond;
}

constexpr Ns ktimeOf(SecondsAndUs time)
{
    return ktimeOf(SecondsAndNs{.seconds = time.seconds, .ns = time.us * nsPerUs});
}

} // namespace

IntervalTimers::IntervalTimers(Process& process)
    : m_process(&process)
    , m_real(process.host(), "it_real_fn", [this](Hrtimer& /*timer*/) {
        // Taking the signal re-arms it, so that a slow process is not flooded.
        static_cast<void>(m_process->send(signal_number::alarm, SignalCode::Kernel));
        return HrtimerRestart::No;
    })
{
    m_real.init(HrtimerClock::Monotonic);
}

CpuClock IntervalTimers::clockOf(IntervalTimerKind kind)
{
    return kind == IntervalTimerKind::Virtual ? CpuClock::Virt : CpuClock::Prof;
}

Ns IntervalTimers::tick() const
{
    return m_process->host().tickRate().period();
}

Errno IntervalTimers::set(int which, SecondsAndUs value, SecondsAndUs interval, TimerSetting* old)
{
    constexpr int kinds = 3;
    if (!isValid(value) || !isValid(interval) || which < 0 || which >= kinds) {
        return Errno::Invalid;
    }
    TimerSetting before;
    setTimer(static_cast<IntervalTimerKind>(which),
             {.value = ktimeOf(value), .interval = ktimeOf(interval)}, before);
    if (old != nullptr) {
        *old = before;
    }
    return Errno::Ok;
}

void IntervalTimers::setTimer(IntervalTimerKind kind, const TimerSetting& wanted, TimerSetting& old)
{
    if (kind == IntervalTimerKind::Real) {
        old = getReal();
        setReal(wanted);
    } else {
        setCpu(clockOf(kind), wanted, old);
    }
}

void IntervalTimers::setReal(const TimerSetting& wanted)
{
    static_cast<void>(m_real.cancel());
    m_realInterval = wanted.value != Ns::zero() ? wanted.interval : Ns::zero();
    if (wanted.value != Ns::zero()) {
        m_real.start(m_real.after(wanted.value), Ns::zero(), hrtimer_mode::relative);
    }
}

void IntervalTimers::setCpu(CpuClock clock, const TimerSetting& wanted, TimerSetting& old)
{
    CpuIntervalTimer& timer = at(clock);
    old = {.value = spanOf(timer.expires), .interval = spanOf(timer.interval)};
    CpuTime expires = cpuTimeOf(wanted.value);
    if (timer.expires != CpuTime::zero() || expires != CpuTime::zero()) {
        const CpuTime now = m_process->sample(clock, true);
        if (timer.expires != CpuTime::zero()) {
            old.value = timer.expires <= now ? tick() : spanOf(timer.expires - now);
        }
        if (expires != CpuTime::zero()) {
            expires += cpuTimeOf(tick()) + now;
        }
        // One that is switched off has the next tick look what else there is.
        m_process->cpuTimers().lowerNextEvent(clock, expires);
        m_process->setNeedsTick(true);
    }
    timer = {.expires = expires, .interval = cpuTimeOf(wanted.interval)};
}

TimerSetting IntervalTimers::get(IntervalTimerKind kind)
{
    return kind == IntervalTimerKind::Real ? getReal() : getCpu(clockOf(kind));
}

TimerSetting IntervalTimers::getReal()
{
    TimerSetting told{.interval = m_realInterval};
    if (m_real.isQueued()) {
        constexpr Ns justAbout{nsPerUs};
        const Ns left = m_real.remaining(m_real.now());
        told.value = left > Ns::zero() ? left : justAbout;
    }
    return told;
}

TimerSetting IntervalTimers::getCpu(CpuClock clock)
{
    const CpuIntervalTimer& timer = at(clock);
    TimerSetting told{.interval = spanOf(timer.interval)};
    if (timer.expires != CpuTime::zero()) {
        const CpuTime now = m_process->sample(clock, false);
        told.value = timer.expires < now ? tick() : spanOf(timer.expires - now);
    }
    return told;
}

std::uint32_t IntervalTimers::alarm(std::uint32_t seconds)
{
    constexpr Ns second = std::chrono::seconds{1};
    const Ns left = getReal().value;
    setReal({.value = ktimeOf(SecondsAndNs{.seconds = seconds})});
    const auto whole = static_cast<std::uint32_t>(left / second);
    const Ns rest = left % second;
    // 0 would say that nothing was set.
    const bool isUp = rest >= second / 2 || (whole == 0 && rest != Ns::zero());
    return whole + (isUp ? 1 : 0);
}

void IntervalTimers::alarmTaken()
{
    if (!m_real.isQueued() && m_realInterval != Ns::zero()) {
        static_cast<void>(m_real.forward(m_real.now(), m_realInterval));
        m_real.restart();
    }
}

void IntervalTimers::checkCpuTimers(const CpuTimes& times)
{
    check(CpuClock::Prof, times.on(CpuClock::Prof), signal_number::profiling);
    check(CpuClock::Virt, times.on(CpuClock::Virt), signal_number::virtualAlarm);
}

void IntervalTimers::check(CpuClock clock, CpuTime now, int signal)
{
    CpuIntervalTimer& timer = at(clock);
    if (timer.expires == CpuTime::zero()) {
        return;
    }
    if (now >= timer.expires) {
        const bool isPeriodic = timer.interval != CpuTime::zero();
        timer.expires = isPeriodic ? timer.expires + timer.interval : CpuTime::zero();
        static_cast<void>(m_process->send(signal, SignalCode::Kernel));
    }
    if (timer.expires != CpuTime::zero()) {
        m_process->cpuTimers().lowerNextEvent(clock, timer.expires);
    }
}

void IntervalTimers::cancel()
{
    static_cast<void>(m_real.cancel());
    m_cpu = {};
}

} // namespace timerscope
