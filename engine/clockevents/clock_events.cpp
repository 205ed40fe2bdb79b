// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/clockevents/clock_events.h"

#include "engine/base/invariant.h"
#include "engine/base/sysfs_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace timerscope {

// --- the list ----------------------------------------------------------------------------------

bool ClockEvents::walk(const std::function<Walk(ClockEventDevice&)>& visit)
{
    // A copy: a visit may take its device off the list.
    for (ClockEventDevice* const device : std::vector(m_devices)) {
        if (device->isDangling()) {
            m_faults->touchedGoneDevice(device->name());
            return false;
        }
        if (visit(*device) == Walk::Ends) {
            return true;
        }
    }
    if (m_listedTwice != nullptr) {
        m_faults->walksForEver(m_listedTwice->name());
        return false;
    }
    return true;
}

bool ClockEvents::canBeWalked()
{
    return walk([](ClockEventDevice&) { return Walk::GoesOn; });
}

/// A device that is on the list already is not taken out of its old place: from then on the list
/// leads back to its head.
void ClockEvents::enter(ClockEventDevice& device)
{
    if (std::ranges::find(m_devices, &device) != m_devices.end()) {
        m_listedTwice = &device;
        std::erase(m_devices, &device);
    }
    m_devices.insert(m_devices.begin(), &device);
}

void ClockEvents::forget(ClockEventDevice& device)
{
    std::erase(m_devices, &device);
    std::erase(m_released, &device);
    if (m_listedTwice == &device) {
        m_listedTwice = nullptr;
    }
}

void ClockEvents::checkCpus(ClockEventDevice& device, unsigned cpu)
{
    const CpuMask possible = m_tick->possibleCpus();
    if (device.cpus().isEmpty()) {
        if (possible.count() > 1) {
            m_log->warn(fmt::format("{} names no CPU that it serves", device.name()));
        }
        device.setCpus(CpuMask::of(cpu));
    } else if (device.cpus() == CpuMask::firstOf(CpuMask::capacity)) {
        m_log->warn(fmt::format("{} cpumask == cpu_all_mask, using cpu_possible_mask instead",
                                device.name()));
        device.setCpus(possible);
    }
}

void ClockEvents::registerDevice(ClockEventDevice& device, unsigned cpu)
{
    const CallSpan span(m_tracer, "clockevents_register_device");
    device.markDetached();
    checkCpus(device, cpu);
    if (!m_devices.empty() && m_devices.front()->isDangling()) {
        // Entering a list writes to the entry that was first.
        m_faults->touchedGoneDevice(m_devices.front()->name());
        return;
    }
    enter(device);
    m_tracer.record(RecordKind::ClockEventRegister, m_tracer.name(device.name()), device.rating(),
                    device.features());
    m_tick->checkNewDevice(device, cpu);
    offerReleased(cpu);
}

/// A device that loses its place may only take one that is worse for it, so this ends, unless two
/// devices are each preferred to the other: the kernel would go on for ever.
void ClockEvents::offerReleased(unsigned cpu)
{
    const CallSpan span(m_tracer, "clockevents_notify_released");
    const std::size_t offersMost = 4 * (m_devices.size() + m_released.size());
    for (std::size_t offers = 0; !m_released.empty(); ++offers) {
        if (offers == offersMost) {
            m_faults->displacedForEver(m_released.back()->name());
            return;
        }
        ClockEventDevice* const device = m_released.back();
        m_released.pop_back();
        enter(*device);
        m_tick->checkNewDevice(*device, cpu);
    }
}

void ClockEvents::exchange(ClockEventDevice* old, ClockEventDevice* next)
{
    const CallSpan span(m_tracer, "clockevents_exchange_device");
    if (old != nullptr) {
        old->release();
        static_cast<void>(old->switchState(ClockEventState::Detached));
        std::erase(m_devices, old);
        m_released.push_back(old);
    }
    if (next != nullptr) {
        invariant(next->state() == ClockEventState::Detached);
        next->shutdown();
    }
}

// --- unbinding ---------------------------------------------------------------------------------

/// The fast path. Again says that the device makes the tick of @p cpu and must be replaced.
Errno ClockEvents::tryUnbind(ClockEventDevice& device, unsigned cpu)
{
    const CallSpan span(m_tracer, "__clockevents_try_unbind");
    if (device.state() == ClockEventState::Detached) {
        forget(device);
        return Errno::Ok;
    }
    return m_tick->isTickDevice(device, cpu) ? Errno::Again : Errno::Busy;
}

ClockEventDevice* ClockEvents::findReplacement(const ClockEventDevice& device, unsigned cpu)
{
    ClockEventDevice* best = nullptr;
    static_cast<void>(walk([&](ClockEventDevice& candidate) {
        const bool isFree = &candidate != &device && candidate.state() == ClockEventState::Detached;
        if (isFree && m_tick->isReplacement(best, candidate, cpu)
            && candidate.hold(HoldRole::TickDevice, cpu)) {
            if (best != nullptr) {
                best->release();
            }
            best = &candidate;
        }
        return Walk::GoesOn;
    }));
    return best;
}

Errno ClockEvents::replace(ClockEventDevice& device, unsigned cpu)
{
    const CallSpan span(m_tracer, "clockevents_replace");
    ClockEventDevice* const next = findReplacement(device, cpu);
    if (next == nullptr) {
        return Errno::Busy;
    }
    m_tick->installReplacement(*next, cpu);
    forget(device);
    return Errno::Ok;
}

Errno ClockEvents::unbind(ClockEventDevice& device, unsigned cpu)
{
    const CallSpan span(m_tracer, "clockevents_unbind");
    if (!m_tick->isOnline(cpu)) {
        return Errno::NoDevice; // nobody is there to be called
    }
    const Errno tried = tryUnbind(device, cpu);
    m_tracer.record(RecordKind::ClockEventUnbind, m_tracer.name(device.name()), cpu,
                    returnValue(tried));
    if (tried != Errno::Again) {
        return tried;
    }
    const Errno replaced = replace(device, cpu);
    m_tracer.record(RecordKind::ClockEventUnbind, m_tracer.name(device.name()), cpu,
                    returnValue(replaced));
    return replaced;
}

Errno ClockEvents::writeUnbind(std::string_view text, unsigned cpu)
{
    const CallSpan span(m_tracer, "unbind_device_store");
    const SysfsName wanted = sysfsName(text);
    if (wanted.error != Errno::Ok) {
        return wanted.error;
    }
    ClockEventDevice* found = nullptr;
    static_cast<void>(walk([&](ClockEventDevice& device) {
        found = device.name() == wanted.name ? &device : nullptr;
        return found != nullptr ? Walk::Ends : Walk::GoesOn;
    }));
    if (found == nullptr) {
        return Errno::NoDevice;
    }
    // Under the spin lock only the fast path is tried; replacing may sleep, and comes after it.
    const Errno tried = tryUnbind(*found, cpu);
    m_tracer.record(RecordKind::ClockEventUnbind, m_tracer.name(found->name()), cpu,
                    returnValue(tried));
    return tried == Errno::Again ? unbind(*found, cpu) : tried;
}

// --- hotplug -----------------------------------------------------------------------------------

void ClockEvents::cleanUpDeadCpu(unsigned cpu)
{
    m_released.clear();
    static_cast<void>(walk([&](ClockEventDevice& device) {
        if (device.isLocalTo(cpu) && !m_tick->isBroadcastDevice(device)) {
            invariant(device.state() == ClockEventState::Detached);
            forget(device);
        }
        return Walk::GoesOn;
    }));
}

} // namespace timerscope
