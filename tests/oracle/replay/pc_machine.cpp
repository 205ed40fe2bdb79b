// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/oracle/replay/pc_machine.h"

#include "engine/base/wide.h"
#include "tests/oracle/replay/kernel_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace timerscope::oracle {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr TickRate tickRate = recordedTickRate;
constexpr Hertz hpetRate{100'000'000};
constexpr Hertz acpiPmRate{3'579'545};
constexpr Hertz pitRate{1'193'182};
/// What the boot's calibration finds, nearly. Its figures are no concern of a replay.
constexpr Hertz lapicRate{62'499'250};
constexpr std::uint32_t ownTscKhz = 1'000'000; ///< counts, where the boot tells no frequency
constexpr std::uint64_t most31Bits = 0x7fff'ffff;

/// Passes of the watchdog are every 125 ticks, on a wheel whose buckets there hold 8: after 1000
/// ticks the pattern begins anew.
constexpr Ns watchdogPattern = seconds{4};
/// So much of a saved machine's uptime is lived through before its commands.
constexpr Ns livedThrough = seconds{8};
/// The timer check of the I/O APIC and other calibrations cost so many ticks before tsc-early is
/// registered and the watchdog starts: read off the passes of all one-CPU recordings.
constexpr Ns ticksBeforeTscEarly = 6 * tickRate.period() + milliseconds{1};

constexpr std::uint32_t periodicAndOneshot
    = clock_event_feature::periodic | clock_event_feature::oneshot;

std::uint32_t trueTscKhz(const BootFacts& facts)
{
    const std::uint32_t told = facts.refinedKhz != 0 ? facts.refinedKhz : facts.detectedKhz;
    return told != 0 ? told : ownTscKhz;
}

/// A command that is known by its jiffy ran so long after that began.
constexpr Ns intoJiffy = std::chrono::microseconds{500};
constexpr std::uint32_t kernelTimerIds = 300'000; // far from the machine's own
constexpr std::uint32_t lockupTimerIds = 400'000;

constexpr std::size_t spareTimers = 32;
constexpr Hertz spareRate{1'000'000'000};

EventChannelInfo channel(std::string name, Hertz rate, unsigned cpu)
{
    return {.name = std::move(name), .rate = rate, .features = periodicAndOneshot, .cpu = cpu};
}

/// The machine's own timers, then the spare ones.
SimulatedHardware hardwareOf(const BootFacts& facts, unsigned cpus)
{
    const Hertz tscRate{std::uint64_t{trueTscKhz(facts)} * 1000};
    std::vector<EventChannelInfo> channels{channel("hpet", hpetRate, 0),
                                           channel("pit", pitRate, 0)};
    for (unsigned cpu = 0; cpu < cpus; ++cpu) {
        channels.push_back(channel("lapic", lapicRate, cpu));
    }
    for (std::size_t timer = 0; timer < spareTimers; ++timer) {
        channels.push_back(channel(fmt::format("spare-{}", timer), spareRate, 0));
    }
    return {{{.name = "tsc", .rate = tscRate, .bits = 64},
             {.name = "hpet", .rate = hpetRate, .bits = 32},
             {.name = "acpi_pm", .rate = acpiPmRate, .bits = 24}},
            std::move(channels)};
}

MachineConfig configOf(const std::string& commandLine, unsigned cpus)
{
    MachineConfig config;
    config.name = "qemu-pc";
    config.cpus = cpus;
    config.tickRate = tickRate;
    config.commandLine = commandLine;
    config.config.clocksourceWatchdog = true;
    config.config.validateLastCycle = true;
    config.config.smp = true;
    config.config.broadcast = true;
    config.config.minAdjust = true;
    config.boot.callsSmpInit = true;
    return config;
}

EventDescription eventDevice(const char* name, Hertz rate, int rating, std::uint64_t least,
                             std::uint64_t most)
{
    EventDescription event;
    event.name = name;
    event.rate = rate;
    event.rating = rating;
    event.features = periodicAndOneshot;
    event.minTicks = least;
    event.maxTicks = most;
    event.irq = 0;
    return event;
}

bool isRegistered(const BootFacts& facts, std::string_view name)
{
    return std::ranges::find(facts.registered, name, &BootFacts::Clocksource::name)
        != facts.registered.end();
}

/// The buckets of a wheel do not come round within any such pattern.
bool usesWheel(const RecordedScenario& scenario)
{
    return std::ranges::any_of(scenario.steps, [](const RecordedStep& step) {
        const auto command = parseCommand(step.command);
        return command && (command->isToModule("tw") || command->isToModule("tw_rand"));
    });
}

Ns uptimeToSkip(const RecordedScenario& scenario, const BootFacts& facts, Ns firstCommand)
{
    if (usesWheel(scenario)) {
        return {};
    }
    const Ns idle = firstCommand - facts.end - livedThrough;
    return std::max(idle, Ns::zero()) / watchdogPattern * watchdogPattern;
}

std::string stamped(Ns stamp, std::string_view text)
{
    const std::int64_t us = stamp.count() / 1000;
    return fmt::format("[{:5}.{:06}] {}", us / 1'000'000, us % 1'000'000, text);
}

} // namespace

PcMachine::PcMachine(const RecordedScenario& scenario, const BootFacts& facts, Ns firstCommand)
    : m_facts(&facts)
    , m_commandLine(scenario.commandLine)
    , m_cpus(scenario.cpus)
    , m_noArat(scenario.cpuModel.find("-arat") != std::string::npos)
    , m_hardware(hardwareOf(facts, scenario.cpus))
    , m_skipped(uptimeToSkip(scenario, facts, firstCommand))
    , m_monotonicAtStart(facts.firstTick() + m_skipped)
{
}

Result<std::unique_ptr<PcMachine>> PcMachine::boot(const RecordedScenario& scenario,
                                                   const BootFacts& facts, Ns firstCommand)
{
    std::unique_ptr<PcMachine> pc{new PcMachine(scenario, facts, firstCommand)};
    auto machine
        = Machine::powerOn(configOf(pc->m_commandLine, pc->m_cpus), pc->m_hardware, pc->m_log);
    if (!machine) {
        return tl::unexpected<Error>(std::move(machine.error()));
    }
    pc->m_machine = std::move(*machine);
    if (auto booted = pc->bootAsTold(); !booted) {
        return tl::unexpected<Error>(std::move(booted.error()));
    }
    pc->watchCpus();
    pc->setShellSleeping(false);
    pc->m_logRead = pc->m_log.size();
    return pc;
}

void PcMachine::tidyUp()
{
    watchCpus();
    keepForwarding();
}

/// The guest's kernel looks after every CPU that is online with an hrtimer, which it therefore
/// always has (lockup_detector_online_cpu, lockup_detector_offline_cpu).
void PcMachine::watchCpus()
{
    constexpr Ns period = seconds{4};
    Cpus& cpus = m_machine->cpus();
    for (unsigned cpu = 0; cpu < cpus.count(); ++cpu) {
        const auto watched = m_lockupTimers.find(cpu);
        if (watched != m_lockupTimers.end() && !cpus.onlineCpus().has(cpu)) {
            cpus.at(0).hrtimers().cancel(watched->second); // it was moved there
            m_lockupTimers.erase(watched);
        } else if (watched == m_lockupTimers.end() && cpus.onlineCpus().has(cpu)) {
            HrtimerCpuBase& base = cpus.at(cpu).hrtimers();
            Hrtimer& timer
                = m_lockupTimers
                      .try_emplace(cpu, lockupTimerIds + cpu, HrtimerClock::Monotonic, false,
                                   "watchdog_timer_fn",
                                   [&base](Hrtimer& fired) {
                                       fired.forward(base.clockNow(fired), period, Ns{1});
                                       return HrtimerRestart::Yes;
                                   })
                      .first->second;
            base.init(timer);
            cpus.runOn(cpu, [&] {
                base.startRelative(timer, period, {},
                                   hrtimer_mode::relative | hrtimer_mode::pinned);
            });
        }
    }
}

void PcMachine::setShellSleeping(bool sleeps)
{
    m_shell.reset();
    if (!sleeps) {
        m_shell.emplace(m_machine->cpus(), 0U);
    }
}

// --- time --------------------------------------------------------------------------------------

Ns PcMachine::stampOf(TraceInstant at) const
{
    return at.time_since_epoch() + m_monotonicAtStart - m_facts->monotonicAhead;
}

/// What comes before the model starts is at its start.
TraceInstant PcMachine::instantOf(Ns stamp) const
{
    const Ns at = stamp + m_facts->monotonicAhead - m_monotonicAtStart;
    return TraceInstant{std::max(at, Ns::zero())};
}

std::uint64_t PcMachine::shownJiffies(Jiffies jiffies) const
{
    return jiffies.count + static_cast<std::uint64_t>(m_skipped / tickRate.period());
}

Jiffies PcMachine::ownJiffies(std::uint64_t shown) const
{
    return Jiffies{shown - static_cast<std::uint64_t>(m_skipped / tickRate.period())};
}

bool PcMachine::hasDied() const
{
    return m_machine->fault() && m_machine->fault()->kind != FaultKind::Hang;
}

Result<void> PcMachine::runUntil(TraceInstant end)
{
    while (m_machine->now() < end && !hasDied()) {
        if (auto ran = m_machine->runOnce(end); !ran) {
            return tl::unexpected<Error>(std::move(ran.error()));
        }
    }
    return {};
}

Result<void> PcMachine::runTo(Ns stamp)
{
    return runUntil(instantOf(stamp));
}

/// @p jiffy has just begun, unless it has passed. Ticks are at whole multiples of their period.
Result<void> PcMachine::sleepToJiffy(Jiffies jiffy)
{
    const auto left = static_cast<std::int64_t>(jiffy.count - m_machine->jiffies().now().count);
    if (left <= 0) {
        return {};
    }
    const Ns tick = tickRate.period();
    const Ns now = m_machine->now().time_since_epoch();
    setShellSleeping(true);
    auto ran = runUntil(TraceInstant{(now / tick + left) * tick + intoJiffy});
    setShellSleeping(false);
    return ran;
}

Result<void> PcMachine::runToJiffy(const WheelMoment& moment, unsigned cpu)
{
    const Jiffies jiffy = ownJiffies(moment.at);
    const Jiffies before{jiffy.count - 1};
    if (moment.clockIsAhead && isBefore(m_machine->jiffies().now(), jiffy)) {
        if (auto ran = sleepToJiffy(before); !ran) {
            return ran;
        }
        m_machine->cpus().runOn(cpu, [&] { armKernelTimer(cpu); });
    }
    return sleepToJiffy(jiffy);
}

/// As a sleep of the kernel's for the shortest time that there is: it fires in the next jiffy.
void PcMachine::armKernelTimer(unsigned cpu)
{
    TimerWheel& wheel = m_machine->cpus().at(cpu).wheel();
    const auto [entry, isNew] = m_kernelTimers.try_emplace(cpu, kernelTimerIds + cpu,
                                                           "process_timeout", [](WheelTimer&) { });
    if (isNew) {
        wheel.init(entry->second);
    }
    const Jiffies now = m_machine->jiffies().now();
    static_cast<void>(wheel.modify(entry->second, now, now));
}

// --- boot --------------------------------------------------------------------------------------

/// The first choice is printed, unless it is for what already counts: jiffies. It comes before the
/// initcall that brings acpi_pm.
bool PcMachine::endsBoot(const BootFacts::Clocksource& next) const
{
    if (m_facts->switched) {
        return next.stamp >= *m_facts->switched;
    }
    return next.name == "acpi_pm" || next.name == "tsc";
}

/// Jiffies know no part of a tick: right after one, nothing of CLOCK_MONOTONIC is lost.
Result<void> PcMachine::endBoot(Ns stamp)
{
    const Ns at = std::max(instantOf(stamp + m_skipped), m_machine->now()).time_since_epoch();
    const Ns tick = tickRate.period();
    auto ran = runUntil(TraceInstant{(at / tick + 1) * tick + Ns{1}});
    m_machine->clocksourceDoneBooting();
    return ran;
}

Result<void> PcMachine::bootAsTold()
{
    if (auto probed = probeTickDevices(); !probed) {
        return probed;
    }
    for (const BootFacts::Clocksource& clocksource : m_facts->registered) {
        if (m_facts->tscUnstable && *m_facts->tscUnstable <= clocksource.stamp) {
            markTscUnstable();
        }
        if (!m_machine->clocksources().hasFinishedBooting() && endsBoot(clocksource)) {
            const Ns stamp = m_facts->switched.value_or(clocksource.stamp);
            if (auto ended = endBoot(stamp); !ended) {
                return ended;
            }
        }
        const TraceInstant at = clocksource.name == "tsc-early"
            ? TraceInstant{ticksBeforeTscEarly}
            : instantOf(clocksource.stamp + m_skipped);
        if (auto ran = runUntil(std::max(at, m_machine->now())); !ran) {
            return ran;
        }
        if (auto registered = registerOne(clocksource.name); !registered) {
            return registered;
        }
    }
    if (!m_machine->clocksources().hasFinishedBooting()) {
        if (auto ended = endBoot(m_facts->switched.value_or(m_facts->end)); !ended) {
            return ended;
        }
    }
    setClock();
    return {};
}

/// hpet, or pit where there is none, makes the first ticks; CPU 0's own timer takes over.
Result<void> PcMachine::probeTickDevices()
{
    DeviceDescription first;
    first.events.push_back(isRegistered(*m_facts, "hpet")
                               ? eventDevice("hpet", hpetRate, 50, 192, most31Bits)
                               : eventDevice("pit", pitRate, 0, 15, 0x7fff));
    if (auto probed = m_machine->probe(first); !probed) {
        return tl::unexpected<Error>(std::move(probed.error()));
    }
    return probeLocalTimers();
}

/// CPU 0's own timer, and with it those of the CPUs that come up after it.
Result<void> PcMachine::probeLocalTimers()
{
    DeviceDescription lapic;
    EventDescription& event
        = lapic.events.emplace_back(eventDevice("lapic", lapicRate, 150, 15, most31Bits));
    event.perCpu = true;
    event.irq = std::nullopt;
    if (isGiven("nolapic_timer")) {
        if (m_cpus == 1) {
            return {};
        }
        // It stands for the interrupts that others send.
        event.rate = {};
        event.features |= clock_event_feature::dummy;
        event.minTicks = 0;
        event.maxTicks = 0;
    } else if (m_noArat) {
        event.rating = 100;
        event.features |= clock_event_feature::c3stop;
    }
    auto probed = m_machine->probe(lapic);
    if (!probed) {
        return tl::unexpected<Error>(std::move(probed.error()));
    }
    if (!isGiven("maxcpus=1")) {
        m_machine->smpInit();
    }
    return {};
}

bool PcMachine::isGiven(std::string_view parameter) const
{
    return m_commandLine.find(parameter) != std::string::npos;
}

/// By what the log has last: an interrupt that comes between ends before the softirq goes on.
bool PcMachine::isInSoftirq(unsigned cpu) const
{
    for (std::size_t i = m_log.size(); i-- > 0;) {
        const TraceRecord& record = m_log[i];
        if (record.cpu != cpu) {
            continue;
        }
        if (record.kind == RecordKind::SoftirqEntry || record.kind == RecordKind::SoftirqExit
            || record.kind == RecordKind::IrqHandlerEntry) {
            return record.kind == RecordKind::SoftirqEntry;
        }
    }
    return false;
}

// --- spare timers ------------------------------------------------------------------------------

std::optional<ChannelIndex> PcMachine::takeSpareTimer()
{
    if (m_spareTimersTaken == spareTimers) {
        return std::nullopt;
    }
    return m_hardware.channels().size() - spareTimers + m_spareTimersTaken++;
}

void PcMachine::setSpareTimer(ChannelIndex timer, ClockEventState state)
{
    const Ns period = tickRate.period();
    static_cast<void>(m_hardware.set(timer, state, static_cast<std::uint64_t>(period.count())));
}

void PcMachine::armSpareTimer(ChannelIndex timer, std::uint64_t ticks, Hertz rate)
{
    const auto ns = static_cast<WideUnsigned>(ticks) * nsPerSecond / rate.value;
    static_cast<void>(m_hardware.program(timer, static_cast<std::uint64_t>(ns)));
}

// --- clocksources ----------------------------------------------------------------------------

PcMachine::CounterKind PcMachine::kindOf(std::string_view name) const
{
    using namespace clocksource_flag;
    const bool isReliable = m_commandLine.find("tsc=reliable") != std::string::npos;
    const std::uint32_t verified = isReliable ? 0 : mustVerify;
    const auto tsc = [](std::uint32_t khz) {
        return FrequencyRegistration{.mask = counterMask(64), .scale = 1000, .frequency = khz};
    };
    const auto other = [](Hertz rate, unsigned bits) {
        return FrequencyRegistration{.mask = counterMask(bits),
                                     .frequency = static_cast<std::uint32_t>(rate.value)};
    };
    if (name == "tsc-early") {
        return {"tsc", "tsc-early", 299, continuous | verified, tsc(m_facts->detectedKhz), 64};
    }
    if (name == "tsc") {
        return {"tsc",
                "tsc",
                300,
                continuous | validForHres | verifyPercpu | verified,
                tsc(trueTscKhz(*m_facts)),
                64};
    }
    if (name == "hpet") {
        return {"hpet", "hpet", 250, continuous, other(hpetRate, 32), 32};
    }
    if (name == "acpi_pm") {
        return {"acpi_pm", "acpi_pm", 200, continuous, other(acpiPmRate, 24), 24};
    }
    return {};
}

Result<void> PcMachine::registerOne(const std::string& name)
{
    if (name == "jiffies") {
        m_machine->initJiffiesClocksource();
        return {};
    }
    if (name == "refined-jiffies") {
        return m_machine->registerRefinedJiffies(pitRate);
    }
    auto registered = registerCounter(kindOf(name));
    if (!registered) {
        return fail(registered.error().code,
                    fmt::format("the boot registers the clocksource {}, which this machine does "
                                "not have: {}",
                                name, registered.error().what));
    }
    if (name == "tsc") {
        unregisterTscEarly();
    }
    m_machine->settle();
    return {};
}

Result<void> PcMachine::registerCounter(const CounterKind& kind)
{
    auto rate = rateOf(kind.registration);
    if (!rate) {
        return tl::unexpected<Error>(std::move(rate.error()));
    }
    const auto counters = m_hardware.counters();
    const auto index = std::ranges::find(counters, kind.hardware, &CounterInfo::name);
    Counter& counter = m_counters.emplace_back(Counter{
        .reader = HardwareCounter(m_hardware, static_cast<CounterIndex>(index - counters.begin()),
                                  m_hardwareFault),
        .source = {}});
    counter.source.name = kind.name;
    counter.source.rating = kind.rating;
    counter.source.flags = kind.flags;
    counter.source.rate = *rate;
    counter.source.frequency
        = Hertz{std::uint64_t{kind.registration.frequency} * kind.registration.scale};
    counter.source.bits = kind.bits;
    counter.source.counter = &counter.reader;
    m_machine->clocksources().registerSource(counter.source);
    return {};
}

/// It was there for the boot only.
void PcMachine::unregisterTscEarly()
{
    const auto early = std::ranges::find_if(
        m_counters, [](const Counter& counter) { return counter.source.name == "tsc-early"; });
    if (early != m_counters.end()) {
        static_cast<void>(m_machine->clocksources().unregisterSource(early->source));
    }
}

/// It is no clocksource of its own then, and tsc-early goes where tsc would have come.
void PcMachine::markTscUnstable()
{
    if (std::exchange(m_tscIsMarked, true)) {
        return;
    }
    for (Counter& counter : m_counters) {
        if (counter.source.name == "tsc-early") {
            m_machine->clocksources().markUnstable(counter.source);
        }
    }
    unregisterTscEarly();
    m_machine->settle();
}

/// The RTC's second had just begun its second half when the kernel read it.
void PcMachine::setClock()
{
    if (m_facts->rtc) {
        const Ns since = stamp() - m_skipped - m_facts->rtc->stamp;
        const Ns wall = seconds{m_facts->rtc->seconds} + milliseconds{500} + since + m_skipped;
        static_cast<void>(m_machine->setTime(RealtimeInstant{wall}));
    }
}

// --- log ---------------------------------------------------------------------------------------

std::vector<std::string> PcMachine::takeLog()
{
    std::vector<std::string> lines;
    for (; m_logRead < m_log.size(); ++m_logRead) {
        const TraceRecord& record = m_log[m_logRead];
        if (record.kind == RecordKind::Printk) {
            lines.push_back(stamped(stampOf(record.at), m_log.string(record.subject)));
        }
    }
    return lines;
}

} // namespace timerscope::oracle
