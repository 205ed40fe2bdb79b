// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/tick/tick_cpu.h"

#include <fmt/format.h>

namespace timerscope {

namespace {

HrtimerInstant onHrtimerClock(MonotonicInstant at)
{
    return HrtimerInstant{at.time_since_epoch()};
}

} // namespace

TickCpu::TickCpu(unsigned cpu, const TickParts& parts, TickOptions options, Tracer tracer,
                 std::uint32_t tickTimerId)
    : m_cpu(cpu)
    , m_parts(parts)
    , m_options(std::move(options))
    , m_tracer(tracer)
    , m_schedTimer(tickTimerId, HrtimerClock::Monotonic, false, m_options.tickTimerName,
                   [this](Hrtimer&) { return schedTimerExpired(); })
{
}

// --- devices -----------------------------------------------------------------------------------

/// A device without oneshot never follows one that has it; otherwise the higher rating wins, and
/// equal ratings change nothing.
bool TickCpu::isPreferred(const ClockEventDevice& device) const
{
    if (!device.has(clock_event_feature::oneshot)) {
        const bool wouldLoseOneshot
            = m_device != nullptr && m_device->has(clock_event_feature::oneshot);
        if (wouldLoseOneshot || m_mode == TickMode::Oneshot) {
            return false;
        }
    }
    return m_device == nullptr || device.rating() > m_device->rating();
}

void TickCpu::checkNewDevice(ClockEventDevice& device)
{
    if (device.cpu() != m_cpu || !isPreferred(device) || !device.hold(HoldRole::TickDevice)) {
        return;
    }
    ClockEventDevice* const old = m_device;
    m_parts.clockEvents.exchange(old, device);
    setupDevice(device, old);
    if (device.has(clock_event_feature::oneshot)) {
        m_checkClocks = true;
    }
}

void TickCpu::setupDevice(ClockEventDevice& device, ClockEventDevice* old)
{
    EventHandler handler;
    MonotonicInstant nextEvent = never<MonotonicClock>;
    if (old == nullptr) {
        takeDoTimerDuty();
        m_mode = TickMode::Periodic;
    } else {
        handler = old->handler();
        nextEvent = old->nextEvent();
        old->setHandler({.name = "clockevents_handle_noop", .call = [] { }});
    }
    m_device = &device;
    m_tracer.record(RecordKind::TickDevice, m_tracer.name(device.name()),
                    old != nullptr ? m_tracer.name(old->name()) : 0);
    if (m_mode == TickMode::Periodic) {
        setupPeriodic();
    } else {
        setupOneshot(std::move(handler), nextEvent);
    }
}

/// The first CPU with a device counts jiffies; the first of them is due one period from now.
void TickCpu::takeDoTimerDuty()
{
    if (!m_parts.shared.doTimerCpu) {
        m_parts.shared.doTimerCpu = m_cpu;
        m_parts.shared.periods.next = m_parts.timekeeper.monotonicNow();
    }
}

void TickCpu::setupPeriodic()
{
    m_device->setHandler({.name = "tick_handle_periodic", .call = [this] { handlePeriodic(); }});
    if (m_device->has(clock_event_feature::dummy)) {
        return;
    }
    if (m_device->has(clock_event_feature::periodic)) {
        static_cast<void>(m_device->switchState(ClockEventState::Periodic));
        return;
    }
    // A device without periodic mode is told each tick anew.
    static_cast<void>(m_device->switchState(ClockEventState::Oneshot));
    MonotonicInstant next = m_parts.shared.periods.next;
    while (programDevice(next, false) != Errno::Ok) {
        next += period();
    }
}

void TickCpu::setupOneshot(EventHandler handler, MonotonicInstant nextEvent)
{
    m_device->setHandler(std::move(handler));
    static_cast<void>(m_device->switchState(ClockEventState::Oneshot));
    static_cast<void>(programDevice(nextEvent, true));
}

void TickCpu::suspend()
{
    if (m_device != nullptr) {
        m_device->shutdown();
    }
}

void TickCpu::resume()
{
    if (m_device == nullptr) {
        return;
    }
    if (m_mode == TickMode::Periodic) {
        setupPeriodic();
        return;
    }
    static_cast<void>(m_device->switchState(ClockEventState::Oneshot));
    static_cast<void>(programDevice(m_parts.timekeeper.monotonicNow(), true));
}

Errno TickCpu::program(MonotonicInstant expires, bool force)
{
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

Errno TickCpu::programDevice(MonotonicInstant expires, bool force)
{
    return m_device->program(expires, m_parts.timekeeper.monotonicNow(), force);
}

// --- the periodic tick -------------------------------------------------------------------------

void TickCpu::handlePeriodic()
{
    MonotonicInstant next = m_device->nextEvent();
    periodicTick();
    // The tick itself may have switched the CPU to another handler.
    if (m_mode != TickMode::Periodic || m_device->state() != ClockEventState::Oneshot) {
        return;
    }
    for (;;) {
        next += period();
        if (programDevice(next, false) == Errno::Ok) {
            return;
        }
        // That tick has passed already. Count it, but only by a clock that can tell: on jiffies
        // this loop would make its own time and never end.
        if (m_parts.timekeeper.isValidForHres()) {
            periodicTick();
        }
    }
}

void TickCpu::periodicTick()
{
    if (m_parts.shared.doTimerCpu == m_cpu) {
        m_parts.shared.periods.next += period();
        addJiffies(1);
    }
    updateProcessTimes();
}

void TickCpu::addJiffies(std::uint64_t ticks)
{
    m_parts.jiffies.advance(ticks);
    m_tracer.record(RecordKind::JiffiesUpdate, 0,
                    static_cast<std::int64_t>(m_parts.jiffies.now().count),
                    static_cast<std::int64_t>(ticks));
    m_parts.timekeeper.accumulate();
}

void TickCpu::updateJiffies(MonotonicInstant now)
{
    if (m_parts.shared.doTimerCpu != m_cpu) {
        return;
    }
    if (const std::uint64_t ticks = m_parts.shared.periods.takeDue(now); ticks > 0) {
        addJiffies(ticks);
    }
}

/// update_process_times(): the hrtimers of a low-resolution CPU, and the wheel.
void TickCpu::updateProcessTimes()
{
    if (!m_parts.hrtimers.isHresActive()) {
        if (mayGoHighRes()) {
            switchToHighRes();
        } else {
            m_parts.hrtimers.runQueues();
        }
    }
    m_parts.host.raiseTimerSoftirqIfDue();
}

// --- switching ---------------------------------------------------------------------------------

bool TickCpu::isOneshotAvailable() const
{
    // A device that stops in deep idle would need a broadcast device to lean on.
    return m_device != nullptr && m_device->has(clock_event_feature::oneshot)
        && !m_device->has(clock_event_feature::c3stop);
}

/// tick_check_oneshot_change(): looks only after something has changed. Goes to low-resolution
/// nohz itself where high resolution is not allowed.
bool TickCpu::mayGoHighRes()
{
    if (!m_checkClocks) {
        return false;
    }
    m_checkClocks = false;
    if (m_nohzMode != NohzMode::Inactive || !m_parts.timekeeper.isValidForHres()
        || !isOneshotAvailable()) {
        return false;
    }
    if (m_options.highRes) {
        return true;
    }
    if (m_options.noHz) {
        switchToLowresNohz();
    }
    return false;
}

bool TickCpu::switchToOneshot(EventHandler handler)
{
    if (m_device == nullptr || !isOneshotAvailable()) {
        m_parts.kernelLog.print(
            m_device == nullptr
                ? std::string{"Clockevents: could not switch to one-shot mode: no tick device"}
                : fmt::format("Clockevents: could not switch to one-shot mode: {} does not "
                              "support one-shot mode",
                              m_device->name()));
        return false;
    }
    m_tracer.record(RecordKind::TickMode, m_tracer.name(m_device->name()),
                    static_cast<std::int64_t>(TickMode::Oneshot),
                    static_cast<std::int64_t>(m_mode));
    m_mode = TickMode::Oneshot;
    m_device->setHandler(std::move(handler));
    static_cast<void>(m_device->switchState(ClockEventState::Oneshot));
    return true;
}

MonotonicInstant TickCpu::startOfTicks()
{
    m_schedTimer.setExpires(onHrtimerClock(m_parts.shared.periods.align()));
    m_schedTimer.forward(onHrtimerClock(m_parts.timekeeper.monotonicNow()), period(), Ns{1});
    return MonotonicInstant{m_schedTimer.softExpires().time_since_epoch()};
}

void TickCpu::switchToHighRes()
{
    HrtimerCpuBase& hrtimers = m_parts.hrtimers;
    if (!switchToOneshot(
            {.name = "hrtimer_interrupt", .call = [&hrtimers] { hrtimers.interrupt(); }})) {
        m_parts.kernelLog.print(
            fmt::format("Could not switch to high resolution mode on CPU {}", m_cpu));
        return;
    }
    hrtimers.activateHres();
    hrtimers.init(m_schedTimer);
    const MonotonicInstant first = startOfTicks();
    hrtimers.start(m_schedTimer, onHrtimerClock(first), Ns::zero(),
                   hrtimer_mode::pinned | hrtimer_mode::hard);
    if (m_options.noHz) {
        setNohzMode(NohzMode::HighRes);
    }
    hrtimers.reprogram();
}

void TickCpu::switchToLowresNohz()
{
    if (!switchToOneshot(
            {.name = m_options.lowresHandlerName, .call = [this] { handleLowres(); }})) {
        return;
    }
    // The timer is only the place where the next tick's time is kept; it is never queued.
    static_cast<void>(program(startOfTicks(), true));
    setNohzMode(NohzMode::LowRes);
}

void TickCpu::setNohzMode(NohzMode mode)
{
    m_tracer.record(RecordKind::NohzMode, 0, static_cast<std::int64_t>(mode),
                    static_cast<std::int64_t>(m_nohzMode));
    m_nohzMode = mode;
}

// --- ticks on oneshot --------------------------------------------------------------------------

void TickCpu::handleLowres()
{
    m_device->markFired();
    const MonotonicInstant now = m_parts.timekeeper.monotonicNow();
    updateJiffies(now);
    updateProcessTimes();
    m_schedTimer.forward(onHrtimerClock(now), period(), Ns{1});
    static_cast<void>(
        program(MonotonicInstant{m_schedTimer.softExpires().time_since_epoch()}, true));
}

HrtimerRestart TickCpu::schedTimerExpired()
{
    const MonotonicInstant now = m_parts.timekeeper.monotonicNow();
    updateJiffies(now);
    updateProcessTimes();
    m_schedTimer.forward(onHrtimerClock(now), period(), Ns{1});
    return HrtimerRestart::Yes;
}

} // namespace timerscope
