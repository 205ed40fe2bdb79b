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

Result<void> checkCpus(const MachineConfig& config)
{
    if (config.cpus < 1 || config.cpus > CpuMask::capacity) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("the machine has {} CPUs; 1 to {} are allowed", config.cpus,
                                CpuMask::capacity));
    }
    if (config.cpus > 1 && !config.config.smp) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("the machine has {} CPUs, but SMP is false, so its kernel can use "
                                "only 1",
                                config.cpus));
    }
    return {};
}

} // namespace

Result<std::unique_ptr<Machine>> Machine::powerOn(MachineConfig config, Hardware& hardware,
                                                  TraceLog& log)
{
    if (auto checked = checkCpus(config); !checked) {
        return tl::unexpected<Error>(std::move(checked.error()));
    }
    return std::unique_ptr<Machine>(new Machine(std::move(config), hardware, log));
}

Machine::Machine(MachineConfig config, Hardware& hardware, TraceLog& log)
    : TraceTime(hardware.keptNow())
    , m_config(std::move(config))
    , m_hardware(&hardware)
    , m_log(&log)
    , m_tracer(log, *this)
    , m_jiffies(m_config.tickRate)
    , m_jiffiesClocksource(makeJiffiesClocksource(m_jiffies, m_config.tickRate))
    , m_jiffiesSinceBoot(m_jiffies, m_config.tickRate, longWidthOf(m_config))
    , m_schedClock(m_jiffiesSinceBoot, m_config.tickRate, labelOf(*m_config.profile), *this,
                   m_tracer)
    , m_timekeeper(m_jiffiesClocksource, m_config.tickRate,
                   bootTime(!m_config.boot.callsTimekeepingInit))
    , m_delayLoop(m_config.tickRate, *this)
    , m_clocksources(*this, *this, m_tracer)
    , m_clockEvents(*this, *this, m_tracer)
    , m_cpus({.hardware = hardware,
              .config = m_config,
              .clockEvents = m_clockEvents,
              .timekeeper = m_timekeeper,
              .jiffies = m_jiffies,
              .kernelLog = *this,
              .log = log,
              .time = *this,
              .schedClock = m_schedClock,
              .tickOptions = tickOptions(),
              .newTimerId = [this] { return newTimerId(); },
              .schedule = [this](unsigned cpu) { m_tasks.schedule(cpu); }})
    , m_wrapTimer(newTimerId(), HrtimerClock::Monotonic, false, "sched_clock_poll",
                  [this](Hrtimer& timer) {
                      m_schedClock.renewEpoch();
                      timer.forward(cpu().hrtimers().clockNow(timer), m_schedClock.wrap(), Ns{1});
                      return HrtimerRestart::Yes;
                  })
    , m_watchdog(m_cpus, m_jiffies, m_clocksources,
                 m_config.config.clocksourceWatchdog ? newTimerId() : 0)
    , m_modules(m_tracer)
    , m_platform(m_config, *this)
    , m_drivers({.config = m_config,
                 .hardware = hardware,
                 .hardwareFault = m_fault,
                 .dangling = *this,
                 .clocksources = m_clocksources,
                 .clockEvents = m_clockEvents,
                 .cpus = m_cpus,
                 .schedClock = m_schedClock,
                 .delayLoop = m_delayLoop,
                 .kernelLog = *this,
                 .tracer = m_tracer,
                 .schedClockTaken =
                     [this] {
                         if (m_wrapTimer.isQueued()) {
                             startWrapTimer();
                         }
                     }})
    , m_tasks({.cpus = m_cpus,
               .hardware = hardware,
               .timekeeper = m_timekeeper,
               .jiffies = m_jiffies,
               .rate = m_config.tickRate,
               .width = longWidthOf(m_config),
               .profile = *m_config.profile,
               .newTimerId = [this] { return newTimerId(); },
               .alarmRtc = [this]() -> AlarmRtc* { return m_wakingRtc ? &*m_wakingRtc : nullptr; }})
{
    tellPowerOn();
    for (const RtcDescription& rtc : m_config.rtcs) {
        m_rtcs.emplace_back(rtc, m_config.bits);
    }
    if (m_config.config.clocksourceWatchdog) {
        m_clocksources.enableWatchdog(m_watchdog, watchdogConfig());
    }
    m_clocksources.setOverride(parseKernelCommandLine(m_config.commandLine).clocksource);
    if (const CpuMask full = fullNohz(); !full.isEmpty()) {
        print(fmt::format("NO_HZ: Full dynticks CPUs: {}.", listText(full)));
    }
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

/// Who may be in full nohz: CPU 0 has to keep the time.
CpuMask Machine::fullNohz() const
{
    const KernelConfig& config = m_config.config;
    if (!config.noHzFull || !config.noHz || !config.smp) {
        return {};
    }
    return (parseKernelCommandLine(m_config.commandLine).fullNohz & CpuMask::firstOf(m_config.cpus))
        - CpuMask::of(0);
}

TickOptions Machine::tickOptions() const
{
    const KernelCommandLine line = parseKernelCommandLine(m_config.commandLine);
    const KernelProfile& profile = *m_config.profile;
    return {.highRes = m_config.config.highResTimers && line.highRes,
            .noHz = m_config.config.noHz && line.noHz,
            .noHzBuilt = m_config.config.noHz,
            .fullNohz = fullNohz(),
            .skewTick = line.skewTick,
            .possibleCpus = m_config.cpus,
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

void Machine::warn(std::string_view text)
{
    m_tracer.record(RecordKind::KernelWarning, m_tracer.name(text));
}

std::uint16_t Machine::traceCpu() const
{
    return static_cast<std::uint16_t>(m_cpus.currentCpu());
}

bool Machine::isTickOneshot() const
{
    return m_cpus.current().tick().mode() == TickMode::Oneshot;
}

bool Machine::changeClocksource(Clocksource& chosen)
{
    if (&chosen == &m_timekeeper.clock()) {
        return true;
    }
    const bool changed = m_timekeeper.changeClocksource(chosen);
    m_cpus.ticks().clockChanged();
    return changed;
}

// --- a running machine -------------------------------------------------------------------------

void Machine::settle()
{
    m_cpus.runOn(0, [] { }); // what was asked for was a task's work: the CPU is awake
    m_cpus.settle();
}

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
    const Cpus::Task task(m_cpus, 0);
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
    const Cpus::Task task(m_cpus, 0);
    Clocksource* const source = m_clocksources.find(name);
    return source != nullptr ? m_clocksources.unregisterSource(*source) : Errno::NoDevice;
}

Errno Machine::changeRating(std::string_view name, int rating)
{
    const Cpus::Task task(m_cpus, 0);
    Clocksource* const source = m_clocksources.find(name);
    if (source == nullptr) {
        return Errno::NoDevice;
    }
    m_clocksources.changeRating(*source, rating);
    return Errno::Ok;
}

SysfsText Machine::readSysfs(std::string_view file)
{
    const Cpus::Task task(m_cpus, 0);
    if (file == std::string{folder} + "available_clocksource") {
        return m_clocksources.readAvailable();
    }
    if (file == std::string{folder} + "current_clocksource") {
        return m_clocksources.readCurrent();
    }
    if (file == std::string{folder} + "unbind_clocksource") {
        return {.error = Errno::Io, .text = {}};
    }
    return readClockEventFile(file);
}

Errno Machine::writeSysfs(std::string_view file, std::string_view text)
{
    const Cpus::Task task(m_cpus, 0);
    if (file == std::string{folder} + "available_clocksource") {
        return Errno::Io;
    }
    if (file == std::string{folder} + "current_clocksource") {
        return m_clocksources.writeCurrent(text);
    }
    if (file == std::string{folder} + "unbind_clocksource") {
        return m_clocksources.writeUnbind(text);
    }
    return file.starts_with("cpu/") ? writeCpuFile(file, text) : writeClockEventFile(file, text);
}

Errno Machine::setTime(RealtimeInstant now)
{
    const Cpus::Task task(m_cpus, 0);
    const Errno answer = m_timekeeper.setRealtime(now);
    clocksWereSet();
    return answer;
}

AdjtimexAnswer Machine::adjtimex(Timex& timex)
{
    const Cpus::Task task(m_cpus, 0);
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
    for (const unsigned cpu : m_cpus.onlineCpus()) {
        m_cpus.callOn(cpu, [&] { m_cpus.at(cpu).hrtimers().reprogram(); });
    }
    m_tasks.clocksWereSet();
}

void Machine::startSleeping(WorkloadDescription description, unsigned cpu)
{
    SleepingTask& task = m_sleeping.emplace_back(std::move(description), m_cpus, cpu, newTimerId());
    m_cpus.runOn(cpu, [&task] { task.start(); });
}

void Machine::startWaiting(WorkloadDescription description, unsigned cpu)
{
    WaitingTask& task = m_waiting.emplace_back(
        std::move(description), m_cpus, cpu, m_jiffies,
        WaitingTask::Timing{.rate = m_config.tickRate, .width = longWidthOf(m_config)},
        newTimerId());
    m_cpus.runOn(cpu, [&task] { task.start(); });
}

Result<bool> Machine::runOnce(TraceInstant limit)
{
    if (m_cpus.isAnyAwake() && !m_panicked) {
        m_cpus.settle();
    }
    if (hasTaskDue()) {
        return runTasksDue();
    }
    const TraceInstant until = m_panicked ? limit : std::min(limit, m_tasks.nextDue());
    auto waited = m_hardware->waitUntil(until);
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
    return channel.has_value() || (hasTaskDue() && runTasksDue());
}

/// Computations end without an interrupt.
bool Machine::runTasksDue()
{
    m_tasks.runDue();
    m_cpus.settle();
    return true;
}

void Machine::serve(ChannelIndex channel)
{
    const Drivers::Interrupt interrupt = m_drivers.interruptOf(channel);
    if (interrupt.device == nullptr) {
        return;
    }
    ClockEventDevice& device = *interrupt.device;
    if (device.isDangling()) {
        calledGoneCode(device.name()); // free_irq() was never called
        return;
    }
    const unsigned cpu = device.boundOn();
    if (!m_cpus.onlineCpus().has(cpu)) {
        return; // nobody is there to be interrupted
    }
    if (m_cpus.at(cpu).hasStopped(device)) {
        return; // whoever relied on it has not seen to a broadcast
    }
    m_cpus.interrupt(cpu, [&] { m_cpus.at(cpu).interrupt(device, interrupt.irq); });
    m_cpus.settle();
    if (m_stallWatch.served(now(), cpu, m_jiffies.now())) {
        noticeStall();
    }
}

void Machine::noticeStall()
{
    record(FaultKind::Hang,
           fmt::format("time stands: interrupts come, but {}, so jiffies, timers and the watchdog "
                       "stand as well",
                       reasonOfStall()));
}

std::string Machine::reasonOfStall() const
{
    const DoTimerDuty& duty = m_cpus.tickShared().doTimer;
    if (duty.isFree()) {
        return "no CPU counts jiffies";
    }
    if (const std::optional<unsigned> cpu = duty.cpu()) {
        const ClockEventDevice* const tick = m_cpus.at(*cpu).tick().device();
        // A place holder has its ticks from the device that broadcasts.
        if (tick != nullptr && tick->isFunctional() && !m_stallWatch.servedCpus().has(*cpu)) {
            return fmt::format("none of {} comes to CPU {}, which counts jiffies", tick->name(),
                               *cpu);
        }
    }
    return fmt::format("{} does not advance", m_timekeeper.clock().name);
}

// --- faults ------------------------------------------------------------------------------------

void Machine::record(FaultKind kind, const std::string& text)
{
    m_tracer.record(RecordKind::MachineFault, m_tracer.name(text), static_cast<std::int64_t>(kind));
    if (!m_kernelFault) {
        m_kernelFault = KernelFault{.kind = kind, .at = now(), .text = text};
    }
    m_panicked = m_panicked || kind == FaultKind::Panic || kind == FaultKind::Lockup;
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

void Machine::walksForEver(std::string_view device)
{
    record(FaultKind::Lockup,
           fmt::format("a walk of the list of clock event devices never ends: {} was registered a "
                       "second time while it was on it, so the list leads back to itself",
                       device));
}

void Machine::displacedForEver(std::string_view device)
{
    record(
        FaultKind::Lockup,
        fmt::format("{} and another device take each other's place as the tick device for ever: "
                    "neither is a CPU's own, and they serve different CPUs, so each is preferred "
                    "to the other",
                    device));
}

void Machine::broadcastLockedUp()
{
    if (!m_panicked) {
        record(FaultKind::Lockup,
               "the hrtimer that broadcasts makes a CPU's tick as well: to program it the kernel "
               "starts it, and waits for the lock of the hrtimers, which it holds");
    }
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
