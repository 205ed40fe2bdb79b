// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/machine/snapshot_builder.h"

#include "engine/base/time_text.h"
#include "engine/trace/record_schema.h"

#include <fmt/format.h>

#include <algorithm>

namespace timerscope {

namespace {

TaskState stateOf(const RoutineTask& task, const RunQueue& queue)
{
    if (task.state() == RoutineTask::State::Ended) {
        return TaskState::Ended;
    }
    if (task.entity().isQueued) {
        return queue.current() == &task.entity() ? TaskState::Running : TaskState::Runnable;
    }
    return task.state() == RoutineTask::State::Waits ? TaskState::Waiting : TaskState::Sleeping;
}

} // namespace

Snapshot SnapshotBuilder::build() const
{
    Snapshot snapshot;
    snapshot.at = m_machine.now();
    snapshot.records = m_machine.m_log->size();
    snapshot.monotonic = m_machine.m_timekeeper.observeMonotonic();
    snapshot.machine = machineRow();
    for (const Clocksource* source : m_machine.m_clocksources.list()) {
        snapshot.clocksources.push_back(clocksourceRow(*source));
    }
    snapshot.overrideName = m_machine.m_clocksources.overrideName();
    for (const ClockEventDevice* device : m_machine.m_clockEvents.devices()) {
        snapshot.clockEvents.push_back(clockEventRow(*device));
    }
    for (unsigned cpu = 0; cpu < m_machine.m_cpus.count(); ++cpu) {
        snapshot.cpus.push_back(cpuRow(m_machine.m_cpus.at(cpu)));
    }
    snapshot.broadcast = broadcastRow();
    snapshot.jiffies = m_machine.m_jiffies.now();
    snapshot.timekeeper = timekeeperRow(snapshot.monotonic);
    const SchedClockRate& rate = m_machine.m_schedClock.rate();
    snapshot.schedClock = SchedClockRow{.counter = m_machine.m_schedClock.counterName(),
                                        .rate = rate.rate,
                                        .bits = rate.bits,
                                        .wrap = rate.wrap};
    addWatching(snapshot);
    for (const Module& module : m_machine.m_modules.all()) {
        snapshot.modules.push_back(moduleRow(module));
    }
    for (const RoutineTask& task : m_machine.m_tasks.all()) {
        snapshot.tasks.push_back(taskRow(task));
    }
    if (!snapshot.tasks.empty()) {
        snapshot.loadAverage = m_machine.m_tasks.loadText();
    }
    snapshot.lastSleep = m_machine.m_lastSleep;
    addFault(snapshot);
    return snapshot;
}

void SnapshotBuilder::addWatching(Snapshot& snapshot) const
{
    const auto nameOf = [](const Clocksource* source) {
        return source != nullptr ? source->name : std::string{};
    };
    snapshot.suspendClocksource = nameOf(m_machine.m_clocksources.suspendClocksource());
    if (const ClocksourceWatchdog* watchdog = m_machine.m_clocksources.watchdog()) {
        snapshot.watchdogReference = nameOf(watchdog->reference());
    }
}

void SnapshotBuilder::addFault(Snapshot& snapshot) const
{
    snapshot.fault = m_machine.m_kernelFault;
    if (const std::optional<KernelFault>& fault = snapshot.fault) {
        snapshot.notices.push_back(
            {.severity = Severity::Warning,
             .text = fmt::format("Kernel {} at {}: {}", nameOf(fault->kind),
                                 timeText(fault->at.time_since_epoch()), fault->text)});
    }
}

ModuleRow SnapshotBuilder::moduleRow(const Module& module) const
{
    ModuleRow row{.name = module.name(), .loaded = module.isLoaded(), .holds = {}};
    for (const ModuleHold& hold : module.holds()) {
        row.holds.push_back({.role = hold.role, .device = hold.device, .cpu = hold.cpu});
    }
    return row;
}

TaskRow SnapshotBuilder::taskRow(const RoutineTask& task) const
{
    const SchedEntity& entity = task.entity();
    const CpuTimes& times = entity.task->times();
    const TaskTally& tally = task.tally();
    TaskRow row{.name = task.description().name,
                .pid = task.process().pid(),
                .cpu = entity.cpu,
                .state = stateOf(task, m_machine.m_cpus.at(entity.cpu).runQueue()),
                .userTime = spanOf(times.user),
                .systemTime = spanOf(times.system),
                .runtime = spanOf(times.runtime),
                .switches = entity.switches,
                .rounds = tally.rounds,
                .handledSignals = tally.handledSignals,
                .lastSignal = tally.lastSignal,
                .lastOverrun = tally.lastOverrun,
                .overruns = tally.overruns,
                .interrupted = tally.interrupted,
                .worstLatency = tally.worstLatency,
                .expirations = tally.expirations,
                .canceled = tally.canceled,
                .retransmits = tally.retransmits,
                .killedBy = task.process().killedBy(),
                .refused = {},
                .timers = {}};
    if (tally.refused != Errno::Ok) {
        row.refused = nameOf(tally.refused);
    }
    for (const auto& [id, timer] : entity.task->process().timers().all()) {
        row.timers.push_back({.id = id,
                              .isActive = timer->isActive(),
                              .interval = timer->interval(),
                              .overrun = timer->overrun()});
    }
    return row;
}

/// Whose code stands behind what a driver registered.
template<typename Row>
void SnapshotBuilder::addModule(Row& row, const Module* module, const Module* owner,
                                bool isDangling) const
{
    row.module = module != nullptr ? module->name() : std::string{};
    row.hasOwner = owner != nullptr;
    row.isDangling = isDangling;
}

MachineRow SnapshotBuilder::machineRow() const
{
    const MachineConfig& config = m_machine.m_config;
    return {.kernel = std::string{config.profile->name},
            .tickRate = config.tickRate,
            .bits = config.bits,
            .bootFinished = m_machine.m_clocksources.hasFinishedBooting(),
            .highResAllowed = m_machine.tickOptions().highRes,
            .noHzAllowed = m_machine.tickOptions().noHz,
            .doTimerCpu = m_machine.m_cpus.tickShared().doTimer.cpu()};
}

ClocksourceRow SnapshotBuilder::clocksourceRow(const Clocksource& source) const
{
    ClocksourceRow row;
    row.name = source.name;
    row.current = &source == &m_machine.m_timekeeper.clock();
    row.available = m_machine.m_clocksources.isAvailable(source);
    row.rating = source.rating;
    row.flags = source.flags;
    if (source.frequency.value != 0) {
        row.rate = source.frequency;
    }
    row.bits = source.bits;
    row.mult = source.rate.mult;
    row.shift = source.rate.shift;
    row.maxCycles = source.rate.maxCycles;
    row.maxIdle = source.rate.maxIdle;
    row.readCost = source.readCost;
    const auto& counters = m_machine.m_drivers.counters();
    const auto found = std::ranges::find_if(counters, [&](const Drivers::CounterSource& counter) {
        return &counter.clocksource == &source;
    });
    const Module* const module = found != counters.end() ? found->module : source.owner;
    addModule(row, module, source.owner, source.isDangling);
    if (module != nullptr) {
        row.references = static_cast<int>(module->holds().size());
    }
    return row;
}

ClockEventRow SnapshotBuilder::clockEventRow(const ClockEventDevice& device) const
{
    ClockEventRow row;
    row.name = device.name();
    addRole(row, device);
    row.cpus = device.cpus();
    row.state = device.state();
    row.rating = device.rating();
    row.features = device.features();
    row.mult = device.config().mult;
    row.shift = device.config().shift;
    row.minDelta = device.config().minDelta;
    row.maxDelta = device.config().maxDelta;
    row.nextEvent = device.nextEvent();
    row.handler = device.handler().name;
    row.retries = device.retries();
    const auto& events = m_machine.m_drivers.events();
    const auto found = std::ranges::find_if(
        events, [&](const Drivers::EventDevice& event) { return &event.device == &device; });
    addModule(row, found != events.end() ? found->module : device.owner(), device.owner(),
              device.isDangling());
    return row;
}

void SnapshotBuilder::addRole(ClockEventRow& row, const ClockEventDevice& device) const
{
    const TickBroadcast& broadcast = m_machine.m_cpus.broadcast();
    for (unsigned cpu = 0; cpu < m_machine.m_cpus.count(); ++cpu) {
        if (&device == m_machine.m_cpus.at(cpu).tick().device()) {
            row.role = DeviceRole::Tick;
            row.cpu = cpu;
        } else if (&device == broadcast.wakeupDevice(cpu)) {
            row.role = DeviceRole::Wakeup;
            row.cpu = cpu;
        }
    }
    if (&device == broadcast.device()) {
        row.alsoBroadcasts = row.role != DeviceRole::Unused;
        row.role = row.alsoBroadcasts ? row.role : DeviceRole::Broadcast;
    }
}

std::optional<BroadcastRow> SnapshotBuilder::broadcastRow() const
{
    if (!m_machine.m_config.config.broadcast) {
        return std::nullopt;
    }
    const TickBroadcast& broadcast = m_machine.m_cpus.broadcast();
    const CpuMask periodic = broadcast.masks().periodic;
    const CpuMask oneshot = broadcast.masks().oneshot;
    return BroadcastRow{.device = broadcast.device() != nullptr ? broadcast.device()->name()
                                                                : std::string{},
                        .mode = broadcast.mode(),
                        .periodicMask = {periodic.begin(), periodic.end()},
                        .oneshotMask = {oneshot.begin(), oneshot.end()}};
}

CpuRow SnapshotBuilder::cpuRow(const Cpu& cpu) const
{
    const HrtimerCpuBase::Statistics& statistics = cpu.hrtimers().statistics();
    CpuRow row;
    row.index = cpu.index();
    row.online = m_machine.m_cpus.onlineCpus().has(cpu.index());
    if (const ClockEventDevice* wakeup = m_machine.m_cpus.broadcast().wakeupDevice(cpu.index())) {
        row.wakeupDevice = wakeup->name();
    }
    row.tickDevice = cpu.tick().device() != nullptr ? cpu.tick().device()->name() : std::string{};
    row.tickMode = cpu.tick().mode();
    row.nohzMode = cpu.tick().nohzMode();
    row.hresActive = cpu.hrtimers().isHresActive();
    row.tickStopped = cpu.tick().sched().isTickStopped();
    row.expiresNext = cpu.hrtimers().expiresNext();
    row.hrtimerEvents = statistics.events;
    row.hrtimerRetries = statistics.retries;
    row.hrtimerHangs = statistics.hangs;
    row.idleStatistics = idleStatistics(cpu);
    row.hrtimerBases = hrtimerBases(cpu.hrtimers());
    row.wheels.push_back(wheelRow(cpu.wheel()));
    return row;
}

/// By the names and with the units of /proc/timer_list, in its order.
std::vector<NamedValue> SnapshotBuilder::idleStatistics(const Cpu& cpu)
{
    const IdleStatistics idle = cpu.tick().sched().idleStatistics();
    const auto at = [](MonotonicInstant instant) { return fmt::format("{} nsecs", nsOf(instant)); };
    const auto span = [](Ns length) { return fmt::format("{} nsecs", length.count()); };
    const auto number = [](std::uint64_t value) { return fmt::format("{}", value); };
    return {
        {"max_hang_time", fmt::format("{}", cpu.hrtimers().statistics().maxHangTime.count())},
        {"last_tick", at(idle.lastTick)},
        {"idle_jiffies", number(idle.idleJiffies)},
        {"idle_calls", number(idle.idleCalls)},
        {"idle_sleeps", number(idle.idleSleeps)},
        {"idle_entrytime", at(idle.idleEntryTime)},
        {"idle_waketime", at(idle.idleWakeTime)},
        {"idle_exittime", at(idle.idleExitTime)},
        {"idle_sleeptime", span(idle.idleSleepTime)},
        {"iowait_sleeptime", span(idle.iowaitSleepTime)},
        {"last_jiffies", number(idle.lastJiffies.count)},
        {"next_timer", fmt::format("{}", nsOf(idle.nextTimer))},
        {"idle_expires", at(idle.idleExpires)},
    };
}

std::vector<HrtimerBaseRow> SnapshotBuilder::hrtimerBases(const HrtimerCpuBase& hrtimers) const
{
    const Ns resolution = hrtimers.isHresActive() ? Ns{1} : m_machine.m_config.tickRate.period();
    std::vector<HrtimerBaseRow> bases;
    for (std::size_t index = 0; index < timerscope::hrtimerBases; ++index) {
        HrtimerBaseRow base;
        base.index = static_cast<unsigned>(index);
        base.resolution = resolution;
        base.offset = hrtimers.offset(index);
        for (const Hrtimer* timer : hrtimers.queue(index).inOrder()) {
            base.timers.push_back({.id = timer->id(),
                                   .function = timer->functionName(),
                                   .task = timer->task(),
                                   .softExpires = timer->softExpires(),
                                   .hardExpires = timer->hardExpires(),
                                   .state = 1});
        }
        bases.push_back(std::move(base));
    }
    return bases;
}

WheelBaseRow SnapshotBuilder::wheelRow(const TimerWheel& wheel) const
{
    WheelBaseRow row;
    row.name = "standard";
    row.clk = wheel.clk();
    row.nextExpiry = wheel.nextExpiry();
    row.levels = wheel.levels();
    for (const WheelTimer* timer : wheel.inOrder()) {
        row.timers.push_back({.id = timer->id(),
                              .function = timer->functionName(),
                              .task = timer->task(),
                              .requested = timer->expires(),
                              .bucketExpiry = timer->bucketExpiry(),
                              .level = timer->index() / TimerWheel::bucketsPerLevel,
                              .bucket = timer->index() % TimerWheel::bucketsPerLevel});
    }
    return row;
}

TimekeeperRow SnapshotBuilder::timekeeperRow(MonotonicInstant now) const
{
    const Timekeeper& timekeeper = m_machine.m_timekeeper;
    return {.clock = timekeeper.clock().name,
            .mult = timekeeper.state().mult,
            .shift = timekeeper.state().shift,
            .realtime = RealtimeInstant{now.time_since_epoch() + timekeeper.realtimeOffset()},
            .boottimeOffset = timekeeper.boottimeOffset()};
}

} // namespace timerscope
