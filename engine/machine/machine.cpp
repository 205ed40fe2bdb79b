// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/machine/machine.h"

#include "engine/machine/kernel_command_line.h"
#include "engine/machine/snapshot_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace timerscope {

namespace {

RateLabel labelOf(const KernelProfile& profile)
{
    return profile.schedClockLabelRounds ? RateLabel::Rounded : RateLabel::Truncated;
}

LongWidth longWidthOf(const MachineConfig& config)
{
    return config.bits == 32 ? LongWidth::Bits32 : LongWidth::Bits64;
}

/// The reload value of a periodic tick, as drivers compute it: rounded to the nearest.
std::uint64_t ticksPerPeriod(Hertz rate, TickRate hz)
{
    return (rate.value + hz.hz / 2) / hz.hz;
}

/// What a scenario may ask for and this version does not do is refused, not passed over.
Result<void> checkModelled(const MachineConfig& config)
{
    if (config.cpus != 1) {
        return fail(
            ErrorCode::NotSupported,
            fmt::format("the machine has {} CPUs; this version models exactly 1", config.cpus));
    }
    const std::array switches{
        std::pair{"CLOCKSOURCE_WATCHDOG", config.config.clocksourceWatchdog},
        std::pair{"GENERIC_CLOCKEVENTS_BROADCAST", config.config.broadcast},
        std::pair{"MIN_ADJUST", config.config.minAdjust},
        std::pair{"SMP", config.config.smp},
    };
    for (const auto& [name, isOn] : switches) {
        if (isOn) {
            return fail(ErrorCode::NotSupported,
                        fmt::format("{} is true; this version models machines without it, so set "
                                    "it to false",
                                    name));
        }
    }
    return {};
}

/// Drivers register by Hz, and by kHz what does not fit 32 bits.
FrequencyRegistration registrationOf(const CounterDescription& counter)
{
    const bool fits = counter.rate.value <= std::numeric_limits<std::uint32_t>::max();
    const std::uint32_t scale = fits ? 1 : 1000;
    return {.mask = counterMask(counter.bits),
            .scale = scale,
            .frequency = static_cast<std::uint32_t>(counter.rate.value / scale)};
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

Result<std::unique_ptr<Machine>> Machine::powerOn(MachineConfig config, Hardware& hardware,
                                                  TraceLog& log)
{
    if (auto modelled = checkModelled(config); !modelled) {
        return tl::unexpected<Error>(std::move(modelled.error()));
    }
    return std::unique_ptr<Machine>(new Machine(std::move(config), hardware, log));
}

Machine::Machine(MachineConfig config, Hardware& hardware, TraceLog& log)
    : m_config(std::move(config))
    , m_hardware(&hardware)
    , m_log(&log)
    , m_tracer(log, *this, 0)
    , m_jiffies(m_config.tickRate)
    , m_jiffiesClocksource(makeJiffiesClocksource(m_jiffies, m_config.tickRate))
    , m_jiffiesSinceBoot(m_jiffies, m_config.tickRate, longWidthOf(m_config))
    , m_schedClock(m_jiffiesSinceBoot, m_config.tickRate, labelOf(*m_config.profile), *this,
                   m_tracer)
    , m_timekeeper(m_jiffiesClocksource, m_config.tickRate, {.kernelLog = this})
    , m_delayLoop(m_config.tickRate, *this)
    , m_clocksources(*this, *this, m_tracer)
    , m_clockEvents(m_tracer)
    , m_tickShared(m_config.tickRate)
    , m_cpu(0,
            CpuParts{.hardware = hardware,
                     .cost = m_config.cost,
                     .tickShared = m_tickShared,
                     .clockEvents = m_clockEvents,
                     .timekeeper = m_timekeeper,
                     .jiffies = m_jiffies,
                     .kernelLog = *this},
            m_config.tickRate, tickOptions(), m_tracer, newTimerId())
    , m_wrapTimer(newTimerId(), HrtimerClock::Monotonic, false, "sched_clock_poll",
                  [this](Hrtimer& timer) {
                      m_schedClock.renewEpoch();
                      timer.forward(m_cpu.hrtimers().clockNow(timer), m_schedClock.wrap(), Ns{1});
                      return HrtimerRestart::Yes;
                  })
{
    m_clocksources.setOverride(parseKernelCommandLine(m_config.commandLine).clocksource);
}

TickOptions Machine::tickOptions() const
{
    const KernelCommandLine line = parseKernelCommandLine(m_config.commandLine);
    const KernelProfile& profile = *m_config.profile;
    return {.highRes = m_config.config.highResTimers && line.highRes,
            .noHz = m_config.config.noHz && line.noHz,
            .tickTimerName
            = profile.tickTimerIsNohzHandler ? "tick_nohz_handler" : "tick_sched_timer",
            .lowresHandlerName
            = profile.lowresHandlerHasOwnName ? "tick_nohz_lowres_handler" : "tick_nohz_handler"};
}

// --- services to the components ----------------------------------------------------------------

void Machine::print(std::string_view line)
{
    m_hardware->spend(m_config.cost.printk);
    m_tracer.record(RecordKind::Printk, m_tracer.name(line), m_schedClock.now().count());
}

bool Machine::isTickOneshot() const
{
    return m_cpu.tick().mode() == TickMode::Oneshot;
}

void Machine::changeClocksource(Clocksource& chosen)
{
    if (&chosen != &m_timekeeper.clock()) {
        m_timekeeper.changeClocksource(chosen);
        m_cpu.tick().clockChanged();
    }
}

// --- boot --------------------------------------------------------------------------------------

Result<void> Machine::probe(const DeviceDescription& device)
{
    for (const CounterDescription& counter : device.counters) {
        if (counter.kind == CounterKind::Jiffies) {
            continue; // the kernel's own: init_jiffies_clocksource registers it
        }
        if (auto probed = probeCounter(counter); !probed) {
            return probed;
        }
    }
    for (const EventDescription& event : device.events) {
        if (auto probed = probeEvents(event); !probed) {
            return probed;
        }
    }
    for (const CounterDescription& counter : device.counters) {
        if (counter.delayTimer) {
            m_delayLoop.registerTimer(counter.name, counter.rate);
        }
    }
    return {};
}

Result<void> Machine::probeCounter(const CounterDescription& counter)
{
    const auto index = indexOf(m_hardware->counters(), counter.name);
    if (!index) {
        return fail(ErrorCode::NotFound,
                    fmt::format("the hardware has no counter named {}", counter.name));
    }
    auto rate = rateOf(registrationOf(counter));
    if (!rate) {
        return tl::unexpected<Error>(std::move(rate.error()));
    }
    CounterSource& source = m_counters.emplace_back(
        CounterSource{.counter = HardwareCounter(*m_hardware, *index, m_fault), .clocksource = {}});
    source.clocksource = {.name = counter.name,
                          .rating = counter.rating,
                          .flags = counter.flags,
                          .rate = *rate,
                          .frequency = counter.rate,
                          .bits = counter.bits,
                          .readCost = counter.readCost,
                          .counter = &source.counter};
    m_hardware->spend(m_config.cost.registration);
    m_clocksources.registerSource(source.clocksource);
    if (!counter.schedClock) {
        return {};
    }
    auto schedRate = schedClockRate(counter.bits, counter.rate);
    if (!schedRate) {
        return tl::unexpected<Error>(std::move(schedRate.error()));
    }
    m_hardware->spend(m_config.cost.registration);
    if (m_schedClock.registerCounter(source.counter, counter.name, *schedRate)
        && m_wrapTimer.isQueued()) {
        startWrapTimer();
    }
    return {};
}

Result<void> Machine::probeEvents(const EventDescription& event)
{
    const auto index = indexOf(m_hardware->channels(), event.name);
    if (!index) {
        return fail(ErrorCode::NotFound,
                    fmt::format("the hardware has no event channel named {}", event.name));
    }
    auto config = clockEventConfig(static_cast<std::uint32_t>(event.rate.value), event.minTicks,
                                   event.maxTicks, event.features);
    if (!config) {
        return tl::unexpected<Error>(std::move(config.error()));
    }
    EventDevice& registered = m_events.emplace_back(
        HardwareEventDriver(*m_hardware, *index, ticksPerPeriod(event.rate, m_config.tickRate),
                            m_fault),
        ClockEventDevice::Description{.name = event.name,
                                      .rating = event.rating,
                                      .features = event.features,
                                      .config = *config,
                                      .cpu = 0},
        m_tracer);
    registered.irq = event.irq.value_or(0);
    registered.channel = *index;
    m_hardware->spend(m_config.cost.registration);
    m_clockEvents.registerDevice(registered.device, m_cpu.tick());
    return {};
}

void Machine::schedClockInit()
{
    m_schedClock.genericInit();
    m_cpu.hrtimers().init(m_wrapTimer);
    startWrapTimer();
}

void Machine::startWrapTimer()
{
    HrtimerCpuBase& hrtimers = m_cpu.hrtimers();
    hrtimers.start(m_wrapTimer, addSaturating(hrtimers.clockNow(m_wrapTimer), m_schedClock.wrap()),
                   Ns::zero(), hrtimer_mode::relative | hrtimer_mode::hard);
}

void Machine::calibrateDelay()
{
    m_delayLoop.calibrate();
}

void Machine::initJiffiesClocksource()
{
    m_clocksources.registerSource(m_jiffiesClocksource);
}

void Machine::clocksourceDoneBooting()
{
    m_clocksources.doneBooting();
}

// --- a running machine -------------------------------------------------------------------------

Clocksource* Machine::knownClocksource(std::string_view name)
{
    if (name == m_jiffiesClocksource.name) {
        return &m_jiffiesClocksource;
    }
    const auto found = std::ranges::find_if(
        m_counters, [&](const CounterSource& counter) { return counter.clocksource.name == name; });
    return found != m_counters.end() ? &found->clocksource : nullptr;
}

Errno Machine::registerClocksource(std::string_view name)
{
    Clocksource* const source = knownClocksource(name);
    if (source == nullptr) {
        return Errno::NoDevice;
    }
    if (m_clocksources.find(name) == source) {
        return Errno::Busy;
    }
    m_clocksources.registerSource(*source);
    return Errno::Ok;
}

Errno Machine::unregisterClocksource(std::string_view name)
{
    Clocksource* const source = m_clocksources.find(name);
    return source != nullptr ? m_clocksources.unregisterSource(*source) : Errno::NoDevice;
}

Errno Machine::changeRating(std::string_view name, int rating)
{
    Clocksource* const source = m_clocksources.find(name);
    if (source == nullptr) {
        return Errno::NoDevice;
    }
    m_clocksources.changeRating(*source, rating);
    return Errno::Ok;
}

Errno Machine::writeSysfs(std::string_view file, std::string_view text)
{
    constexpr std::string_view folder = "clocksource/clocksource0/";
    if (file == std::string{folder} + "current_clocksource") {
        return m_clocksources.writeCurrent(text);
    }
    if (file == std::string{folder} + "unbind_clocksource") {
        return m_clocksources.writeUnbind(text);
    }
    return Errno::NoEntry;
}

Errno Machine::setTime(RealtimeInstant now)
{
    const Errno answer = m_timekeeper.setRealtime(now);
    if (answer == Errno::Ok) {
        m_cpu.hrtimers().reprogram();
    }
    return answer;
}

void Machine::startSleeping(WorkloadDescription description)
{
    m_sleeping.emplace_back(std::move(description), m_cpu, newTimerId()).start();
}

void Machine::startWaiting(WorkloadDescription description)
{
    m_waiting
        .emplace_back(std::move(description), m_cpu, m_jiffies, m_config.tickRate, newTimerId())
        .start();
}

Result<bool> Machine::runOnce(TraceInstant limit)
{
    auto waited = m_hardware->waitUntil(limit);
    if (!waited) {
        return tl::unexpected<Error>(std::move(waited.error()));
    }
    const std::optional<ChannelIndex>& channel = *waited;
    if (channel) {
        const auto fired = std::ranges::find(m_events, *channel, &EventDevice::channel);
        if (fired != m_events.end()) {
            m_cpu.interrupt(fired->device, fired->irq);
        }
    }
    if (const std::optional<Error>& fault = m_fault.error()) {
        return tl::unexpected<Error>(*fault);
    }
    return channel.has_value();
}

Snapshot Machine::snapshot() const
{
    return SnapshotBuilder(*this).build();
}

} // namespace timerscope
