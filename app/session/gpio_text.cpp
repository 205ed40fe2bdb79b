// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/gpio_text.h"

#include "engine/base/time_text.h"
#include "engine/base/wording.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace timerscope {

namespace {

constexpr int nameWidth = 16;

std::string count(std::uint64_t number, std::string_view one, std::string_view many)
{
    return fmt::format("{} {}", number, number == 1 ? one : many);
}

std::string lineText(const GpioLine& line)
{
    std::string text
        = fmt::format("  {:>3}  {:<{}}  {}", line.number, line.name.empty() ? "-" : line.name,
                      nameWidth, line.isOutput ? "output" : "input");
    if (line.isActiveLow) {
        text += ", active low";
    }
    if (line.isUsed) {
        text += line.consumer.empty() ? ", used" : ", used by " + inQuotes(line.consumer);
    }
    return text + "\n";
}

std::string chipText(const GpioChip& chip)
{
    if (!chip.problem.empty()) {
        return fmt::format("{}: {}\n", chip.name, chip.problem);
    }
    std::string text = fmt::format("{} ({}): {}\n", chip.name, chip.label,
                                   count(chip.lines.size(), "line", "lines"));
    for (const GpioLine& line : chip.lines) {
        text += lineText(line);
    }
    return text;
}

std::string intervalText(Ns interval)
{
    // timeText() is for spans that are not negative.
    return interval < Ns::zero() ? "-" + timeText(subtractSaturating(Ns::zero(), interval))
                                 : "+" + timeText(interval);
}

} // namespace

std::string textOf(const std::vector<GpioChip>& chips)
{
    std::string text;
    for (const GpioChip& chip : chips) {
        text += chipText(chip);
    }
    return text;
}

std::string EdgeWriter::remarkBefore(const Edge& edge) const
{
    std::string remark;
    if (edge.gap == EdgeGap::Certain) {
        remark = "        edges were lost here: two of a kind in a row\n";
    } else if (edge.gap == EdgeGap::Possible) {
        remark = fmt::format("        edges may be lost here: the kernel's queue of {} was full\n",
                             m_queueLength);
    }
    return remark + (edge.isBackwards ? "        the time stamps step back here\n" : "");
}

std::string EdgeWriter::rowOf(const Edge& edge) const
{
    const auto ns = nsOf(edge.at);
    const std::string_view kind = edge.kind == EdgeKind::Rising ? "rising" : "falling";
    const std::string time
        = fmt::format("{:>6}  {:>5}.{:09}  ", edge.sequence, ns / nsPerSecond, ns % nsPerSecond);
    return m_last ? fmt::format("{}{:<7}  {}\n", time, kind,
                                intervalText(subtractSaturating(edge.at.time_since_epoch(),
                                                                m_last->time_since_epoch())))
                  : fmt::format("{}{}\n", time, kind);
}

std::string EdgeWriter::textOf(const std::vector<Edge>& edges)
{
    std::string text;
    for (const Edge& edge : edges) {
        text += remarkBefore(edge) + rowOf(edge);
        m_last = edge.at;
    }
    return text;
}

std::string summaryOf(const EdgeCounts& counts, std::optional<StampClock> clock, Ns length)
{
    const auto rounded = std::chrono::floor<std::chrono::milliseconds>(length);
    std::string text = fmt::format("{} in {}: {} rising, {} falling; ",
                                   count(counts.rising + counts.falling, "edge", "edges"),
                                   timeText(rounded), counts.rising, counts.falling);
    text += counts.lost == 0 ? std::string("none known to be lost")
                             : fmt::format("at least {} lost", counts.lost);
    if (counts.overflows > 0) {
        text += fmt::format("; the kernel's queue was full {}",
                            count(counts.overflows, "time", "times"));
    }
    if (counts.backwards > 0) {
        text += fmt::format("; the time stamps stepped back {}",
                            count(counts.backwards, "time", "times"));
    }
    if (clock == StampClock::Realtime) {
        text += "; the kernel stamps with CLOCK_REALTIME, which was converted";
    }
    return text + "\n";
}

} // namespace timerscope
