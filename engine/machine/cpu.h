// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/hrtimer/hrtimer_cpu_base.h"
#include "engine/machine/config.h"
#include "engine/port/hardware.h"
#include "engine/tick/tick_broadcast.h"
#include "engine/tick/tick_cpu.h"
#include "engine/timer/timer_wheel.h"

#include <functional>
#include <vector>

namespace timerscope {

/// What the CPUs share. All must outlive them.
struct CpuParts
{
    Hardware& hardware;
    const CostModel& cost;
    HrtimerShared& hrtimers;
    TickServices tick;
};

/// One CPU: its hrtimers, wheel, tick, softirqs and the tasks that became runnable.
/// Threading: the engine's thread.
class Cpu final : private HrtimerHost, private TickHost, private TimerWheel::Host
{
public:
    /// @p tickTimerId names the tick's hrtimer in the records.
    Cpu(unsigned index, const CpuParts& parts, TickRate rate, TickOptions options, Tracer tracer,
        std::uint32_t tickTimerId);
    Cpu(const Cpu&) = delete;
    Cpu& operator=(const Cpu&) = delete;

    [[nodiscard]] unsigned index() const { return m_tick.index(); }
    [[nodiscard]] HrtimerCpuBase& hrtimers() { return m_hrtimers; }
    [[nodiscard]] TimerWheel& wheel() { return m_wheel; }
    [[nodiscard]] TickCpu& tick() { return m_tick; }
    [[nodiscard]] const HrtimerCpuBase& hrtimers() const { return m_hrtimers; }
    [[nodiscard]] const TimerWheel& wheel() const { return m_wheel; }
    [[nodiscard]] const TickCpu& tick() const { return m_tick; }
    [[nodiscard]] Tracer& tracer() { return m_tracer; }

    /// The interrupt of @p device: handler, then softirqs.
    void interrupt(ClockEventDevice& device, unsigned irq);
    /// Another CPU has sent the timer's inter-processor interrupt.
    void timerInterrupt(TickBroadcast& sender);
    [[nodiscard]] bool hasTasks() const override { return !m_runnable.empty(); }
    /// Runs the tasks that were woken, and those that they wake. Not while an interrupt is served:
    /// Cpus::settle() calls it.
    void runTasks();
    /// @p task runs once the present interrupt is over.
    void wake(std::function<void()> task) { m_runnable.push_back(std::move(task)); }

private:
    [[nodiscard]] MonotonicInstant monotonicNow() override;
    [[nodiscard]] Ns clockOffset(HrtimerClock clock) override;
    Errno programTickDevice(MonotonicInstant expires, bool force) override;
    void tickDeviceFired() override;
    void raiseHrtimerSoftirq() override;
    void spendCallback() override;
    void raiseTimerSoftirqIfDue() override;

    void enterInterrupt();
    void raise(unsigned softirq);
    void runSoftirqs();
    void runSoftirq(unsigned softirq);

    CpuParts m_parts;
    Tracer m_tracer;
    HrtimerCpuBase m_hrtimers;
    TimerWheel m_wheel;
    TickCpu m_tick;
    std::vector<std::function<void()>> m_runnable;
    std::uint32_t m_pendingSoftirqs = 0;
};

} // namespace timerscope
