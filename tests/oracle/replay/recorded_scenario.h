// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/result.h"
#include "tests/oracle/hrtimer_recording.h"
#include "tests/oracle/wheel_replay.h"

#include <QJsonArray>
#include <QJsonObject>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace timerscope::oracle {

/// A step of a recording. What was observed may be missing: a replay needs the command only.
struct RecordedStep
{
    std::int64_t number = 0;
    std::string command;
    std::optional<QJsonArray> output;
    std::optional<int> rc; ///< empty: the step never came back, or nothing was kept of it
    std::optional<QJsonObject> obs;
};

/// One boot of a real machine and what was done to it: a file of scenarios/, see FORMAT.md.
struct RecordedScenario
{
    std::filesystem::path path;
    std::string id;
    unsigned cpus = 1;
    std::string cpuModel; ///< QEMU's name of it, with what it lacks: "max,…,-arat"
    std::string commandLine; ///< the kernel parameters beyond the common ones
    bool complete = true; ///< false: the last step ended in a hang or an oops
    std::vector<std::string> bootLines;
    std::vector<RecordedStep> steps; ///< never empty
    /// The table of the timers that it armed at random, where it names one that is there: beside
    /// the folder of the scenario, as recorded, or in it.
    std::optional<WheelRun> wheel;
    std::optional<HrtimerRecording> hrtimers;

    /// False in a file that holds commands only.
    [[nodiscard]] bool hasObservations() const;
};

/// Reads a scenario. Errors (Corrupt): unreadable, not JSON, a field missing or of a wrong type, no
/// step; the sentence starts with "FILE: ".
[[nodiscard]] Result<RecordedScenario> readScenario(const std::filesystem::path& path);

/// The *.json files of @p directory in order of name; those whose name without ".json" matches one
/// of @p globs, or all if there are none.
/// Errors (NotFound): no directory, or no such file in it.
[[nodiscard]] Result<std::vector<std::filesystem::path>>
listScenarios(const std::filesystem::path& directory, std::span<const std::string> globs);

} // namespace timerscope::oracle
