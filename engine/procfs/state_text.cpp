// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/procfs/procfs.h"
#include "engine/trace/record_schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <concepts>
#include <utility>

namespace timerscope {

namespace {

std::string_view nameOf(Severity severity)
{
    static constexpr std::array<std::string_view, 3> names{"info", "warning", "data-loss"};
    return names[static_cast<std::size_t>(severity)];
}

/// A known absence: distinct from a key that is not there because nobody knows.
std::string orNone(std::string_view name)
{
    return std::string{name.empty() ? std::string_view{"none"} : name};
}

std::string show(std::string_view text)
{
    return std::string{text};
}
template<std::integral T>
std::string show(T number)
{
    return fmt::format("{}",
                       static_cast<std::conditional_t<std::same_as<T, bool>, int, T>>(number));
}
template<typename Enum>
    requires std::is_enum_v<Enum>
std::string show(Enum value)
{
    return std::string{nameOf(value)};
}
std::string show(Ns span)
{
    return fmt::format("{}", span.count());
}
std::string show(Hertz rate)
{
    return fmt::format("{}", rate.value);
}
std::string show(Jiffies jiffies)
{
    return fmt::format("{}", jiffies.count);
}
template<typename ClockTag>
std::string show(Instant<ClockTag> at)
{
    return at == never<ClockTag> ? std::string{"never"} : fmt::format("{}", nsOf(at));
}
std::string show(const std::vector<unsigned>& cpus)
{
    return cpus.empty() ? std::string{"none"} : fmt::format("{}", fmt::join(cpus, ","));
}
std::string hex(std::uint64_t bits)
{
    return fmt::format("{:#x}", bits);
}

/// The lines of one state, in order.
class StateLines
{
public:
    using Line = std::pair<std::string, std::string>;

    explicit StateLines(const Snapshot& snapshot);
    [[nodiscard]] const std::vector<Line>& lines() const { return m_lines; }

private:
    template<typename T>
    void add(std::string key, const T& value)
    {
        m_lines.emplace_back(std::move(key), show(value));
    }
    template<typename T>
    void add(std::string key, const std::optional<T>& value)
    {
        if (value) {
            add(std::move(key), *value);
        }
    }
    template<typename T>
    void addHex(std::string key, const std::optional<T>& value)
    {
        if (value) {
            add(std::move(key), hex(*value));
        }
    }
    void addName(std::string key, const std::optional<std::string>& name)
    {
        if (name) {
            add(std::move(key), orNone(*name));
        }
    }

    void machine(const Snapshot& snapshot);
    void clocksources(const Snapshot& snapshot);
    void clocksource(const ClocksourceRow& row);
    void module(const ModuleRow& row);
    void task(const TaskRow& row);
    void trouble(const Snapshot& snapshot);
    void clocks(const Snapshot& snapshot);
    void cpu(const Snapshot& snapshot, const CpuRow& row);
    void tick(const Snapshot& snapshot, const CpuRow& row, const std::string& prefix);
    void hrtimers(const Snapshot& snapshot, const CpuRow& row, const std::string& prefix);
    void hrtimer(const HrtimerBaseRow& base, const HrtimerRow& row, MonotonicInstant now,
                 const std::string& prefix);
    void wheel(const WheelBaseRow& row, const std::string& prefix);
    void broadcast(const BroadcastRow& row);
    void device(const ClockEventRow& row, const std::string& prefix);
    void notices(const Snapshot& snapshot);

    std::vector<Line> m_lines;
};

StateLines::StateLines(const Snapshot& snapshot)
{
    machine(snapshot);
    clocksources(snapshot);
    clocks(snapshot);
    for (const CpuRow& row : snapshot.cpus) {
        cpu(snapshot, row);
    }
    if (snapshot.broadcast) {
        broadcast(*snapshot.broadcast);
    }
    for (std::size_t i = 0; i < snapshot.clockEvents.size(); ++i) {
        device(snapshot.clockEvents[i], fmt::format("device.{}", i));
    }
    for (const ModuleRow& row : snapshot.modules) {
        module(row);
    }
    for (const TaskRow& row : snapshot.tasks) {
        task(row);
    }
    add("loadavg", snapshot.loadAverage);
    trouble(snapshot);
    notices(snapshot);
}

void StateLines::machine(const Snapshot& snapshot)
{
    if (!snapshot.machine.kernel.empty()) {
        add("kernel", snapshot.machine.kernel);
    }
    add("machine.bits", snapshot.machine.bits);
    if (snapshot.machine.tickRate) {
        add("machine.hz", snapshot.machine.tickRate->hz);
    }
    add("boot.finished", snapshot.machine.bootFinished);
    add("monotonic", snapshot.monotonic);
    add("jiffies", snapshot.jiffies);
}

void StateLines::clocksources(const Snapshot& snapshot)
{
    if (const ClocksourceRow* const current = snapshot.currentClocksource()) {
        add("clocksource.current", current->name);
    }
    std::vector<std::string> available;
    for (const ClocksourceRow& row : snapshot.clocksources) {
        if (row.available) {
            available.push_back(row.name);
        }
    }
    if (!available.empty()) {
        add("clocksource.available", fmt::format("{}", fmt::join(available, " ")));
    }
    add("clocksource.override", snapshot.overrideName);
    addName("clocksource.suspend", snapshot.suspendClocksource);
    addName("clocksource.watchdog", snapshot.watchdogReference);
    for (const ClocksourceRow& row : snapshot.clocksources) {
        clocksource(row);
    }
}

void StateLines::clocksource(const ClocksourceRow& row)
{
    const std::string prefix = fmt::format("clocksource.{}", row.name);
    add(prefix + ".available", row.available);
    add(prefix + ".rating", row.rating);
    addHex(prefix + ".flags", row.flags);
    add(prefix + ".rate", row.rate);
    add(prefix + ".bits", row.bits);
    add(prefix + ".mult", row.mult);
    add(prefix + ".shift", row.shift);
    addHex(prefix + ".max_cycles", row.maxCycles);
    add(prefix + ".max_idle_ns", row.maxIdle);
    add(prefix + ".read_cost_ns", row.readCost);
    addName(prefix + ".module", row.module);
    add(prefix + ".has_owner", row.hasOwner);
    add(prefix + ".dangling", row.isDangling);
    add(prefix + ".references", row.references);
}

void StateLines::module(const ModuleRow& row)
{
    const std::string prefix = fmt::format("module.{}", row.name);
    add(prefix + ".loaded", row.loaded);
    add(prefix + ".references", row.holds.size());
    for (std::size_t i = 0; i < row.holds.size(); ++i) {
        add(fmt::format("{}.hold.{}", prefix, i),
            fmt::format("{}: {}", nameOf(row.holds[i].role), row.holds[i].device));
    }
}

void StateLines::task(const TaskRow& row)
{
    const std::string prefix = fmt::format("task.{}", row.name);
    add(prefix + ".pid", row.pid);
    add(prefix + ".cpu", row.cpu);
    add(prefix + ".state", row.state);
    add(prefix + ".utime_ns", row.userTime);
    add(prefix + ".stime_ns", row.systemTime);
    add(prefix + ".runtime_ns", row.runtime);
    add(prefix + ".switches", row.switches);
    add(prefix + ".rounds", row.rounds);
    add(prefix + ".signals", row.handledSignals);
    add(prefix + ".last_signal", row.lastSignal);
    add(prefix + ".last_overrun", row.lastOverrun);
    add(prefix + ".overruns", row.overruns);
    add(prefix + ".interrupted", row.interrupted);
    add(prefix + ".latency_max_ns", row.worstLatency);
    add(prefix + ".expirations", row.expirations);
    add(prefix + ".canceled", row.canceled);
    add(prefix + ".retransmits", row.retransmits);
    add(prefix + ".killed_by", row.killedBy);
    add(prefix + ".refused", row.refused);
    for (const PosixTimerRow& timer : row.timers) {
        const std::string key = fmt::format("{}.timer.{}", prefix, timer.id);
        add(key + ".active", timer.isActive);
        add(key + ".interval_ns", timer.interval);
        add(key + ".overrun", timer.overrun);
    }
}

void StateLines::trouble(const Snapshot& snapshot)
{
    if (snapshot.lastSleep) {
        add("sleep.true_ns", snapshot.lastSleep->trueLength);
        add("sleep.measured_ns", snapshot.lastSleep->measured);
        add("sleep.measured_by", orNone(snapshot.lastSleep->measuredBy));
    }
    if (snapshot.fault) {
        add("fault", snapshot.fault->kind);
        add("fault.at", snapshot.fault->at);
        add("fault.text", snapshot.fault->text);
    }
}

void StateLines::clocks(const Snapshot& snapshot)
{
    if (snapshot.timekeeper) {
        add("timekeeper.mult", snapshot.timekeeper->mult);
        add("timekeeper.shift", snapshot.timekeeper->shift);
        add("timekeeper.realtime", snapshot.timekeeper->realtime);
        add("timekeeper.boottime_offset", snapshot.timekeeper->boottimeOffset);
    }
    if (snapshot.schedClock) {
        add("sched_clock.counter", snapshot.schedClock->counter);
        add("sched_clock.rate", snapshot.schedClock->rate);
        add("sched_clock.bits", snapshot.schedClock->bits);
        add("sched_clock.wrap_ns", snapshot.schedClock->wrap);
    }
}

void StateLines::cpu(const Snapshot& snapshot, const CpuRow& row)
{
    const std::string prefix = fmt::format("cpu{}", row.index);
    add(prefix + ".online", row.online);
    tick(snapshot, row, prefix);
    add(prefix + ".nohz_mode", row.nohzMode);
    add(prefix + ".hres_active", row.hresActive);
    add(prefix + ".tick_stopped", row.tickStopped);
    add(prefix + ".expires_next", row.expiresNext);
    add(prefix + ".nr_events", row.hrtimerEvents);
    add(prefix + ".nr_retries", row.hrtimerRetries);
    add(prefix + ".nr_hangs", row.hrtimerHangs);
    for (const NamedValue& value : row.idleStatistics) {
        add(fmt::format("{}.{}", prefix, value.name),
            value.value.substr(0, value.value.find(" nsecs")));
    }
    hrtimers(snapshot, row, prefix);
    for (const WheelBaseRow& each : row.wheels) {
        wheel(each, fmt::format("{}.wheel.{}", prefix, each.name));
    }
}

void StateLines::tick(const Snapshot& snapshot, const CpuRow& row, const std::string& prefix)
{
    addName(prefix + ".tick.device", row.tickDevice);
    add(prefix + ".tick.mode", row.tickMode);
    const auto serves = [&](const ClockEventRow& each) {
        return each.role == DeviceRole::Tick && each.cpu == row.index;
    };
    const auto found = std::ranges::find_if(snapshot.clockEvents, serves);
    if (found != snapshot.clockEvents.end()) {
        add(prefix + ".tick.device_state", found->state);
        if (!found->handler.empty()) {
            add(prefix + ".tick.handler", found->handler);
        }
        add(prefix + ".tick.next_event", found->nextEvent);
    }
    addName(prefix + ".wakeup.device", row.wakeupDevice);
}

void StateLines::hrtimers(const Snapshot& snapshot, const CpuRow& row, const std::string& prefix)
{
    if (row.hrtimerBases.empty()) {
        return;
    }
    std::size_t count = 0;
    for (const HrtimerBaseRow& base : row.hrtimerBases) {
        count += base.timers.size();
    }
    add(prefix + ".hrtimers", count);
    std::size_t position = 0;
    for (const HrtimerBaseRow& base : row.hrtimerBases) {
        for (const HrtimerRow& timer : base.timers) {
            hrtimer(base, timer, snapshot.monotonic,
                    fmt::format("{}.hrtimer.{}", prefix, position++));
        }
    }
}

void StateLines::hrtimer(const HrtimerBaseRow& base, const HrtimerRow& row, MonotonicInstant now,
                         const std::string& prefix)
{
    add(prefix + ".function", row.function);
    if (!row.task.empty()) {
        add(prefix + ".task", row.task);
    }
    add(prefix + ".base", hrtimerBaseName(base.index));
    add(prefix + ".soft_expires", row.softExpires);
    add(prefix + ".expires", row.hardExpires);
    if (row.hardExpires != never<HrtimerBaseClock>) {
        add(prefix + ".left", base.left(row, now));
    }
}

void StateLines::wheel(const WheelBaseRow& row, const std::string& prefix)
{
    add(prefix + ".clk", row.clk);
    add(prefix + ".next_expiry", row.nextExpiry);
    add(prefix + ".timers", row.timers.size());
    for (std::size_t i = 0; i < row.timers.size(); ++i) {
        const WheelTimerRow& timer = row.timers[i];
        const std::string key = fmt::format("{}.{}", prefix, i);
        add(key + ".function", timer.function);
        if (!timer.task.empty()) {
            add(key + ".task", timer.task);
        }
        add(key + ".requested", timer.requested);
        add(key + ".expires", timer.bucketExpiry);
        add(key + ".level", timer.level);
        add(key + ".bucket", timer.bucket);
    }
}

void StateLines::broadcast(const BroadcastRow& row)
{
    add("broadcast.device", orNone(row.device));
    if (row.mode) { // whoever saw the mode saw the masks too; sysfs shows neither
        add("broadcast.mode", *row.mode);
        add("broadcast.periodic_cpus", row.periodicMask);
        add("broadcast.oneshot_cpus", row.oneshotMask);
    }
}

void StateLines::device(const ClockEventRow& row, const std::string& prefix)
{
    add(prefix + ".name", row.name);
    add(prefix + ".role", row.role);
    if (row.alsoBroadcasts) {
        add(prefix + ".also_broadcasts", row.alsoBroadcasts);
    }
    add(prefix + ".cpu", row.cpu);
    add(prefix + ".state", row.state);
    add(prefix + ".rating", row.rating);
    addHex(prefix + ".features", row.features);
    add(prefix + ".mult", row.mult);
    add(prefix + ".shift", row.shift);
    add(prefix + ".min_delta_ns", row.minDelta);
    add(prefix + ".max_delta_ns", row.maxDelta);
    add(prefix + ".next_event", row.nextEvent);
    if (!row.handler.empty()) {
        add(prefix + ".handler", row.handler);
    }
    add(prefix + ".retries", row.retries);
}

void StateLines::notices(const Snapshot& snapshot)
{
    add("unknown_lines", snapshot.unknownLines.size());
    add("notices", snapshot.notices.size());
    for (std::size_t i = 0; i < snapshot.notices.size(); ++i) {
        add(fmt::format("notice.{}.severity", i), snapshot.notices[i].severity);
        add(fmt::format("notice.{}.text", i), snapshot.notices[i].text);
    }
}

} // namespace

std::string stateText(const Snapshot& snapshot)
{
    const StateLines state{snapshot};
    std::string out;
    for (const auto& [key, value] : state.lines()) {
        out += fmt::format("{} {}\n", key, value);
    }
    return out;
}

std::optional<std::string> stateValue(const Snapshot& snapshot, std::string_view key)
{
    const StateLines state{snapshot};
    const auto found = std::ranges::find(state.lines(), key, &StateLines::Line::first);
    return found != state.lines().end() ? std::optional{found->second} : std::nullopt;
}

} // namespace timerscope
