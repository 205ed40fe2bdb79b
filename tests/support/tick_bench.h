// SPDX-License-Identifier: GPL-3.0-or-later
//! The ticks of some CPUs on an ideal clock of 1 GHz, with nothing around them: who is idle, who
//! has tasks and which interrupts come is up to the test.
#pragma once

#include "engine/clockevents/config.h"
#include "engine/tick/ticks.h"

#include <deque>
#include <string>
#include <vector>

namespace timerscope::test {

/// What happens around a CPU's tick.
struct TickSurroundings
{
    bool tasks = false; ///< one waits to run
    bool waitsForIo = false;
    bool needsTick = false;
    bool online = true;
    std::uint32_t stuckSoftirqs = 0; ///< raised, and nobody runs them
    TickDependencies task;
    TickDependencies process;
};

/// One of the bench's CPUs.
class BenchCpu final : private HrtimerHost, private TickHost, private TimerWheel::Host
{
public:
    BenchCpu(unsigned index, const TickServices& services, TickOptions options, Tracer tracer)
        : m_services(services)
        , m_hrtimers(*this, tracer)
        , m_wheel(services.shared.rate, services.jiffies.now(), *this, tracer, {.cpu = index})
        , m_device({.name = "timer" + std::to_string(index),
                    .rating = 300,
                    .features = clock_event_feature::periodic | clock_event_feature::oneshot,
                    .config = clockEventConfig(1'000'000'000, 1, 0xffff'ffff'ffff,
                                               clock_event_feature::oneshot)
                                  .value(),
                    .cpus = CpuMask::of(index)},
                   m_driver, tracer)
        , m_tick(index, parts(), std::move(options), tracer, index)
    {
    }

    TickSurroundings around;

    [[nodiscard]] TickCpu& tick() { return m_tick; }
    [[nodiscard]] TickSched& sched() { return m_tick.sched(); }
    [[nodiscard]] HrtimerCpuBase& hrtimers() { return m_hrtimers; }
    [[nodiscard]] TimerWheel& wheel() { return m_wheel; }
    [[nodiscard]] ClockEventDevice& device() { return m_device; }
    [[nodiscard]] bool isIdle() const { return m_isIdle; }
    [[nodiscard]] NextTick nextTick(Tracer tracer) { return {index(), parts(), tracer}; }

    /// The device's interrupt, or with @p isTimer false another one, and the softirqs.
    void interrupt(bool isTimer = true)
    {
        m_tick.sched().interruptEntered();
        if (isTimer) {
            m_device.fire();
        }
        runSoftirqs();
        if (m_isIdle || m_tick.sched().isFullNohz()) {
            m_tick.sched().interruptLeft();
        }
    }
    /// Once around the idle loop.
    void goIdle()
    {
        if (!m_isIdle) {
            m_isIdle = true;
            m_tick.sched().enterIdle();
        }
        m_tick.sched().stopIdleTick();
    }
    void leaveIdle()
    {
        if (m_isIdle) {
            m_tick.sched().exitIdle();
            m_isIdle = false;
        }
    }
    void enterIdleOnly()
    {
        m_isIdle = true;
        m_tick.sched().enterIdle();
    }

private:
    class TakingDriver final : public ClockEventDriver
    {
    public:
        Errno setState(ClockEventState /*state*/) override { return Errno::Ok; }
        Errno setNextEvent(std::uint64_t /*ticks*/) override { return Errno::Ok; }
    };
    static constexpr std::uint32_t timerSoftirqBit = 1U << 1;
    static constexpr std::uint32_t hrtimerSoftirqBit = 1U << 8;

    [[nodiscard]] unsigned index() const { return m_tick.index(); }
    [[nodiscard]] TickParts parts()
    {
        return {.services = m_services, .hrtimers = m_hrtimers, .wheel = m_wheel, .host = *this};
    }
    void runSoftirqs()
    {
        const std::uint32_t pending = std::exchange(m_softirqs, 0);
        if ((pending & timerSoftirqBit) != 0) {
            m_wheel.run(m_services.jiffies.now());
        }
        if ((pending & hrtimerSoftirqBit) != 0) {
            m_hrtimers.runSoftirq();
        }
    }

    void raiseTimerSoftirqIfDue() override
    {
        if (m_wheel.isDue(m_services.jiffies.now())) {
            m_softirqs |= timerSoftirqBit;
        }
    }
    [[nodiscard]] CpuActivity activity() const override
    {
        const CpuActivity idle = around.waitsForIo ? CpuActivity::WaitingForIo : CpuActivity::Idle;
        return m_isIdle ? idle : CpuActivity::System;
    }
    [[nodiscard]] bool hasTasks() const override { return around.tasks; }
    [[nodiscard]] std::uint32_t pendingSoftirqs() const override
    {
        return m_softirqs | around.stuckSoftirqs;
    }
    [[nodiscard]] bool needsTick() const override { return around.needsTick; }
    [[nodiscard]] bool isOnline() const override { return around.online; }
    [[nodiscard]] TickDependencies taskDependencies() const override { return around.task; }
    [[nodiscard]] TickDependencies processDependencies() const override { return around.process; }

    [[nodiscard]] MonotonicInstant monotonicNow() override
    {
        return m_services.timekeeper.monotonicNow();
    }
    [[nodiscard]] Ns clockOffset(HrtimerClock /*clock*/) override { return {}; }
    Errno programTickDevice(MonotonicInstant expires, bool force) override
    {
        return m_tick.tickDevice().program(expires, force);
    }
    void tickDeviceFired() override { m_tick.device()->markFired(); }
    void raiseHrtimerSoftirq() override { m_softirqs |= hrtimerSoftirqBit; }
    void spendCallback() override { }

    TickServices m_services;
    HrtimerCpuBase m_hrtimers;
    TimerWheel m_wheel;
    TakingDriver m_driver;
    ClockEventDevice m_device;
    TickCpu m_tick;
    std::uint32_t m_softirqs = 0;
    bool m_isIdle = false;
};

/// All of them, booted: the clocksource is chosen, every CPU has its device. The ticks switch with
/// the first interrupt.
class TickBench final : private KernelLog,
                        private TraceTime,
                        private DeviceListFaults,
                        private BroadcastHost,
                        private CounterReader
{
public:
    /// @p bits: of the clocksource. Time starts at 0.
    explicit TickBench(unsigned cpus = 1, const TickOptions& options = {}, std::uint32_t hz = 100,
                       unsigned bits = 64)
        : m_jiffies(TickRate{hz})
        , m_jiffiesClocksource(makeJiffiesClocksource(m_jiffies, TickRate{hz}))
        , m_clocksource(ideal(bits))
        , m_timekeeper(m_jiffiesClocksource, TickRate{hz})
        , m_shared(TickRate{hz})
        , m_events(*this, *this, tracer())
        , m_broadcast(false, m_shared, m_events, m_timekeeper, *this, tracer())
        , m_ticks(m_events, m_broadcast, *this, tracer())
    {
        m_events.attach(m_ticks);
        for (unsigned cpu = 0; cpu < cpus; ++cpu) {
            m_cpus.emplace_back(cpu, services(), options,
                                Tracer(m_log, *this, static_cast<std::uint16_t>(cpu)));
            m_ticks.attach(m_cpus.back().tick());
        }
        static_cast<void>(m_timekeeper.changeClocksource(m_clocksource));
        m_ticks.clockChanged();
        for (unsigned cpu = 0; cpu < cpus; ++cpu) {
            m_current = cpu;
            m_events.registerDevice(m_cpus[cpu].device(), cpu);
            m_periodicDue.push_back(period());
        }
    }

    [[nodiscard]] BenchCpu& cpu(unsigned index = 0) { return m_cpus.at(index); }
    [[nodiscard]] NextTick nextTick(unsigned index) { return cpu(index).nextTick(tracer()); }
    [[nodiscard]] unsigned cpus() const { return static_cast<unsigned>(m_cpus.size()); }
    [[nodiscard]] TickShared& shared() { return m_shared; }
    [[nodiscard]] Timekeeper& timekeeper() { return m_timekeeper; }
    [[nodiscard]] Jiffies jiffies() const { return m_jiffies.now(); }
    [[nodiscard]] Ns period() const { return m_shared.periods.period; }
    [[nodiscard]] MonotonicInstant now() const { return MonotonicInstant{m_now}; }
    [[nodiscard]] const std::vector<std::string>& kernelLines() const { return m_lines; }

    /// Time goes on, and nothing happens.
    void advance(Ns span) { m_now += span; }
    /// Time goes on to @p end: devices fire when they are set for, each period while they tick
    /// periodically, and CPUs that were idle go on idling.
    void run(Ns span)
    {
        const Ns end = m_now + span;
        for (;;) {
            const unsigned next = firstToFire();
            if (firesAt(next) > end) {
                m_now = end;
                return;
            }
            m_now = std::max(m_now, firesAt(next));
            fire(next);
        }
    }
    /// Ticks until every CPU runs in oneshot mode.
    void settleTicks() { run(3 * period()); }

    [[nodiscard]] std::vector<TraceRecord> all(RecordKind kind) const
    {
        std::vector<TraceRecord> found;
        for (std::size_t i = 0; i < m_log.size(); ++i) {
            if (m_log[i].kind == kind) {
                found.push_back(m_log[i]);
            }
        }
        return found;
    }

private:
    static Clocksource ideal(unsigned bits)
    {
        Clocksource source;
        source.name = "ideal";
        source.rating = 300;
        source.flags = clocksource_flag::continuous | clocksource_flag::validForHres;
        source.rate = rateOf(FrequencyRegistration{.mask = counterMask(bits),
                                                   .scale = 1,
                                                   .frequency = 1'000'000'000,
                                                   .margin = {}})
                          .value();
        source.bits = bits;
        return source;
    }
    [[nodiscard]] TickServices services()
    {
        m_clocksource.counter = this;
        return {.shared = m_shared,
                .clockEvents = m_events,
                .broadcast = m_broadcast,
                .timekeeper = m_timekeeper,
                .jiffies = m_jiffies,
                .kernelLog = *this};
    }
    [[nodiscard]] Tracer tracer() { return {m_log, *this, 0}; }

    [[nodiscard]] Ns firesAt(unsigned cpu)
    {
        ClockEventDevice& device = m_cpus[cpu].device();
        if (device.state() == ClockEventState::Periodic) {
            return m_periodicDue[cpu];
        }
        return device.state() == ClockEventState::Oneshot ? device.nextEvent().time_since_epoch()
                                                          : Ns::max();
    }
    [[nodiscard]] unsigned firstToFire()
    {
        unsigned first = 0;
        for (unsigned cpu = 1; cpu < cpus(); ++cpu) {
            first = firesAt(cpu) < firesAt(first) ? cpu : first;
        }
        return first;
    }
    void fire(unsigned cpu)
    {
        m_current = cpu;
        m_periodicDue[cpu] += period();
        m_cpus[cpu].interrupt();
        if (m_cpus[cpu].isIdle()) {
            m_cpus[cpu].goIdle();
        }
    }

    [[nodiscard]] Cycles readCounter() override { return observeCounter(); }
    [[nodiscard]] Cycles observeCounter() const override
    {
        return Cycles{static_cast<std::uint64_t>(m_now.count())};
    }
    [[nodiscard]] TraceInstant traceNow() const override { return TraceInstant{m_now}; }
    void print(std::string_view line) override { m_lines.emplace_back(line); }
    void touchedGoneDevice(std::string_view /*device*/) override { }
    void walksForEver(std::string_view /*device*/) override { }
    void displacedForEver(std::string_view /*device*/) override { }
    [[nodiscard]] unsigned currentCpu() const override { return m_current; }
    [[nodiscard]] CpuMask onlineCpus() const override { return CpuMask::firstOf(cpus()); }
    void sendTimerInterrupt(CpuMask /*cpus*/) override { }

    TraceLog m_log;
    std::vector<std::string> m_lines;
    Ns m_now{};
    unsigned m_current = 0;
    JiffiesCounter m_jiffies;
    Clocksource m_jiffiesClocksource;
    Clocksource m_clocksource;
    Timekeeper m_timekeeper;
    TickShared m_shared;
    ClockEvents m_events;
    TickBroadcast m_broadcast;
    Ticks m_ticks;
    std::deque<BenchCpu> m_cpus;
    std::vector<Ns> m_periodicDue; // when a device fires next that ticks by itself
};

} // namespace timerscope::test
