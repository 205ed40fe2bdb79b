// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/machine/drivers.h"

#include "engine/machine/registration.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace timerscope {

namespace {

/// The reload value of a periodic tick, as drivers compute it: rounded to the nearest.
std::uint64_t ticksPerPeriod(Hertz rate, TickRate hz)
{
    return (rate.value + hz.hz / 2) / hz.hz;
}

/// A dummy without a rate is registered as it is, and never programmed.
Result<ClockEventConfig> configOf(const EventDescription& event)
{
    if (event.rate.value == 0) {
        return ClockEventConfig{};
    }
    return clockEventConfig(static_cast<std::uint32_t>(event.rate.value), event.minTicks,
                            event.maxTicks, event.features);
}

template<typename Info>
std::optional<std::size_t> indexOf(std::span<const Info> infos, std::string_view name)
{
    const auto found = std::ranges::find(infos, name, &Info::name);
    if (found == infos.end()) {
        return std::nullopt;
    }
    return static_cast<std::size_t>(found - infos.begin());
}

} // namespace

Result<void> Drivers::probe(const DeviceDescription& device, Module* module, Module* owner)
{
    const Origin from{
        .module = module, .owner = owner, .leavesClocksources = device.driver.leavesClocksources};
    for (const CounterDescription& counter : device.counters) {
        if (counter.kind != CounterKind::Hardware) {
            continue; // the kernel's own, registered by the boot
        }
        if (auto probed = probeCounter(counter, from); !probed) {
            return probed;
        }
    }
    for (const EventDescription& event : device.events) {
        if (auto probed = probeEvents(event, from); !probed) {
            return probed;
        }
    }
    for (const CounterDescription& counter : device.counters) {
        if (counter.delayTimer) {
            m_parts.delayLoop.registerTimer(counter.name, counter.rate);
        }
    }
    return {};
}

Result<void> Drivers::probeCounter(const CounterDescription& counter, const Origin& from)
{
    const auto index = indexOf(m_parts.hardware.counters(), counter.name);
    if (!index) {
        return fail(ErrorCode::NotFound,
                    fmt::format("the hardware has no counter named {}", counter.name));
    }
    auto rate = registeredRateOf(counter);
    if (!rate) {
        return tl::unexpected<Error>(std::move(rate.error()));
    }
    CounterSource& source = m_counters.emplace_back(
        CounterSource{.counter = HardwareCounter(m_parts.hardware, *index, m_parts.hardwareFault),
                      .clocksource = {},
                      .module = from.module,
                      .staysRegistered = from.leavesClocksources});
    source.clocksource = {.name = counter.name,
                          .rating = counter.rating,
                          .flags = counter.flags,
                          .rate = *rate,
                          .frequency = counter.rate,
                          .bits = counter.bits,
                          .readCost = counter.readCost,
                          .counter = &source.counter,
                          .owner = from.owner};
    m_parts.hardware.spend(m_parts.config.cost.registration);
    m_parts.clocksources.registerSource(source.clocksource);
    return counter.schedClock ? registerSchedClock(source, counter) : Result<void>{};
}

Result<void> Drivers::registerSchedClock(CounterSource& source, const CounterDescription& counter)
{
    auto rate = schedClockRate(counter.bits, counter.rate);
    if (!rate) {
        return tl::unexpected<Error>(std::move(rate.error()));
    }
    m_parts.hardware.spend(m_parts.config.cost.registration);
    if (m_parts.schedClock.registerCounter(source.counter, counter.name, *rate)) {
        m_parts.schedClockTaken();
    }
    return {};
}

Result<void> Drivers::probeEvents(const EventDescription& event, const Origin& from)
{
    const auto index = indexOf(m_parts.hardware.channels(), event.name);
    if (!index) {
        return fail(ErrorCode::NotFound,
                    fmt::format("the hardware has no event channel named {}", event.name));
    }
    auto config = configOf(event);
    if (!config) {
        return tl::unexpected<Error>(std::move(config.error()));
    }
    EventDevice& registered = m_events.emplace_back(
        HardwareEventDriver(m_parts.hardware, *index,
                            ticksPerPeriod(event.rate, m_parts.config.tickRate),
                            m_parts.hardwareFault),
        ClockEventDevice::Description{.name = event.name,
                                      .rating = event.rating,
                                      .features = event.features,
                                      .config = *config,
                                      .cpu = 0,
                                      .owner = from.owner},
        m_parts.tracer);
    registered.irq = event.irq.value_or(0);
    registered.channel = *index;
    registered.module = from.module;
    registerEvent(registered);
    return {};
}

void Drivers::registerEvent(EventDevice& registered)
{
    m_parts.hardware.spend(m_parts.config.cost.registration);
    const auto listed = m_parts.clockEvents.devices();
    if (!listed.empty() && listed.front()->isDangling()) {
        // Entering a list writes to the entry that was first.
        m_parts.dangling.touchedGoneDevice(listed.front()->name());
        return;
    }
    m_parts.clockEvents.registerDevice(registered.device, m_parts.tick);
}

void Drivers::unload(const Module& module)
{
    for (CounterSource& source : m_counters) {
        if (source.module == &module) {
            if (!source.staysRegistered) {
                // Busy when nothing else can be counted by: exit functions cannot fail and go on.
                static_cast<void>(m_parts.clocksources.unregisterSource(source.clocksource));
            }
            source.clocksource.isDangling = true;
            source.counter.unload(m_parts.dangling);
        }
    }
    for (EventDevice& event : m_events) {
        if (event.module == &module) {
            event.device.setDangling(); // there is no call that would unregister it
            event.driver.unload(m_parts.dangling);
        }
    }
}

Clocksource* Drivers::clocksource(std::string_view name)
{
    // The last one: a module that came back has registered its clocksources anew.
    const auto found
        = std::find_if(m_counters.rbegin(), m_counters.rend(), [&](const CounterSource& counter) {
              return counter.clocksource.name == name;
          });
    return found != m_counters.rend() ? &found->clocksource : nullptr;
}

Drivers::EventDevice* Drivers::eventOf(ChannelIndex channel)
{
    const auto found
        = std::find_if(m_events.rbegin(), m_events.rend(),
                       [&](const EventDevice& event) { return event.channel == channel; });
    return found != m_events.rend() ? &*found : nullptr;
}

} // namespace timerscope
