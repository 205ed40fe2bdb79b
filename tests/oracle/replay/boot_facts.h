// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/jiffies.h"
#include "engine/base/result.h"
#include "engine/base/time.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace timerscope::oracle {

/// A line of the kernel's log, cut into its stamp and its text.
struct LogLine
{
    Ns stamp{};
    std::string_view text; ///< of the line that it was cut from
};

/// "[    0.425813] text"; empty for a line that has no such stamp.
[[nodiscard]] std::optional<LogLine> parseLogLine(std::string_view line);

/// The name in "clocksource: NAME: mask: ..." or in "clocksource: Switched to clocksource NAME";
/// empty when the text is another.
[[nodiscard]] std::string_view registeredName(std::string_view text);
[[nodiscard]] std::string_view switchedName(std::string_view text);

/// All recordings were made at this rate.
inline constexpr TickRate recordedTickRate{250};

/// What a boot's lines tell: which clocksources there were and when, what calibration found, and
/// how the kernel's clocks stand to the log's stamps. Inputs of a replay, all of them.
struct BootFacts
{
    struct Clocksource
    {
        std::string name;
        Ns stamp{};
    };
    std::vector<Clocksource> registered; ///< in the order of the boot
    std::optional<Ns> switched; ///< when the first choice was made; empty: it fell on jiffies
    std::uint32_t detectedKhz = 0; ///< of the TSC; 0 when nothing is told
    std::uint32_t refinedKhz = 0; ///< after its calibration; 0 when nothing is told
    std::optional<Ns> tscUnstable; ///< the kernel marked the TSC; empty: it did not
    Ns interruptsUp{}; ///< the I/O APIC was set up: the tick begins to run
    Ns monotonicAhead{}; ///< CLOCK_MONOTONIC less the stamps
    struct WallClock
    {
        std::int64_t seconds = 0; ///< since 1970
        Ns stamp{};
    };
    std::optional<WallClock> rtc; ///< the time that the RTC set
    Ns end{}; ///< the boot's last stamp
    /// Lines that were printed long after the boot, by the first commands of a saved machine.
    std::vector<std::string> lateLines;

    /// CLOCK_MONOTONIC when the first jiffy began: ticks are on whole multiples of their period,
    /// and begin with the first after the interrupts came up.
    [[nodiscard]] Ns firstTick() const;
    /// When the jiffy @p shown began.
    [[nodiscard]] Ns stampOfJiffy(std::uint64_t shown) const;
};

/// Lines without a stamp say nothing about time and are passed over.
[[nodiscard]] BootFacts readBootFacts(std::span<const std::string> lines);

} // namespace timerscope::oracle
