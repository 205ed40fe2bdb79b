// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/clocksource/registry.h"
#include "engine/machine/config.h"
#include "engine/machine/cpu.h"
#include "engine/machine/device_description.h"
#include "engine/machine/hardware_adapters.h"
#include "engine/machine/workload.h"
#include "engine/timekeeping/delay_loop.h"
#include "engine/timekeeping/sched_clock.h"
#include "engine/trace/snapshot.h"

#include <deque>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace timerscope {

/// A booting and running kernel's time subsystem on some hardware: the components put together.
///
/// Deterministic on simulated hardware: same configuration and calls, same log. Every record it
/// makes is stamped with the hardware's true time. Threading: one thread.
class Machine final : private ClocksourceHost, private KernelLog, private TraceTime
{
public:
    /// Errors: NotSupported for more than one CPU (hotplug and broadcast are not modelled yet).
    [[nodiscard]] static Result<std::unique_ptr<Machine>>
    powerOn(MachineConfig config, Hardware& hardware, TraceLog& log);

    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;

    // --- boot, in the order of start_kernel() and the initcalls ---------------------------------

    /// A driver finds @p device: registers its counters as clocksource and sched_clock, its
    /// channels as clock event devices, its delay timer. Errors: NotFound when the hardware has
    /// no counter or channel of that name, InvalidArgument for rates that cannot be used.
    [[nodiscard]] Result<void> probe(const DeviceDescription& device);
    /// The end of time_init: sched_clock gets its wrap timer.
    void schedClockInit();
    void calibrateDelay();
    void initJiffiesClocksource();
    void clocksourceDoneBooting();

    // --- what happens to a running machine ------------------------------------------------------

    [[nodiscard]] Errno registerClocksource(std::string_view name);
    [[nodiscard]] Errno unregisterClocksource(std::string_view name);
    [[nodiscard]] Errno changeRating(std::string_view name, int rating);
    /// @p file below /sys/devices/system. NoEntry for one that this model does not have.
    [[nodiscard]] Errno writeSysfs(std::string_view file, std::string_view text);
    /// clock_settime(CLOCK_REALTIME). Invalid for a time that Timekeeper::setRealtime() refuses.
    [[nodiscard]] Errno setTime(RealtimeInstant now);
    void startSleeping(WorkloadDescription description);
    void startWaiting(WorkloadDescription description);

    /// Lets time pass until one interrupt was served or @p limit is reached; true for the former.
    /// Errors: DeviceLost, and what else the hardware reports.
    [[nodiscard]] Result<bool> runOnce(TraceInstant limit);

    [[nodiscard]] TraceInstant now() const { return m_hardware->now(); }
    /// Everything there is to see. Reads no counter that costs time.
    [[nodiscard]] Snapshot snapshot() const;
    [[nodiscard]] Tracer& tracer() { return m_tracer; }

private:
    /// A registered event device with its driver and where its interrupt goes.
    struct EventDevice
    {
        EventDevice(HardwareEventDriver eventDriver, ClockEventDevice::Description description,
                    const Tracer& tracer)
            : driver(std::move(eventDriver))
            , device(std::move(description), driver, tracer)
        {
        }
        HardwareEventDriver driver;
        ClockEventDevice device;
        unsigned irq = 0;
        ChannelIndex channel = 0;
    };
    struct CounterSource
    {
        HardwareCounter counter;
        Clocksource clocksource;
    };

    Machine(MachineConfig config, Hardware& hardware, TraceLog& log);

    [[nodiscard]] bool isTickOneshot() const override;
    [[nodiscard]] Clocksource& defaultClock() override { return m_jiffiesClocksource; }
    void changeClocksource(Clocksource& chosen) override;
    void print(std::string_view line) override;
    [[nodiscard]] TraceInstant traceNow() const override { return m_hardware->now(); }

    [[nodiscard]] Result<void> probeCounter(const CounterDescription& counter);
    [[nodiscard]] Result<void> probeEvents(const EventDescription& event);
    [[nodiscard]] Clocksource* knownClocksource(std::string_view name);
    void startWrapTimer();
    [[nodiscard]] std::uint32_t newTimerId() { return m_nextTimerId++; }
    [[nodiscard]] TickOptions tickOptions() const;

    friend class SnapshotBuilder;

    MachineConfig m_config;
    Hardware* m_hardware;
    TraceLog* m_log;
    HardwareFault m_fault;
    Tracer m_tracer;
    std::uint32_t m_nextTimerId = 1;

    JiffiesCounter m_jiffies;
    Clocksource m_jiffiesClocksource;
    JiffiesSinceBoot m_jiffiesSinceBoot;
    SchedClock m_schedClock;
    Timekeeper m_timekeeper;
    DelayLoop m_delayLoop;
    ClocksourceRegistry m_clocksources;
    ClockEvents m_clockEvents;
    TickShared m_tickShared;
    Cpu m_cpu;
    Hrtimer m_wrapTimer;

    std::deque<CounterSource> m_counters; // a deque: clocksources are known by address
    std::deque<EventDevice> m_events;
    std::deque<SleepingTask> m_sleeping;
    std::deque<WaitingTask> m_waiting;
};

} // namespace timerscope
