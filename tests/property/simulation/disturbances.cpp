// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/property/simulation/disturbances.h"

#include <algorithm>
#include <string_view>

namespace timerscope::test {

namespace {

/// The most that one read of any counter takes, slow-read faults included.
Ns longestRead(const Scenario& scenario)
{
    Ns longest{};
    for (const DeviceDescription& device : scenario.devices) {
        for (const CounterDescription& counter : device.counters) {
            longest = std::max(longest, counter.readCost);
        }
    }
    Ns slow{};
    for (const Step& step : scenario.steps) {
        const auto* const inject = std::get_if<step::InjectFault>(&step.action);
        if (inject != nullptr && inject->fault.effect == FaultEffect::SlowRead) {
            slow = std::max(slow, Ns{inject->fault.amount});
        }
    }
    return longest + slow;
}

/// How far a device may fire from when it was asked to: its shortest delta (at least 1 us, the
/// kernel's own), and a tick of its counter on either side.
Ns coarsestDevice(const Scenario& scenario)
{
    Ns coarsest{1000};
    for (const DeviceDescription& device : scenario.devices) {
        for (const EventDescription& event : device.events) {
            const auto ticks = static_cast<std::int64_t>(event.minTicks + 2);
            coarsest = std::max(
                coarsest, Ns{ticks * nsPerSecond / static_cast<std::int64_t>(event.rate.value)});
        }
    }
    return coarsest;
}

Ns deepestLatency(const MachineConfig& machine)
{
    return machine.idleStates.empty() ? Ns::zero() : machine.idleStates.back().exitLatency;
}

/// The timers of all tasks and connections.
std::int64_t timersOfTasks(const Scenario& scenario)
{
    std::int64_t timers = 0;
    for (const Step& step : scenario.steps) {
        ++timers;
        if (const auto* start = std::get_if<step::StartTask>(&step.action)) {
            timers += start->task.routine == TaskRoutine::Burst ? start->task.timers : 0;
        }
    }
    return timers;
}

/// How far a clock may be behind the time: one step of the slowest counter.
Ns coarsestClock(const Scenario& scenario)
{
    Ns coarsest{1};
    for (const DeviceDescription& device : scenario.devices) {
        for (const CounterDescription& counter : device.counters) {
            coarsest = std::max(
                coarsest, Ns{nsPerSecond / static_cast<std::int64_t>(counter.rate.value) + 1});
        }
    }
    return coarsest;
}

/// What can be ahead of a due timer while the CPUs take turns: each CPU's interrupt with its way
/// into and out of idle, every timer's function, and the reads of the clock that these need.
Ns longestWork(const RandomScenario& made)
{
    const Scenario& scenario = made.scenario;
    const CostModel& cost = scenario.machine.cost;
    const Ns read = longestRead(scenario);
    const auto cpus = static_cast<std::int64_t>(scenario.machine.cpus);
    const auto timers = static_cast<std::int64_t>(made.hrtimers.size() + made.wheelTimers.size())
        + timersOfTasks(scenario);
    constexpr int readsOfInterrupt = 10;
    constexpr int readsOfFunction = 8;
    constexpr int wakeUps = 4; // of each CPU: steps, and interrupts one after the other
    return wakeUps * cpus * deepestLatency(scenario.machine)
        + 2 * cpus * (cost.interrupt + cost.callback + readsOfInterrupt * read)
        + timers * (cost.interrupt + cost.callback + readsOfFunction * read)
        + 3 * coarsestDevice(scenario) + 2 * coarsestClock(scenario);
}

bool hasOption(const RandomScenario& made, std::string_view name)
{
    return made.scenario.machine.commandLine.find(name) != std::string::npos;
}

Ns overlap(TraceInstant from, TraceInstant until, TraceInstant begin, TraceInstant end)
{
    return std::max(Ns::zero(), std::min(until, end) - std::max(from, begin));
}

} // namespace

Disturbances::Disturbances(const RandomScenario& scenario)
    : m_tick(scenario.scenario.machine.tickRate.period())
    , m_hasFullNohz(hasOption(scenario, "nohz_full"))
    , m_work(longestWork(scenario))
{
    for (const DeviceDescription& device : scenario.scenario.devices) {
        for (const EventDescription& event : device.events) {
            m_rates[event.name] = static_cast<std::int64_t>(event.rate.value);
            if (event.perCpu) {
                m_perCpu.insert(event.name);
            }
        }
    }
    if (hasOption(scenario, "skew_tick")) {
        m_tick += m_tick / 2; // skew_tick=1 spreads them over half a tick
    }
}

Ns Disturbances::spanOf(const std::string& device, std::int64_t ticks) const
{
    const auto rate = m_rates.find(device);
    return rate == m_rates.end() ? Ns::zero() : Ns{ticks * nsPerSecond / rate->second};
}

void Disturbances::block(TraceInstant from, TraceInstant until)
{
    m_blocked.push_back({.from = from, .until = until});
}

void Disturbances::fault(const InjectedFault& fault, TraceInstant at, CpuMask cpus)
{
    const TraceInstant end
        = fault.duration == Ns::zero() ? never<TraceClock> : addSaturating(at, fault.duration);
    switch (fault.effect) {
    case FaultEffect::Drift:
        ++m_counterFaults;
        m_drifts.push_back({.from = at, .until = end, .amount = Ns{std::abs(fault.amount)}});
        break;
    case FaultEffect::Jump:
        ++m_counterFaults;
        m_jumps.push_back({.from = at, .until = at, .amount = Ns{fault.amount}});
        break;
    case FaultEffect::Stop:
        ++m_counterFaults;
        block(at, end);
        break;
    case FaultEffect::LateInterrupt:
        m_late.push_back({.from = at,
                          .until = addSaturating(end, Ns{fault.amount}),
                          .amount = Ns{fault.amount}});
        break;
    case FaultEffect::LostInterrupt:
        m_losses.push_back({.device = fault.target,
                            .cpus = cpus,
                            .from = at,
                            .until = cpus.isEmpty() ? at : never<TraceClock>,
                            .isPutOff = cpus.isEmpty()});
        break;
    case FaultEffect::SlowRead:
    case FaultEffect::TornRead:
    case FaultEffect::Pause:
        break; // the first counts as work, the last blocks while it is injected
    }
}

template<typename Predicate>
void Disturbances::endLosses(TraceInstant until, Predicate&& isMeant)
{
    for (Loss& loss : m_losses) {
        if (loss.until == never<TraceClock> && isMeant(loss)) {
            loss.until = until;
        }
    }
}

void Disturbances::interruptCame(unsigned cpu, const std::string& device, TraceInstant at)
{
    endLosses(addSaturating(at, m_tick), [&](const Loss& loss) {
        return !loss.isForWantOfHandler && loss.cpus.has(cpu) && loss.device == device;
    });
}

void Disturbances::dependOn(CpuMask cpus, const std::string& device, TraceInstant at)
{
    const CpuMask struck = m_perCpu.contains(device) ? cpus & CpuMask::of(0) : cpus;
    for (Loss& loss : m_losses) {
        if (loss.device == device && loss.isPutOff && !struck.isEmpty()) {
            loss.cpus = struck;
            loss.from = at;
            loss.until = never<TraceClock>;
            loss.isPutOff = false;
        }
    }
}

void Disturbances::tickDeviceCame(unsigned cpu, const std::string& device, TraceInstant at)
{
    // What was the matter with the one before does not matter now.
    for (Loss& loss : m_losses) {
        if (loss.cpus == CpuMask::of(cpu) && loss.device != device
            && loss.until == never<TraceClock>) {
            loss.until = addSaturating(at, m_tick);
            loss.isPutOff = !loss.isForWantOfHandler;
        }
    }
    dependOn(CpuMask::of(cpu), device, at);
    m_losses.push_back(
        {.device = device, .cpus = CpuMask::of(cpu), .from = at, .isForWantOfHandler = true});
}

void Disturbances::handlerCame(unsigned cpu, const std::string& device, TraceInstant at)
{
    const auto isMeant = [&](const Loss& loss) {
        return loss.isForWantOfHandler && loss.cpus.has(cpu) && loss.device == device;
    };
    endLosses(at, isMeant);
    // Mostly at the same moment: then there was none.
    std::erase_if(m_losses, [&](const Loss& loss) { return isMeant(loss) && loss.from == at; });
}

std::optional<Ns> Disturbances::allowed(unsigned cpu, TraceInstant asked, TraceInstant at,
                                        Ns late) const
{
    const TraceInstant due = at - late;
    for (const Loss& loss : m_losses) {
        if (loss.cpus.has(cpu) && loss.from <= at && loss.until >= due) {
            return std::nullopt;
        }
    }
    constexpr std::int64_t roundedPpm = 200; // the rates of clock and device are
    Ns sum = m_work + (at - asked) * (roundedPpm + m_clockPpm.count()) / 1'000'000;
    for (const Window& window : m_blocked) {
        sum += overlap(window.from, window.until, due, at);
    }
    for (const Window& window : m_late) {
        if (window.from <= at && window.until >= due) {
            sum += 2 * window.amount; // it may be programmed anew while it is late
        }
    }
    for (const Window& window : m_drifts) {
        const Ns drifted = overlap(window.from, window.until, asked, at);
        sum += Ns{drifted.count() / 1'000'000 * window.amount.count()} + Ns{window.amount.count()};
    }
    for (const Window& window : m_jumps) {
        sum += window.from >= asked && window.from <= at ? window.amount : Ns::zero();
    }
    return sum;
}

bool Disturbances::isAnyDead(TraceInstant from, TraceInstant until) const
{
    return std::ranges::any_of(
        m_losses, [&](const Loss& loss) { return loss.from <= until && loss.until >= from; });
}

} // namespace timerscope::test
