// SPDX-License-Identifier: GPL-3.0-or-later
//! How CPUs lean on the broadcast device, or on a wakeup device, while they are in deep idle.
#include "engine/tick/tick_broadcast.h"
#include "engine/tick/tick_device.h"

namespace timerscope {

// --- asked for by idle drivers -----------------------------------------------------------------

void TickBroadcast::control(BroadcastControl wish, unsigned cpu)
{
    ClockEventDevice* const local = tickOf(cpu).device();
    if (!m_isBuilt || local == nullptr || !local->has(clock_event_feature::c3stop)
        || !local->isFunctional()) {
        return;
    }
    const bool helpedNobody = m_masks.periodic.isEmpty();
    if (wish == BroadcastControl::Off) {
        stopHelping(cpu);
    } else {
        m_forced = m_forced || wish == BroadcastControl::Force;
        startHelping(cpu);
    }
    if (m_device == nullptr) {
        return;
    }
    if (m_masks.periodic.isEmpty()) {
        if (!helpedNobody) {
            m_device->shutdown();
        }
    } else if (helpedNobody) {
        if (m_mode == TickMode::Periodic) {
            startTicking();
        } else {
            setUpOneshot(cpu, PeriodicSleepers::None);
        }
    }
}

void TickBroadcast::startHelping(unsigned cpu)
{
    m_masks.on.add(cpu);
    const bool isNew = m_masks.periodic.add(cpu);
    const bool ticksInstead = m_device != nullptr && !m_device->has(clock_event_feature::hrtimer);
    if (isNew && ticksInstead && m_mode == TickMode::Periodic) {
        tickOf(cpu).device()->shutdown();
    }
}

void TickBroadcast::stopHelping(unsigned cpu)
{
    if (m_forced) {
        return;
    }
    m_masks.on.remove(cpu);
    if (m_masks.periodic.remove(cpu) && m_mode == TickMode::Periodic) {
        tickOf(cpu).setUpPeriodic();
    }
}

// --- in and out of deep idle -------------------------------------------------------------------

/// The device is an hrtimer of @p cpu, which therefore has to stay awake for it.
bool TickBroadcast::keepsAwake(unsigned cpu) const
{
    return m_device->has(clock_event_feature::hrtimer)
        && m_device->nextEvent() != never<MonotonicClock> && m_device->boundOn() == cpu;
}

Errno TickBroadcast::enter(unsigned cpu)
{
    TickDevice& tick = tickOf(cpu);
    if (tick.device() == nullptr || !tick.device()->has(clock_event_feature::c3stop)) {
        return Errno::Ok;
    }
    if (enterByWakeup(tick, cpu)) {
        return Errno::Ok;
    }
    // Nobody would wake it.
    const Errno answer = m_device != nullptr ? enterWithDevice(tick, cpu) : Errno::Busy;
    m_tracer.record(RecordKind::BroadcastEnter, m_tracer.name(tick.device()->name()),
                    returnValue(answer));
    return answer;
}

void TickBroadcast::exit(unsigned cpu)
{
    TickDevice& tick = tickOf(cpu);
    if (tick.device() == nullptr || !tick.device()->has(clock_event_feature::c3stop)
        || exitByWakeup(tick, cpu) || m_device == nullptr) {
        return;
    }
    m_tracer.record(RecordKind::BroadcastExit, m_tracer.name(tick.device()->name()));
    exitWithDevice(tick, cpu);
}

Errno TickBroadcast::enterWithDevice(TickDevice& tick, unsigned cpu)
{
    if (keepsAwake(cpu)) {
        return Errno::Busy;
    }
    if (m_mode == TickMode::Periodic) {
        // An hrtimer cannot tick for CPUs that do not look at their timers by themselves.
        return m_device->has(clock_event_feature::hrtimer) ? Errno::Busy : Errno::Ok;
    }
    if (!m_masks.oneshot.add(cpu)) {
        return Errno::Ok;
    }
    ClockEventDevice& local = *tick.device();
    stopLocal(local, cpu);
    if (m_masks.force.has(cpu)) {
        return Errno::Busy; // the interrupt that will wake it is on its way
    }
    if (local.nextEvent() < m_device->nextEvent()) {
        setEvent(local.nextEvent(), cpu);
        // An hrtimer may have moved here with that.
        if (keepsAwake(cpu)) {
            m_masks.oneshot.remove(cpu);
            return Errno::Busy;
        }
    }
    return Errno::Ok;
}

/// With an hrtimer in place of a device, the CPU whose event is the next one keeps its own running.
void TickBroadcast::stopLocal(ClockEventDevice& local, unsigned cpu)
{
    if (m_device->has(clock_event_feature::hrtimer)
        && (keepsAwake(cpu) || local.nextEvent() < m_device->nextEvent())) {
        return;
    }
    static_cast<void>(local.switchState(ClockEventState::Shutdown));
}

void TickBroadcast::exitWithDevice(TickDevice& tick, unsigned cpu)
{
    if (!m_masks.oneshot.remove(cpu)) {
        return;
    }
    ClockEventDevice& local = *tick.device();
    static_cast<void>(local.switchState(ClockEventState::Oneshot));
    // Its interrupt was sent: that one serves what is due.
    if (m_masks.pending.remove(cpu) || local.nextEvent() == never<MonotonicClock>) {
        return;
    }
    if (local.nextEvent() <= now()) {
        // Programming what has passed would only be undone by the broadcast that is coming.
        m_masks.force.add(cpu);
        return;
    }
    static_cast<void>(tick.program(local.nextEvent(), true));
}

void TickBroadcast::interruptEntered(unsigned cpu)
{
    if (!m_masks.oneshot.has(cpu)) {
        return;
    }
    // A CPU that has not switched itself yet leaves its device as it is.
    if (const TickDevice& tick = tickOf(cpu); tick.mode() == TickMode::Oneshot) {
        static_cast<void>(tick.device()->switchState(ClockEventState::Oneshot));
    }
}

// --- wakeup devices ----------------------------------------------------------------------------

bool TickBroadcast::enterByWakeup(TickDevice& tick, unsigned cpu)
{
    ClockEventDevice* const wakeup = m_wakeup.at(cpu);
    if (wakeup == nullptr || tick.mode() != TickMode::Oneshot) {
        return false;
    }
    const MonotonicInstant event = tick.device()->nextEvent();
    static_cast<void>(tick.device()->switchState(ClockEventState::OneshotStopped));
    static_cast<void>(wakeup->switchState(ClockEventState::Oneshot));
    static_cast<void>(wakeup->program(event, now(), true));
    return true;
}

bool TickBroadcast::exitByWakeup(TickDevice& tick, unsigned cpu)
{
    ClockEventDevice* const wakeup = m_wakeup.at(cpu);
    // It may have come after the CPU went idle: then the broadcast device has woken it.
    if (wakeup == nullptr || wakeup->state() != ClockEventState::Oneshot) {
        return false;
    }
    const MonotonicInstant event = tick.device()->nextEvent();
    static_cast<void>(wakeup->switchState(ClockEventState::Shutdown));
    static_cast<void>(tick.device()->switchState(ClockEventState::Oneshot));
    if (event != never<MonotonicClock>) {
        static_cast<void>(tick.program(event, true));
    }
    return true;
}

/// The CPU may have woken by itself and gone on: then this interrupt finds nothing due.
void TickBroadcast::handleWakeup(unsigned cpu)
{
    receive(cpu);
}

} // namespace timerscope
