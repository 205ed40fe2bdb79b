// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/oracle/replay/replay.h"
#include "tests/oracle/replay/step_times.h"
#include "tests/oracle/replay/test_module.h"

#include <memory>

namespace timerscope::oracle {

/// A booted machine that is led through a scenario. Threading: one thread.
class ReplayRun
{
public:
    /// All must outlive this. @p pc is booted; the run's first command is at the times' first().
    ReplayRun(const RecordedScenario& scenario, const BootFacts& facts, const StepTimes& times,
              PcMachine& pc);

    /// Errors (Corrupt): a step whose command cannot be read.
    [[nodiscard]] Result<ReplayedScenario> run();
    /// What became of the timers that were armed at random goes to @p replayed.
    void takeDumps(ReplayedScenario& replayed) const;

private:
    struct Outcome
    {
        CommandResult result;
        bool died = false; ///< the kernel, or the task that ran the command
    };
    /// @p delay: from the command to the look at what it did.
    [[nodiscard]] Result<Outcome> carryOut(const KernelCommand& command, Ns at, Ns delay);
    [[nodiscard]] Result<CommandResult> issue(const KernelCommand& command);
    [[nodiscard]] Result<CommandResult> sleep(const KernelCommand& command);
    [[nodiscard]] Ns monotonic();
    [[nodiscard]] Result<CommandResult> loadModule(const KernelCommand& command);
    [[nodiscard]] Result<CommandResult> unloadModule(const KernelCommand& command);
    [[nodiscard]] Result<CommandResult> writeSysfs(std::string_view file, std::string_view text);
    [[nodiscard]] Result<CommandResult> writeSystemFile(const KernelCommand& command);
    [[nodiscard]] Result<CommandResult> unbindDevice(const KernelCommand& command);
    [[nodiscard]] Result<CommandResult> kernelCall(const KernelCommand& command);

    [[nodiscard]] Result<TestModule*> moduleNamed(std::string_view letter);
    [[nodiscard]] StepAnswer answer(const RecordedStep& step, const Outcome& outcome) const;
    [[nodiscard]] QJsonObject observe();
    [[nodiscard]] std::vector<std::string> takeKernelLog();

    const RecordedScenario* m_scenario;
    const BootFacts* m_facts;
    const StepTimes* m_times;
    PcMachine* m_pc;
    TestModule::Siblings m_modules;
    std::size_t m_toldByBoot = 0; ///< of the boot's late lines, those that have been printed
    bool m_hangs = false; ///< a sleep does not end
    bool m_logIsCollected; ///< false until the first observation of a saved machine
};

} // namespace timerscope::oracle
