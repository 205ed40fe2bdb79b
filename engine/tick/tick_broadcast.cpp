// SPDX-License-Identifier: GPL-3.0-or-later
//! Who broadcasts, and the ticks that it makes for others. Deep idle is in broadcast_idle.cpp.
#include "engine/tick/tick_broadcast.h"

#include "engine/tick/tick_device.h"

#include <utility>

namespace timerscope {

namespace {

constexpr const char* oneshotHandlerName = "tick_handle_oneshot_broadcast";

} // namespace

TickBroadcast::TickBroadcast(bool isBuilt, TickShared& shared, ClockEvents& clockEvents,
                             Timekeeper& timekeeper, BroadcastHost& host, Tracer tracer)
    : m_isBuilt(isBuilt)
    , m_shared(&shared)
    , m_clockEvents(&clockEvents)
    , m_timekeeper(&timekeeper)
    , m_host(&host)
    , m_tracer(tracer)
{
}

void TickBroadcast::attach(TickDevice& device)
{
    m_ticks.at(device.cpu()) = &device;
}

TickDevice& TickBroadcast::tickOf(unsigned cpu) const
{
    invariant(m_ticks.at(cpu) != nullptr);
    return *m_ticks.at(cpu);
}

// --- devices -----------------------------------------------------------------------------------

bool TickBroadcast::offer(ClockEventDevice& device, unsigned cpu)
{
    if (!m_isBuilt || offerForWakeup(device, cpu) || !isBetter(device)
        || !device.hold(HoldRole::BroadcastDevice, cpu)) {
        return false;
    }
    install(device, cpu);
    if (!m_masks.periodic.isEmpty()) {
        startTicking();
    }
    if (!device.has(clock_event_feature::oneshot)) {
        return false;
    }
    if (m_mode == TickMode::Oneshot) {
        setUpOneshot(cpu, PeriodicSleepers::None);
        return false;
    }
    return true;
}

/// Only a device of this CPU alone that goes on in deep idle can wake it from there. It is no
/// matter whether another of equal rating is there: the first one stays.
bool TickBroadcast::offerForWakeup(ClockEventDevice& device, unsigned cpu)
{
    using namespace clock_event_feature;
    const bool isFit = device.has(percpu) && device.has(oneshot) && !device.has(c3stop)
        && device.isFunctional() && device.isLocalTo(cpu);
    const ClockEventDevice* const current = m_wakeup.at(cpu);
    if (!isFit || (current != nullptr && device.rating() <= current->rating())
        || !device.hold(HoldRole::WakeupDevice, cpu)) {
        return false;
    }
    device.setHandler(
        {.name = "tick_oneshot_wakeup_handler", .call = [this, cpu] { handleWakeup(cpu); }});
    exchangeWakeup(&device, cpu);
    return true;
}

void TickBroadcast::exchangeWakeup(ClockEventDevice* device, unsigned cpu)
{
    ClockEventDevice* const old = std::exchange(m_wakeup.at(cpu), device);
    m_clockEvents->exchange(old, device);
    if (device != nullptr) {
        device->bindTo(cpu);
    }
    if (old != nullptr || device != nullptr) {
        m_tracer.record(RecordKind::WakeupDevice,
                        device != nullptr ? m_tracer.name(device->name()) : 0,
                        old != nullptr ? m_tracer.name(old->name()) : 0, cpu);
    }
}

bool TickBroadcast::isBetter(const ClockEventDevice& device) const
{
    using namespace clock_event_feature;
    if (device.has(dummy) || device.has(percpu) || device.has(c3stop)
        || (m_mode == TickMode::Oneshot && !device.has(oneshot))) {
        return false;
    }
    return m_device == nullptr || device.rating() > m_device->rating();
}

void TickBroadcast::install(ClockEventDevice& device, unsigned cpu)
{
    ClockEventDevice* const old = std::exchange(m_device, &device);
    m_clockEvents->exchange(old, &device);
    if (old != nullptr) {
        old->setHandler(noopHandler());
    }
    device.bindTo(device.cpus().has(cpu) ? cpu : device.cpus().first());
    m_tracer.record(RecordKind::BroadcastDevice, m_tracer.name(device.name()),
                    old != nullptr ? m_tracer.name(old->name()) : 0);
}

bool TickBroadcast::isOneshotAvailable() const
{
    return m_device != nullptr && m_device->has(clock_event_feature::oneshot);
}

// --- ticks for others --------------------------------------------------------------------------

bool TickBroadcast::helps(ClockEventDevice& device, unsigned cpu)
{
    if (!m_isBuilt) {
        return false;
    }
    if (!device.isFunctional()) {
        // It makes no ticks of its own, so the broadcast device does.
        device.setHandler(tickOf(cpu).periodicHandler());
        m_masks.periodic.add(cpu);
        if (m_mode == TickMode::Periodic) {
            startTicking();
        } else {
            setUpOneshot(cpu, PeriodicSleepers::None);
        }
        return true;
    }
    // Another device than before: it is helped only if its idle driver has asked for it.
    if (!device.has(clock_event_feature::c3stop) || !m_masks.on.has(cpu)) {
        m_masks.periodic.remove(cpu);
    }
    if (m_mode == TickMode::Oneshot) {
        // It was set up anew, so whatever the CPU slept for is programmed there.
        m_masks.oneshot.remove(cpu);
        return false;
    }
    if (m_device != nullptr && m_masks.periodic.isEmpty()) {
        m_device->shutdown();
    }
    return m_device != nullptr && !m_device->has(clock_event_feature::hrtimer)
        && m_masks.periodic.has(cpu);
}

void TickBroadcast::startTicking()
{
    if (m_device != nullptr) {
        startPeriodic(*m_device,
                      {.handler = {.name = "tick_handle_periodic_broadcast",
                                   .call = [this] { handlePeriodic(); }},
                       .first = m_shared->periods.next,
                       .period = m_shared->periods.period,
                       .isOneshotOnly = m_mode == TickMode::Oneshot},
                      *m_timekeeper, m_tracer);
    }
}

void TickBroadcast::handlePeriodic()
{
    ClockEventDevice& device = *m_device;
    if (device.state() == ClockEventState::Shutdown) {
        return; // it was stopped while its interrupt was on the way
    }
    const unsigned cpu = m_host->currentCpu();
    const bool isForUs = broadcast(m_masks.periodic & m_host->onlineCpus());
    if (device.state() == ClockEventState::Oneshot) {
        const MonotonicInstant next = addSaturating(device.nextEvent(), m_shared->periods.period);
        static_cast<void>(device.program(next, now(), true));
    }
    if (isForUs) {
        receive(cpu);
    }
}

bool TickBroadcast::broadcast(CpuMask cpus)
{
    const bool isForUs = cpus.remove(m_host->currentCpu());
    if (!cpus.isEmpty()) {
        m_tracer.record(RecordKind::BroadcastSend, m_tracer.name(m_device->name()),
                        static_cast<std::int64_t>(cpus.bits()));
        m_host->sendTimerInterrupt(cpus);
    }
    // The hrtimer that stands in for a device has run the timers of its CPU already.
    return isForUs && !m_device->has(clock_event_feature::hrtimer);
}

void TickBroadcast::receive(unsigned cpu)
{
    if (ClockEventDevice* const device = tickOf(cpu).device()) {
        device->fire();
    }
}

// --- oneshot -----------------------------------------------------------------------------------

void TickBroadcast::switchToOneshot(unsigned cpu)
{
    if (!m_isBuilt) {
        return;
    }
    const bool wasPeriodic = std::exchange(m_mode, TickMode::Oneshot) == TickMode::Periodic;
    if (wasPeriodic) {
        m_tracer.record(RecordKind::BroadcastMode,
                        m_device != nullptr ? m_tracer.name(m_device->name()) : 0,
                        static_cast<std::int64_t>(TickMode::Oneshot),
                        static_cast<std::int64_t>(TickMode::Periodic));
    }
    setUpOneshot(cpu, wasPeriodic ? PeriodicSleepers::Some : PeriodicSleepers::None);
}

void TickBroadcast::setUpOneshot(unsigned cpu, PeriodicSleepers waiting)
{
    if (m_device == nullptr) {
        return;
    }
    if (m_device->handler().name == oneshotHandlerName) {
        m_masks.oneshot.remove(cpu);
        return;
    }
    m_device->setHandler({.name = oneshotHandlerName, .call = [this] { handleOneshot(); }});
    m_device->markFired();
    MonotonicInstant first{}; // has passed: the handler looks at once whose event comes next
    if (waiting == PeriodicSleepers::Some) {
        first = takeOverPeriodic(cpu);
        if (m_device->state() == ClockEventState::Oneshot) {
            return; // it is programmed for the next tick as it is
        }
    }
    if (!m_masks.oneshot.isEmpty()) {
        setEvent(first, cpu);
    }
}

/// Whoever relied on the periodic broadcasts waits for a single one, at the next tick.
MonotonicInstant TickBroadcast::takeOverPeriodic(unsigned cpu)
{
    CpuMask sleepers = m_masks.periodic;
    sleepers.remove(cpu);
    m_masks.oneshot = m_masks.oneshot | sleepers;
    const MonotonicInstant next = m_shared->periods.next;
    for (const unsigned sleeper : sleepers) {
        if (ClockEventDevice* const local = tickOf(sleeper).device()) {
            local->setNextEvent(next);
        }
    }
    return next;
}

void TickBroadcast::setEvent(MonotonicInstant expires, unsigned cpu)
{
    if (m_device->state() != ClockEventState::Oneshot) {
        static_cast<void>(m_device->switchState(ClockEventState::Oneshot));
    }
    static_cast<void>(m_device->program(expires, now(), true));
    if (m_device->has(clock_event_feature::dynirq)) {
        m_device->bindTo(cpu); // straight to whom it is for
    }
}

void TickBroadcast::handleOneshot()
{
    m_device->markFired();
    const MonotonicInstant at = now();
    const unsigned self = m_host->currentCpu();
    CpuMask due;
    MonotonicInstant next = never<MonotonicClock>;
    unsigned nextCpu = 0;
    for (const unsigned cpu : m_masks.oneshot) {
        const MonotonicInstant event = tickOf(cpu).device()->nextEvent();
        if (event <= at) {
            due.add(cpu);
        } else if (event < next) {
            next = event;
            nextCpu = cpu;
        }
    }
    m_masks.pending = m_masks.pending | due;
    m_masks.pending.remove(self); // it is awake already
    due = (due | std::exchange(m_masks.force, {})) & m_host->onlineCpus();
    const bool isForUs = broadcast(due);
    if (next != never<MonotonicClock>) {
        setEvent(next, nextCpu);
    }
    if (isForUs) {
        receive(self);
    }
}

// --- sleep and hotplug -------------------------------------------------------------------------

void TickBroadcast::suspend()
{
    if (m_device != nullptr) {
        m_device->shutdown();
    }
}

void TickBroadcast::resume()
{
    if (m_device == nullptr || m_masks.periodic.isEmpty()) {
        return;
    }
    if (m_mode == TickMode::Periodic) {
        startTicking();
    } else {
        static_cast<void>(m_device->switchState(ClockEventState::Oneshot));
    }
}

void TickBroadcast::takeOffline(unsigned cpu)
{
    m_masks.periodic.remove(cpu);
    m_masks.on.remove(cpu);
    if (m_device != nullptr && m_mode == TickMode::Periodic && m_masks.periodic.isEmpty()) {
        m_device->shutdown();
    }
    exchangeWakeup(nullptr, cpu);
    m_masks.oneshot.remove(cpu);
    m_masks.pending.remove(cpu);
    m_masks.force.remove(cpu);
}

void TickBroadcast::pullFrom(unsigned deadCpu)
{
    if (m_device != nullptr && keepsAwake(deadCpu)) {
        m_device->bindTo(m_host->currentCpu());
        static_cast<void>(m_device->program(m_device->nextEvent(), now(), true));
    }
}

} // namespace timerscope
