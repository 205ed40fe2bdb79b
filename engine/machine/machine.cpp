// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/machine/machine.h"

#include "engine/machine/kernel_command_line.h"
#include "engine/machine/snapshot_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace timerscope {

namespace {

/// Of the clocksources, below /sys/devices/system.
constexpr std::string_view folder = "clocksource/clocksource0/";

RateLabel labelOf(const KernelProfile& profile)
{
    return profile.schedClockLabelRounds ? RateLabel::Rounded : RateLabel::Truncated;
}

LongWidth longWidthOf(const MachineConfig& config)
{
    return config.bits == 32 ? LongWidth::Bits32 : LongWidth::Bits64;
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
    , m_timekeeper(m_jiffiesClocksource, m_config.tickRate,
                   bootTime(!m_config.boot.callsTimekeepingInit))
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
    , m_watchdog(m_cpu, m_jiffies, m_clocksources,
                 m_config.config.clocksourceWatchdog ? newTimerId() : 0)
    , m_modules(m_tracer)
    , m_platform(m_config, *this)
    , m_drivers({.config = m_config,
                 .hardware = hardware,
                 .hardwareFault = m_fault,
                 .dangling = *this,
                 .clocksources = m_clocksources,
                 .clockEvents = m_clockEvents,
                 .tick = m_cpu.tick(),
                 .schedClock = m_schedClock,
                 .delayLoop = m_delayLoop,
                 .tracer = m_tracer,
                 .schedClockTaken = [this] {
                     if (m_wrapTimer.isQueued()) {
                         startWrapTimer();
                     }
                 }})
{
    for (const RtcDescription& rtc : m_config.rtcs) {
        m_rtcs.emplace_back(rtc, m_config.bits);
    }
    if (m_config.config.clocksourceWatchdog) {
        m_clocksources.enableWatchdog(m_watchdog, watchdogConfig());
    }
    m_clocksources.setOverride(parseKernelCommandLine(m_config.commandLine).clocksource);
}

/// What timekeeping_init() finds; nothing is read while it has still to come.
BootTime Machine::bootTime(bool isRead)
{
    return {.persistent = isRead ? persistentNow() : WallTime{},
            .validatesSteps = m_config.config.validateLastCycle,
            .kernelLog = this};
}

/// read_persistent_clock64()
WallTime Machine::persistentNow() const
{
    for (const RtcDescription& rtc : m_config.rtcs) {
        if (rtc.persistent) {
            return Rtc(rtc, m_config.bits).persistent(now());
        }
    }
    return {};
}

WatchdogConfig Machine::watchdogConfig() const
{
    return {.rate = m_config.tickRate,
            .validatesSteps = m_config.config.validateLastCycle,
            .marginsLimitReadout = m_config.profile->watchdogMarginsLimitReadout,
            .printsSkew = m_config.profile->watchdogPrintsSkew};
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

bool Machine::changeClocksource(Clocksource& chosen)
{
    if (&chosen == &m_timekeeper.clock()) {
        return true;
    }
    const bool changed = m_timekeeper.changeClocksource(chosen);
    m_cpu.tick().clockChanged();
    return changed;
}

// --- boot --------------------------------------------------------------------------------------

void Machine::timekeepingInit()
{
    m_timekeeper = Timekeeper(m_jiffiesClocksource, m_config.tickRate, bootTime(true));
}

Result<Errno> Machine::probe(const DeviceDescription& device)
{
    const ProbeAnswer answer = m_platform.probe(device, nullptr);
    if (answer.isBound) {
        if (auto probed = m_drivers.probe(device, nullptr, nullptr); !probed) {
            return tl::unexpected<Error>(std::move(probed.error()));
        }
        settle();
    }
    return answer.error;
}

Result<void> Machine::registerRefinedJiffies(Hertz timer)
{
    auto source = makeRefinedJiffiesClocksource(m_jiffies, m_config.tickRate, timer);
    if (!source) {
        return tl::unexpected<Error>(std::move(source.error()));
    }
    m_clocksources.registerSource(m_refinedJiffies.emplace(std::move(*source)));
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
    settle();
}

// --- a running machine -------------------------------------------------------------------------

Clocksource* Machine::knownClocksource(std::string_view name)
{
    if (name == m_jiffiesClocksource.name) {
        return &m_jiffiesClocksource;
    }
    if (m_refinedJiffies && name == m_refinedJiffies->name) {
        return &*m_refinedJiffies;
    }
    return m_drivers.clocksource(name);
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
    settle();
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

SysfsText Machine::readSysfs(std::string_view file)
{
    if (file == std::string{folder} + "available_clocksource") {
        return m_clocksources.readAvailable();
    }
    if (file == std::string{folder} + "current_clocksource") {
        return m_clocksources.readCurrent();
    }
    const bool isWriteOnly = file == std::string{folder} + "unbind_clocksource";
    return {.error = isWriteOnly ? Errno::Io : Errno::NoEntry, .text = {}};
}

Errno Machine::writeSysfs(std::string_view file, std::string_view text)
{
    if (file == std::string{folder} + "available_clocksource") {
        return Errno::Io;
    }
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
    clocksWereSet();
    return answer;
}

AdjtimexAnswer Machine::adjtimex(Timex& timex)
{
    const std::uint32_t count = m_timekeeper.state().clockSetCount;
    const AdjtimexAnswer answer = m_timekeeper.adjtimex(timex);
    if (m_timekeeper.state().clockSetCount != count) {
        clocksWereSet();
    }
    return answer;
}

Result<void> Machine::inject(const InjectedFault& fault)
{
    return m_hardware->inject(fault);
}

/// clock_was_set(): what waits for a clock that was stepped may be due, or due later.
void Machine::clocksWereSet()
{
    m_cpu.hrtimers().reprogram();
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
    if (channel && !m_panicked) {
        serve(*channel);
    }
    if (const std::optional<Error>& fault = m_fault.error()) {
        return tl::unexpected<Error>(*fault);
    }
    return channel.has_value();
}

void Machine::serve(ChannelIndex channel)
{
    if (Drivers::EventDevice* const fired = m_drivers.eventOf(channel)) {
        if (fired->device.isDangling()) {
            calledGoneCode(fired->device.name()); // free_irq() was never called
            return;
        }
        m_cpu.interrupt(fired->device, fired->irq);
        if (m_stallWatch.served(now(), m_jiffies.now())) {
            noticeStall();
        }
    }
}

void Machine::noticeStall()
{
    record(FaultKind::Hang,
           fmt::format("time stands: interrupts come, but {} does not advance, so jiffies, timers "
                       "and the watchdog stand as well",
                       m_timekeeper.clock().name));
}

// --- faults ------------------------------------------------------------------------------------

void Machine::record(FaultKind kind, const std::string& text)
{
    m_tracer.record(RecordKind::MachineFault, m_tracer.name(text), static_cast<std::int64_t>(kind));
    if (!m_kernelFault) {
        m_kernelFault = KernelFault{.kind = kind, .at = now(), .text = text};
    }
    m_panicked = m_panicked || kind == FaultKind::Panic;
}

void Machine::touchedDangling(const Clocksource& source)
{
    record(FaultKind::Oops,
           fmt::format("a walk of the list of clocksources came to {}, whose module was unloaded "
                       "while it was registered: the task that walked is killed",
                       source.name));
}

void Machine::touchedGoneDevice(std::string_view device)
{
    record(FaultKind::Oops,
           fmt::format("a walk of the list of clock event devices came to {}, whose module was "
                       "unloaded while it was registered: the task that walked is killed",
                       device));
}

void Machine::calledGoneCode(std::string_view device)
{
    if (!m_panicked) {
        record(FaultKind::Panic,
               fmt::format("the kernel called the driver of {}, but its code was unloaded: nothing "
                           "held its module while it was in use",
                           device));
    }
}

Snapshot Machine::snapshot() const
{
    return SnapshotBuilder(*this).build();
}

} // namespace timerscope
