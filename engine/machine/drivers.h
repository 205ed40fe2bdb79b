// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/cpu_mask.h"
#include "engine/clocksource/registry.h"
#include "engine/machine/config.h"
#include "engine/machine/cpus.h"
#include "engine/machine/device_description.h"
#include "engine/machine/hardware_adapters.h"
#include "engine/timekeeping/delay_loop.h"
#include "engine/timekeeping/sched_clock.h"

#include <deque>
#include <functional>
#include <map>
#include <span>
#include <string_view>
#include <vector>

namespace timerscope {

/// What the drivers of a machine work with. All must outlive them.
struct DriverParts
{
    const MachineConfig& config;
    Hardware& hardware;
    HardwareFault& hardwareFault;
    DanglingListener& dangling;
    ClocksourceRegistry& clocksources;
    ClockEvents& clockEvents;
    Cpus& cpus;
    SchedClock& schedClock;
    DelayLoop& delayLoop;
    KernelLog& kernelLog;
    Tracer tracer;
    /// sched_clock counts by a new counter: its wrap timer must be started anew.
    std::function<void()> schedClockTaken;
};

/// The timer drivers: what each registered with the kernel, on which hardware, and for which
/// module. Nothing here is ever forgotten: a module that is unloaded leaves its registrations as
/// they are, for the kernel to stumble over. Threading: the engine's thread.
class Drivers
{
public:
    /// A registered event device with its driver and where its interrupt goes.
    struct EventDevice
    {
        EventDevice(HardwareEventDriver eventDriver, ClockEventDevice::Description description,
                    const Tracer& tracer, MinDeltaRules rules)
            : driver(std::move(eventDriver))
            , device(std::move(description), driver, tracer, rules)
        {
        }
        HardwareEventDriver driver;
        ClockEventDevice device;
        unsigned irq = 0;
        ChannelIndex channel = 0;
        const Module* module = nullptr; ///< whose code the driver is; null: built in
        bool isPerCpu = false; ///< registered on its CPU, each time that this comes online
    };
    struct CounterSource
    {
        HardwareCounter counter;
        Clocksource clocksource;
        const Module* module = nullptr; ///< whose code the driver is; null: built in
        bool staysRegistered = false; ///< its driver has no exit function that takes it off
    };

    explicit Drivers(DriverParts parts)
        : m_parts(std::move(parts))
    {
    }

    /// A driver finds @p device: registers its counters as clocksource and sched_clock, its
    /// channels as clock event devices, its delay timer. @p module is the driver's code, null when
    /// built in; @p owner what it names as owner, null for none.
    /// Errors: NotFound when the hardware has no counter or channel of that name, InvalidArgument
    /// for rates that cannot be used.
    [[nodiscard]] Result<void> probe(const DeviceDescription& device, Module* module,
                                     Module* owner);
    /// As Machine::registerClockEvent(), of the first such device that is not on the list.
    [[nodiscard]] Errno registerEventAgain(std::string_view name);
    /// @p cpu, the one that works, has come online: the drivers register what each CPU has of its
    /// own.
    void cpuCameOnline(unsigned cpu);
    /// @p cpu has died: interrupts of devices that are not its own go to one of @p online, if need
    /// be to one that they were not meant for (irq_migrate_all_off_this_cpu).
    void cpuDied(unsigned cpu, CpuMask online);
    /// The exit function of @p module: takes its clocksources off, except those of drivers that
    /// have none. Whatever stays registered is dangling from now on.
    void unload(const Module& module);

    /// Null when no driver brought a clocksource of this name.
    [[nodiscard]] Clocksource* clocksource(std::string_view name);
    /// Whose interrupt a channel raises.
    struct Interrupt
    {
        ClockEventDevice* device = nullptr; ///< null: nobody's
        unsigned irq = 0;
    };
    /// The device whose interrupt @p channel raises, as it was registered last; its code may be
    /// gone.
    [[nodiscard]] Interrupt interruptOf(ChannelIndex channel);
    /// It is @p device's from now on, which no description stands for.
    void attachInterrupt(ChannelIndex channel, ClockEventDevice& device);

    [[nodiscard]] const std::deque<CounterSource>& counters() const { return m_counters; }
    [[nodiscard]] const std::deque<EventDevice>& events() const { return m_events; }

private:
    /// Whose code a driver is, and whom it names as owner.
    struct Origin
    {
        Module* module = nullptr;
        Module* owner = nullptr;
        bool leavesClocksources = false;
        const DriverFunctions& functions;
    };
    [[nodiscard]] Result<void> probeCounter(const CounterDescription& counter, const Origin& from);
    void registerClocksource(Clocksource& source, const std::string& helper);
    void requestInterrupt(const std::string& handler);
    [[nodiscard]] Result<void> registerSchedClock(CounterSource& source,
                                                  const CounterDescription& counter);
    [[nodiscard]] Result<void> probeEvents(const EventDescription& event, const Origin& from);
    [[nodiscard]] Result<void> addEvent(const EventDescription& event, unsigned cpu,
                                        const Origin& from);
    void registerEvent(EventDevice& registered, unsigned cpu);

    DriverParts m_parts;
    std::deque<CounterSource> m_counters; // a deque: clocksources are known by address
    std::deque<EventDevice> m_events;
    std::vector<Interrupt> m_interrupts; // by channel, of registered devices …
    std::map<ChannelIndex, Interrupt> m_attached; // … and those that no description stands for
};

} // namespace timerscope
