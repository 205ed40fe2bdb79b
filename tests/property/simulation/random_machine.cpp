// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/property/simulation/random_machine.h"

#include "engine/machine/profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

namespace timerscope::test {

namespace {

namespace feature = clock_event_feature;
constexpr std::uint32_t periodicAndOneshot = feature::periodic | feature::oneshot;

/// How the CPUs of a machine get their ticks.
enum class Layout : std::uint8_t
{
    Local, ///< every CPU has its own timer
    LocalStops, ///< the same, but it stops in deep idle and a global one broadcasts
    Dummies, ///< place holders, and a global timer that broadcasts to them
    Global, ///< one CPU, one timer
};

Layout randomLayout(Random& random, unsigned cpus)
{
    if (cpus == 1 && random.chance(40)) {
        return Layout::Global;
    }
    return random.pick({Layout::Local, Layout::Local, Layout::LocalStops, Layout::Dummies});
}

unsigned randomCpus(Random& random)
{
    if (random.chance(3)) {
        return static_cast<unsigned>(random.between(9, 64));
    }
    return random.chance(30) ? 1 : static_cast<unsigned>(random.between(2, 8));
}

CounterDescription randomCounter(Random& random, std::string name, TickRate rate)
{
    CounterDescription counter;
    counter.name = std::move(name);
    counter.rate = Hertz{static_cast<std::uint64_t>(random.magnitude(100'000, 2'000'000'000))};
    // It has to count on for a while without being looked at, as every driver's does.
    const auto aWhile = counter.rate.value * 200 / rate.hz;
    unsigned bits = 24;
    while (bits < 64 && (std::uint64_t{1} << bits) < aWhile) {
        ++bits;
    }
    counter.bits = static_cast<unsigned>(random.between(bits, 64));
    counter.rating = static_cast<int>(random.between(100, 450));
    counter.flags = clocksource_flag::continuous;
    counter.readCost = random.chance(50) ? Ns{random.between(0, 800)} : Ns::zero();
    counter.schedClock = random.chance(40);
    return counter;
}

EventDescription randomEvents(Random& random, std::string name, std::uint32_t features, bool perCpu)
{
    EventDescription event;
    event.name = std::move(name);
    event.rate = Hertz{static_cast<std::uint64_t>(random.magnitude(1'000'000, 1'000'000'000))};
    event.rating = static_cast<int>(random.between(100, 450));
    event.features = features | (perCpu ? feature::percpu : 0U);
    event.minTicks = static_cast<std::uint64_t>(random.between(1, 15));
    event.maxTicks = random.pick<std::uint64_t>({0xff'ffff, 0x7fff'ffff, 0xffff'ffff});
    event.irq = static_cast<unsigned>(random.between(16, 200));
    event.perCpu = perCpu;
    if (random.chance(10)) {
        event.features |= feature::dynirq;
    }
    return event;
}

/// What works for a tick: at least one of the two ways.
std::uint32_t workingFeatures(Random& random)
{
    return random.pick<std::uint32_t>({periodicAndOneshot, periodicAndOneshot, periodicAndOneshot,
                                       feature::oneshot, feature::periodic});
}

EventDescription broadcaster(Random& random, std::string name)
{
    EventDescription event = randomEvents(random, std::move(name), periodicAndOneshot, false);
    event.rating = static_cast<int>(random.between(20, 90)); // no local timer gives way to it
    return event;
}

DeviceDescription firstDevice(Random& random, Layout layout, TickRate rate)
{
    DeviceDescription device;
    device.name = "first";
    device.counters.push_back(randomCounter(random, "first-counter", rate));
    switch (layout) {
    case Layout::Local:
        device.events.push_back(randomEvents(random, "first-local", workingFeatures(random), true));
        break;
    case Layout::LocalStops:
        device.events.push_back(broadcaster(random, "first-broadcast"));
        device.events.push_back(
            randomEvents(random, "first-local", periodicAndOneshot | feature::c3stop, true));
        break;
    case Layout::Dummies:
        device.events.push_back(broadcaster(random, "first-broadcast"));
        device.events.push_back(
            randomEvents(random, "first-dummy", periodicAndOneshot | feature::dummy, true));
        break;
    case Layout::Global:
        device.events.push_back(
            randomEvents(random, "first-timer", workingFeatures(random), false));
        break;
    }
    return device;
}

/// Comes later, and may go again.
///
/// Beside local devices without oneshot mode it brings counters only. Where one CPU gets a device
/// that can do oneshot and switches to it, broadcasting is in oneshot mode from then on, and the
/// others starve, on the kernel too: nobody moves the next event of a place holder on
/// (tick_handle_periodic), and a periodic device that is set up then is programmed, not made
/// periodic (tick_setup_periodic).
DeviceDescription laterDevice(Random& random, unsigned number, TickRate rate, Layout layout,
                              bool countsOnly)
{
    DeviceDescription device;
    device.name = fmt::format("later{}", number);
    if (countsOnly || random.chance(70)) {
        device.counters.push_back(
            randomCounter(random, fmt::format("later{}-counter", number), rate));
        device.counters.back().schedClock = false; // for good, whatever becomes of its module
    }
    if (!countsOnly && (device.counters.empty() || random.chance(60))) {
        std::uint32_t features = workingFeatures(random);
        if (layout == Layout::LocalStops && (features & feature::oneshot) != 0
            && random.chance(25)) {
            features |= feature::c3stop;
        }
        device.events.push_back(randomEvents(random, fmt::format("later{}-timer", number), features,
                                             random.chance(50)));
    }
    if (random.chance(60)) {
        device.driver.name = device.name;
        device.driver.module = fmt::format("module{}", number);
        device.driver.owner = random.chance(70) ? DriverOwner::Always : DriverOwner::Never;
    }
    return device;
}

std::string randomCommandLine(Random& random, unsigned cpus)
{
    std::string line;
    for (const auto* word : {"highres=off", "nohz=off", "skew_tick=1"}) {
        if (random.chance(20)) {
            line += line.empty() ? word : std::string{" "} + word;
        }
    }
    if (cpus > 1 && random.chance(10)) {
        line += fmt::format(" nohz_full=1-{}", cpus - 1);
    }
    return line;
}

/// Whether the CPUs' own devices can do no oneshot mode, or none by themselves.
bool isPeriodicOnly(const DeviceDescription& device)
{
    return std::ranges::any_of(device.events, [](const EventDescription& event) {
        return event.perCpu
            && ((event.features & feature::oneshot) == 0 || (event.features & feature::dummy) != 0);
    });
}

/// From shallow to deep, each worth it for longer than the one before.
std::vector<IdleState> randomIdleStates(Random& random, unsigned cpus)
{
    std::vector<IdleState> states;
    if (random.chance(50)) {
        return states;
    }
    const auto count = random.between(1, 4);
    Ns latency{};
    Ns residency{};
    for (std::int64_t i = 1; i <= count; ++i) {
        latency += Ns{random.magnitude(100, 400'000 / cpus)};
        residency += Ns{random.magnitude(1000, 2'000'000)};
        states.push_back({.name = fmt::format("C{}", i),
                          .exitLatency = latency,
                          .residency = residency,
                          .stopsTimer = i > 1 && random.chance(60)});
    }
    return states;
}

/// Less for each of many CPUs: they take turns on one axis of time.
CostModel randomCost(Random& random, unsigned cpus)
{
    if (random.chance(40)) {
        return {};
    }
    const std::int64_t most = 4000 / std::max<std::int64_t>(cpus, 2);
    return {.printk = Ns{random.between(0, 10'000)},
            .registration = Ns{random.between(0, 5000)},
            .interrupt = Ns{random.between(0, most)},
            .callback = Ns{random.between(0, most / 2)}};
}

KernelConfig randomOptions(Random& random, unsigned cpus, bool hasBroadcast)
{
    KernelConfig options;
    options.smp = cpus > 1 || random.chance(50);
    options.highResTimers = random.chance(90);
    options.noHz = random.chance(85);
    options.noHzFull = random.chance(50);
    options.broadcast = hasBroadcast || random.chance(30);
    options.minAdjust = random.chance(40);
    options.clocksourceWatchdog = random.chance(15);
    options.validateLastCycle = random.chance(40);
    options.timerModuleOwners = random.chance(50);
    options.schedClockForModules = true;
    return options;
}

} // namespace

RandomMachine randomMachine(Random& random)
{
    RandomMachine machine;
    MachineConfig& config = machine.config;
    config.name = "random";
    config.cpus = randomCpus(random);
    config.tickRate = TickRate{random.pick<std::uint32_t>({100, 250, 300, 1000})};
    config.bits = random.pick({32U, 64U});
    const Layout layout = randomLayout(random, config.cpus);
    const bool hasBroadcast = layout == Layout::LocalStops || layout == Layout::Dummies;
    config.commandLine = randomCommandLine(random, config.cpus);
    config.config = randomOptions(random, config.cpus, hasBroadcast);
    config.cost = randomCost(random, config.cpus);
    config.idleStates = randomIdleStates(random, config.cpus);
    machine.devices.push_back(firstDevice(random, layout, config.tickRate));
    const bool countsOnly = isPeriodicOnly(machine.devices.front());
    const auto more = static_cast<unsigned>(random.between(0, 3));
    for (unsigned number = 1; number <= more; ++number) {
        machine.devices.push_back(laterDevice(random, number, config.tickRate, layout, countsOnly));
    }
    return machine;
}

} // namespace timerscope::test
