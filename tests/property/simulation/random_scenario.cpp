// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/property/simulation/random_scenario.h"

#include "engine/base/cpu_mask.h"
#include "tests/property/simulation/random_machine.h"
#include "tests/property/simulation/random_task.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace timerscope::test {

namespace {

constexpr Ns ms{1'000'000};

/// Draws what happens, step by step.
class Author
{
public:
    explicit Author(std::uint64_t seed)
        : m_random(seed)
    {
        m_made.seed = seed;
    }

    RandomScenario write()
    {
        RandomMachine machine = randomMachine(m_random);
        Scenario& scenario = m_made.scenario;
        scenario.name = fmt::format("seed-{}", m_made.seed);
        scenario.file = scenario.name;
        scenario.title = scenario.name;
        scenario.machine = std::move(machine.config);
        scenario.devices = std::move(machine.devices);
        m_period = scenario.machine.tickRate.period();
        boot();
        // What a run costs grows with the number of ticks of all CPUs.
        const std::int64_t most
            = std::clamp<std::int64_t>(24'000 / scenario.machine.cpus, 300, 4000);
        const Ns length = ms * m_random.between(60, most);
        scenario.end = m_booted + length;
        addTimers();
        const auto steps = m_random.magnitude(2, 60);
        for (std::int64_t i = 0; i < steps; ++i) {
            m_at = m_booted + Ns{m_random.between(0, (length * 9 / 10).count())};
            addStep();
        }
        std::ranges::stable_sort(scenario.steps, {}, &Step::at);
        placeTasks();
        for (unsigned line = 0; Step & step : scenario.steps) {
            step.line = ++line;
        }
        std::ranges::stable_sort(m_made.timerSteps, {}, &TimerStep::at);
        return std::move(m_made);
    }

private:
    void add(StepAction action)
    {
        m_made.scenario.steps.push_back({.at = m_at, .action = std::move(action), .line = 0});
    }

    void boot()
    {
        add(step::Boot{.stage = BootStage::TimeInit, .devices = {"first"}});
        m_at += Ns{m_random.between(1, 3) * m_period.count()};
        if (m_random.chance(30)) {
            add(step::Boot{.stage = BootStage::CalibrateDelay, .devices = {}});
        }
        m_at += 2 * m_period;
        add(step::Boot{.stage = BootStage::InitJiffiesClocksource, .devices = {}});
        m_at += 3 * m_period;
        add(step::Boot{.stage = BootStage::ClocksourceDoneBooting, .devices = {}});
        m_booted = m_at + 20 * m_period; // calibrate_delay takes its ticks
    }

    void addTimers()
    {
        const auto hrtimers = m_random.between(1, 10);
        for (std::int64_t i = 0; i < hrtimers; ++i) {
            m_made.hrtimers.push_back(
                {.clock = m_random.pick({HrtimerClock::Monotonic, HrtimerClock::Monotonic,
                                         HrtimerClock::Realtime, HrtimerClock::Boottime,
                                         HrtimerClock::Tai}),
                 .isSoft = m_random.chance(30),
                 .isPinned = m_random.chance(40)});
        }
        const auto wheelTimers = m_random.between(1, 10);
        for (std::int64_t i = 0; i < wheelTimers; ++i) {
            m_made.wheelTimers.push_back(
                {.flags = m_random.pick<std::uint8_t>(
                     {0, 0, 0, timer_flag::pinned, timer_flag::irqSafe, timer_flag::deferrable})});
        }
        const auto uses = m_random.magnitude(8, 200);
        const std::int64_t span = (m_made.scenario.end - m_booted).count();
        for (std::int64_t i = 0; i < uses; ++i) {
            m_at = m_booted + Ns{m_random.between(0, span * 9 / 10)};
            useTimer();
        }
    }

    void useTimer()
    {
        using Act = TimerStep::Act;
        TimerStep use{.at = m_at, .cpu = anyCpu(), .isHrtimer = m_random.chance(50)};
        use.timer
            = m_random.below(use.isHrtimer ? m_made.hrtimers.size() : m_made.wheelTimers.size());
        use.act = m_random.pick({Act::Arm, Act::Arm, Act::Arm, Act::Arm, Act::Cancel, Act::Reduce});
        use.delay = Ns{m_random.magnitude(1000, 3'000'000'000)};
        use.slack = m_random.chance(40) ? Ns{m_random.magnitude(1, 5'000'000)} : Ns::zero();
        use.repeats = m_random.chance(30) ? static_cast<unsigned>(m_random.between(1, 20)) : 0;
        m_made.timerSteps.push_back(use);
    }

    void addStep()
    {
        const auto kind = m_random.below(100);
        if (kind < 30) {
            addWorkload();
        } else if (kind < 45) {
            addHotplug();
        } else if (kind < 58) {
            addDevice();
        } else if (kind < 66) {
            unbindDevice();
        } else if (kind < 78) {
            addClocksourceStep();
        } else if (kind < 83) {
            setClock();
        } else if (kind < 86) {
            add(step::Suspend{.duration = Ns{m_random.magnitude(1000, 20'000'000'000)}});
        } else {
            addFault();
        }
    }

    unsigned anyCpu()
    {
        return static_cast<unsigned>(m_random.below(m_made.scenario.machine.cpus));
    }
    const DeviceDescription& anyDevice() { return m_random.of(m_made.scenario.devices); }

    std::string newTask() { return fmt::format("task{}", ++m_tasks); }

    void addWorkload()
    {
        if (m_random.chance(60)) {
            addTask();
            return;
        }
        add(step::StartWorkload{
            .kind = m_random.pick({step::WorkloadKind::Sleep, step::WorkloadKind::Timeout}),
            .task = newTask(),
            .function = {},
            .period = Ns{m_random.magnitude(100'000, 500'000'000)},
            .slack = m_random.chance(50) ? Ns{50'000} : Ns::zero(),
            .count = static_cast<std::uint64_t>(m_random.magnitude(1, 300)),
            .cpu = anyCpu(),
            .soft = m_random.chance(20)});
    }

    /// A process, and what it asks of the kernel later on.
    void addTask()
    {
        const std::string name = newTask();
        add(randomTask(m_random, name, anyCpu()));
        const TraceInstant started = m_at;
        const auto calls = m_random.chance(50) ? m_random.between(1, 4) : 0;
        for (std::int64_t i = 0; i < calls; ++i) {
            const Ns left = m_made.scenario.end - started;
            m_at = started + Ns{m_random.between(1, std::max<std::int64_t>(left.count(), 1))};
            add(randomCall(m_random, name));
        }
    }

    /// No task can be started on a CPU that is offline at that time.
    void placeTasks()
    {
        CpuMask online = CpuMask::firstOf(m_made.scenario.machine.cpus);
        const auto place = [&](unsigned& cpu) { cpu = online.has(cpu) ? cpu : 0; };
        for (Step& step : m_made.scenario.steps) {
            if (const auto* hotplug = std::get_if<step::SetCpuOnline>(&step.action)) {
                if (hotplug->online) {
                    online.add(hotplug->cpu);
                } else if (hotplug->cpu != 0) {
                    online.remove(hotplug->cpu);
                }
            } else if (auto* workload = std::get_if<step::StartWorkload>(&step.action)) {
                place(workload->cpu);
            } else if (auto* task = std::get_if<step::StartTask>(&step.action)) {
                place(task->task.cpu);
            }
        }
    }

    void addHotplug()
    {
        const unsigned cpu = anyCpu();
        add(step::SetCpuOnline{.cpu = cpu, .online = m_random.chance(50)});
    }

    void addDevice()
    {
        const DeviceDescription& device = anyDevice();
        if (device.name == "first") {
            return; // the boot has probed it
        }
        if (device.driver.module.empty()) {
            if (std::ranges::find(m_probed, device.name) == m_probed.end()) {
                m_probed.push_back(device.name);
                add(step::Probe{.device = device.name});
            }
        } else if (m_random.chance(60)) {
            add(step::LoadModule{.module = device.driver.module});
        } else {
            add(step::UnloadModule{.module = device.driver.module});
        }
    }

    void unbindDevice()
    {
        const DeviceDescription& device = anyDevice();
        if (device.events.empty()) {
            return;
        }
        const std::string name = device.events.front().name;
        if (m_random.chance(30)) {
            add(step::RegisterClockEvent{.device = name});
            return;
        }
        add(step::WriteSysfs{
            .file = fmt::format("clockevents/clockevent{}/unbind_device", anyCpu()), .text = name});
    }

    void addClocksourceStep()
    {
        const DeviceDescription& device = anyDevice();
        if (device.counters.empty()) {
            return;
        }
        const std::string& name = device.counters.front().name;
        switch (m_random.below(5)) {
        case 0:
            add(step::RegisterClocksource{.clocksource = name});
            break;
        case 1:
            add(step::UnregisterClocksource{.clocksource = name});
            break;
        case 2:
            add(step::ChangeRating{.clocksource = name,
                                   .rating = static_cast<int>(m_random.between(1, 500))});
            break;
        case 3:
            add(step::WriteSysfs{.file = "clocksource/clocksource0/current_clocksource",
                                 .text = name});
            break;
        default:
            add(step::WriteSysfs{.file = "clocksource/clocksource0/unbind_clocksource",
                                 .text = name});
        }
    }

    void setClock()
    {
        if (m_random.chance(60)) {
            add(step::SetTime{
                .to = RealtimeInstant{Ns{m_random.between(1, 2'000'000'000) * nsPerSecond}}});
            return;
        }
        Timex timex;
        timex.modes = timex_mode::frequency;
        timex.frequency = m_random.between(-500, 500) * 65'536;
        add(step::Adjtimex{.request = timex});
    }

    void addFault()
    {
        const DeviceDescription& device = anyDevice();
        InjectedFault fault{.target = {}, .effect = FaultEffect::Pause, .amount = 0};
        std::string kind = "pause";
        if (!device.counters.empty() && m_random.chance(55)) {
            kind = counterFault(fault, device.counters.front().name);
        } else if (!device.events.empty() && m_random.chance(75)) {
            kind = channelFault(fault, m_random.of(device.events).name);
        } else {
            fault.amount = m_random.magnitude(1000, 200'000'000);
        }
        add(step::InjectFault{.fault = std::move(fault), .kind = std::move(kind)});
    }

    std::string counterFault(InjectedFault& fault, const std::string& name)
    {
        fault.target = name;
        fault.duration = Ns{m_random.magnitude(10'000, 500'000'000)};
        switch (m_random.below(4)) {
        case 0:
            fault.effect = FaultEffect::Drift;
            fault.amount = m_random.between(-10'000, 10'000);
            return "drift";
        case 1:
            fault.effect = FaultEffect::Jump;
            fault.amount = m_random.magnitude(10, 50'000'000);
            fault.duration = Ns::zero();
            return "jump";
        case 2:
            fault.effect = FaultEffect::Stop;
            fault.duration = Ns{m_random.magnitude(1000, 20'000'000)};
            return "stop";
        default:
            fault.effect = FaultEffect::SlowRead;
            fault.amount = m_random.magnitude(10, 1000);
            return "slow-read";
        }
    }

    std::string channelFault(InjectedFault& fault, const std::string& name)
    {
        fault.target = name;
        if (m_random.chance(50)) {
            fault.effect = FaultEffect::LostInterrupt;
            fault.amount = m_random.between(1, 3);
            return "lost-interrupt";
        }
        fault.effect = FaultEffect::LateInterrupt;
        fault.amount = m_random.magnitude(100, 5'000'000);
        fault.duration = Ns{m_random.magnitude(10'000, 500'000'000)};
        return "late-interrupt";
    }

    Random m_random;
    RandomScenario m_made;
    Ns m_period{};
    TraceInstant m_at;
    TraceInstant m_booted;
    unsigned m_tasks = 0;
    std::vector<std::string> m_probed;
};

} // namespace

RandomScenario randomScenario(std::uint64_t seed)
{
    return Author(seed).write();
}

} // namespace timerscope::test
