// SPDX-License-Identifier: GPL-3.0-or-later
//! Suspend and resume: who is stopped in which order, and who tells how long it took.
#include "engine/machine/machine.h"

#include <algorithm>
#include <utility>

namespace timerscope {

/// RTC drivers sleep like all devices; then, one after the other, sched_clock and timekeeping with
/// the tick below it. Before that all CPUs but the first go. Waking goes the other way round.
Result<Errno> Machine::suspend(Ns span)
{
    const Cpus::Task task(m_cpus, 0);
    m_tasks.freeze();
    if (const Errno error = m_tasks.alarmTimers().suspend().error; error != Errno::Ok) {
        m_tasks.thaw();
        return error;
    }
    m_tracer.record(RecordKind::Suspend, 0);
    for (Rtc& rtc : m_rtcs) {
        rtc.suspend(now(), m_timekeeper, !m_timekeeper.hasPersistentClock());
    }
    const CpuMask others = m_cpus.onlineCpus() - CpuMask::of(0);
    for (const unsigned cpu : others) {
        static_cast<void>(setCpuOnline(cpu, false));
    }
    const bool wrapTimerRan = cpu().hrtimers().cancel(m_wrapTimer);
    m_schedClock.suspend();
    m_timekeeper.suspend(sleepClocks());
    m_cpus.ticks().suspend(0);
    for (Clocksource* const source : m_clocksources.list()) {
        if (source->callbacks != nullptr) {
            source->callbacks->suspend();
        }
    }
    const Ns length = m_wakingRtc ? std::min(span, m_wakingRtc->untilAlarm()) : span;
    if (auto slept = m_hardware->sleep(length); !slept) {
        return tl::unexpected(slept.error());
    }
    wake(wrapTimerRan);
    for (const unsigned cpu : others) {
        static_cast<void>(setCpuOnline(cpu, true));
    }
    noteSleep(length);
    return Errno::Ok;
}

void Machine::wake(bool wrapTimerRan)
{
    for (Clocksource* const source : m_clocksources.list()) {
        if (source->callbacks != nullptr) {
            source->callbacks->resume();
        }
    }
    m_clocksources.resumeWatchdog();
    m_timekeeper.resume(sleepClocks());
    m_cpus.ticks().resume(0);
    m_schedClock.resume();
    if (wrapTimerRan) {
        startWrapTimer();
    }
    for (Rtc& rtc : m_rtcs) {
        static_cast<void>(rtc.resume(now(), m_timekeeper));
    }
    m_tasks.alarmTimers().resume();
    clocksWereSet(); // CLOCK_REALTIME and CLOCK_BOOTTIME have gone on
    m_tasks.thaw();
    m_stallWatch.restart(now());
    settle();
}

SleepClocks Machine::sleepClocks() const
{
    SleepClocks clocks{.persistent = {}, .nonstop = m_clocksources.suspendClocksource()};
    for (const Rtc& rtc : m_rtcs) {
        if (rtc.description().persistent) {
            clocks.persistent = rtc.persistent(now());
        }
    }
    return clocks;
}

void Machine::noteSleep(Ns trueLength)
{
    const SleepLength& measured = m_timekeeper.lastSleep();
    std::string by;
    switch (measured.by) {
    case SleepClock::None:
        break;
    case SleepClock::Nonstop:
        by = m_clocksources.suspendClocksource()->name;
        break;
    case SleepClock::Persistent:
        by = "the persistent clock";
        break;
    case SleepClock::Rtc:
        by = "the RTC";
        break;
    }
    m_lastSleep = SleepRow{
        .trueLength = trueLength, .measured = nsOf(measured.span), .measuredBy = std::move(by)};
    m_tracer.record(RecordKind::Resume, m_tracer.name(m_lastSleep->measuredBy),
                    m_lastSleep->measured.count(), trueLength.count());
}

bool Machine::probeRtc(std::string_view device)
{
    const Cpus::Task task(m_cpus, 0);
    for (Rtc& rtc : m_rtcs) {
        if (rtc.description().device == device) {
            const CallChain chain(m_tracer, rtc.description().functions);
            if (rtc.probe(now(), m_timekeeper, *this)) {
                clocksWereSet();
            }
            if (rtc.canWake() && !m_wakingRtc) {
                m_wakingRtc.emplace(rtc, *m_hardware);
            }
            return true;
        }
    }
    return false;
}

} // namespace timerscope
