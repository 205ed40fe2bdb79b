// SPDX-License-Identifier: GPL-3.0-or-later
//! The ways in which a CPU's hrtimers are run: from the tick, the interrupt and the softirq.
#include "engine/base/invariant.h"
#include "engine/hrtimer/hrtimer_cpu_base.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace timerscope {

namespace {

constexpr std::size_t hardBegin = 0;
constexpr std::size_t softBegin = hrtimerClocks;
constexpr std::size_t softEnd = hrtimerBases;

constexpr int interruptRounds = 3;
/// After fruitless rounds the CPU gets at most this much air.
constexpr Ns hangPauseMax = std::chrono::milliseconds{100};

} // namespace

void HrtimerCpuBase::raiseSoftirqIfDue(MonotonicInstant now)
{
    if (now < m_softirqExpiresNext) {
        return;
    }
    m_softirqExpiresNext = never<MonotonicClock>;
    m_softirqActive = true;
    m_tracer.call("raise_softirq_irqoff");
    m_tracer.install("hrtimer_run_softirq");
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
    const CallSpan span(m_tracer, "__hrtimer_run_queues");
    for (std::size_t base = nextActive(fromBase, toBase); base < toBase;
         base = nextActive(base + 1, toBase)) {
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
    const CallSpan span(m_tracer, "__run_hrtimer");
    m_tracer.call("__remove_hrtimer");
    removeQueued(timer);
    timer.m_isRelative = false; // a period counts from the expiry, not from now
    timer.m_callbackRuns = true;
    m_tracer.record(RecordKind::HrtimerExpireEntry, timer.id(), nsOf(now),
                    nsOf(timer.softExpires()));
    m_host->spendCallback();
    const HrtimerRestart restart = callFunction(timer);
    m_tracer.record(RecordKind::HrtimerExpireExit, timer.id());
    // The function may have started the timer anew itself; then that start counts.
    if (restart == HrtimerRestart::Yes && !timer.isQueued()) {
        m_tracer.call("enqueue_hrtimer");
        enqueue(timer, hrtimer_mode::absolute, *this);
    }
    timer.m_callbackRuns = false;
}

HrtimerRestart HrtimerCpuBase::callFunction(Hrtimer& timer)
{
    const CallSpan span(m_tracer, timer.functionName());
    return timer.m_function(timer);
}

void HrtimerCpuBase::interrupt()
{
    const CallSpan span(m_tracer, "hrtimer_interrupt");
    invariant(m_hresActive);
    ++m_statistics.events;
    m_host->tickDeviceFired();
    m_tracer.call("hrtimer_update_base");
    updateOffsets();
    MonotonicInstant now = m_host->monotonicNow();
    const MonotonicInstant entered = now;
    for (int round = 0; round < interruptRounds; ++round) {
        m_inInterrupt = true;
        // Meanwhile no other CPU may leave a timer here.
        m_expiresNext = never<MonotonicClock>;
        raiseSoftirqIfDue(now);
        runExpired(hardBegin, softBegin, now);
        m_tracer.call("hrtimer_update_next_event");
        m_expiresNext = nextEvent();
        m_inInterrupt = false;
        if (m_host->programTickDevice(m_expiresNext, false) == Errno::Ok) {
            m_hangDetected = false;
            return;
        }
        // That time has passed while the timers ran: serve it at once.
        m_tracer.call("hrtimer_update_base");
        updateOffsets();
        now = m_host->monotonicNow();
        ++m_statistics.retries;
    }
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
    tellHang(spent);
}

void HrtimerCpuBase::tellHang(Ns spent)
{
    if (m_shared->kernelLog != nullptr && !std::exchange(m_shared->hangIsTold, true)) {
        m_shared->kernelLog->print(fmt::format("hrtimer: interrupt took {} ns", spent.count()));
    }
}

void HrtimerCpuBase::runSoftirq()
{
    const CallSpan span(m_tracer, "hrtimer_run_softirq");
    m_tracer.call("hrtimer_update_base");
    updateOffsets();
    runExpired(softBegin, softEnd, m_host->monotonicNow());
    m_softirqActive = false;
    if (const First soft = firstExpiry(softBegin, softEnd); soft.timer != nullptr) {
        noteFirst(*soft.timer, true);
    }
}

} // namespace timerscope
