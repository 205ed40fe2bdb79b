// SPDX-License-Identifier: GPL-3.0-or-later
//! How a CPU's tick stops and goes on again around idle.
#include "engine/tick/tick_clock.h"
#include "engine/tick/tick_jiffies.h"
#include "engine/tick/tick_sched.h"

#include <fmt/format.h>

#include <algorithm>

namespace timerscope {

namespace {

/// All CPUs together warn so often of softirqs that nobody runs.
constexpr unsigned pendingSoftirqWarningsMax = 10;
constexpr std::uint8_t tickTimerMode = hrtimer_mode::pinned | hrtimer_mode::hard;

} // namespace

// --- in and out --------------------------------------------------------------------------------

void TickSched::enterIdle()
{
    if (m_options.noHzBuilt) {
        m_isIdle = true;
        beginIdleTime();
    }
}

void TickSched::beginIdleTime()
{
    m_idle.idleEntryTime = now();
    m_isIdleTimed = true;
}

void TickSched::endIdleTime(MonotonicInstant at)
{
    Ns& total = m_host.activity() == CpuActivity::WaitingForIo ? m_idle.iowaitSleepTime
                                                               : m_idle.idleSleepTime;
    total += at - m_idle.idleEntryTime;
    m_idle.idleEntryTime = at;
    m_isIdleTimed = false;
}

void TickSched::exitIdle()
{
    m_isIdle = false;
    if (!m_isIdleTimed && !m_isStopped) {
        return;
    }
    const MonotonicInstant at = now();
    if (m_isIdleTimed) {
        endIdleTime(at);
    }
    if (!m_isStopped) {
        return;
    }
    if (isFullNohz()) {
        updateFullTick(at);
    } else {
        restartTick(at);
    }
    accountIdle(at);
}

void TickSched::restartIdleTick()
{
    if (m_isStopped) {
        const MonotonicInstant at = now();
        restartTick(at);
        accountIdle(at);
    }
}

/// The jiffies that passed without ticks were idle ones.
void TickSched::accountIdle(MonotonicInstant at)
{
    m_idle.idleExitTime = at;
    const auto ticks
        = static_cast<std::int64_t>(m_services.jiffies.now().count - m_idle.idleJiffies);
    if (ticks > 0) {
        const bool isWaiting = m_host.activity() == CpuActivity::WaitingForIo;
        m_account.add(isWaiting ? CpuActivity::WaitingForIo : CpuActivity::Idle,
                      static_cast<std::uint64_t>(ticks));
    }
}

void TickSched::interruptEntered()
{
    if (!m_isIdleTimed && !m_isStopped) {
        return;
    }
    const MonotonicInstant at = now();
    if (m_isIdleTimed) {
        endIdleTime(at);
    }
    if (m_isStopped) {
        m_idle.idleWakeTime = at;
        updateJiffies(m_services, m_tracer, at);
    }
}

void TickSched::interruptLeft()
{
    if (m_isIdle) {
        beginIdleTime();
    } else if (isFullNohz() && (m_isStopped || m_nohzMode != NohzMode::Inactive)) {
        updateFullTick(now());
    }
}

// --- stopping ----------------------------------------------------------------------------------

bool TickSched::mayStopIdleTick()
{
    if (!m_host.isOnline()) {
        if (m_services.shared.doTimer.isOn(cpu())) {
            dropDoTimerDuty(m_services, m_tracer);
        }
        m_nextTick.reset();
        return false;
    }
    return m_nohzMode != NohzMode::Inactive && !m_host.hasTasks() && !hasPendingSoftirqs()
        && !keepsTimeForFullNohz();
}

/// CPUs in full nohz lean on the one that counts jiffies.
bool TickSched::keepsTimeForFullNohz() const
{
    const DoTimerDuty& duty = m_services.shared.doTimer;
    return !m_options.fullNohz.isEmpty() && (duty.isOn(cpu()) || duty.isFree());
}

bool TickSched::hasPendingSoftirqs()
{
    const std::uint32_t pending = m_host.pendingSoftirqs();
    unsigned& warnings = m_services.shared.pendingSoftirqWarnings;
    if (pending == 0 || warnings == pendingSoftirqWarningsMax) {
        return false;
    }
    ++warnings;
    m_services.kernelLog.print(fmt::format(
        "NOHZ tick-stop error: local softirq work is pending, handler #{:02x}!!!", pending));
    return true;
}

void TickSched::stopIdleTick()
{
    if (!m_found && !mayStopIdleTick()) {
        return;
    }
    const NextTick::Answer next = m_found ? *m_found : m_next.find(m_isStopped);
    m_found.reset();
    ++m_idle.idleCalls;
    if (next.keepsTicking) {
        return;
    }
    const bool wasStopped = m_isStopped;
    stopTick(next.at);
    ++m_idle.idleSleeps;
    m_idle.idleExpires = next.at;
    if (!wasStopped) {
        m_idle.idleJiffies = m_next.lastJiffies().count;
    }
}

Ns TickSched::sleepLength()
{
    const MonotonicInstant from = m_idle.idleEntryTime;
    const ClockEventDevice* const device = m_device.device();
    const MonotonicInstant programmed
        = device != nullptr ? device->nextEvent() : never<MonotonicClock>;
    if (!mayStopIdleTick()) {
        return programmed - from;
    }
    m_found = m_next.find(m_isStopped);
    if (m_found->keepsTicking) {
        return programmed - from;
    }
    return std::min(m_found->at, m_hrtimers.nextEventWithout(m_timer)) - from;
}

void TickSched::stopTick(MonotonicInstant until)
{
    m_next.giveUpDoTimer();
    const bool isSet
        = until == never<MonotonicClock> || onMonotonicClock(m_timer.softExpires()) == until;
    if (m_isStopped && m_nextTick == until && isSet) {
        return;
    }
    if (!m_isStopped) {
        m_idle.lastTick = onMonotonicClock(m_timer.softExpires());
        m_isStopped = true;
        if (m_runQueue != nullptr) {
            m_runQueue->tickStopped(m_services.jiffies.now());
        }
        m_tracer.record(RecordKind::TickStop, 0, 1, 0);
    }
    m_nextTick = until;
    programStopped(until);
}

void TickSched::programStopped(MonotonicInstant until)
{
    const bool isHighRes = m_nohzMode == NohzMode::HighRes;
    if (isHighRes && until == never<MonotonicClock>) {
        static_cast<void>(m_hrtimers.cancel(m_timer));
    } else if (isHighRes) {
        m_hrtimers.start(m_timer, onHrtimerClock(until), Ns::zero(), tickTimerMode);
    } else {
        if (until != never<MonotonicClock>) {
            m_timer.setExpires(onHrtimerClock(until));
        }
        static_cast<void>(m_device.program(until, true));
    }
}

/// Ticks go on where they would have come.
void TickSched::restartTick(MonotonicInstant at)
{
    updateJiffies(m_services, m_tracer, at);
    m_wheel.clearIdle();
    if (m_runQueue != nullptr) {
        m_runQueue->tickRestarted(m_services.jiffies.now());
    }
    m_isStopped = false;
    static_cast<void>(m_hrtimers.cancel(m_timer));
    m_timer.setExpires(onHrtimerClock(m_idle.lastTick));
    m_timer.forward(onHrtimerClock(at), period(), Ns{1});
    const HrtimerInstant next = m_timer.softExpires();
    if (m_nohzMode == NohzMode::HighRes) {
        m_hrtimers.start(m_timer, next, Ns::zero(), tickTimerMode);
    } else {
        static_cast<void>(m_device.program(onMonotonicClock(next), true));
    }
    m_nextTick.reset();
}

IdleStatistics TickSched::idleStatistics() const
{
    IdleStatistics shown = m_idle;
    shown.lastJiffies = m_next.lastJiffies();
    shown.nextTimer = m_next.nextTimer();
    return shown;
}

} // namespace timerscope
