// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/oracle/replay/boot_facts.h"

#include "tests/oracle/replay/kernel_command.h"

namespace timerscope::oracle {
namespace {

/// A boot takes seconds; a saved machine goes on after 25 minutes.
constexpr Ns longestPause = std::chrono::minutes{1};

std::string_view between(std::string_view text, std::string_view before, std::string_view after)
{
    const std::size_t begin = text.find(before);
    if (begin == std::string_view::npos) {
        return {};
    }
    const std::size_t start = begin + before.size();
    const std::size_t end = after.empty() ? text.size() : text.find(after, start);
    return end == std::string_view::npos ? std::string_view{} : text.substr(start, end - start);
}

/// "999.989" MHz in kHz; 0 for anything else.
std::uint32_t khzOf(std::string_view megahertz)
{
    const auto seconds = parseSeconds(megahertz); // the same form: three digits behind a point
    return seconds ? static_cast<std::uint32_t>(*seconds / std::chrono::milliseconds{1}) : 0;
}

void readCalibration(std::string_view text, BootFacts& facts)
{
    if (const auto mhz = between(text, "tsc: Detected ", " MHz"); !mhz.empty()) {
        facts.detectedKhz = khzOf(mhz);
    }
    if (const auto mhz = between(text, "tsc: Refined TSC clocksource calibration: ", " MHz");
        !mhz.empty()) {
        facts.refinedKhz = khzOf(mhz);
    }
}

/// "sched_clock: Marking stable (GTOD, -OFFSET)->(...)": the offset of the stamps.
void readOffset(std::string_view text, BootFacts& facts)
{
    const auto pair = between(text, "sched_clock: Marking stable (", ")->");
    const std::size_t comma = pair.find(", ");
    if (comma != std::string_view::npos) {
        facts.monotonicAhead = -Ns{parseNumber(pair.substr(comma + 2)).value_or(0)};
    }
}

/// "rtc_cmos 00:05: setting system clock to 2026-01-01T00:00:20 UTC (1767225620)"
void readRtc(const LogLine& line, BootFacts& facts)
{
    if (line.text.find("setting system clock to") != std::string_view::npos) {
        const auto seconds = parseNumber(between(line.text, "UTC (", ")"));
        if (seconds) {
            facts.rtc = BootFacts::WallClock{.seconds = *seconds, .stamp = line.stamp};
        }
    }
}

void readBootLine(const LogLine& line, BootFacts& facts)
{
    if (const auto name = registeredName(line.text); !name.empty()) {
        facts.registered.push_back({.name = std::string{name}, .stamp = line.stamp});
    }
    if (!facts.switched && !switchedName(line.text).empty()) {
        facts.switched = line.stamp;
    }
    if (line.text.find("Switch to symmetric I/O mode setup") != std::string_view::npos) {
        facts.interruptsUp = line.stamp;
    } else if (line.text.starts_with("tsc: Marking TSC unstable")) {
        facts.tscUnstable = facts.tscUnstable.value_or(line.stamp);
    }
    readCalibration(line.text, facts);
    readOffset(line.text, facts);
    readRtc(line, facts);
}

} // namespace

std::optional<LogLine> parseLogLine(std::string_view line)
{
    const std::size_t close = line.find("] ");
    if (!line.starts_with('[') || close == std::string_view::npos) {
        return std::nullopt;
    }
    std::string_view stamp = line.substr(1, close - 1);
    stamp.remove_prefix(std::min(stamp.find_first_not_of(' '), stamp.size()));
    const auto at = parseSeconds(stamp);
    if (!at) {
        return std::nullopt;
    }
    return LogLine{.stamp = *at, .text = line.substr(close + 2)};
}

std::string_view registeredName(std::string_view text)
{
    return text.starts_with("clocksource: ") ? between(text, "clocksource: ", ": mask: ")
                                             : std::string_view{};
}

std::string_view switchedName(std::string_view text)
{
    constexpr std::string_view begin = "clocksource: Switched to clocksource ";
    return text.starts_with(begin) ? text.substr(begin.size()) : std::string_view{};
}

BootFacts readBootFacts(std::span<const std::string> lines)
{
    BootFacts facts;
    for (const std::string& text : lines) {
        const auto line = parseLogLine(text);
        if (!line) {
            continue;
        }
        if (!facts.lateLines.empty() || line->stamp > facts.end + longestPause) {
            facts.lateLines.push_back(text);
            continue;
        }
        readBootLine(*line, facts);
        facts.end = line->stamp; // not the latest: stamps fall back when sched_clock is set up
    }
    return facts;
}

Ns BootFacts::firstTick() const
{
    const Ns period = recordedTickRate.period();
    return (interruptsUp + period - Ns{1}) / period * period;
}

Ns BootFacts::stampOfJiffy(std::uint64_t shown) const
{
    const std::uint64_t ticks = shown - recordedTickRate.initialJiffies().count;
    return firstTick() + static_cast<std::int64_t>(ticks) * recordedTickRate.period()
        - monotonicAhead;
}

} // namespace timerscope::oracle
