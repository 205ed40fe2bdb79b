// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/oracle/replay/boot_facts.h"
#include "tests/oracle/replay/pc_machine.h"
#include "tests/oracle/replay/recorded_scenario.h"

#include <optional>
#include <vector>

namespace timerscope::oracle {

/// When each step's command ran, on the axis of the log's stamps.
///
/// Time is an input of a replay (FORMAT.md): where a step shows when it ran, by a stamp that its
/// command printed or a clock that it read, that is taken. Other steps follow the one before by
/// what the recording machine needed for a step of their kind, as do all steps of a file that
/// holds commands only. Threading: one thread.
class StepTimes
{
public:
    /// Both must outlive this.
    StepTimes(const RecordedScenario& scenario, const BootFacts& facts);

    /// Of the first step.
    [[nodiscard]] Ns first() const { return m_first; }
    /// Of the step behind @p place, which ran at @p at. @p succeeded: what the model answered.
    [[nodiscard]] Ns next(std::size_t place, Ns at, bool succeeded) const;

    /// The jiffy that the command of the step at @p place worked in, and where the wheel's clock
    /// was: an input as time is, for the kernel's own timers move it (FORMAT.md: "wheel/"). Empty
    /// where nothing tells.
    [[nodiscard]] std::optional<WheelMoment> wheelMoment(std::size_t place) const
    {
        return m_wheelMoments[place];
    }

    /// What a step is watched for: a file without observations watches every step but a sleep.
    [[nodiscard]] static bool isObserved(const RecordedScenario& scenario, std::size_t place);

private:
    void findShown();
    void findRegistrations();
    void findClocks();
    void findSwitches();
    void findJiffies();
    void findTables();
    [[nodiscard]] Ns start() const;
    [[nodiscard]] Ns duration(std::size_t place, bool succeeded) const;

    struct Shown
    {
        Ns at{};
        bool isCertain = false; ///< printed by the command itself, not by what else ran
    };
    [[nodiscard]] Shown beforeJiffy(std::uint64_t jiffy) const;

    const RecordedScenario* m_scenario;
    const BootFacts* m_facts;
    std::vector<std::optional<Shown>> m_shown; ///< a step
    std::vector<std::optional<WheelMoment>> m_wheelMoments; ///< a step
    std::size_t m_firstObserved = 0;
    Ns m_first{};
};

} // namespace timerscope::oracle
