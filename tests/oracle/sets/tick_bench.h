// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/clocksource/registry.h"
#include "engine/tick/ticks.h"
#include "tests/oracle/row_reader.h"

#include <deque>
#include <map>

namespace timerscope::oracle {

/// One CPU with its clocksource, devices, hrtimers, wheel and tick, as the rows of
/// clockevent_select_seq, nohz_next_event and tick_system_seq have it: time stands still while
/// something is done, and goes on when a row gives a new count of the clocksource.
class TickBench final : private HrtimerHost,
                        private TickHost,
                        private TimerWheel::Host,
                        private KernelLog,
                        private TraceTime,
                        private DeviceListFaults,
                        private BroadcastHost,
                        private ClocksourceHost
{
public:
    /// What its devices were asked for since it was asked last, over all of them.
    struct DeviceCalls
    {
        QJsonArray states;
        QJsonArray ticks;
    };

    TickBench(TickRate rate, const TickOptions& options);

    /// The clocksource `cs` of a row, which is rated 300 and shows @p count.
    /// Errors: Corrupt for a malformed description, the engine's own for a bad rate.
    [[nodiscard]] Result<void> describeClocksource(const QJsonObject& description, Cycles count);
    /// It is registered, and boot is done.
    void registerClocksource();
    void setCount(Cycles count) { m_counter.count = count; }
    /// jiffies start at @p jiffies instead of where the kernel starts them.
    void startJiffiesAt(Jiffies jiffies);
    void advanceJiffiesTo(Jiffies jiffies);

    /// A device of CPU 0 is registered. Errors: the engine's own for a frequency of 0.
    [[nodiscard]] Result<void> registerDevice(std::string name, int rating, std::uint32_t features,
                                              std::uint32_t frequency);
    /// The tick device's interrupt, or with @p isTimer false another one, and the softirqs.
    void interrupt(bool isTimer);
    /// The CPU has nothing to do, and stops its tick if it may.
    void enterIdle();
    void stopIdleTick() { m_tick.sched().stopIdleTick(); }
    void exitIdle();
    void startHrtimer(std::uint32_t id, Ns delay);
    void startHrtimerAt(std::uint32_t id, HrtimerInstant expires);
    void addWheelTimer(Jiffies expires, bool isDeferrable);
    void modifyWheelTimer(std::uint32_t id, Jiffies expires);
    void raiseTimerSoftirq() { m_softirqs |= timerSoftirqBit; }

    [[nodiscard]] NextTick nextTick();
    [[nodiscard]] TickShared& shared() { return m_shared; }
    [[nodiscard]] HrtimerCpuBase& hrtimers() { return m_hrtimers; }
    [[nodiscard]] TimerWheel& wheel() { return m_wheel; }
    [[nodiscard]] const TickCpu& tick() const { return m_tick; }
    [[nodiscard]] Timekeeper& timekeeper() { return m_timekeeper; }
    [[nodiscard]] const ClocksourceRegistry& clocksources() const { return m_registry; }
    [[nodiscard]] Jiffies jiffies() const { return m_jiffies.now(); }
    [[nodiscard]] const std::deque<ClockEventDevice>& devices() const { return m_devices; }
    /// What the device at @p index was asked for since this was asked last.
    [[nodiscard]] DeviceCalls takeCalls(std::size_t index) { return m_drivers.at(index).take(); }
    /// 0 none, 1 periodic tick, 2 high-res interrupt, 3 no-op, 4 low-res NOHZ.
    [[nodiscard]] int handlerCode() const;
    [[nodiscard]] QJsonArray takeFiredHrtimers() { return std::exchange(m_firedHrtimers, {}); }
    [[nodiscard]] QJsonArray takeFiredWheelTimers() { return std::exchange(m_firedWheel, {}); }
    [[nodiscard]] const QJsonArray& kernelLines() const { return m_lines; }
    [[nodiscard]] int warnings() const { return m_warnings; }

private:
    static constexpr std::uint32_t timerSoftirqBit = 1U << 1;
    static constexpr std::uint32_t hrtimerSoftirqBit = 1U << 8;

    struct SettableCounter final : CounterReader
    {
        [[nodiscard]] Cycles readCounter() override { return count; }
        [[nodiscard]] Cycles observeCounter() const override { return count; }
        Cycles count;
    };
    /// Takes everything and notes it.
    class NotingDriver final : public ClockEventDriver
    {
    public:
        Errno setState(ClockEventState state) override
        {
            m_calls.states.append(static_cast<int>(state));
            return Errno::Ok;
        }
        Errno setNextEvent(std::uint64_t ticks) override
        {
            m_calls.ticks.append(decimal(ticks));
            return Errno::Ok;
        }
        DeviceCalls take() { return std::exchange(m_calls, {}); }

    private:
        DeviceCalls m_calls;
    };

    [[nodiscard]] Tracer tracer() { return {m_log, *this, 0}; }
    [[nodiscard]] TickParts tickParts();
    void runSoftirqs();
    [[nodiscard]] Hrtimer& hrtimer(std::uint32_t id);
    [[nodiscard]] WheelTimer& wheelTimer(std::uint32_t id, std::uint8_t flags);

    [[nodiscard]] TraceInstant traceNow() const override { return {}; }
    void print(std::string_view line) override;
    void warn(std::string_view /*text*/) override { ++m_warnings; }
    void touchedGoneDevice(std::string_view /*device*/) override { }
    void walksForEver(std::string_view /*device*/) override { }
    void displacedForEver(std::string_view /*device*/) override { }
    [[nodiscard]] unsigned currentCpu() const override { return 0; }
    [[nodiscard]] CpuMask onlineCpus() const override { return CpuMask::of(0); }
    void sendTimerInterrupt(CpuMask /*cpus*/) override { }

    [[nodiscard]] bool isTickOneshot() const override { return m_ticks.isAnyOneshot(); }
    [[nodiscard]] Clocksource& defaultClock() override { return m_jiffiesClocksource; }
    bool changeClocksource(Clocksource& chosen) override;
    void touchedDangling(const Clocksource& /*source*/) override { }

    void raiseTimerSoftirqIfDue() override;
    [[nodiscard]] CpuActivity activity() const override
    {
        return m_isIdle ? CpuActivity::Idle : CpuActivity::System;
    }
    [[nodiscard]] std::uint32_t pendingSoftirqs() const override { return m_softirqs; }

    [[nodiscard]] MonotonicInstant monotonicNow() override { return m_timekeeper.monotonicNow(); }
    [[nodiscard]] Ns clockOffset(HrtimerClock /*clock*/) override { return {}; }
    Errno programTickDevice(MonotonicInstant expires, bool force) override
    {
        return m_tick.tickDevice().program(expires, force);
    }
    void tickDeviceFired() override { m_tick.device()->markFired(); }
    void raiseHrtimerSoftirq() override { m_softirqs |= hrtimerSoftirqBit; }
    void spendCallback() override { }

    TraceLog m_log;
    QJsonArray m_lines;
    SettableCounter m_counter;
    JiffiesCounter m_jiffies;
    Clocksource m_jiffiesClocksource;
    Clocksource m_clocksource;
    Timekeeper m_timekeeper;
    ClocksourceRegistry m_registry;
    TickShared m_shared;
    ClockEvents m_events;
    TickBroadcast m_broadcast;
    Ticks m_ticks;
    HrtimerCpuBase m_hrtimers;
    TimerWheel m_wheel;
    TickCpu m_tick;
    std::deque<NotingDriver> m_drivers;
    std::deque<ClockEventDevice> m_devices;
    std::map<std::uint32_t, Hrtimer> m_hrtimerOf;
    std::map<std::uint32_t, WheelTimer> m_wheelTimerOf;
    QJsonArray m_firedHrtimers;
    QJsonArray m_firedWheel;
    std::uint32_t m_softirqs = 0;
    int m_warnings = 0;
    bool m_isIdle = false;
};

} // namespace timerscope::oracle
