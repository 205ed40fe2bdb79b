// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/oracle/replay/command_result.h"
#include "tests/oracle/replay/kernel_command.h"
#include "tests/oracle/replay/pc_machine.h"
#include "tests/oracle/replay/test_clock_event.h"
#include "tests/oracle/replay/test_clocksource.h"
#include "tests/oracle/replay/test_timers.h"
#include "tests/oracle/replay/test_wheel_timers.h"

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace timerscope::oracle {

/// A test module of the recordings, kscn_a to kscn_c: a driver that does what it is told. What it
/// sees goes to its log. Threading: one thread.
class TestModule
{
public:
    /// Both must outlive this. The module is not loaded yet. Of @p scenario it takes which timers
    /// it is to arm at random.
    TestModule(PcMachine& pc, const RecordedScenario& scenario, char letter);
    TestModule(const TestModule&) = delete;
    TestModule& operator=(const TestModule&) = delete;

    [[nodiscard]] const Module& module() const { return *m_module; }
    [[nodiscard]] bool isLoaded() const { return m_module->isLoaded(); }
    /// insmod. @p keepsDevices: its exit function will take nothing off ("nocleanup=1").
    [[nodiscard]] CommandResult load(bool keepsDevices);
    /// rmmod, which does not wait.
    [[nodiscard]] CommandResult unload();

    /// A command to the module. Errors: NotSupported for what the engine does not model,
    /// InvalidArgument for words that make no sense.
    [[nodiscard]] Result<CommandResult> carryOut(const KernelCommand& command);
    /// What was logged since the last call.
    [[nodiscard]] std::vector<std::string> takeLog() { return std::exchange(m_log, {}); }
    /// What had become of the timers that it armed at random, when that was last dumped.
    [[nodiscard]] const std::optional<std::vector<WheelOutcome>>& wheelDump() const
    {
        return m_wheelDump;
    }
    [[nodiscard]] const std::optional<std::vector<ModelFiring>>& hrtimerDump() const
    {
        return m_hrtimerDump;
    }
    /// Whether @p source is this module's.
    [[nodiscard]] bool owns(const Clocksource& source) const;

    /// All modules of one machine, for `cs_all`, which tells them from the kernel's clocksources.
    using Siblings = std::map<char, std::unique_ptr<TestModule>>;
    void setSiblings(const Siblings& siblings) { m_siblings = &siblings; }

private:
    using Handler = Result<Errno> (TestModule::*)(const KernelCommand&);
    struct KnownCommand
    {
        const char* verb;
        Handler handler;
    };
    static const std::vector<KnownCommand>& commands();

    [[nodiscard]] Result<Errno> registerClocksource(const KernelCommand& command);
    [[nodiscard]] Result<Errno> unregisterClocksource(const KernelCommand& command);
    [[nodiscard]] Result<Errno> changeRating(const KernelCommand& command);
    [[nodiscard]] Result<Errno> markUnstable(const KernelCommand& command);
    [[nodiscard]] Result<Errno> setError(const KernelCommand& command);
    [[nodiscard]] Result<Errno> jump(const KernelCommand& command);
    [[nodiscard]] Result<Errno> stop(const KernelCommand& command);
    [[nodiscard]] Result<Errno> tellOne(const KernelCommand& command);
    [[nodiscard]] Result<Errno> tellAll(const KernelCommand& command);
    [[nodiscard]] Result<Errno> tellState(const KernelCommand& command);
    [[nodiscard]] Result<Errno> tellTime(const KernelCommand& command);
    [[nodiscard]] Result<Errno> takeReference(const KernelCommand& command);
    [[nodiscard]] Result<Errno> dropReference(const KernelCommand& command);
    [[nodiscard]] Result<Errno> burn(const KernelCommand& command);
    [[nodiscard]] Result<Errno> timers(const KernelCommand& command);
    [[nodiscard]] Result<Errno> dumpTimers(const KernelCommand& command);
    [[nodiscard]] Result<CommandResult> armAtRandom(const KernelCommand& command);
    [[nodiscard]] Result<void> armWheelTimers(const KernelCommand& command);
    [[nodiscard]] Result<void> armHrtimers(const KernelCommand& command);

    [[nodiscard]] Result<Errno> registerDevice(const KernelCommand& command);
    [[nodiscard]] Result<Errno> unbindDevice(const KernelCommand& command);
    [[nodiscard]] Result<Errno> updateFrequency(const KernelCommand& command);
    [[nodiscard]] Result<Errno> refuseEvents(const KernelCommand& command);
    [[nodiscard]] Result<Errno> tellDevice(const KernelCommand& command);
    [[nodiscard]] Result<Errno> tellAllDevices(const KernelCommand& command);
    [[nodiscard]] Result<Errno> countEvents(const KernelCommand& command);
    [[nodiscard]] Result<Errno> controlBroadcast(const KernelCommand& command);
    [[nodiscard]] Result<Errno> enterBroadcast(const KernelCommand& command);
    [[nodiscard]] Result<TestClockEvent*> deviceSlot(const KernelCommand& command) const;
    void noteState();

    [[nodiscard]] ClocksourceRegistry& registry() const { return m_pc->machine().clocksources(); }
    [[nodiscard]] Result<TestClocksource*> slot(const KernelCommand& command) const;
    [[nodiscard]] Result<std::int64_t> argument(const KernelCommand& command) const;
    [[nodiscard]] bool isListed(TestClocksource& clocksource) const;
    void note(std::string line) { m_log.push_back(std::move(line)); }
    void noteReferences();
    void leave();

    PcMachine* m_pc;
    const RecordedScenario* m_scenario;
    Module* m_module;
    const Siblings* m_siblings = nullptr;
    std::vector<std::string> m_log;
    std::deque<std::unique_ptr<TestClocksource>> m_made; // the watchdog may keep one for a while
    std::map<std::int64_t, TestClocksource*> m_slots;
    std::deque<std::unique_ptr<TestClockEvent>> m_devices; // nothing ever takes them off the list
    std::map<std::int64_t, TestClockEvent*> m_deviceSlots;
    std::unique_ptr<TestTimers> m_timers;
    std::unique_ptr<TestWheelTimers> m_wheelTimers;
    std::optional<std::vector<WheelOutcome>> m_wheelDump;
    std::optional<std::vector<ModelFiring>> m_hrtimerDump;
    bool m_keepsDevices = false;
};

} // namespace timerscope::oracle
