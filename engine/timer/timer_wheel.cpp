// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/timer/timer_wheel.h"

#include "engine/base/invariant.h"

namespace timerscope {

TimerWheel::TimerWheel(TickRate rate, Jiffies now, Host& host, Tracer tracer, WheelOptions options)
    : m_standard(options.cpu, rate, now)
    , m_deferrable(options.cpu, rate, now)
    , m_host(&host)
    , m_tracer(tracer)
    , m_tick(rate.period())
    , m_noHz(options.noHz)
{
}

TimerBase& TimerWheel::base(TimerBaseKind kind)
{
    return m_noHz && kind == TimerBaseKind::Deferrable ? m_deferrable : m_standard;
}

const TimerBase& TimerWheel::base(TimerBaseKind kind) const
{
    return m_noHz && kind == TimerBaseKind::Deferrable ? m_deferrable : m_standard;
}

TimerBase& TimerWheel::baseFor(const WheelTimer& timer)
{
    return base(timer.has(timer_flag::deferrable) ? TimerBaseKind::Deferrable
                                                  : TimerBaseKind::Standard);
}

TimerBase& TimerWheel::presentBase(WheelTimer& timer)
{
    return timer.m_base != nullptr ? *timer.m_base : baseFor(timer);
}

TimerBase& TimerWheel::targetBase(const WheelTimer& timer)
{
    if (!timer.has(timer_flag::pinned)) {
        if (TimerWheel* const target = m_host->migrationTarget()) {
            return target->baseFor(timer);
        }
    }
    return baseFor(timer);
}

void TimerWheel::init(WheelTimer& timer)
{
    timer.m_base = &baseFor(timer);
    m_tracer.record(RecordKind::TimerInit, timer.id(), m_tracer.name(timer.functionName()), 0,
                    timer.flags());
}

bool TimerWheel::change(WheelTimer& timer, Jiffies expires, Jiffies now, Change how)
{
    const bool wasPending = timer.isPending();
    if (wasPending
        && (timer.m_expires == expires
            || (how == Change::Reduce && isBefore(timer.m_expires, expires)))) {
        return true;
    }
    TimerBase& base = presentBase(timer);
    base.forward(now);
    if (!wasPending) {
        if (how != Change::PendingOnly) {
            armOnTarget(base, timer, expires, now);
        }
        return false;
    }
    // A timer that stays in its bucket keeps its place in it, even one that is about to fire.
    if (base.positionFor(expires).index == timer.m_index) {
        TimerBase::keepPlace(timer, expires);
        return true;
    }
    removePending(timer);
    armOnTarget(base, timer, expires, now);
    return true;
}

/// On the CPU that takes it; but a timer whose function runs stays where it is, for
/// del_timer_sync() must find it there.
void TimerWheel::armOnTarget(TimerBase& present, WheelTimer& timer, Jiffies expires, Jiffies now)
{
    TimerBase& target = targetBase(timer);
    if (&target == &present || present.running() == &timer) {
        arm(present, timer, expires);
        return;
    }
    target.forward(now);
    arm(target, timer, expires);
}

void TimerWheel::arm(TimerBase& base, WheelTimer& timer, Jiffies expires)
{
    const bool isFirst = base.enqueue(timer, expires, base.positionFor(expires));
    m_tracer.record(RecordKind::TimerStart, timer.id(), static_cast<std::int64_t>(expires.count),
                    static_cast<std::int64_t>(timer.m_bucketExpiry.count), timer.flags());
    if (isFirst && mustWake(base, timer)) {
        m_host->wakeIdleCpu(base.cpu());
    }
}

/// A deferrable timer does not wake a CPU that is idle, only one that runs a task without ticks.
bool TimerWheel::mustWake(const TimerBase& base, const WheelTimer& timer) const
{
    return timer.has(timer_flag::deferrable) ? m_host->isFullNohz(base.cpu()) : base.isIdle();
}

void TimerWheel::add(WheelTimer& timer, Jiffies expires, Jiffies now)
{
    invariant(!timer.isPending());
    change(timer, expires, now, Change::Any);
}

void TimerWheel::addOn(TimerWheel& target, WheelTimer& timer, Jiffies expires, Jiffies now)
{
    invariant(!timer.isPending());
    TimerBase& base = target.baseFor(timer);
    base.forward(now);
    arm(base, timer, expires);
}

void TimerWheel::removePending(WheelTimer& timer)
{
    timer.m_base->detach(timer);
    m_tracer.record(RecordKind::TimerCancel, timer.id());
}

bool TimerWheel::remove(WheelTimer& timer)
{
    if (!timer.isPending()) {
        return false;
    }
    removePending(timer);
    return true;
}

int TimerWheel::tryRemove(WheelTimer& timer)
{
    if (presentBase(timer).running() == &timer) {
        return -1;
    }
    return remove(timer) ? 1 : 0;
}

bool TimerWheel::isDue(Jiffies now) const
{
    return m_standard.isDue(now) || (m_noHz && m_deferrable.isDue(now));
}

void TimerWheel::run(Jiffies now)
{
    const CallSpan span(m_tracer, "run_timer_softirq");
    runBase(m_standard, now);
    if (m_noHz) {
        runBase(m_deferrable, now);
    }
}

void TimerWheel::runBase(TimerBase& base, Jiffies now)
{
    const CallSpan span(m_tracer, "__run_timers");
    while (!isBefore(now, base.clk()) && base.isDue(now)) {
        m_tracer.call("collect_expired_timers");
        base.beginPass();
        expire(base, now);
    }
}

void TimerWheel::expire(TimerBase& base, Jiffies now)
{
    tellNextInterrupt();
    const CallSpan span(m_tracer, "expire_timers");
    while (WheelTimer* const timer = base.takeExpired()) {
        m_tracer.call("detach_timer");
        fire(base, *timer, now);
    }
}

/// The search for the next expiry is part of the pass.
void TimerWheel::tellNextInterrupt()
{
    const CallSpan span(m_tracer, "__next_timer_interrupt");
    m_tracer.call("next_pending_bucket");
}

void TimerWheel::fire(TimerBase& base, WheelTimer& timer, Jiffies now)
{
    const CallSpan span(m_tracer, "call_timer_fn");
    const std::uint32_t id = timer.id(); // its function may be the end of it
    m_tracer.record(RecordKind::TimerCancel, id);
    m_tracer.record(RecordKind::TimerExpireEntry, id, static_cast<std::int64_t>(now.count),
                    static_cast<std::int64_t>(base.clk().count - 1));
    m_host->spendCallback();
    callFunction(timer);
    m_tracer.record(RecordKind::TimerExpireExit, id);
    base.endExpired();
}

void TimerWheel::callFunction(WheelTimer& timer)
{
    const CallSpan span(m_tracer, timer.functionName());
    timer.call();
}

MonotonicInstant TimerWheel::nextTimerInterrupt(Jiffies now, MonotonicInstant at)
{
    TimerBase& base = m_standard;
    if (base.needsRecalc()) {
        base.recalculate();
    }
    base.forward(now);
    if (!isBefore(now, base.nextExpiry())) {
        base.setIdle(false);
        return at;
    }
    if (!base.hasTimers()) {
        base.setIdle(true);
        return never<MonotonicClock>;
    }
    const std::uint64_t ticks = base.nextExpiry().count - now.count;
    if (ticks > 1) {
        base.setIdle(true);
    }
    return addSaturating(at, static_cast<std::int64_t>(ticks) * m_tick);
}

void TimerWheel::takeTimersOf(TimerWheel& dead, Jiffies now)
{
    for (const auto kind : {TimerBaseKind::Standard, TimerBaseKind::Deferrable}) {
        TimerBase& from = dead.base(kind);
        TimerBase& to = base(kind);
        invariant(from.running() == nullptr);
        to.forward(now);
        for (unsigned index = 0; index < from.levels() * bucketsPerLevel; ++index) {
            moveBucket(from, index, to);
        }
    }
}

/// Front first, so that a bucket's order is turned round. The dead wheel is not told that its
/// bucket is empty: see TimerBase::prepare().
void TimerWheel::moveBucket(TimerBase& from, unsigned index, TimerBase& to)
{
    while (WheelTimer* const timer = from.front(index)) {
        TimerBase::unlink(*timer);
        m_tracer.record(RecordKind::TimerCancel, timer->id());
        arm(to, *timer, timer->m_expires);
    }
}

void TimerWheel::prepare(Jiffies now)
{
    m_standard.prepare(now);
    m_deferrable.prepare(now);
}

MonotonicInstant withHrtimer(MonotonicInstant wheel, MonotonicInstant hrtimer, MonotonicInstant at,
                             TickRate rate)
{
    if (wheel <= hrtimer) {
        return wheel;
    }
    if (hrtimer <= at) {
        return at;
    }
    const std::int64_t tick = rate.period().count();
    const std::int64_t ticks = nsOf(hrtimer) / tick + (nsOf(hrtimer) % tick != 0 ? 1 : 0);
    return MonotonicInstant{Ns{ticks * tick}};
}

} // namespace timerscope
