// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/machine/machine.h"
#include "engine/scenario/scenario.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace timerscope {

/// Carries out a scenario's steps on a machine, each at its time.
///
/// A step comes before an interrupt that falls due at the same instant. Threading: one thread,
/// the machine's.
class ScenarioRun
{
public:
    /// Answers an expectation's key from a snapshot; empty when the key is unknown.
    using ValueReader
        = std::function<std::optional<std::string>(const Snapshot&, std::string_view key)>;

    enum class Progress : std::uint8_t
    {
        MoreToCome,
        Ended, ///< Scenario::end has been reached
    };

    /// Keeps a copy of the scenario; @p machine must outlive the run.
    ScenarioRun(Scenario scenario, Machine& machine, ValueReader readValue);

    /// Up to @p limit or the end, whichever is first.
    /// Errors: NotSupported for a step that this version cannot carry out, NotFound for one that
    /// names what is not there; the sentence begins with the step's file and line. After an error
    /// the run has ended.
    [[nodiscard]] Result<Progress> advance(TraceInstant limit);
    /// The next scenario step, or the next interrupt.
    [[nodiscard]] Result<Progress> step();

    [[nodiscard]] std::size_t failedExpectations() const { return m_failedExpectations; }
    [[nodiscard]] const Scenario& scenario() const { return m_scenario; }

private:
    [[nodiscard]] bool hasStepBy(TraceInstant at) const;
    [[nodiscard]] Result<void> carryOutNext();
    /// One step or one interrupt, not later than @p limit; false when there was neither.
    [[nodiscard]] Result<bool> runOnce(TraceInstant limit);
    [[nodiscard]] Progress progress() const;

    Scenario m_scenario;
    Machine* m_machine;
    ValueReader m_readValue;
    std::size_t m_nextStep = 0;
    std::size_t m_failedExpectations = 0;
    bool m_failed = false;
};

} // namespace timerscope
