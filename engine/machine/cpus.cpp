// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/machine/cpus.h"

#include <algorithm>

namespace timerscope {

Cpus::Cpus(const Parts& parts)
    : m_load(parts.config.tickRate)
    , m_hrtimers{.resolution = parts.config.tickRate.period(),
                 .coarseClock = false,
                 .nohzActive = false,
                 .kernelLog = &parts.kernelLog,
                 .hangIsTold = false}
    , m_tickShared(parts.config.tickRate)
    , m_broadcast(parts.config.config.broadcast, m_tickShared, parts.clockEvents, parts.timekeeper,
                  *this, Tracer(parts.log, parts.time))
    , m_ticks(parts.clockEvents, m_broadcast, *this, Tracer(parts.log, parts.time))
    , m_jiffies(&parts.jiffies)
{
    const CpuParts shared{.hardware = parts.hardware,
                          .cost = parts.config.cost,
                          .idleStates = parts.config.idleStates,
                          .hrtimers = m_hrtimers,
                          .tick = {.shared = m_tickShared,
                                   .clockEvents = parts.clockEvents,
                                   .broadcast = m_broadcast,
                                   .timekeeper = parts.timekeeper,
                                   .jiffies = parts.jiffies,
                                   .kernelLog = parts.kernelLog,
                                   .load = &m_load},
                          .sched = {.clock = parts.schedClock,
                                    .load = m_load,
                                    .rate = parts.config.tickRate,
                                    .cpus = parts.config.cpus,
                                    .isLookWanted = &m_isLookWanted},
                          .wakeNohz = [this](unsigned cpu) { wakeNohz(cpu); },
                          .schedule = parts.schedule};
    parts.clockEvents.attach(m_ticks);
    for (unsigned cpu = 0; cpu < parts.config.cpus; ++cpu) {
        m_cpus.push_back(std::make_unique<Cpu>(
            cpu, shared, parts.config.tickRate, parts.tickOptions,
            Tracer(parts.log, parts.time, static_cast<std::uint16_t>(cpu)), parts.newTimerId()));
        m_ticks.attach(m_cpus.back()->tick());
    }
}

// --- taking turns ------------------------------------------------------------------------------

void Cpus::beginTask(unsigned cpu)
{
    ++m_tasks.at(cpu);
    m_awake.add(cpu);
    if (at(cpu).isIdle() && !at(cpu).isInInterrupt()) {
        const Turn turn(*this, cpu);
        at(cpu).leaveIdle();
    }
}

/// A CPU that arms a timer for itself is not asleep. One that runs a task without ticks has to be
/// interrupted even by itself.
void Cpus::wakeNohz(unsigned cpu)
{
    const TickSched& tick = at(cpu).tick().sched();
    if (cpu != m_current || (tick.isFullNohz() && tick.isTickStopped())) {
        m_awoken.add(cpu);
    }
}

bool Cpus::isAnythingToDo()
{
    if (m_isLookWanted) {
        m_isLookWanted
            = std::ranges::any_of(m_cpus, [](const auto& cpu) { return cpu->hasTasks(); });
    }
    return m_isLookWanted || !(m_interrupted | m_awoken).isEmpty();
}

void Cpus::settle()
{
    while (isAnythingToDo()) {
        serveSent();
        for (const auto& cpu : m_cpus) {
            if (cpu->hasTasks()) {
                runOn(cpu->index(), [&cpu] { cpu->runTasks(); });
            }
        }
    }
    idle();
}

void Cpus::serveSent()
{
    for (const unsigned cpu : std::exchange(m_interrupted, {}) & m_online) {
        interrupt(cpu, [&] { at(cpu).timerInterrupt(m_broadcast); });
    }
    for (const unsigned cpu : std::exchange(m_awoken, {}) & m_online) {
        if (at(cpu).tick().sched().isFullNohz()) {
            // The way out of the interrupt looks anew what tick it needs (tick_nohz_full_kick_cpu).
            interrupt(cpu, [&] { at(cpu).callInterrupt([] { }); });
        } else if (at(cpu).isIdle()) {
            interrupt(cpu, [&] { at(cpu).rescheduleInterrupt(); });
        }
    }
}

void Cpus::idle()
{
    for (const unsigned cpu : std::exchange(m_awake, {}) & m_online & m_idling) {
        if (m_tasks.at(cpu) == 0) {
            const Turn turn(*this, cpu);
            at(cpu).goIdle();
        } else {
            m_awake.add(cpu);
        }
    }
}

void Cpus::finishBoot()
{
    m_idling.add(0);
    m_awake.add(0);
    for (const unsigned cpu : m_online) {
        runOn(cpu, [&] { at(cpu).startIdleDriver(); });
    }
    m_isBooted = true;
}

// --- hotplug -----------------------------------------------------------------------------------

void Cpus::setOnline(unsigned cpu)
{
    m_online.add(cpu);
    m_idling.add(cpu);
    at(cpu).wheel().prepare(m_jiffies->now());
    at(cpu).hrtimers().prepareCpu();
    at(cpu).runQueue().cpuCame();
}

void Cpus::finishOnline(unsigned cpu)
{
    if (m_isBooted) {
        runOn(cpu, [&] { at(cpu).startIdleDriver(); });
    }
}

void Cpus::takeDown(unsigned cpu)
{
    invariant(cpu != 0 && m_online.has(cpu));
    CpuMask left = m_online;
    left.remove(cpu);
    runOn(cpu, [&] { m_ticks.takeOffline(cpu, left); });
    m_online = left;
    m_idling.remove(cpu);
    at(cpu).die();
    at(cpu).runQueue().cpuDied();
    // Its tick's own timer goes with it, all others to the CPU that cleans up.
    m_ticks.cleanUp(cpu);
    runOn(cpu, [&] { at(cpu).hrtimers().migrateTo(at(0).hrtimers()); });
    at(0).wheel().takeTimersOf(at(cpu).wheel(), m_jiffies->now());
}

} // namespace timerscope
