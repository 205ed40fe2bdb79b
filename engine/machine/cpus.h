// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/machine/cpu.h"
#include "engine/tick/ticks.h"

#include <deque>
#include <functional>
#include <utility>

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
        TickOptions tickOptions;
        std::function<std::uint32_t()> newTimerId;
    };
    explicit Cpus(const Parts& parts);
    Cpus(const Cpus&) = delete;
    Cpus& operator=(const Cpus&) = delete;

    [[nodiscard]] unsigned count() const { return static_cast<unsigned>(m_cpus.size()); }
    [[nodiscard]] Cpu& at(unsigned cpu) { return m_cpus.at(cpu); }
    [[nodiscard]] const Cpu& at(unsigned cpu) const { return m_cpus.at(cpu); }
    [[nodiscard]] Cpu& current() { return m_cpus.at(m_current); }
    [[nodiscard]] const Cpu& current() const { return m_cpus.at(m_current); }
    [[nodiscard]] Ticks& ticks() { return m_ticks; }
    [[nodiscard]] TickBroadcast& broadcast() { return m_broadcast; }
    [[nodiscard]] const TickBroadcast& broadcast() const { return m_broadcast; }
    [[nodiscard]] const TickShared& tickShared() const { return m_tickShared; }

    [[nodiscard]] unsigned currentCpu() const override { return m_current; }
    [[nodiscard]] CpuMask onlineCpus() const override { return m_online; }
    void sendTimerInterrupt(CpuMask cpus) override { m_interrupted = m_interrupted | cpus; }

    /// @p work is done on @p cpu.
    template<typename Work>
    auto runOn(unsigned cpu, Work&& work)
    {
        const Turn turn(*this, cpu);
        return std::forward<Work>(work)();
    }
    /// Serves the interrupts that CPUs have sent each other, then the tasks that were woken.
    void settle();

    /// It answers to interrupts from now on.
    void setOnline(unsigned cpu);
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

    HrtimerShared m_hrtimers;
    TickShared m_tickShared;
    TickBroadcast m_broadcast;
    Ticks m_ticks;
    const JiffiesCounter* m_jiffies;
    std::deque<Cpu> m_cpus; // a deque: they are known by address
    CpuMask m_online = CpuMask::of(0);
    CpuMask m_interrupted; ///< to whom a timer interrupt is on its way
    unsigned m_current = 0;
};

} // namespace timerscope
