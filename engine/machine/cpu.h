// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/hrtimer/hrtimer_cpu_base.h"
#include "engine/machine/config.h"
#include "engine/port/hardware.h"
#include "engine/tick/tick_broadcast.h"
#include "engine/tick/tick_cpu.h"
#include "engine/timer/timer_wheel.h"

#include <array>
#include <functional>
#include <span>
#include <utility>
#include <vector>

namespace timerscope {

/// What the CPUs share. All must outlive them.
struct CpuParts
{
    Hardware& hardware;
    const CostModel& cost;
    std::span<const IdleState> idleStates;
    HrtimerShared& hrtimers;
    TickServices tick;
    SchedServices sched;
    /// Sends a CPU without ticks the interrupt that makes it look at its next timer anew
    /// (wake_up_nohz_cpu).
    std::function<void(unsigned cpu)> wakeNohz;
    /// A CPU has to look which task is to run: schedule(), in a task's context.
    std::function<void(unsigned cpu)> schedule;
};

/// One CPU: its hrtimers, wheel, tick, softirqs, the tasks that became runnable, and its idle loop.
/// Threading: the engine's thread.
class Cpu final : private HrtimerHost, private TickHost, private TimerWheel::Host
{
public:
    /// @p tickTimerId names the tick's hrtimer in the records.
    Cpu(unsigned index, const CpuParts& parts, TickRate rate, const TickOptions& options,
        Tracer tracer, std::uint32_t tickTimerId);
    Cpu(const Cpu&) = delete;
    Cpu& operator=(const Cpu&) = delete;

    [[nodiscard]] unsigned index() const { return m_tick.index(); }
    [[nodiscard]] HrtimerCpuBase& hrtimers() { return m_hrtimers; }
    [[nodiscard]] TimerWheel& wheel() { return m_wheel; }
    [[nodiscard]] TickCpu& tick() { return m_tick; }
    [[nodiscard]] const HrtimerCpuBase& hrtimers() const { return m_hrtimers; }
    [[nodiscard]] const TimerWheel& wheel() const { return m_wheel; }
    [[nodiscard]] const TickCpu& tick() const { return m_tick; }
    [[nodiscard]] RunQueue& runQueue() { return m_runQueue; }
    [[nodiscard]] const RunQueue& runQueue() const { return m_runQueue; }
    [[nodiscard]] Tracer& tracer() { return m_tracer; }
    /// What @p clock shows now.
    [[nodiscard]] HrtimerInstant clockNow(HrtimerClock clock);

    /// The interrupt of @p device: handler, then softirqs.
    void interrupt(ClockEventDevice& device, unsigned irq);
    /// Another CPU has sent the timer's inter-processor interrupt.
    void timerInterrupt(TickBroadcast& sender);
    /// Another CPU has sent the reschedule interrupt.
    void rescheduleInterrupt();
    /// Another CPU has sent the interrupt that lets this one do @p work (smp_call_function_single).
    template<typename Work>
    auto callInterrupt(Work&& work)
    {
        const Interrupt interrupt(*this);
        return std::forward<Work>(work)();
    }
    [[nodiscard]] bool hasTasks() const override
    {
        return m_runQueue.needsReschedule() || !m_runnable.empty();
    }
    /// Runs the tasks that were woken, and those that they wake. Not while an interrupt is served:
    /// Cpus::settle() calls it.
    void runTasks();
    /// @p task runs once the present interrupt is over.
    void wake(std::function<void()> task)
    {
        m_runnable.push_back(std::move(task));
        *m_parts.sched.isLookWanted = true;
    }

    /// irq_work_queue(): @p work runs at once by an interrupt that the CPU sends itself, after the
    /// one that is served now; lazy work by the next tick.
    void queueIrqWork(IrqWork& work);
    /// In full nohz it looks anew whether it needs its tick (tick_nohz_full_kick).
    void kickFullNohz();

    /// The driver of the idle states takes the CPU on, if the machine has any: until then it just
    /// halts. A state in which the CPU's own timer stops is why it asks for broadcasts
    /// (cpuidle_setup_broadcast_timer). Again whenever the CPU has come online.
    void startIdleDriver();
    /// Nothing is left to do: once around the idle loop, to sleep until the next interrupt.
    void goIdle();
    /// A task is to run: out of the idle loop, if it is there.
    void leaveIdle();
    /// The CPU is taken down.
    void die();
    [[nodiscard]] bool isIdle() const { return m_isIdle; }
    /// The CPU is in an idle state in which @p device, its own, makes no interrupts.
    [[nodiscard]] bool hasStopped(const ClockEventDevice& device) const
    {
        return m_sleepsIn != nullptr && m_sleepsIn->stopsTimer && &device == m_tick.device()
            && device.has(clock_event_feature::c3stop);
    }
    [[nodiscard]] bool isInInterrupt() const { return m_interrupts > 0; }

private:
    /// Is being served until the end of the scope.
    class Interrupt
    {
    public:
        explicit Interrupt(Cpu& cpu)
            : m_cpu(&cpu)
        {
            cpu.enterInterrupt();
        }
        ~Interrupt() { m_cpu->leaveInterrupt(); }
        Interrupt(const Interrupt&) = delete;
        Interrupt& operator=(const Interrupt&) = delete;

    private:
        Cpu* m_cpu;
    };

    [[nodiscard]] MonotonicInstant monotonicNow() override;
    [[nodiscard]] Ns clockOffset(HrtimerClock clock) override;
    void readClockOffsets(std::array<Ns, hrtimerClocks>& offsets) override;
    Errno programTickDevice(MonotonicInstant expires, bool force) override;
    void tickDeviceFired() override;
    void raiseHrtimerSoftirq() override;
    void spendCallback() override;
    void raiseTimerSoftirqIfDue() override;
    [[nodiscard]] CpuActivity activity() const override;
    [[nodiscard]] bool needsTick() const override { return m_irqWork.needsTick(); }
    [[nodiscard]] TickDependencies taskDependencies() const override;
    [[nodiscard]] TickDependencies processDependencies() const override;
    [[nodiscard]] std::uint32_t pendingSoftirqs() const override { return m_pendingSoftirqs; }
    void wakeIdleCpu(unsigned cpu) override { m_parts.wakeNohz(cpu); }
    [[nodiscard]] bool isFullNohz(unsigned cpu) const override { return m_fullNohz.has(cpu); }

    void enterInterrupt();
    void leaveInterrupt();
    [[nodiscard]] const IdleState& keepTickAndPoll();
    [[nodiscard]] const IdleState& stopTickAndChoose();
    [[nodiscard]] const IdleState& deepest(Ns length, bool mayStopTimer) const;
    void endSleep();
    void runRaisedIrqWork();
    void raise(unsigned softirq);
    void runSoftirqs();
    void runSoftirq(unsigned softirq);

    CpuParts m_parts;
    Tracer m_tracer;
    HrtimerCpuBase m_hrtimers;
    TimerWheel m_wheel;
    RunQueue m_runQueue;
    IrqWorkQueue m_irqWork;
    IrqWork m_nohzKick{.function = "nohz_full_kick_func", .call = [] { }};
    TickCpu m_tick;
    std::vector<std::function<void()>> m_runnable;
    CpuMask m_fullNohz; ///< of all CPUs
    std::uint32_t m_pendingSoftirqs = 0;
    unsigned m_interrupts = 0; ///< that are being served, one within the other
    bool m_isIdle = false; ///< in the idle loop, …
    const IdleState* m_sleepsIn = nullptr; ///< … and waiting for an interrupt; null: not
    const IdleState* m_namedState = nullptr; ///< whose name is m_stateName: the last that it was in
    std::uint32_t m_stateName = 0;
    bool m_hasIdleDriver = false;
    bool m_isHelped = false; ///< its timer stands while it sleeps; a broadcast wakes it
};

} // namespace timerscope
