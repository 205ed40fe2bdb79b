// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/property/simulation/simulation.h"

#include "engine/scenario/step_action.h"
#include "engine/trace/record_schema.h"
#include "tests/property/simulation/random_scenario.h"
#include "tests/property/simulation/state_check.h"
#include "tests/support/machine_bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <utility>

namespace timerscope::test {

namespace {

/// Beyond what a machine hands out itself.
constexpr std::uint32_t firstTimerId = 1'000'000;

std::string fieldText(const TraceLog& log, const FieldSchema& field, std::int64_t value)
{
    if (field.type == FieldType::Absent) {
        return {};
    }
    if (field.type == FieldType::Text) {
        return fmt::format(" {}={}", field.name, log.string(static_cast<std::uint32_t>(value)));
    }
    return fmt::format(" {}={}", field.name, value);
}

/// The last @p count records, a line each.
std::string storyOf(const TraceLog& log, std::size_t count)
{
    std::string story;
    for (std::size_t i = log.size() - std::min(count, log.size()); i < log.size(); ++i) {
        const TraceRecord& record = log[i];
        const RecordSchema& schema = schemaOf(record.kind);
        story += fmt::format("{} cpu{} {}{}{}{}{}\n", nsOf(record.at), record.cpu, schema.name,
                             fieldText(log, schema.subject, record.subject),
                             fieldText(log, schema.a, record.a), fieldText(log, schema.b, record.b),
                             fieldText(log, schema.flags, record.flags));
    }
    return story;
}

/// A timer of the test, whose function arms it again as often as its user asked.
struct OwnTimer
{
    std::unique_ptr<Hrtimer> hrtimer;
    std::unique_ptr<WheelTimer> wheel;
    Ns delay{};
    unsigned repeats = 0;
    bool isKnown = false; ///< to the kernel

    /// What its function is to do once it fires.
    void expect(const TimerStep& step)
    {
        delay = step.delay;
        repeats = step.repeats;
    }
};

/// Lets one scenario run.
class Simulation
{
public:
    explicit Simulation(RandomScenario made)
        : m_made(std::move(made))
        , m_hardware(hardwareFor(m_made.scenario.devices, m_made.scenario.machine.cpus))
        , m_machine(Machine::powerOn(m_made.scenario.machine, m_hardware, m_log).value())
        , m_disturbances(m_made)
        , m_records(m_log, m_disturbances, m_made.scenario.machine.tickRate)
        , m_states(m_records, m_disturbances)
    {
        makeTimers();
    }

    SimulationResult run(std::size_t recordsTold)
    {
        const TraceInstant booted = bootEnd();
        std::size_t nextTimerStep = 0;
        std::size_t nextStep = 0;
        TraceInstant nextLook = booted;
        while (!isOver()) {
            const TraceInstant now = m_machine->now();
            if (now >= m_made.scenario.end) {
                break;
            }
            if (nextTimerStep < m_made.timerSteps.size()
                && m_made.timerSteps[nextTimerStep].at <= now) {
                carryOut(m_made.timerSteps[nextTimerStep++]);
                serveDue(); // interrupts come in between
                continue;
            }
            const bool hasStep = nextStep < m_made.scenario.steps.size();
            const TraceInstant stepAt
                = hasStep ? m_made.scenario.steps[nextStep].at : never<TraceClock>;
            if (stepAt <= now) {
                carryOutStep(m_made.scenario.steps[nextStep++], booted);
                continue;
            }
            if (now >= nextLook) {
                look();
                nextLook = m_machine->now() + m_lookEvery;
            }
            TraceInstant limit = std::min({stepAt, nextLook, m_made.scenario.end});
            if (nextTimerStep < m_made.timerSteps.size()) {
                limit = std::min(limit, m_made.timerSteps[nextTimerStep].at);
            }
            waitUntil(limit);
        }
        if (!isOver()) {
            look();
        }
        return result(recordsTold);
    }

private:
    void makeTimers()
    {
        std::uint32_t id = firstTimerId;
        for (const HrtimerPlan& plan : m_made.hrtimers) {
            OwnTimer& own = m_hrtimers.emplace_back();
            own.hrtimer = std::make_unique<Hrtimer>(
                id++, plan.clock, plan.isSoft, "own_hrtimer", [this, &own](Hrtimer& timer) {
                    if (own.repeats == 0) {
                        return HrtimerRestart::No;
                    }
                    --own.repeats;
                    HrtimerCpuBase& base = m_machine->cpus().current().hrtimers();
                    timer.forward(base.clockNow(timer), std::max(own.delay, Ns{20'000}), Ns{1});
                    return HrtimerRestart::Yes;
                });
        }
        for (const WheelTimerPlan& plan : m_made.wheelTimers) {
            OwnTimer& own = m_wheelTimers.emplace_back();
            own.wheel = std::make_unique<WheelTimer>(
                id++, "own_timer",
                [this, &own](WheelTimer& timer) {
                    if (own.repeats > 0) {
                        --own.repeats;
                        m_machine->cpus().current().wheel().modify(timer, jiffiesAfter(own.delay),
                                                                   m_machine->jiffies().now());
                    }
                },
                plan.flags);
        }
    }

    [[nodiscard]] Jiffies jiffiesAfter(Ns delay) const
    {
        const auto ticks
            = static_cast<std::uint64_t>(delay / m_made.scenario.machine.tickRate.period());
        return Jiffies{m_machine->jiffies().now().count + ticks};
    }

    void carryOut(const TimerStep& step)
    {
        if (!m_machine->cpus().onlineCpus().has(step.cpu)) {
            return;
        }
        m_machine->cpus().runOn(step.cpu, [&] {
            if (step.isHrtimer) {
                useHrtimer(step);
            } else {
                useWheelTimer(step);
            }
        });
        m_machine->settle();
        m_records.read();
    }

    void useHrtimer(const TimerStep& step)
    {
        OwnTimer& own = m_hrtimers[step.timer];
        HrtimerCpuBase& base = m_machine->cpu(step.cpu).hrtimers();
        if (!std::exchange(own.isKnown, true)) {
            base.init(*own.hrtimer);
        }
        if (step.act == TimerStep::Act::Cancel) {
            base.cancel(*own.hrtimer);
            return;
        }
        own.expect(step);
        const bool isPinned = m_made.hrtimers[step.timer].isPinned;
        const std::uint8_t mode = static_cast<std::uint8_t>(
            (isPinned ? hrtimer_mode::pinned : 0)
            | (own.hrtimer->isSoft() ? hrtimer_mode::soft : hrtimer_mode::hard));
        base.start(*own.hrtimer, base.clockNow(*own.hrtimer) + step.delay, step.slack, mode);
    }

    void useWheelTimer(const TimerStep& step)
    {
        OwnTimer& own = m_wheelTimers[step.timer];
        TimerWheel& wheel = m_machine->cpu(step.cpu).wheel();
        if (!std::exchange(own.isKnown, true)) {
            wheel.init(*own.wheel);
        }
        if (step.act == TimerStep::Act::Cancel) {
            wheel.remove(*own.wheel);
            return;
        }
        own.expect(step);
        const Jiffies now = m_machine->jiffies().now();
        if (step.act == TimerStep::Act::Reduce) {
            wheel.reduce(*own.wheel, jiffiesAfter(step.delay), now);
        } else {
            wheel.modify(*own.wheel, jiffiesAfter(step.delay), now);
        }
    }

    void carryOutStep(const Step& step, TraceInstant booted)
    {
        const TraceInstant before = m_machine->now();
        if (const auto* inject = std::get_if<step::InjectFault>(&step.action)) {
            m_disturbances.fault(inject->fault, before, victimsOf(inject->fault.target));
        }
        if (const auto* adjust = std::get_if<step::Adjtimex>(&step.action)) {
            m_disturbances.clockRateSet(Ns{std::abs(adjust->request.frequency) / 65'536});
        }
        mayFault(step);
        std::size_t failedExpectations = 0;
        const ScenarioRun::ValueReader readNothing;
        const StepContext context{.machine = *m_machine,
                                  .scenario = m_made.scenario,
                                  .readValue = readNothing,
                                  .failedExpectations = failedExpectations};
        if (auto done = timerscope::carryOut(step, context); !done) {
            m_records.violate(m_machine->now(), done.error().what);
        }
        m_disturbances.block(before, m_machine->now());
        if (std::holds_alternative<step::SetTime>(step.action)
            || std::holds_alternative<step::Suspend>(step.action)) {
            m_records.clockWasSet(m_machine->now());
        }
        m_records.read();
        if (m_machine->now() >= booted && !isOver()) {
            serveDue();
            look();
        }
    }

    /// Who waits for the interrupts of the channel: a fault strikes the first of its name.
    [[nodiscard]] CpuMask victimsOf(const std::string& channel) const
    {
        const Snapshot now = m_machine->snapshot();
        if (now.broadcast && now.broadcast->device == channel) {
            return CpuMask::firstOf(m_machine->cpus().count());
        }
        for (const CpuRow& cpu : now.cpus) {
            if (cpu.tickDevice == channel || cpu.wakeupDevice == channel) {
                return CpuMask::of(cpu.index);
            }
        }
        return {};
    }

    /// Whether the scenario is to blame for @p fault.
    [[nodiscard]] bool isEntitled(const KernelFault& fault) const
    {
        const bool stands = fault.kind == FaultKind::Hang
            && m_disturbances.isAnyDead(TraceInstant{}, m_machine->now());
        return m_mayFault || stands;
    }

    void mayFault(const Step& step)
    {
        m_mayFault = m_mayFault || std::holds_alternative<step::UnloadModule>(step.action)
            || std::holds_alternative<step::RegisterClockEvent>(step.action);
    }

    /// True when an interrupt was served before @p limit.
    bool waitUntil(TraceInstant limit)
    {
        const auto ran = m_machine->runOnce(limit);
        if (!ran) {
            m_records.violate(m_machine->now(), ran.error().what);
        }
        m_records.read();
        return ran.value_or(false);
    }

    void serveDue()
    {
        // Where interrupts take longer than until the next one there is no end.
        constexpr int most = 2 * CpuMask::capacity;
        const TraceInstant due = m_machine->now();
        for (int served = 0; served < most && !isOver() && waitUntil(due); ++served) { }
    }

    void look() { m_states.look(m_machine->snapshot()); }

    [[nodiscard]] TraceInstant bootEnd() const
    {
        TraceInstant end;
        for (const Step& step : m_made.scenario.steps) {
            if (std::holds_alternative<step::Boot>(step.action)) {
                end = step.at;
            }
        }
        return end + 20 * m_made.scenario.machine.tickRate.period();
    }

    [[nodiscard]] bool isOver() const
    {
        return m_records.violation().has_value() || m_machine->fault().has_value();
    }

    SimulationResult result(std::size_t recordsTold)
    {
        m_records.read();
        if (const auto& fault = m_machine->fault(); fault && !isEntitled(*fault)) {
            m_records.violate(fault->at, "the kernel dies: " + fault->text);
        }
        return {.seed = m_made.seed,
                .fingerprint = fingerprint(m_log, m_log.size()),
                .records = m_log.size(),
                .expiries = m_records.expiries(),
                .endedEarly = m_machine->fault().has_value(),
                .violation = m_records.violation(),
                .story = storyOf(m_log, recordsTold)};
    }

    RandomScenario m_made;
    TraceLog m_log;
    std::deque<OwnTimer> m_hrtimers; // they outlive the machine, which may have them queued
    std::deque<OwnTimer> m_wheelTimers;
    SimulatedHardware m_hardware;
    std::unique_ptr<Machine> m_machine;
    Disturbances m_disturbances;
    RecordCheck m_records;
    StateCheck m_states;
    Ns m_lookEvery{7'300'000}; // no multiple of a tick
    bool m_mayFault = false;
};

} // namespace

SimulationResult simulate(std::uint64_t seed, std::size_t recordsTold)
{
    return Simulation(randomScenario(seed)).run(recordsTold);
}

std::string failureText(const SimulationResult& result)
{
    const Violation& violation = *result.violation;
    return fmt::format("seed {} breaks at {} ns: {}\n  again: packaging/soak.sh --first {} "
                       "--seeds 1",
                       result.seed, nsOf(violation.at), violation.what, result.seed);
}

std::string scenarioText(std::uint64_t seed)
{
    const RandomScenario made = randomScenario(seed);
    const MachineConfig& config = made.scenario.machine;
    std::string text = fmt::format("{} CPUs, HZ {}, \"{}\"\n", config.cpus, config.tickRate.hz,
                                   config.commandLine);
    for (const DeviceDescription& device : made.scenario.devices) {
        text += fmt::format("device {} module \"{}\"\n", device.name, device.driver.module);
        for (const CounterDescription& counter : device.counters) {
            text += fmt::format("  counter {} {} Hz {} bits rating {}\n", counter.name,
                                counter.rate.value, counter.bits, counter.rating);
        }
        for (const EventDescription& event : device.events) {
            text += fmt::format("  event {} {} Hz rating {} features {:#x}{}\n", event.name,
                                event.rate.value, event.rating, event.features,
                                event.perCpu ? " per CPU" : "");
        }
    }
    for (const Step& step : made.scenario.steps) {
        text += fmt::format("{} {}\n", nsOf(step.at), keywordOf(step.action));
    }
    return text;
}

} // namespace timerscope::test
