// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/scenario/step_action.h"

#include "engine/base/time_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <vector>

namespace timerscope {

namespace {

Result<const DeviceDescription*> deviceNamed(const Scenario& scenario, std::string_view name)
{
    const auto found = std::ranges::find(scenario.devices, name, &DeviceDescription::name);
    if (found == scenario.devices.end()) {
        return fail(ErrorCode::NotFound,
                    fmt::format("device \"{}\" is not among the scenario's devices", name));
    }
    return &*found;
}

/// Who calls a stage of the boot, outermost first.
std::span<const std::string_view> callersOf(BootStage stage)
{
    static constexpr std::array<std::string_view, 1> early{"start_kernel"};
    static constexpr std::array<std::string_view, 3> late{"kernel_init", "kernel_init_freeable",
                                                          "do_basic_setup"};
    if (stage < BootStage::SmpInit) {
        return early;
    }
    // Bringing up the CPUs comes before the initcalls.
    return stage == BootStage::SmpInit ? std::span(late).first(2) : std::span(late);
}

/// One kind of step each; the context is what they share.
class Carrier
{
public:
    Carrier(const Step& step, const StepContext& context)
        : m_step(step)
        , m_context(context)
    {
    }

    Result<void> operator()(const step::Boot& boot)
    {
        note(fmt::format("boot {}", timerscope::nameOf(boot.stage)));
        const CallChain callers(machine().tracer(), callersOf(boot.stage));
        const CallSpan span(machine().tracer(), timerscope::nameOf(boot.stage));
        switch (boot.stage) {
        case BootStage::InitTimers:
        case BootStage::HrtimersInit:
            break; // wheels and bases are empty until somebody may arm a timer: checkBootOrder()
        case BootStage::TimekeepingInit:
            machine().timekeepingInit();
            break;
        case BootStage::TimeInit:
            return timeInit(boot);
        case BootStage::SchedClockInit:
            machine().schedClockInit();
            break;
        case BootStage::DummyTimerRegister:
            return probeAll(boot);
        case BootStage::CalibrateDelay:
            machine().calibrateDelay();
            break;
        case BootStage::SmpInit:
            machine().smpInit();
            break;
        case BootStage::InitJiffiesClocksource:
            machine().initJiffiesClocksource();
            break;
        case BootStage::ClocksourceDoneBooting:
            machine().clocksourceDoneBooting();
            break;
        }
        return {};
    }
    Result<void> operator()(const step::Probe& probe)
    {
        note(fmt::format("probe {}", probe.device));
        return probeDevice(probe.device);
    }
    Result<void> operator()(const step::LoadModule& load)
    {
        note(fmt::format("load {}", load.module));
        std::vector<const DeviceDescription*> devices;
        for (const DeviceDescription& device : m_context.scenario.devices) {
            if (device.driver.module == load.module) {
                devices.push_back(&device);
            }
        }
        const auto answer = machine().loadModule(load.module, devices);
        if (!answer) {
            return tl::unexpected<Error>(answer.error());
        }
        noteAnswer(*answer);
        return {};
    }
    Result<void> operator()(const step::UnloadModule& unload)
    {
        note(fmt::format("unload {}", unload.module));
        noteAnswer(machine().unloadModule(unload.module));
        return {};
    }
    Result<void> operator()(const step::OpenChannel& open)
    {
        return use("open", open.channel, &Machine::openChannel);
    }
    Result<void> operator()(const step::CloseChannel& close)
    {
        return use("close", close.channel, &Machine::closeChannel);
    }
    Result<void> operator()(const step::RegisterClocksource& wanted)
    {
        note(fmt::format("register {}", wanted.clocksource));
        noteAnswer(machine().registerClocksource(wanted.clocksource));
        return {};
    }
    Result<void> operator()(const step::UnregisterClocksource& wanted)
    {
        note(fmt::format("unregister {}", wanted.clocksource));
        noteAnswer(machine().unregisterClocksource(wanted.clocksource));
        return {};
    }
    Result<void> operator()(const step::RegisterClockEvent& wanted)
    {
        note(fmt::format("register_event {}", wanted.device));
        noteAnswer(machine().registerClockEvent(wanted.device));
        return {};
    }
    Result<void> operator()(const step::ChangeRating& change)
    {
        note(fmt::format("rating {} {}", change.clocksource, change.rating));
        noteAnswer(machine().changeRating(change.clocksource, change.rating));
        return {};
    }
    Result<void> operator()(const step::WriteSysfs& write)
    {
        note(fmt::format("write {} \"{}\"", write.file, write.text));
        const Errno answer = machine().writeSysfs(write.file, write.text);
        if (answer == Errno::Ok) {
            note(fmt::format("answered {}", write.text.size())); // write(2) took every byte
        }
        noteAnswer(answer);
        return {};
    }
    Result<void> operator()(const step::ReadSysfs& read)
    {
        const SysfsText shown = machine().readSysfs(read.file);
        // The kernel's newline is its file's end, not the story's.
        note(fmt::format("read {}: \"{}\"", read.file,
                         std::string_view(shown.text).substr(0, shown.text.find('\n'))));
        noteAnswer(shown.error);
        return {};
    }
    Result<void> operator()(const step::SetTime& set)
    {
        note(fmt::format("set_time {}", nsOf(set.to)));
        noteAnswer(machine().setTime(set.to));
        return {};
    }
    Result<void> operator()(const step::ProbeRtc& rtc)
    {
        note(fmt::format("rtc {}", rtc.device));
        if (!machine().probeRtc(rtc.device)) {
            return fail(ErrorCode::NotFound,
                        fmt::format("the machine has no RTC named \"{}\"", rtc.device));
        }
        return {};
    }
    Result<void> operator()(const step::Adjtimex& adjust)
    {
        Timex timex = adjust.request;
        note(fmt::format("adjtimex modes {:#x}", timex.modes));
        noteAnswer(machine().adjtimex(timex).error);
        return {};
    }
    Result<void> operator()(const step::Suspend& suspend)
    {
        note(fmt::format("suspend {}", timeText(suspend.duration)));
        const Result<Errno> answer = machine().suspend(suspend.duration);
        if (!answer) {
            return tl::unexpected(answer.error());
        }
        noteAnswer(*answer);
        return {};
    }
    Result<void> operator()(const step::SetCpuOnline& step)
    {
        note(fmt::format("cpu {} {}", step.cpu, step.online ? "online" : "offline"));
        noteAnswer(machine().setCpuOnline(step.cpu, step.online));
        return {};
    }
    Result<void> operator()(const step::InjectFault& step)
    {
        note(fmt::format("fault {} {} {}", step.fault.target, step.kind, step.fault.amount));
        return machine().inject(step.fault);
    }
    Result<void> operator()(const step::DenyProbe& step)
    {
        note(fmt::format("fault {} {}", step.device, step.kind));
        machine().denyProbe(step.device, step.denial);
        return {};
    }
    Result<void> operator()(const step::StartWorkload& workload)
    {
        note(fmt::format("workload {}", workload.task));
        const bool sleeps = workload.kind == step::WorkloadKind::Sleep;
        WorkloadDescription description{.task = workload.task,
                                        .function = workload.function,
                                        .period = workload.period,
                                        .slack = workload.slack,
                                        .count = workload.count,
                                        .soft = workload.soft};
        if (description.function.empty()) {
            description.function = sleeps ? "hrtimer_wakeup" : "process_timeout";
        }
        if (sleeps) {
            machine().startSleeping(std::move(description), workload.cpu);
        } else {
            machine().startWaiting(std::move(description), workload.cpu);
        }
        return {};
    }
    Result<void> operator()(const step::StartTask& start)
    {
        note(fmt::format("workload {}", start.task.name));
        return machine().tasks().start(start.task);
    }
    Result<void> operator()(const step::ArmTimer& timer)
    {
        note(fmt::format("timer {}", timer.task));
        return withTask(timer.task, [&](RoutineTask& task) {
            const auto id = machine().tasks().armTimer(task, timer.call);
            noteAnswer(id ? Errno::Ok : id.error());
        });
    }
    Result<void> operator()(const step::SetIntervalTimer& timer)
    {
        note(fmt::format("itimer {}", timer.task));
        return withTask(timer.task, [&](RoutineTask& task) {
            noteAnswer(machine().tasks().setIntervalTimer(task, timer.kind, timer.setting));
        });
    }
    Result<void> operator()(const step::SetCpuLimit& limit)
    {
        note(fmt::format("cpu_limit {}", limit.task));
        return withTask(limit.task, [&](RoutineTask& task) {
            noteAnswer(machine().tasks().setCpuLimit(task, limit.limit));
        });
    }
    Result<void> operator()(const step::SetSignals& set)
    {
        note(fmt::format("signals {}", set.task));
        return withTask(set.task,
                        [&](RoutineTask& task) { machine().tasks().setSignals(task, set.habit); });
    }
    Result<void> operator()(const step::Expect& expect)
    {
        const auto value = m_context.readValue(machine().snapshot(), expect.key);
        const bool held = value == expect.value;
        m_context.failedExpectations += held ? 0 : 1;
        const std::string text
            = fmt::format("{} is {}", expect.key, value ? *value : std::string{"unknown"})
            + (held ? std::string{} : fmt::format(", expected {}", expect.value));
        record(RecordKind::Expectation, text, held ? 1 : 0, m_step.line);
        return {};
    }

private:
    [[nodiscard]] Machine& machine() { return m_context.machine; }

    Result<void> use(std::string_view verb, std::string_view name,
                     Errno (Machine::*act)(const DeviceDescription&, const ChannelUse&))
    {
        note(fmt::format("{} {}", verb, name));
        for (const DeviceDescription& device : m_context.scenario.devices) {
            const auto channel = std::ranges::find(device.channels, name, &ChannelUse::name);
            if (channel != device.channels.end()) {
                noteAnswer((machine().*act)(device, *channel));
                return {};
            }
        }
        return fail(ErrorCode::NotFound,
                    fmt::format("no device of the scenario has a channel \"{}\"", name));
    }
    template<typename Call>
    Result<void> withTask(std::string_view name, Call&& call)
    {
        RoutineTask* const task = machine().tasks().find(name);
        if (task == nullptr) {
            return fail(ErrorCode::NotFound,
                        fmt::format("no workload has brought a task named \"{}\" yet", name));
        }
        std::forward<Call>(call)(*task);
        machine().settle();
        return {};
    }
    void record(RecordKind kind, std::string_view text, std::int64_t a, std::int64_t b)
    {
        Tracer& tracer = machine().tracer();
        tracer.record(kind, tracer.name(text), a, b);
    }
    void note(const std::string& text) { record(RecordKind::ScenarioStep, text, m_step.line, 0); }
    /// A kernel function's refusal is part of the story, not an error of the scenario.
    void noteAnswer(Errno answer)
    {
        if (answer != Errno::Ok) {
            note(fmt::format("answered {} ({})", returnValue(answer), nameOf(answer)));
        }
    }
    Result<void> probeDevice(std::string_view name)
    {
        const auto device = deviceNamed(m_context.scenario, name);
        if (!device) {
            return tl::unexpected<Error>(device.error());
        }
        const auto answer = machine().probe(**device);
        if (!answer) {
            return tl::unexpected<Error>(answer.error());
        }
        noteAnswer(*answer);
        return {};
    }
    Result<void> probeAll(const step::Boot& boot)
    {
        for (const std::string& device : boot.devices) {
            if (auto probed = probeDevice(device); !probed) {
                return probed;
            }
        }
        return {};
    }
    Result<void> probeEarlyTimers(const step::Boot& boot)
    {
        const CallSpan span(machine().tracer(), "timer_probe");
        return probeAll(boot);
    }
    Result<void> timeInit(const step::Boot& boot)
    {
        machine().initClocks();
        auto probed = probeEarlyTimers(boot);
        if (probed && !m_context.scenario.machine.boot.callsSchedClockInit) {
            machine().schedClockInit();
        }
        return probed;
    }

    const Step& m_step;
    const StepContext& m_context;
};

} // namespace

Result<void> carryOut(const Step& step, const StepContext& context)
{
    return std::visit(Carrier(step, context), step.action);
}

} // namespace timerscope
