// SPDX-License-Identifier: GPL-3.0-or-later
//! A scenario as a value: a machine, its devices and what happens to it, in time.
//!
//! The grammar holds every kind of step that scenarios will ever need; a kind that the engine
//! cannot carry out yet is refused by name when its turn comes, never ignored.
#pragma once

#include "engine/machine/config.h"
#include "engine/machine/device_description.h"
#include "engine/machine/machine_tasks.h"
#include "engine/machine/platform_bus.h"
#include "engine/port/faults.h"
#include "engine/timekeeping/timex.h"

#include <array>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace timerscope {

/// A stage of start_kernel() or an initcall (seed 003), in the order a kernel runs them.
enum class BootStage : std::uint8_t
{
    InitTimers, ///< init_timers: the wheels are there, and their softirq
    HrtimersInit, ///< hrtimers_init: the hrtimer bases are there, and their softirq
    TimekeepingInit, ///< timekeeping_init: the persistent clock's time, counted on by jiffies
    TimeInit, ///< time_init: probes the built-in timers that the step names
    SchedClockInit, ///< sched_clock_init: jiffies if nothing better came, and the wrap timer
    CalibrateDelay, ///< calibrate_delay
    DummyTimerRegister, ///< dummy_timer_register (SMP): place holders that the step names
    SmpInit, ///< smp_init: the other CPUs come online; before the next one if no step names it
    InitJiffiesClocksource, ///< init_jiffies_clocksource
    ClocksourceDoneBooting, ///< clocksource_done_booting: selection begins
};
/// What a scenario file calls them, in the enum's order.
inline constexpr std::array<std::string_view, 10> bootStageNames{"init_timers",
                                                                 "hrtimers_init",
                                                                 "timekeeping_init",
                                                                 "time_init",
                                                                 "sched_clock_init",
                                                                 "calibrate_delay",
                                                                 "dummy_timer_register",
                                                                 "smp_init",
                                                                 "init_jiffies_clocksource",
                                                                 "clocksource_done_booting"};
[[nodiscard]] std::string_view nameOf(BootStage stage);

namespace step {

/// boot = "time_init"; devices = ["fttmr010"]
struct Boot
{
    BootStage stage{};
    std::vector<std::string> devices; ///< to probe; only for TimeInit and DummyTimerRegister
};
/// probe = "tim34": a driver finds its device later in the boot (a device initcall).
struct Probe
{
    std::string device;
};
/// load = "timer-sun5i" and unload = "timer-sun5i"
struct LoadModule
{
    std::string module;
};
struct UnloadModule
{
    std::string module;
};
/// open = "WDT0" and close = "WDT0": a watchdog or PWM channel of a device.
struct OpenChannel
{
    std::string channel;
};
struct CloseChannel
{
    std::string channel;
};
/// register = "tim34" and unregister = "tim34": one clocksource, by its name.
struct RegisterClocksource
{
    std::string clocksource;
};
struct UnregisterClocksource
{
    std::string clocksource;
};
/// register_event = "SysTick": a driver registers one clock event device anew, by its name.
struct RegisterClockEvent
{
    std::string device;
};
/// rating = { clocksource = "tim34", value = 400 }
struct ChangeRating
{
    std::string clocksource;
    int rating = 0;
};
/// write = { file = "clocksource/clocksource0/current_clocksource", text = "jiffies" }
struct WriteSysfs
{
    std::string file; ///< below /sys/devices/system
    std::string text;
};
/// read = "clocksource/clocksource0/available_clocksource"
struct ReadSysfs
{
    std::string file; ///< below /sys/devices/system
};
/// cpu = { index = 1, online = false }
struct SetCpuOnline
{
    unsigned cpu = 0;
    bool online = true;
};
/// suspend = "10s": to sleep for this long
struct Suspend
{
    Ns duration{};
};
/// rtc = "rtc0": the driver of this clock probes.
struct ProbeRtc
{
    std::string device;
};
/// adjtimex = { frequency = 655360, status = ["pll"], tai = 37 }: what is named is set.
struct Adjtimex
{
    Timex request; ///< its modes follow from what the file names
};
/// set_time = "2023-07-05T03:02:00Z", kept as ns since 1970
struct SetTime
{
    RealtimeInstant to;
};
/// fault = { device = "tsc", kind = "drift", ppm = 900, duration = "5s" }
struct InjectFault
{
    InjectedFault fault; ///< its target is a counter's or a channel's name
    std::string kind; ///< as the file has it
};
/// fault = { device = "mfoc", kind = "no-memory" }
struct DenyProbe
{
    std::string device; ///< of the catalogue
    ProbeDenial denial{};
    std::string kind; ///< as the file has it
};

enum class WorkloadKind : std::uint8_t
{
    Sleep, ///< a task that sleeps again and again by hrtimer (nanosleep)
    Timeout, ///< a wheel timer armed again and again (schedule_timeout)
};
/// workload = { kind = "sleep", task = "kworker/0:1", period = "7ms", slack = "50us", count = 20 }
struct StartWorkload
{
    WorkloadKind kind = WorkloadKind::Sleep;
    std::string task;
    std::string function; ///< the timer's; empty: the kernel's for this kind
    Ns period{};
    Ns slack{};
    std::uint64_t count = 0; ///< how often; 0: for ever
    unsigned cpu = 0;
    bool soft = false; ///< of a sleep: its timer's function runs in the softirq
};
/// workload = { kind = "compute", task = "burner", run = "3ms", period = "10ms" }: a process.
struct StartTask
{
    TaskDescription task;
};
/// timer = { task = "burner", clock = "process_cpu", value = "5ms", interval = "5ms" }:
/// timer_create() and timer_settime()
struct ArmTimer
{
    std::string task;
    TimerCall call;
};
/// itimer = { task = "burner", kind = "prof", value = "10ms", interval = "10ms" }
struct SetIntervalTimer
{
    std::string task;
    IntervalTimerKind kind{};
    TimerSetting setting;
};
/// cpu_limit = { task = "burner", soft = 1, hard = 3 }: RLIMIT_CPU, in seconds
struct SetCpuLimit
{
    std::string task;
    ResourceLimit limit;
};
/// signals = { task = "burner", do = "block" }
struct SetSignals
{
    std::string task;
    SignalHabit habit{};
};
/// expect = { value = "clocksource.current", is = "mfoc" }: keys are those of `--print state`.
struct Expect
{
    std::string key;
    std::string value;
};

} // namespace step

using StepAction
    = std::variant<step::Boot, step::Probe, step::LoadModule, step::UnloadModule, step::OpenChannel,
                   step::CloseChannel, step::RegisterClocksource, step::UnregisterClocksource,
                   step::RegisterClockEvent, step::ChangeRating, step::WriteSysfs, step::ReadSysfs,
                   step::SetCpuOnline, step::Suspend, step::ProbeRtc, step::Adjtimex, step::SetTime,
                   step::InjectFault, step::DenyProbe, step::StartWorkload, step::StartTask,
                   step::ArmTimer, step::SetIntervalTimer, step::SetCpuLimit, step::SetSignals,
                   step::Expect>;

struct Step
{
    TraceInstant at; ///< true time since power-on
    StepAction action;
    unsigned line = 0; ///< where it stands in its file
};

/// The word that the grammar has for this action: "boot", "write", "suspend", …
[[nodiscard]] std::string_view keywordOf(const StepAction& action);

struct Scenario
{
    std::string name; ///< of the file: "ast2500-boot"
    std::string file; ///< for messages
    std::string title;
    std::string description;
    MachineConfig machine;
    std::vector<DeviceDescription> devices; ///< of the catalogue, in the scenario's order
    std::vector<Step> steps; ///< by time; equal times keep the file's order
    TraceInstant end; ///< the run is over here
};

} // namespace timerscope
