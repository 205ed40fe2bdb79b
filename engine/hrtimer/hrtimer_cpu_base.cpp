// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/hrtimer/hrtimer_cpu_base.h"

#include "engine/base/invariant.h"

#include <algorithm>

namespace timerscope {

namespace {

constexpr std::size_t hardBegin = 0;
constexpr std::size_t softBegin = hrtimerClocks;
constexpr std::size_t softEnd = hrtimerBases;

constexpr int interruptRounds = 3;
/// After fruitless rounds the CPU gets at most this much air.
constexpr Ns hangPauseMax = std::chrono::milliseconds{100};

} // namespace

MonotonicInstant HrtimerCpuBase::toMonotonic(std::size_t base, HrtimerInstant at) const
{
    const Ns offset = m_offsets[base % hrtimerClocks];
    const Ns since = addSaturating(at.time_since_epoch(), -offset);
    // A clock that was set forward can put an expiry before the start of CLOCK_MONOTONIC.
    return MonotonicInstant{std::max(since, Ns::zero())};
}

HrtimerInstant HrtimerCpuBase::clockNow(const Hrtimer& timer)
{
    updateOffsets();
    return HrtimerInstant{m_host->monotonicNow().time_since_epoch()
                          + m_offsets[static_cast<std::size_t>(timer.clock())]};
}

void HrtimerCpuBase::updateOffsets()
{
    for (std::size_t clock = 0; clock < hrtimerClocks; ++clock) {
        m_offsets[clock] = m_host->clockOffset(static_cast<HrtimerClock>(clock));
    }
}

HrtimerCpuBase::First HrtimerCpuBase::firstExpiry(std::size_t fromBase, std::size_t toBase) const
{
    First first;
    for (std::size_t base = fromBase; base < toBase; ++base) {
        const Hrtimer* const timer = m_queues[base].first();
        if (timer == nullptr) {
            continue;
        }
        if (const auto at = toMonotonic(base, timer->hardExpires()); at < first.at) {
            first = {.at = at, .timer = timer};
        }
    }
    return first;
}

/// When the device must fire next. While the softirq is pending or running it looks after the
/// soft timers itself, so they do not count.
MonotonicInstant HrtimerCpuBase::nextEvent()
{
    First next = firstExpiry(hardBegin, softBegin);
    if (!m_softirqActive) {
        const First soft = firstExpiry(softBegin, softEnd);
        m_softirqExpiresNext = soft.at;
        next = soft.at < next.at ? soft : next;
    }
    m_nextTimer = next.timer;
    return next.at;
}

void HrtimerCpuBase::init(const Hrtimer& timer)
{
    m_tracer.record(RecordKind::HrtimerInit, timer.id(), m_tracer.name(timer.functionName()),
                    static_cast<std::int64_t>(timer.clock()),
                    timer.isSoft() ? hrtimer_mode::soft : hrtimer_mode::hard);
}

void HrtimerCpuBase::start(Hrtimer& timer, HrtimerInstant soft, Ns slack, std::uint8_t mode)
{
    HrtimerQueue& queue = m_queues[timer.baseIndex()];
    const bool wasNext = &timer == m_nextTimer;
    if (timer.isQueued()) {
        queue.remove(timer);
        m_tracer.record(RecordKind::HrtimerCancel, timer.id());
    }
    timer.setExpires(soft, slack);
    m_tracer.record(RecordKind::HrtimerStart, timer.id(), nsOf(timer.hardExpires()),
                    nsOf(timer.softExpires()), mode);
    queue.add(timer);
    updateOffsets();
    if (wasNext) {
        // The device was set for the old expiry of this timer: one fresh look at everything.
        programIfChanged(nextEvent());
    } else if (queue.first() == &timer) {
        programForFirst(timer);
    }
}

/// @p timer has become the first of its base: the device must fire no later than it expires.
void HrtimerCpuBase::programForFirst(const Hrtimer& timer)
{
    const MonotonicInstant expires = toMonotonic(timer.baseIndex(), timer.hardExpires());
    if (timer.isSoft()) {
        if (m_softirqActive || expires >= m_softirqExpiresNext) {
            return;
        }
        m_softirqExpiresNext = expires;
    }
    if (expires < m_expiresNext) {
        m_nextTimer = &timer;
        program(expires);
    }
}

void HrtimerCpuBase::program(MonotonicInstant expires)
{
    if (m_inInterrupt) {
        return;
    }
    m_expiresNext = expires;
    if (m_hresActive && !m_hangDetected) {
        static_cast<void>(m_host->programTickDevice(expires, true));
    }
}

void HrtimerCpuBase::programIfChanged(MonotonicInstant expires)
{
    if (expires != m_expiresNext) {
        program(expires);
    }
}

bool HrtimerCpuBase::cancel(Hrtimer& timer)
{
    if (!timer.isQueued()) {
        return false;
    }
    m_queues[timer.baseIndex()].remove(timer);
    m_tracer.record(RecordKind::HrtimerCancel, timer.id());
    programAfterRemoval(timer);
    return true;
}

void HrtimerCpuBase::programAfterRemoval(const Hrtimer& removed)
{
    if (&removed != m_nextTimer) {
        return;
    }
    updateOffsets();
    programIfChanged(nextEvent());
}

void HrtimerCpuBase::raiseSoftirqIfDue(MonotonicInstant now)
{
    if (now < m_softirqExpiresNext) {
        return;
    }
    m_softirqExpiresNext = never<MonotonicClock>;
    m_softirqActive = true;
    m_host->raiseHrtimerSoftirq();
}

void HrtimerCpuBase::runQueues()
{
    if (m_hresActive) {
        return;
    }
    updateOffsets();
    const MonotonicInstant now = m_host->monotonicNow();
    raiseSoftirqIfDue(now);
    runExpired(hardBegin, softBegin, now);
}

void HrtimerCpuBase::runExpired(std::size_t fromBase, std::size_t toBase, MonotonicInstant now)
{
    for (std::size_t base = fromBase; base < toBase; ++base) {
        const HrtimerInstant baseNow{now.time_since_epoch() + m_offsets[base % hrtimerClocks]};
        // The head has the earliest hard expiry; when even its soft expiry is ahead, the pass is
        // over, although a timer behind it with more slack might be allowed to fire already.
        for (Hrtimer* timer = m_queues[base].first();
             timer != nullptr && timer->softExpires() <= baseNow; timer = m_queues[base].first()) {
            runTimer(*timer, baseNow);
        }
    }
}

void HrtimerCpuBase::runTimer(Hrtimer& timer, HrtimerInstant now)
{
    HrtimerQueue& queue = m_queues[timer.baseIndex()];
    queue.remove(timer);
    m_tracer.record(RecordKind::HrtimerExpireEntry, timer.id(), nsOf(now),
                    nsOf(timer.softExpires()));
    m_host->spendCallback();
    const HrtimerRestart restart = timer.call();
    m_tracer.record(RecordKind::HrtimerExpireExit, timer.id());
    // The function may have started the timer anew itself; then that start counts.
    if (restart == HrtimerRestart::Yes && !timer.isQueued()) {
        m_tracer.record(RecordKind::HrtimerStart, timer.id(), nsOf(timer.hardExpires()),
                        nsOf(timer.softExpires()), hrtimer_mode::absolute);
        queue.add(timer);
    }
}

void HrtimerCpuBase::interrupt()
{
    invariant(m_hresActive);
    ++m_statistics.events;
    m_host->tickDeviceFired();
    m_inInterrupt = true;
    updateOffsets();
    MonotonicInstant now = m_host->monotonicNow();
    const MonotonicInstant entered = now;
    for (int round = 0; round < interruptRounds; ++round) {
        raiseSoftirqIfDue(now);
        runExpired(hardBegin, softBegin, now);
        m_expiresNext = nextEvent();
        if (m_host->programTickDevice(m_expiresNext, false) == Errno::Ok) {
            m_inInterrupt = false;
            m_hangDetected = false;
            return;
        }
        // That time has passed while the timers ran: serve it at once.
        updateOffsets();
        now = m_host->monotonicNow();
        ++m_statistics.retries;
    }
    m_inInterrupt = false;
    surviveHang(now, now - entered);
}

/// The timers take longer than they leave: the CPU gets as much air as they took. Until the next
/// interrupt nothing else is programmed.
void HrtimerCpuBase::surviveHang(MonotonicInstant now, Ns spent)
{
    ++m_statistics.hangs;
    m_hangDetected = true;
    m_statistics.maxHangTime = std::max(m_statistics.maxHangTime, spent);
    static_cast<void>(m_host->programTickDevice(now + std::min(spent, hangPauseMax), true));
}

void HrtimerCpuBase::runSoftirq()
{
    updateOffsets();
    runExpired(softBegin, softEnd, m_host->monotonicNow());
    m_softirqActive = false;
    if (const First soft = firstExpiry(softBegin, softEnd); soft.timer != nullptr) {
        programForFirst(*soft.timer);
    }
}

void HrtimerCpuBase::reprogram()
{
    updateOffsets();
    program(nextEvent());
}

} // namespace timerscope
