// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/tick/tick_device.h"

#include "engine/tick/tick_broadcast.h"
#include "engine/tick/tick_jiffies.h"

#include <fmt/format.h>

#include <utility>

namespace timerscope {

void startPeriodic(ClockEventDevice& device, PeriodicTicks ticks, Timekeeper& timekeeper,
                   Tracer& tracer)
{
    const CallSpan span(tracer, "tick_setup_periodic");
    tracer.call("tick_set_periodic_handler");
    tracer.install(ticks.handler.name);
    device.setHandler(std::move(ticks.handler));
    if (!device.isFunctional()) {
        return;
    }
    if (device.has(clock_event_feature::periodic) && !ticks.isOneshotOnly) {
        static_cast<void>(device.switchState(ClockEventState::Periodic));
        return;
    }
    // A device without periodic mode is told each tick anew.
    static_cast<void>(device.switchState(ClockEventState::Oneshot));
    MonotonicInstant next = ticks.first;
    while (device.program(next, timekeeper.monotonicNow(), false) != Errno::Ok) {
        next += ticks.period;
    }
}

TickDevice::TickDevice(unsigned cpu, const TickServices& services, EventHandler periodicHandler,
                       Tracer tracer)
    : m_cpu(cpu)
    , m_services(services)
    , m_periodicHandler(std::move(periodicHandler))
    , m_tracer(tracer)
{
}

// --- which device ------------------------------------------------------------------------------

/// A device of this CPU alone always fits. One for several CPUs must be able to send its interrupt
/// here, and does not take the place of a local one.
bool TickDevice::isFitFor(const ClockEventDevice* current, const ClockEventDevice& candidate) const
{
    if (!candidate.cpus().has(m_cpu)) {
        return false;
    }
    if (candidate.isLocalTo(m_cpu)) {
        return true;
    }
    return current == nullptr || !current->isLocalTo(m_cpu);
}

/// A device without oneshot never follows one that has it. Otherwise the higher rating wins, and
/// equal ratings change nothing, unless the two serve different CPUs: being local counts for more.
bool TickDevice::isPreferred(const ClockEventDevice* current,
                             const ClockEventDevice& candidate) const
{
    if (!candidate.has(clock_event_feature::oneshot)) {
        const bool wouldLoseOneshot
            = current != nullptr && current->has(clock_event_feature::oneshot);
        if (wouldLoseOneshot || m_mode == TickMode::Oneshot) {
            return false;
        }
    }
    return current == nullptr || candidate.rating() > current->rating()
        || candidate.cpus() != current->cpus();
}

bool TickDevice::isReplacement(const ClockEventDevice* current,
                               const ClockEventDevice& candidate) const
{
    return isFitFor(current, candidate) && isPreferred(current, candidate);
}

void TickDevice::setUp(ClockEventDevice& device)
{
    const CallSpan span(m_tracer, "tick_setup_device");
    ClockEventDevice* const old = m_device;
    EventHandler handler;
    MonotonicInstant nextEvent = never<MonotonicClock>;
    if (old == nullptr) {
        countFirst();
        m_mode = TickMode::Periodic;
    } else {
        handler = old->handler();
        nextEvent = old->nextEvent();
        old->setHandler(noopHandler());
    }
    m_device = &device;
    m_tracer.record(RecordKind::TickDevice, m_tracer.name(device.name()),
                    old != nullptr ? m_tracer.name(old->name()) : 0);
    device.bindTo(m_cpu);
    if (m_services.broadcast.helps(device, m_cpu)) {
        return;
    }
    if (m_mode == TickMode::Periodic) {
        setUpPeriodic();
        return;
    }
    const CallSpan oneshot(m_tracer, "tick_setup_oneshot");
    device.setHandler(std::move(handler));
    static_cast<void>(device.switchState(ClockEventState::Oneshot));
    static_cast<void>(programDevice(nextEvent, true));
}

/// The first CPU with a device counts jiffies; the first of them is due one period from now.
void TickDevice::countFirst()
{
    if (m_services.shared.doTimer.isBooting()) {
        takeDoTimerDuty(m_services, m_tracer, m_cpu);
        m_services.shared.periods.next = m_services.timekeeper.monotonicNow();
    }
}

// --- modes -------------------------------------------------------------------------------------

void TickDevice::setUpPeriodic()
{
    startPeriodic(*m_device,
                  {.handler = m_periodicHandler,
                   .first = m_services.shared.periods.next,
                   .period = m_services.shared.periods.period,
                   .isOneshotOnly = m_services.broadcast.mode() == TickMode::Oneshot},
                  m_services.timekeeper, m_tracer);
}

bool TickDevice::isOneshotAvailable() const
{
    if (m_device == nullptr || !m_device->has(clock_event_feature::oneshot)) {
        return false;
    }
    // A device that stops in deep idle leans on the broadcast device.
    return !m_device->has(clock_event_feature::c3stop) || m_services.broadcast.isOneshotAvailable();
}

std::string TickDevice::whyNotOneshot() const
{
    if (m_device == nullptr) {
        return "no tick device";
    }
    return fmt::format("{} {}", m_device->name(),
                       m_device->isFunctional() ? "does not support one-shot mode."
                                                : "is not functional.");
}

bool TickDevice::switchToOneshot(EventHandler handler)
{
    const CallSpan span(m_tracer, "tick_switch_to_oneshot");
    if (m_device == nullptr || !m_device->has(clock_event_feature::oneshot)
        || !m_device->isFunctional()) {
        m_services.kernelLog.print(
            fmt::format("Clockevents: could not switch to one-shot mode: {}", whyNotOneshot()));
        return false;
    }
    m_tracer.record(RecordKind::TickMode, m_tracer.name(m_device->name()),
                    static_cast<std::int64_t>(TickMode::Oneshot),
                    static_cast<std::int64_t>(m_mode));
    m_mode = TickMode::Oneshot;
    m_tracer.install(handler.name);
    m_device->setHandler(std::move(handler));
    static_cast<void>(m_device->switchState(ClockEventState::Oneshot));
    m_services.broadcast.switchToOneshot(m_cpu);
    return true;
}

// --- programming -------------------------------------------------------------------------------

Errno TickDevice::program(MonotonicInstant expires, bool force)
{
    const CallSpan span(m_tracer, "tick_program_event");
    if (m_device == nullptr) {
        return Errno::Ok;
    }
    if (expires == never<MonotonicClock>) {
        static_cast<void>(m_device->switchState(ClockEventState::OneshotStopped));
        m_device->markFired();
        return Errno::Ok;
    }
    if (m_device->state() == ClockEventState::OneshotStopped) {
        static_cast<void>(m_device->switchState(ClockEventState::Oneshot));
    }
    return programDevice(expires, force);
}

Errno TickDevice::programDevice(MonotonicInstant expires, bool force)
{
    return m_device->program(expires, m_services.timekeeper.monotonicNow(), force);
}

// --- sleep and death ---------------------------------------------------------------------------

void TickDevice::suspend()
{
    if (m_device != nullptr) {
        m_device->shutdown();
    }
}

void TickDevice::resume()
{
    if (m_device == nullptr
        || (m_mode == TickMode::Periodic && m_services.broadcast.ticksFor(m_cpu))) {
        return;
    }
    if (m_mode == TickMode::Periodic) {
        setUpPeriodic();
        return;
    }
    static_cast<void>(m_device->switchState(ClockEventState::Oneshot));
    static_cast<void>(programDevice(m_services.timekeeper.monotonicNow(), true));
}

void TickDevice::shutDown()
{
    m_mode = TickMode::Periodic;
    if (m_device == nullptr) {
        return;
    }
    // The CPU that could have stopped the device is gone.
    m_device->markDetached();
    m_services.clockEvents.exchange(m_device, nullptr);
    m_device->setHandler(noopHandler());
    m_device = nullptr;
}

} // namespace timerscope
