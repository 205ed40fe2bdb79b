// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/result.h"
#include "engine/hrtimer/hrtimer.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace timerscope::oracle {

/// One hrtimer of a recorded run: what it was armed with and what became of it. All times are of
/// CLOCK_MONOTONIC, also those of timers on other clocks.
struct RecordedHrtimer
{
    std::uint32_t id = 0; ///< timers were armed in this order
    HrtimerKind kind;
    Ns slack{};
    unsigned armedOn = 0; ///< the CPU
    MonotonicInstant armed; ///< when
    MonotonicInstant softExpires;
    MonotonicInstant hardExpires;
    MonotonicInstant fired; ///< zero: not while the run lasted
    bool inSoftirq = false; ///< where its function ran
    unsigned cpu = 0; ///< on which its function ran
    std::int64_t order = 0; ///< of all firings

    [[nodiscard]] bool hasFired() const { return fired != MonotonicInstant{}; }
};

/// A NAME.tsv of the kernel's own answers; scenarios/FORMAT.md says what its columns mean.
struct HrtimerRecording
{
    std::string name;
    std::vector<RecordedHrtimer> timers; ///< by id
};

/// One line without its newline. Errors (Corrupt): not twelve fields, or one out of its range.
[[nodiscard]] Result<RecordedHrtimer> parseHrtimerRow(std::string_view line);

/// Errors (Corrupt): unreadable, no timer, a malformed row, ids that do not rise; the sentence
/// starts with "FILE:LINE: ".
[[nodiscard]] Result<HrtimerRecording> readHrtimerRecording(const std::filesystem::path& path);

/// The NAME.tsv files of @p directory in order of name. Errors (NotFound): no directory, or none.
[[nodiscard]] Result<std::vector<std::filesystem::path>>
listHrtimerRecordings(const std::filesystem::path& directory);

} // namespace timerscope::oracle
