// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/machine/cpu.h"
#include "engine/tick/ticks.h"

#include <array>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace timerscope {

/// The CPUs of a machine, and which of them works.
///
/// They take turns on one axis of time: what one does comes wholly before or after what another
/// does. CPU 0 boots, runs whatever nobody says a CPU for, and is always online. Threading: the
/// engine's thread.
class Cpus final : public BroadcastHost
{
public:
    /// What they share, and what each is made of. All must outlive this.
    struct Parts
    {
        Hardware& hardware;
        const MachineConfig& config;
        ClockEvents& clockEvents;
        Timekeeper& timekeeper;
        JiffiesCounter& jiffies;
        KernelLog& kernelLog;
        TraceLog& log;
        const TraceTime& time;
        const SchedClock& schedClock;
        TickOptions tickOptions;
        std::function<std::uint32_t()> newTimerId;
        std::function<void(unsigned cpu)> schedule;
    };
    explicit Cpus(const Parts& parts);
    Cpus(const Cpus&) = delete;
    Cpus& operator=(const Cpus&) = delete;

    [[nodiscard]] unsigned count() const { return static_cast<unsigned>(m_cpus.size()); }
    [[nodiscard]] Cpu& at(unsigned cpu) { return *m_cpus.at(cpu); }
    [[nodiscard]] const Cpu& at(unsigned cpu) const { return *m_cpus.at(cpu); }
    [[nodiscard]] Cpu& current() { return at(m_current); }
    [[nodiscard]] const Cpu& current() const { return at(m_current); }
    [[nodiscard]] Ticks& ticks() { return m_ticks; }
    [[nodiscard]] TickBroadcast& broadcast() { return m_broadcast; }
    [[nodiscard]] const TickBroadcast& broadcast() const { return m_broadcast; }
    [[nodiscard]] const TickShared& tickShared() const { return m_tickShared; }
    [[nodiscard]] const GlobalLoad& load() const { return m_load; }

    [[nodiscard]] unsigned currentCpu() const override { return m_current; }
    [[nodiscard]] CpuMask onlineCpus() const override { return m_online; }
    void sendTimerInterrupt(CpuMask cpus) override { m_interrupted = m_interrupted | cpus; }

    /// A task on @p cpu does @p work: if the CPU is idle it leaves that first.
    template<typename Work>
    auto runOn(unsigned cpu, Work&& work)
    {
        const Task task(*this, cpu);
        const Turn turn(*this, cpu);
        return std::forward<Work>(work)();
    }
    /// An interrupt that @p work serves comes to @p cpu.
    template<typename Work>
    auto interrupt(unsigned cpu, Work&& work)
    {
        m_awake.add(cpu);
        const Turn turn(*this, cpu);
        return std::forward<Work>(work)();
    }
    /// The present CPU lets @p cpu do @p work, by interrupt if that is another one.
    template<typename Work>
    auto callOn(unsigned cpu, Work&& work)
    {
        if (cpu == m_current) {
            return std::forward<Work>(work)();
        }
        return interrupt(cpu, [&] { return at(cpu).callInterrupt(std::forward<Work>(work)); });
    }
    /// Serves the interrupts that CPUs have sent each other, then the tasks that were woken. CPUs
    /// with nothing left to do go to sleep.
    void settle();
    /// Some CPU has done something since it was last asleep.
    [[nodiscard]] bool isAnyAwake() const { return !m_awake.isEmpty(); }
    /// CPU 0 has booted: from now on it idles when there is nothing to do. The drivers of idle
    /// states are there.
    void finishBoot();

    /// A task runs on a CPU, which stays out of its idle loop until the end of the scope.
    class Task
    {
    public:
        Task(Cpus& cpus, unsigned cpu)
            : m_cpus(&cpus)
            , m_cpu(cpu)
        {
            m_cpus->beginTask(cpu);
        }
        ~Task() { m_cpus->endTask(m_cpu); }
        Task(const Task&) = delete;
        Task& operator=(const Task&) = delete;

    private:
        Cpus* m_cpus;
        unsigned m_cpu;
    };

    /// Where a task of @p cpu runs: on CPU 0 once that one is offline.
    [[nodiscard]] Cpu& homeOf(unsigned cpu) { return at(m_online.has(cpu) ? cpu : 0); }

    /// It answers to interrupts from now on.
    void setOnline(unsigned cpu);
    /// It has its devices.
    void finishOnline(unsigned cpu);
    /// @p cpu, not 0, is taken down: its ticks, timers and what its tasks would have done go to
    /// others.
    void takeDown(unsigned cpu);

private:
    /// Whose turn it is, until the end of its scope.
    class Turn
    {
    public:
        Turn(Cpus& cpus, unsigned cpu)
            : m_cpus(&cpus)
            , m_before(std::exchange(cpus.m_current, cpu))
        {
        }
        ~Turn() { m_cpus->m_current = m_before; }
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;

    private:
        Cpus* m_cpus;
        unsigned m_before;
    };

    void beginTask(unsigned cpu);
    void wakeNohz(unsigned cpu);
    void endTask(unsigned cpu) { --m_tasks.at(cpu); }
    [[nodiscard]] bool isAnythingToDo();
    void serveSent();
    void idle();

    GlobalLoad m_load;
    HrtimerShared m_hrtimers;
    TickShared m_tickShared;
    TickBroadcast m_broadcast;
    Ticks m_ticks;
    const JiffiesCounter* m_jiffies;
    std::vector<std::unique_ptr<Cpu>> m_cpus; // they are known by address
    CpuMask m_online = CpuMask::of(0);
    bool m_isLookWanted = false; ///< some CPU may have tasks: see SchedServices
    CpuMask m_interrupted; ///< to whom a timer interrupt is on its way
    CpuMask m_awoken; ///< who has to look at its tick anew: to whom an interrupt is
    CpuMask m_awake = CpuMask::of(0); ///< who has done something since it was last asleep
    bool m_isBooted = false;
    CpuMask m_idling; ///< who may go idle: those that have booted
    std::array<unsigned, CpuMask::capacity> m_tasks{}; ///< running, one within the other
    unsigned m_current = 0;
};

} // namespace timerscope
