// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/machine/cpu.h"

#include "engine/posix/process.h"

#include <algorithm>
#include <utility>

namespace timerscope {

namespace {

constexpr unsigned timerSoftirq = 1;
constexpr unsigned hrtimerSoftirq = 8;
constexpr unsigned softirqs = 10;
/// Softirqs that raise each other are served this often before tasks get their turn.
constexpr int softirqRounds = 10;

} // namespace

Cpu::Cpu(unsigned index, const CpuParts& parts, TickRate rate, const TickOptions& options,
         Tracer tracer, std::uint32_t tickTimerId)
    : m_parts(parts)
    , m_tracer(tracer)
    , m_hrtimers(*this, tracer, parts.hrtimers)
    , m_wheel(rate, parts.tick.jiffies.now(), *this, tracer,
              WheelOptions{.cpu = index, .noHz = options.noHzBuilt})
    , m_runQueue(parts.sched)
    , m_tick(index,
             TickParts{.services = parts.tick,
                       .hrtimers = m_hrtimers,
                       .wheel = m_wheel,
                       .host = *this,
                       .runQueue = &m_runQueue,
                       .irqWork = &m_irqWork},
             options, tracer, tickTimerId)
    , m_fullNohz(options.fullNohz)
{
}

MonotonicInstant Cpu::monotonicNow()
{
    return m_parts.tick.timekeeper.monotonicNow();
}

void Cpu::readClockOffsets(std::array<Ns, hrtimerClocks>& offsets)
{
    const Timekeeper& timekeeper = m_parts.tick.timekeeper;
    offsets = {Ns::zero(), timekeeper.realtimeOffset(), timekeeper.boottimeOffset(),
               timekeeper.taiOffset()};
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

HrtimerInstant Cpu::clockNow(HrtimerClock clock)
{
    return HrtimerInstant{monotonicNow().time_since_epoch() + clockOffset(clock)};
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
        m_tracer.call("raise_softirq");
        m_tracer.install("run_timer_softirq");
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

CpuActivity Cpu::activity() const
{
    if (m_isIdle) {
        return CpuActivity::Idle;
    }
    const SchedEntity* const running = m_runQueue.current();
    return running != nullptr && !running->isInKernel ? CpuActivity::User : CpuActivity::System;
}

TickDependencies Cpu::taskDependencies() const
{
    TickDependencies kept;
    const SchedEntity* const running = m_runQueue.current();
    if (running != nullptr && running->task->needsTick()) {
        static_cast<void>(kept.set(TickDependency::PosixTimer));
    }
    if (m_runQueue.running() > 1) {
        static_cast<void>(kept.set(TickDependency::Sched));
    }
    return kept;
}

TickDependencies Cpu::processDependencies() const
{
    TickDependencies kept;
    const SchedEntity* const running = m_runQueue.current();
    if (running != nullptr && running->task->process().needsTick()) {
        static_cast<void>(kept.set(TickDependency::PosixTimer));
    }
    return kept;
}

void Cpu::queueIrqWork(IrqWork& work)
{
    if (m_irqWork.queue(work) && m_irqWork.hasRaised() && !isInInterrupt()) {
        const Interrupt interrupt(*this);
        runRaisedIrqWork();
    }
}

void Cpu::kickFullNohz()
{
    if (m_tick.sched().isFullNohz()) {
        queueIrqWork(m_nohzKick);
    }
}

/// The interrupt that the CPU has sent itself comes as soon as the present one lets it.
void Cpu::runRaisedIrqWork()
{
    while (m_irqWork.hasRaised()) {
        const std::uint32_t name = m_tracer.name("irq_work");
        m_tracer.record(RecordKind::IrqHandlerEntry, name);
        m_irqWork.run();
        m_tracer.record(RecordKind::IrqHandlerExit, name);
    }
}

void Cpu::enterInterrupt()
{
    if (!m_parts.idleStates.empty()) {
        endSleep(); // an idle driver wakes with interrupts off
    }
    ++m_interrupts;
    m_parts.hardware.spend(m_parts.cost.interrupt);
    m_parts.tick.broadcast.interruptEntered(index());
    if (m_isIdle || m_tick.sched().isFullNohz()) {
        m_tick.sched().interruptEntered();
    }
}

void Cpu::leaveInterrupt()
{
    runRaisedIrqWork();
    runSoftirqs();
    if ((m_isIdle && !hasTasks()) || m_tick.sched().isFullNohz()) {
        m_tick.sched().interruptLeft();
    }
    endSleep();
    --m_interrupts;
}

void Cpu::rescheduleInterrupt()
{
    callInterrupt([] { });
    leaveIdle();
}

void Cpu::timerInterrupt(TickBroadcast& sender)
{
    const Interrupt interrupt(*this);
    const std::uint32_t name = m_tracer.name("timer broadcast");
    m_tracer.record(RecordKind::IrqHandlerEntry, name);
    sender.receive(index());
    m_tracer.record(RecordKind::IrqHandlerExit, name);
}

void Cpu::interrupt(ClockEventDevice& device, unsigned irq)
{
    const Interrupt interrupt(*this);
    const std::uint32_t name = device.nameIn(m_tracer);
    m_tracer.record(RecordKind::IrqHandlerEntry, name, irq);
    device.fire();
    m_tracer.record(RecordKind::IrqHandlerExit, name, irq);
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
    if (m_pendingSoftirqs != 0) {
        wake([this] { runSoftirqs(); }); // ksoftirqd
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
    if (hasTasks()) {
        leaveIdle();
    }
    while (hasTasks()) {
        const auto tasks = std::exchange(m_runnable, {});
        for (const auto& task : tasks) {
            task();
        }
        if (m_runQueue.needsReschedule()) {
            m_parts.schedule(index());
        }
    }
}

// --- the idle loop -----------------------------------------------------------------------------

void Cpu::startIdleDriver()
{
    m_hasIdleDriver = !m_parts.idleStates.empty();
    if (std::ranges::any_of(m_parts.idleStates, &IdleState::stopsTimer)) {
        m_parts.tick.broadcast.control(BroadcastControl::On, index());
    }
}

void Cpu::goIdle()
{
    if (!m_isIdle) {
        m_isIdle = true;
        m_tick.sched().enterIdle();
    }
    const bool polls = m_parts.tick.broadcast.masks().force.has(index());
    m_sleepsIn = polls ? &keepTickAndPoll() : &stopTickAndChoose();
    if (m_sleepsIn != m_namedState) {
        m_namedState = m_sleepsIn;
        m_stateName = m_tracer.name(m_sleepsIn->name);
    }
    m_tracer.record(RecordKind::CpuIdle, m_stateName, polls ? idle_state::poll : idle_state::halt);
}

/// The broadcast that was due when the CPU woke is about to come: were it to sleep until then, it
/// would have to program its device for what has passed already (tick_check_broadcast_expired).
const IdleState& Cpu::keepTickAndPoll()
{
    static const IdleState state{.name = "poll"};
    m_tick.sched().restartIdleTick();
    return state;
}

const IdleState& Cpu::stopTickAndChoose()
{
    static const IdleState halt{.name = "halt"};
    if (!m_hasIdleDriver) {
        m_tick.sched().stopIdleTick();
        return halt;
    }
    const Ns length = m_tick.sched().sleepLength(); // must come before the tick stops
    m_tick.sched().stopIdleTick();
    const IdleState& wanted = deepest(length, true);
    if (!wanted.stopsTimer) {
        return wanted;
    }
    m_isHelped = m_parts.tick.broadcast.enter(index()) == Errno::Ok;
    return m_isHelped ? wanted : deepest(length, false);
}

/// The deepest state that a sleep of @p length is worth. The first is always allowed, and leaves
/// the CPU's timer running.
const IdleState& Cpu::deepest(Ns length, bool mayStopTimer) const
{
    const std::span<const IdleState> states = m_parts.idleStates;
    std::size_t state = states.size() - 1;
    while (state > 0
           && (states[state].residency > length || (states[state].stopsTimer && !mayStopTimer))) {
        --state;
    }
    return states[state];
}

void Cpu::endSleep()
{
    const IdleState* const left = std::exchange(m_sleepsIn, nullptr);
    if (left == nullptr) {
        return;
    }
    m_parts.hardware.spend(left->exitLatency);
    m_tracer.record(RecordKind::CpuIdle, m_stateName, idle_state::exit, left->exitLatency.count());
    if (std::exchange(m_isHelped, false)) {
        m_parts.tick.broadcast.exit(index());
    }
}

void Cpu::leaveIdle()
{
    if (m_isIdle) {
        endSleep();
        m_tick.sched().exitIdle();
        m_isIdle = false;
    }
}

void Cpu::die()
{
    m_isIdle = false;
    m_sleepsIn = nullptr;
    m_isHelped = false;
}

} // namespace timerscope
