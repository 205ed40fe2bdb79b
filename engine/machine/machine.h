// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/clocksource/registry.h"
#include "engine/machine/config.h"
#include "engine/machine/cpus.h"
#include "engine/machine/device_description.h"
#include "engine/machine/drivers.h"
#include "engine/machine/hardware_adapters.h"
#include "engine/machine/machine_tasks.h"
#include "engine/machine/machine_watchdog.h"
#include "engine/machine/platform_bus.h"
#include "engine/machine/rtc.h"
#include "engine/machine/stall_watch.h"
#include "engine/machine/waking_rtc.h"
#include "engine/machine/workload.h"
#include "engine/module/module_list.h"
#include "engine/tick/hrtimer_broadcast.h"
#include "engine/timekeeping/delay_loop.h"
#include "engine/timekeeping/sched_clock.h"
#include "engine/trace/snapshot.h"

#include <deque>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace timerscope {

/// The files of a clock event device's folder in sysfs, in order of their names.
[[nodiscard]] std::span<const std::string_view> clockEventFiles(bool isBroadcast);

/// A booting and running kernel's time subsystem on some hardware: the components put together.
///
/// Deterministic on simulated hardware: same configuration and calls, same log. Every record it
/// makes is stamped with the hardware's true time. Threading: one thread.
///
/// A fault that ends a real kernel, or one of its tasks, is recorded and kept in fault(): code or
/// memory of an unloaded module was touched, or time stands. After a panic the machine serves no
/// interrupt any more; true time goes on.
class Machine final : private ClocksourceHost,
                      private KernelLog,
                      private TraceTime,
                      private DanglingListener,
                      private DeviceListFaults
{
public:
    /// CPU 0 boots; the others come with smpInit().
    /// Errors: InvalidArgument for more than 64 CPUs, or more than one without SMP.
    [[nodiscard]] static Result<std::unique_ptr<Machine>>
    powerOn(MachineConfig config, Hardware& hardware, TraceLog& log);

    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;

    // --- boot, in the order of start_kernel() and the initcalls ---------------------------------

    /// timekeeping_init(): the time of the persistent clock, counted on by jiffies. Only where the
    /// configuration's BootPlan calls for it, and before any timer is probed.
    void timekeepingInit();
    /// What time_init() begins with: the driver of the clocks' controller (of_clk_init()). The tree
    /// itself has stood since power-on.
    void initClocks();
    /// A built-in driver looks for @p device, and registers it when it gets what it needs. Answers:
    /// as PlatformBus::probe(). Errors: as Drivers::probe().
    [[nodiscard]] Result<Errno> probe(const DeviceDescription& device);
    /// Its next probe is refused.
    void denyProbe(std::string_view device, ProbeDenial denial) { m_platform.deny(device, denial); }
    /// x86: a clocksource that is a little better than jiffies, from the rate of the timer that
    /// makes the ticks. Errors: as makeRefinedJiffiesClocksource().
    [[nodiscard]] Result<void> registerRefinedJiffies(Hertz timer);
    /// sched_clock_init(): sched_clock gets its wrap timer. Before it, what time_init() ends with:
    /// the hrtimer that broadcasts, where the architecture sets one up.
    void schedClockInit();
    void calibrateDelay();
    /// smp_init(): the other CPUs come online, one after the other. Where the configuration's
    /// BootPlan does not call for it, initJiffiesClocksource() does it first.
    void smpInit();
    void initJiffiesClocksource();
    void clocksourceDoneBooting();

    // --- what happens to a running machine ------------------------------------------------------

    [[nodiscard]] Errno registerClocksource(std::string_view name);
    [[nodiscard]] Errno unregisterClocksource(std::string_view name);
    /// A driver registers its clock event device @p name anew. NoDevice when no driver brought one
    /// of that name, Busy when it is registered.
    [[nodiscard]] Errno registerClockEvent(std::string_view name);
    [[nodiscard]] Errno changeRating(std::string_view name, int rating);
    /// A task reads or writes @p file below /sys/devices/system. NoEntry for one that this model
    /// does not have, Io for one that is only for the other.
    [[nodiscard]] SysfsText readSysfs(std::string_view file);
    [[nodiscard]] Errno writeSysfs(std::string_view file, std::string_view text);
    /// clock_settime(CLOCK_REALTIME). Invalid for a time that Timekeeper::setRealtime() refuses.
    [[nodiscard]] Errno setTime(RealtimeInstant now);
    /// adjtimex(2) by a caller with all rights.
    AdjtimexAnswer adjtimex(Timex& timex);

    /// The driver of the RTC called @p device finds its chip, and may set the time. False when the
    /// machine has no such RTC.
    [[nodiscard]] bool probeRtc(std::string_view device);
    /// The machine sleeps for @p span of true time, or until its RTC rings for an alarm timer.
    /// Answers Busy, and stays awake, when that would be in less than 2 s. Errors: as
    /// Hardware::sleep(); the machine is asleep for good then.
    [[nodiscard]] Result<Errno> suspend(Ns span);
    /// Something goes wrong with the hardware. Errors: as Hardware::inject().
    [[nodiscard]] Result<void> inject(const InjectedFault& fault);

    /// insmod: the module @p name comes, and its drivers look for @p devices; one that is refused
    /// (as PlatformBus::probe()) is not there, but the module stays. NoEntry, with the
    /// kernel's line, when it calls sched_clock_register() and that is not exported. Exists when it
    /// is there already. Errors: as Drivers::probe().
    [[nodiscard]] Result<Errno> loadModule(std::string_view name,
                                           std::span<const DeviceDescription* const> devices);
    /// A task opens the watchdog, or a consumer requests the PWM, that is @p channel of @p device,
    /// and holds the driver's module until it lets go, owner or not. NoDevice when the module is
    /// not there, Busy when somebody has it already; closing: Invalid when nobody has.
    [[nodiscard]] Errno openChannel(const DeviceDescription& device, const ChannelUse& channel);
    [[nodiscard]] Errno closeChannel(const DeviceDescription& device, const ChannelUse& channel);
    /// rmmod: NoEntry when it is not there, Again while something holds it; else its exit function
    /// takes its clocksources off and its code is gone.
    [[nodiscard]] Errno unloadModule(std::string_view name);

    /// A task on @p cpu, which must be one of the machine's.
    void startSleeping(WorkloadDescription description, unsigned cpu = 0);
    void startWaiting(WorkloadDescription description, unsigned cpu = 0);

    /// Processes, and what they ask of the kernel.
    [[nodiscard]] MachineTasks& tasks() { return m_tasks; }

    /// A task writes 0 or 1 to the CPU's file "online". NoEntry for a CPU that the machine does not
    /// have, and for CPU 0, which has no such file.
    [[nodiscard]] Errno setCpuOnline(unsigned cpu, bool online);

    /// Lets time pass until one interrupt was served or @p limit is reached; true for the former.
    /// Errors: DeviceLost, and what else the hardware reports.
    [[nodiscard]] Result<bool> runOnce(TraceInstant limit);

    [[nodiscard]] TraceInstant now() const
    {
        return kept() != nullptr ? *kept() : m_hardware->now();
    }
    /// Everything there is to see. Reads no counter that costs time.
    [[nodiscard]] Snapshot snapshot() const;
    [[nodiscard]] Tracer& tracer() { return m_tracer; }
    /// The first fault of the kernel; empty while it is well.
    [[nodiscard]] const std::optional<KernelFault>& fault() const { return m_kernelFault; }

    // --- for drivers that no description stands for ----------------------------------------------

    /// The interrupt of @p channel is @p device's from now on, which must outlive the machine.
    void attachInterrupt(ChannelIndex channel, ClockEventDevice& device)
    {
        m_drivers.attachInterrupt(channel, device);
    }
    [[nodiscard]] ClocksourceRegistry& clocksources() { return m_clocksources; }
    [[nodiscard]] ModuleList& modules() { return m_modules; }
    [[nodiscard]] const PlatformBus& platform() const { return m_platform; }
    [[nodiscard]] Timekeeper& timekeeper() { return m_timekeeper; }
    [[nodiscard]] const JiffiesCounter& jiffies() const { return m_jiffies; }
    [[nodiscard]] ClockEvents& clockEvents() { return m_clockEvents; }
    [[nodiscard]] Cpus& cpus() { return m_cpus; }
    [[nodiscard]] Cpu& cpu(unsigned index = 0) { return m_cpus.at(index); }
    /// Kernel threads that were woken run, then CPUs go idle: after whatever was asked of a
    /// component from outside, which counts as a task's work on CPU 0. Cpus::Task before it lets
    /// the CPU leave its idle loop first, as a task would.
    void settle();

private:
    Machine(MachineConfig config, Hardware& hardware, TraceLog& log);

    [[nodiscard]] bool isTickOneshot() const override;
    [[nodiscard]] Clocksource& defaultClock() override { return m_jiffiesClocksource; }
    bool changeClocksource(Clocksource& chosen) override;
    void touchedDangling(const Clocksource& source) override;
    void calledGoneCode(std::string_view device) override;
    void touchedGoneDevice(std::string_view device) override;
    void walksForEver(std::string_view device) override;
    void displacedForEver(std::string_view device) override;
    void print(std::string_view line) override;
    void warn(std::string_view text) override;
    [[nodiscard]] TraceInstant traceNow() const override { return m_hardware->now(); }
    [[nodiscard]] std::uint16_t traceCpu() const override;

    void record(FaultKind kind, const std::string& text);
    void serve(ChannelIndex channel);
    [[nodiscard]] bool hasTaskDue() const { return m_tasks.nextDue() <= now() && !m_panicked; }
    bool runTasksDue();
    void bringUp(unsigned cpu);
    [[nodiscard]] SysfsText readClockEventFile(std::string_view file) const;
    [[nodiscard]] Errno writeCpuFile(std::string_view file, std::string_view text);
    [[nodiscard]] Errno writeClockEventFile(std::string_view file, std::string_view text);
    void noticeStall();
    [[nodiscard]] std::string reasonOfStall() const;
    void clocksWereSet();
    void wake(bool wrapTimerRan);
    [[nodiscard]] SleepClocks sleepClocks() const;
    void noteSleep(Ns trueLength);
    [[nodiscard]] BootTime bootTime(bool isRead);
    [[nodiscard]] WallTime persistentNow() const;
    [[nodiscard]] Module* ownerOf(const DeviceDescription& device, Module& module) const;
    [[nodiscard]] WatchdogConfig watchdogConfig() const;
    [[nodiscard]] Clocksource* knownClocksource(std::string_view name);
    void startWrapTimer();
    void tellPowerOn();
    void tellTimekeepingInit();
    void setUpHrtimerBroadcast();
    void broadcastLockedUp();
    [[nodiscard]] std::uint32_t newTimerId() { return m_nextTimerId++; }
    [[nodiscard]] CpuMask fullNohz() const;
    [[nodiscard]] TickOptions tickOptions() const;

    friend class SnapshotBuilder;

    MachineConfig m_config;
    Hardware* m_hardware;
    TraceLog* m_log;
    HardwareFault m_fault;
    Tracer m_tracer;
    std::uint32_t m_nextTimerId = 1;

    JiffiesCounter m_jiffies;
    Clocksource m_jiffiesClocksource;
    std::optional<Clocksource> m_refinedJiffies;
    JiffiesSinceBoot m_jiffiesSinceBoot;
    SchedClock m_schedClock;
    Timekeeper m_timekeeper;
    DelayLoop m_delayLoop;
    ClocksourceRegistry m_clocksources;
    ClockEvents m_clockEvents;
    Cpus m_cpus;
    std::optional<HrtimerBroadcast> m_hrtimerBroadcast;
    Hrtimer m_wrapTimer;
    MachineWatchdog m_watchdog;
    ModuleList m_modules;
    PlatformBus m_platform;
    Drivers m_drivers;
    StallWatch m_stallWatch;
    std::vector<Rtc> m_rtcs;
    std::optional<WakingRtc> m_wakingRtc;
    std::optional<SleepRow> m_lastSleep;
    std::optional<KernelFault> m_kernelFault;
    bool m_panicked = false;
    bool m_smpInitDone = false;

    std::deque<SleepingTask> m_sleeping;
    std::deque<WaitingTask> m_waiting;
    MachineTasks m_tasks;
};

} // namespace timerscope
