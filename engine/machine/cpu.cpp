// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/machine/cpu.h"

#include <utility>

namespace timerscope {

namespace {

constexpr unsigned timerSoftirq = 1;
constexpr unsigned hrtimerSoftirq = 8;
constexpr unsigned softirqs = 10;
/// Softirqs that raise each other are served this often before tasks get their turn.
constexpr int softirqRounds = 10;

} // namespace

Cpu::Cpu(unsigned index, const CpuParts& parts, TickRate rate, TickOptions options, Tracer tracer,
         std::uint32_t tickTimerId)
    : m_parts(parts)
    , m_tracer(tracer)
    , m_hrtimers(*this, tracer, parts.hrtimers)
    , m_wheel(rate, parts.tick.jiffies.now(), *this, tracer,
              WheelOptions{.cpu = index, .noHz = options.noHzBuilt})
    , m_tick(index,
             TickParts{
                 .services = parts.tick, .hrtimers = m_hrtimers, .wheel = m_wheel, .host = *this},
             std::move(options), tracer, tickTimerId)
{
}

MonotonicInstant Cpu::monotonicNow()
{
    return m_parts.tick.timekeeper.monotonicNow();
}

Ns Cpu::clockOffset(HrtimerClock clock)
{
    const Timekeeper& timekeeper = m_parts.tick.timekeeper;
    switch (clock) {
    case HrtimerClock::Realtime:
        return timekeeper.realtimeOffset();
    case HrtimerClock::Boottime:
        return timekeeper.boottimeOffset();
    case HrtimerClock::Tai:
        return timekeeper.taiOffset();
    case HrtimerClock::Monotonic:
        break;
    }
    return Ns::zero();
}

Errno Cpu::programTickDevice(MonotonicInstant expires, bool force)
{
    return m_tick.tickDevice().program(expires, force);
}

void Cpu::tickDeviceFired()
{
    m_tick.device()->markFired();
}

void Cpu::raiseHrtimerSoftirq()
{
    raise(hrtimerSoftirq);
}

void Cpu::raiseTimerSoftirqIfDue()
{
    if (m_wheel.isDue(m_parts.tick.jiffies.now())) {
        raise(timerSoftirq);
    }
}

void Cpu::spendCallback()
{
    m_parts.hardware.spend(m_parts.cost.callback);
}

void Cpu::raise(unsigned softirq)
{
    const std::uint32_t bit = 1U << softirq;
    if ((m_pendingSoftirqs & bit) == 0) {
        m_pendingSoftirqs |= bit;
        m_tracer.record(RecordKind::SoftirqRaise, softirq);
    }
}

void Cpu::enterInterrupt()
{
    m_parts.hardware.spend(m_parts.cost.interrupt);
    m_parts.tick.broadcast.interruptEntered(index());
}

void Cpu::timerInterrupt(TickBroadcast& sender)
{
    enterInterrupt();
    const std::uint32_t name = m_tracer.name("timer broadcast");
    m_tracer.record(RecordKind::IrqHandlerEntry, name);
    sender.receive(index());
    m_tracer.record(RecordKind::IrqHandlerExit, name);
    runSoftirqs();
}

void Cpu::interrupt(ClockEventDevice& device, unsigned irq)
{
    enterInterrupt();
    const std::uint32_t name = m_tracer.name(device.name());
    m_tracer.record(RecordKind::IrqHandlerEntry, name, irq);
    device.fire();
    m_tracer.record(RecordKind::IrqHandlerExit, name, irq);
    runSoftirqs();
}

void Cpu::runSoftirqs()
{
    for (int round = 0; round < softirqRounds && m_pendingSoftirqs != 0; ++round) {
        const std::uint32_t pending = std::exchange(m_pendingSoftirqs, 0);
        for (unsigned softirq = 0; softirq < softirqs; ++softirq) {
            if ((pending & (1U << softirq)) != 0) {
                runSoftirq(softirq);
            }
        }
    }
}

void Cpu::runSoftirq(unsigned softirq)
{
    m_tracer.record(RecordKind::SoftirqEntry, softirq);
    if (softirq == timerSoftirq) {
        m_wheel.run(m_parts.tick.jiffies.now());
    } else if (softirq == hrtimerSoftirq) {
        m_hrtimers.runSoftirq();
    }
    m_tracer.record(RecordKind::SoftirqExit, softirq);
}

void Cpu::runTasks()
{
    while (!m_runnable.empty()) {
        const auto tasks = std::exchange(m_runnable, {});
        for (const auto& task : tasks) {
            task();
        }
    }
}

} // namespace timerscope
