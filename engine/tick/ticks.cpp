// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/tick/ticks.h"

#include <algorithm>

namespace timerscope {

void Ticks::attach(TickCpu& tick)
{
    invariant(tick.index() == m_ticks.size());
    m_ticks.push_back(&tick);
}

// --- devices -----------------------------------------------------------------------------------

void Ticks::checkNewDevice(ClockEventDevice& device, unsigned cpu)
{
    const CallSpan span(m_tracer, "tick_check_new_device");
    m_tracer.call("tick_check_replacement");
    TickDevice& tick = tickOf(cpu).tickDevice();
    ClockEventDevice* old = tick.device();
    if (!tick.isReplacement(old, device)) {
        if (m_broadcast->offer(device, cpu)) {
            clockChanged();
        }
        return;
    }
    if (!device.hold(HoldRole::TickDevice, cpu)) {
        return;
    }
    if (old != nullptr && m_broadcast->device() == old) {
        // It goes on broadcasting, so it is not released; it only stops.
        old->shutdown();
        old = nullptr;
    }
    m_clockEvents->exchange(old, &device);
    tick.setUp(device);
    if (device.has(clock_event_feature::oneshot)) {
        tickOf(cpu).sched().clockChanged();
    }
}

bool Ticks::isReplacement(const ClockEventDevice* current, const ClockEventDevice& candidate,
                          unsigned cpu) const
{
    return tickOf(cpu).tickDevice().isReplacement(current, candidate);
}

void Ticks::installReplacement(ClockEventDevice& device, unsigned cpu)
{
    const CallSpan span(m_tracer, "tick_install_replacement");
    TickDevice& tick = tickOf(cpu).tickDevice();
    m_clockEvents->exchange(tick.device(), &device);
    tick.setUp(device);
}

bool Ticks::isTickDevice(const ClockEventDevice& device, unsigned cpu) const
{
    return tickOf(cpu).device() == &device;
}

bool Ticks::isBroadcastDevice(const ClockEventDevice& device) const
{
    return m_broadcast->device() == &device;
}

bool Ticks::isOnline(unsigned cpu) const
{
    return m_host->onlineCpus().has(cpu);
}

CpuMask Ticks::possibleCpus() const
{
    return CpuMask::firstOf(static_cast<unsigned>(m_ticks.size()));
}

// --- all CPUs ----------------------------------------------------------------------------------

void Ticks::clockChanged()
{
    for (TickCpu* const tick : m_ticks) {
        tick->sched().clockChanged();
    }
}

bool Ticks::isAnyOneshot() const
{
    return std::ranges::any_of(
        m_ticks, [](const TickCpu* tick) { return tick->mode() == TickMode::Oneshot; });
}

void Ticks::suspend(unsigned cpu)
{
    tickOf(cpu).tickDevice().suspend();
    m_broadcast->suspend();
}

void Ticks::resume(unsigned cpu)
{
    m_broadcast->resume();
    tickOf(cpu).tickDevice().resume();
}

void Ticks::takeOffline(unsigned cpu, CpuMask left)
{
    tickOf(cpu).handOverDoTimer(left);
    m_broadcast->takeOffline(cpu);
}

void Ticks::cleanUp(unsigned deadCpu)
{
    m_broadcast->pullFrom(deadCpu);
    tickOf(deadCpu).tickDevice().shutDown();
    tickOf(deadCpu).sched().shutDown();
    m_clockEvents->cleanUpDeadCpu(deadCpu);
}

} // namespace timerscope
