// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/machine/drivers.h"

#include "engine/machine/registration.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <ranges>
#include <span>
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

std::optional<ChannelIndex> channelOf(std::span<const EventChannelInfo> channels,
                                      std::string_view name, unsigned cpu)
{
    const auto found = std::ranges::find_if(channels, [&](const EventChannelInfo& channel) {
        return channel.name == name && channel.cpu == cpu;
    });
    if (found == channels.end()) {
        return std::nullopt;
    }
    return static_cast<ChannelIndex>(found - channels.begin());
}

} // namespace

Result<void> Drivers::probe(const DeviceDescription& device, Module* module, Module* owner)
{
    const DriverFunctions& functions = device.driver.functions;
    const Origin from{.module = module,
                      .owner = owner,
                      .leavesClocksources = device.driver.leavesClocksources,
                      .functions = functions};
    const CallChain chain(m_parts.tracer, functions.init);
    for (const std::string& function : functions.calls) {
        m_parts.tracer.call(function);
    }
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
            m_parts.tracer.call("register_current_timer_delay");
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
    registerClocksource(source.clocksource, from.functions.clocksource);
    return counter.schedClock ? registerSchedClock(source, counter) : Result<void>{};
}

/// @p helper is the driver's way to the registration; may be empty.
void Drivers::registerClocksource(Clocksource& source, const std::string& helper)
{
    const CallChain chain(m_parts.tracer, std::span(&helper, helper.empty() ? 0 : 1));
    const CallSpan span(m_parts.tracer, "clocksource_register_hz");
    m_parts.clocksources.registerSource(source);
}

Result<void> Drivers::registerSchedClock(CounterSource& source, const CounterDescription& counter)
{
    auto rate = schedClockRate(counter.bits, counter.rate);
    if (!rate) {
        return tl::unexpected<Error>(std::move(rate.error()));
    }
    const CallSpan span(m_parts.tracer, "sched_clock_register");
    m_parts.hardware.spend(m_parts.config.cost.registration);
    if (m_parts.schedClock.registerCounter(source.counter, counter.name, *rate)) {
        m_parts.schedClockTaken();
    }
    return {};
}

/// @p handler is the driver's; it calls the event handler, whichever the device has by then.
void Drivers::requestInterrupt(const std::string& handler)
{
    if (handler.empty()) {
        return;
    }
    m_parts.tracer.call("request_irq");
    m_parts.tracer.install(handler);
    m_parts.tracer.install("tick_handle_periodic");
    m_parts.tracer.install("hrtimer_interrupt");
}

/// Every CPU that the machine may have gets its own, whether it is online or not.
Result<void> Drivers::probeEvents(const EventDescription& event, const Origin& from)
{
    const unsigned count = event.perCpu ? m_parts.cpus.count() : 1;
    requestInterrupt(from.functions.interrupt);
    for (unsigned cpu = 0; cpu < count; ++cpu) {
        if (auto added = addEvent(event, cpu, from); !added) {
            return added;
        }
    }
    return {};
}

Result<void> Drivers::addEvent(const EventDescription& event, unsigned cpu, const Origin& from)
{
    const auto index = channelOf(m_parts.hardware.channels(), event.name, cpu);
    if (!index) {
        return fail(ErrorCode::NotFound,
                    fmt::format("the hardware has no event channel named {}{}", event.name,
                                cpu != 0 ? fmt::format(" for CPU {}", cpu) : std::string{}));
    }
    auto config = configOf(event);
    if (!config) {
        return tl::unexpected<Error>(std::move(config.error()));
    }
    EventDevice& added = m_events.emplace_back(
        HardwareEventDriver(m_parts.hardware, *index,
                            ticksPerPeriod(event.rate, m_parts.config.tickRate),
                            m_parts.hardwareFault),
        ClockEventDevice::Description{.name = event.name,
                                      .rating = event.rating,
                                      .features = event.features,
                                      .config = *config,
                                      .minTicks = event.minTicks,
                                      .maxTicks = event.maxTicks,
                                      .cpus = CpuMask::of(cpu),
                                      .irq = event.irq,
                                      .owner = from.owner},
        m_parts.tracer,
        MinDeltaRules{.adjusts = m_parts.config.config.minAdjust,
                      .limit = m_parts.config.tickRate.period(),
                      .log = &m_parts.kernelLog});
    added.irq = event.irq.value_or(0);
    added.channel = *index;
    m_interrupts.resize(std::max(m_interrupts.size(), *index + 1));
    m_interrupts[*index] = {.device = &added.device, .irq = added.irq};
    added.module = from.module;
    added.isPerCpu = event.perCpu;
    if (m_parts.cpus.onlineCpus().has(cpu)) {
        m_parts.cpus.runOn(cpu, [&] { registerEvent(added, cpu); });
    }
    return {};
}

void Drivers::registerEvent(EventDevice& registered, unsigned cpu)
{
    m_parts.hardware.spend(m_parts.config.cost.registration);
    const CallSpan span(m_parts.tracer, "clockevents_config_and_register");
    m_parts.tracer.call("clockevents_config");
    m_parts.clockEvents.registerDevice(registered.device, cpu);
}

Errno Drivers::registerEventAgain(std::string_view name)
{
    Errno answer = Errno::NoDevice;
    for (EventDevice& event : m_events) {
        if (event.device.name() != name || event.device.isDangling()) {
            continue;
        }
        if (!m_parts.cpus.onlineCpus().has(event.device.cpus().first())) {
            continue; // its driver registers it when that CPU comes back
        }
        const auto listed = m_parts.clockEvents.devices();
        if (std::ranges::find(listed, &event.device) == listed.end()) {
            const unsigned cpu = event.device.cpus().first();
            m_parts.cpus.runOn(cpu, [&] { registerEvent(event, cpu); });
            return Errno::Ok;
        }
        answer = Errno::Busy;
    }
    return answer;
}

void Drivers::cpuCameOnline(unsigned cpu)
{
    for (EventDevice& event : m_events) {
        const bool isThere = event.module == nullptr || event.module->isLoaded();
        if (event.isPerCpu && isThere && event.device.isLocalTo(cpu)
            && !event.device.isDangling()) {
            registerEvent(event, cpu);
        }
    }
}

void Drivers::cpuDied(unsigned cpu, CpuMask online)
{
    for (EventDevice& event : m_events) {
        if (!event.isPerCpu && event.device.boundOn() == cpu) {
            const CpuMask wanted = event.device.cpus() & online;
            event.device.bindTo((wanted.isEmpty() ? online : wanted).first());
        }
    }
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
    auto latestFirst = m_counters | std::views::reverse;
    const auto found = std::ranges::find_if(latestFirst, [&](const CounterSource& counter) {
        return counter.clocksource.name == name;
    });
    return found != latestFirst.end() ? &found->clocksource : nullptr;
}

Drivers::Interrupt Drivers::interruptOf(ChannelIndex channel)
{
    if (!m_attached.empty()) {
        if (const auto attached = m_attached.find(channel); attached != m_attached.end()) {
            return attached->second;
        }
    }
    return channel < m_interrupts.size() ? m_interrupts[channel] : Interrupt{};
}

void Drivers::attachInterrupt(ChannelIndex channel, ClockEventDevice& device)
{
    m_attached[channel] = {.device = &device, .irq = device.irq().value_or(0)};
}

} // namespace timerscope
