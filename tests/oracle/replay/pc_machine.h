// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backends/simulated/simulated_hardware.h"
#include "engine/machine/machine.h"
#include "tests/oracle/replay/boot_facts.h"
#include "tests/oracle/replay/recorded_scenario.h"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace timerscope::oracle {

/// When something was done to a wheel, as the recorded machine shows it.
struct WheelMoment
{
    std::uint64_t at = 0; ///< jiffies
    /// A timer of the kernel's own had been run in that very jiffy, and so the wheel's clock is
    /// already at the next one.
    bool clockIsAhead = false;
};

/// The QEMU PC that scenarios were recorded on (FORMAT.md: "Machine"), booted as its lines say.
///
/// Its times are those of the recorded log's stamps. The minutes that a saved machine had been up
/// are left out, by a whole number of the watchdog's own periods, so that its passes stay where
/// they were. Threading: one thread.
class PcMachine
{
public:
    /// Boots the machine of @p scenario; its first command will run at @p firstCommand.
    /// Errors: NotSupported for what the engine does not model (more than one CPU), InvalidArgument
    /// for a boot that this machine cannot have.
    [[nodiscard]] static Result<std::unique_ptr<PcMachine>>
    boot(const RecordedScenario& scenario, const BootFacts& facts, Ns firstCommand);

    PcMachine(const PcMachine&) = delete;
    PcMachine& operator=(const PcMachine&) = delete;

    [[nodiscard]] Machine& machine() { return *m_machine; }
    [[nodiscard]] const Machine& machine() const { return *m_machine; }
    [[nodiscard]] const Hardware& hardware() const { return m_hardware; }

    /// The shell that types the commands keeps CPU 0 busy, but for its sleeps.
    void setShellSleeping(bool sleeps);
    /// Lets time pass up to @p stamp, or until the kernel has died.
    [[nodiscard]] Result<void> runTo(Ns stamp);
    /// Lets time pass, all asleep, up to @p moment on @p cpu's wheel; none if it is over.
    [[nodiscard]] Result<void> runToJiffy(const WheelMoment& moment, unsigned cpu);
    /// A timer that nothing of the machine uses, for a device of a test module; empty when all are
    /// taken.
    [[nodiscard]] std::optional<ChannelIndex> takeSpareTimer();
    /// Puts it into @p state; arms it @p ticks of @p rate from now.
    void setSpareTimer(ChannelIndex timer, ClockEventState state);
    void armSpareTimer(ChannelIndex timer, std::uint64_t ticks, Hertz rate);
    /// The test module's @p device takes the place of the CPU's own timer at its hardware.
    void forwardLocalTimer(ClockEventDevice& device, const Module& module);
    /// What the bench and the rest of the guest do when a command has been carried out: if that
    /// timer broadcasts now, it only hands on what comes (`# bench:` in the recordings); CPUs that
    /// came are watched for lockups, and those that went no longer.
    void tidyUp();

    /// @p module is gone, and with it what it put there.
    void forgetForwarder(const Module& module);

    /// The CPU works for @p span with interrupts off.
    void burn(Ns span) { m_hardware.spend(span); }
    /// @p cpu works through its softirqs at this moment.
    [[nodiscard]] bool isInSoftirq(unsigned cpu) const;
    /// Memory that is gone was touched. Time that stands is no death: it may go on.
    [[nodiscard]] bool hasDied() const;
    /// Now, on the axis of the stamps.
    [[nodiscard]] Ns stamp() const { return stampOf(m_machine->now()); }
    /// CLOCK_MONOTONIC as the recorded machine would show it.
    [[nodiscard]] Ns shownMonotonic(Ns monotonic) const { return monotonic + m_monotonicAtStart; }
    /// When CLOCK_MONOTONIC showed @p shown.
    [[nodiscard]] Ns stampOfMonotonic(MonotonicInstant shown) const
    {
        return shown.time_since_epoch() - m_facts->monotonicAhead;
    }
    /// Jiffies as the recorded machine would show them, and back.
    [[nodiscard]] std::uint64_t shownJiffies(Jiffies jiffies) const;
    [[nodiscard]] Jiffies ownJiffies(std::uint64_t shown) const;

    /// The kernel's lines since the last call, with their stamps.
    [[nodiscard]] std::vector<std::string> takeLog();

private:
    /// A clocksource of the machine, and the counter that it reads.
    struct Counter
    {
        HardwareCounter reader;
        Clocksource source;
    };
    /// How a counter is registered.
    struct CounterKind
    {
        const char* hardware = ""; ///< the counter that is read
        const char* name = ""; ///< of the clocksource
        int rating = 0;
        std::uint32_t flags = 0;
        FrequencyRegistration registration;
        unsigned bits = 64;
    };

    PcMachine(const RecordedScenario& scenario, const BootFacts& facts, Ns firstCommand);

    [[nodiscard]] Result<void> bootAsTold();
    [[nodiscard]] Result<void> endBoot(Ns stamp);
    [[nodiscard]] Result<void> probeTickDevices();
    [[nodiscard]] Result<void> probeLocalTimers();
    [[nodiscard]] bool isGiven(std::string_view parameter) const;
    [[nodiscard]] Result<void> registerOne(const std::string& name);
    [[nodiscard]] Result<void> registerCounter(const CounterKind& kind);
    [[nodiscard]] Result<void> runUntil(TraceInstant end);
    [[nodiscard]] Result<void> sleepToJiffy(Jiffies jiffy);
    void armKernelTimer(unsigned cpu);
    [[nodiscard]] CounterKind kindOf(std::string_view name) const;
    [[nodiscard]] bool endsBoot(const BootFacts::Clocksource& next) const;
    [[nodiscard]] TraceInstant instantOf(Ns stamp) const;
    [[nodiscard]] Ns stampOf(TraceInstant at) const;
    void setClock();
    void watchCpus();
    void keepForwarding();
    [[nodiscard]] ClockEventDevice* broadcastingLocalTimer();
    void putForwarder(ClockEventDevice& localTimer);
    void unregisterTscEarly();
    void markTscUnstable();

    const BootFacts* m_facts;
    std::string m_commandLine;
    unsigned m_cpus;
    bool m_noArat; ///< the CPUs' own timers stop in deep idle
    SimulatedHardware m_hardware;
    HardwareFault m_hardwareFault;
    TraceLog m_log;
    std::unique_ptr<Machine> m_machine;
    std::optional<Cpus::Task> m_shell;
    std::deque<Counter> m_counters; // a deque: clocksources are known by address
    Ns m_skipped{}; ///< uptime that is left out
    Ns m_monotonicAtStart{}; ///< CLOCK_MONOTONIC of the recorded machine when the model starts
    /// What took the place of a local timer at its hardware.
    struct Forwarder
    {
        ClockEventDevice* device = nullptr;
        std::string name; ///< of the handler
    };
    std::optional<Forwarder> m_forwarder;
    std::map<unsigned, Hrtimer> m_lockupTimers; ///< of the CPUs that are watched
    std::map<unsigned, WheelTimer> m_kernelTimers; ///< a CPU's; they move the clock of its wheel
    std::size_t m_logRead = 0; ///< records of the log
    std::size_t m_spareTimersTaken = 0;
    bool m_tscIsMarked = false;
};

} // namespace timerscope::oracle
