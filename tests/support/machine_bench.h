// SPDX-License-Identifier: GPL-3.0-or-later
//! A machine on simulated hardware, made from device descriptions.
#pragma once

#include "backends/simulated/simulated_hardware.h"
#include "engine/machine/machine.h"

#include <QString>
#include <QStringList>

#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace timerscope::test {

inline constexpr std::uint32_t periodicAndOneshot
    = clock_event_feature::periodic | clock_event_feature::oneshot;

inline CounterDescription counterDevice(std::string name, std::uint64_t hz, int rating,
                                        unsigned bits = 32)
{
    CounterDescription counter;
    counter.name = std::move(name);
    counter.rate = Hertz{hz};
    counter.bits = bits;
    counter.rating = rating;
    counter.flags = clocksource_flag::continuous;
    counter.schedClock = true;
    return counter;
}

inline EventDescription eventDevice(std::string name, int rating,
                                    std::uint32_t features = periodicAndOneshot,
                                    std::uint64_t hz = 24'000'000)
{
    EventDescription event;
    event.name = std::move(name);
    event.rate = Hertz{hz};
    event.rating = rating;
    event.features = features;
    event.irq = 16;
    return event;
}

/// The counters and channels that @p devices stand for, on a machine of @p cpus.
inline SimulatedHardware hardwareFor(const std::vector<DeviceDescription>& devices,
                                     unsigned cpus = 1)
{
    std::vector<CounterInfo> counters;
    std::vector<EventChannelInfo> channels;
    for (const DeviceDescription& device : devices) {
        for (const CounterDescription& counter : device.counters) {
            counters.push_back({.name = counter.name,
                                .rate = counter.rate,
                                .bits = counter.bits,
                                .readCost = counter.readCost});
        }
        for (const EventDescription& event : device.events) {
            for (unsigned cpu = 0; cpu < (event.perCpu ? cpus : 1); ++cpu) {
                channels.push_back({.name = event.name,
                                    .rate = event.rate,
                                    .minTicks = event.minTicks,
                                    .maxTicks = event.maxTicks,
                                    .features = event.features,
                                    .cpu = cpu});
            }
        }
    }
    return {std::move(counters), std::move(channels)};
}

/// One device a name; which of them are probed, and when, is up to the test.
class MachineBench
{
public:
    MachineBench(MachineConfig config, std::vector<DeviceDescription> described)
        : devices(std::move(described))
        , hardware(hardwareFor(devices, config.cpus))
        , machine(Machine::powerOn(std::move(config), hardware, log).value())
    {
    }

    [[nodiscard]] bool probe(std::size_t index)
    {
        return machine->probe(devices.at(index)).has_value();
    }
    /// The boot, with the first @p count devices.
    [[nodiscard]] bool boot(std::size_t count = 1)
    {
        for (std::size_t i = 0; i < count; ++i) {
            if (!probe(i)) {
                return false;
            }
        }
        machine->schedClockInit();
        machine->initJiffiesClocksource();
        run(std::chrono::milliseconds{50});
        machine->clocksourceDoneBooting();
        return true;
    }
    /// Lets @p span of true time pass.
    void run(Ns span) const
    {
        const TraceInstant end = machine->now() + span;
        while (machine->now() < end && machine->runOnce(end)) { }
    }
    [[nodiscard]] CpuRow cpu() const { return machine->snapshot().cpus.front(); }
    /// The device that drives the tick.
    [[nodiscard]] ClockEventRow tickDevice() const
    {
        const Snapshot snapshot = machine->snapshot();
        const ClockEventRow* row = snapshot.clockEvent(*snapshot.cpus.front().tickDevice, 0);
        return row != nullptr ? *row : ClockEventRow{};
    }
    /// "device mode handler state nohz hres", in the words of the state text.
    [[nodiscard]] QString tick() const
    {
        const CpuRow row = cpu();
        const ClockEventRow device = tickDevice();
        const auto word = [](std::string_view text) {
            return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
        };
        return QStringList{word(device.name),           word(nameOf(*row.tickMode)),
                           word(device.handler),        word(nameOf(*device.state)),
                           word(nameOf(*row.nohzMode)), *row.hresActive ? "hres" : "lowres"}
            .join(' ');
    }
    [[nodiscard]] std::vector<TraceRecord> all(RecordKind kind) const
    {
        std::vector<TraceRecord> found;
        for (std::size_t i = 0; i < log.size(); ++i) {
            if (log[i].kind == kind) {
                found.push_back(log[i]);
            }
        }
        return found;
    }
    /// What the kernel printed, a line each.
    [[nodiscard]] QString dmesg() const
    {
        QString text;
        for (const TraceRecord& record : all(RecordKind::Printk)) {
            const std::string_view line = log.string(record.subject);
            text += QString::fromUtf8(line.data(), static_cast<qsizetype>(line.size())) + '\n';
        }
        return text;
    }
    /// What a task would read, which wakes the CPU for it: an idle one may be behind.
    [[nodiscard]] std::uint64_t jiffies() const
    {
        const Cpus::Task task(machine->cpus(), 0);
        return machine->jiffies().now().count;
    }

    /// From now on a task runs on every CPU, so that none idles and all tick.
    void keepBusy()
    {
        for (const unsigned cpu : machine->cpus().onlineCpus()) {
            busy.emplace_back(machine->cpus(), cpu);
        }
    }
    /// The first catch-up of a dynamic tick may count a jiffy ahead of its time, as the kernel's
    /// does; from here on jiffies keep step with the clock.
    void passFirstCatchUp() const
    {
        static_cast<void>(jiffies());
        run(std::chrono::milliseconds{20});
    }

    std::vector<DeviceDescription> devices;
    TraceLog log;
    SimulatedHardware hardware;
    std::unique_ptr<Machine> machine;
    std::deque<Cpus::Task> busy;
};

inline DeviceDescription deviceOf(std::vector<CounterDescription> counters,
                                  std::vector<EventDescription> events)
{
    DeviceDescription device;
    device.name = !counters.empty() ? counters.front().name : events.front().name;
    device.counters = std::move(counters);
    device.events = std::move(events);
    return device;
}

inline MachineConfig machineConfig(std::string commandLine = {}, std::uint32_t hz = 100,
                                   std::string_view profile = "linux-6.1")
{
    MachineConfig config;
    config.name = "bench";
    config.tickRate = TickRate{hz};
    config.profile = findProfile(profile);
    config.commandLine = std::move(commandLine);
    return config;
}

} // namespace timerscope::test
