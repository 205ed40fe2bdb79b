// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/tick/tick_cpu.h"

#include "engine/tick/tick_broadcast.h"
#include "engine/tick/tick_jiffies.h"

#include <utility>

namespace timerscope {

TickCpu::TickCpu(unsigned cpu, const TickParts& parts, TickOptions options, Tracer tracer,
                 std::uint32_t tickTimerId)
    : m_services(parts.services)
    , m_tracer(tracer)
    , m_device(cpu, parts.services,
               {.name = "tick_handle_periodic", .call = [this] { handlePeriodic(); }}, tracer)
    , m_sched(m_device, parts, std::move(options), tracer, tickTimerId)
{
    m_services.broadcast.attach(m_device);
}

void TickCpu::handOverDoTimer(CpuMask left)
{
    if (m_services.shared.doTimer.isOn(m_device.cpu())) {
        takeDoTimerDuty(m_services, m_tracer, left.first());
    }
}

void TickCpu::handlePeriodic()
{
    const CallSpan span(m_tracer, "tick_handle_periodic");
    ClockEventDevice& device = *m_device.device();
    MonotonicInstant next = device.nextEvent();
    periodicTick();
    // The tick itself may have switched the CPU to another handler.
    if (m_device.mode() != TickMode::Periodic || device.state() != ClockEventState::Oneshot) {
        return;
    }
    for (;;) {
        next += m_services.shared.periods.period;
        if (m_device.programDevice(next, false) == Errno::Ok) {
            return;
        }
        // That tick has passed already. Count it, but only by a clock that can tell: on jiffies
        // this loop would make its own time and never end.
        if (m_services.timekeeper.isValidForHres()) {
            periodicTick();
        }
    }
}

void TickCpu::countOne()
{
    const CallSpan span(m_tracer, "do_timer");
    addJiffies(m_services, m_tracer, 1);
}

void TickCpu::periodicTick()
{
    const CallSpan span(m_tracer, "tick_periodic");
    if (m_services.shared.doTimer.isOn(m_device.cpu())) {
        m_services.shared.periods.next += m_services.shared.periods.period;
        countOne();
        updateWallTime(m_services, m_tracer);
    }
    m_sched.updateProcessTimes();
}

} // namespace timerscope
