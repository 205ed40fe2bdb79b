// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/oracle/replay/masks.h"

#include "tests/oracle/replay/boot_facts.h"

#include <algorithm>
#include <array>
#include <regex>
#include <span>

namespace timerscope::oracle {
namespace {

enum class LineKind : std::uint8_t
{
    Compared,
    Tick, ///< of the tick layer
    Excepted,
};

struct KnownLine
{
    std::string_view begin;
    LineKind kind = LineKind::Compared;
};

/// By how a line begins, the longest beginning first where two fit.
constexpr std::array knownLines{
    KnownLine{"celist", LineKind::Tick},
    KnownLine{"cereleased", LineKind::Tick},
    KnownLine{"tickdev ", LineKind::Tick},
    KnownLine{"mask ", LineKind::Tick},
    KnownLine{"tick_do_timer_cpu", LineKind::Tick},
    KnownLine{"tick_broadcast_forced", LineKind::Tick},
    KnownLine{"ce ", LineKind::Tick},
    KnownLine{"cb ce ", LineKind::Tick},
    // Timers and clocks: their numbers are times. The hrtimers' own tables judge them.
    KnownLine{"jiffies ", LineKind::Excepted},
    KnownLine{"hr ", LineKind::Excepted},
    KnownLine{"# bench:", LineKind::Excepted},
};

struct Mask
{
    std::regex pattern;
    const char* replacement;
};

std::string masked(std::string text, std::span<const Mask> masks)
{
    for (const Mask& mask : masks) {
        text = std::regex_replace(text, mask.pattern, mask.replacement);
    }
    return text;
}

std::span<const Mask> calibrationMasks()
{
    static const std::array masks{
        Mask{std::regex{"(mult|shift|maxadj|max_idle_ns|max_cycles|min_delta_ns|max_delta_ns)"
                        "=[0-9a-fx]+"},
             "$1=N"}};
    return masks;
}

std::span<const Mask> deviceMasks()
{
    static const std::array masks{Mask{std::regex{"(retries|calls)=[0-9]+"}, "$1=N"}};
    return masks;
}

/// When a command worked and where the wheel's clock was are inputs.
std::span<const Mask> wheelMasks()
{
    static const std::array masks{Mask{std::regex{"(jiffies|base_clk)=[0-9]+"}, "$1=N"}};
    return masks;
}

std::span<const Mask> noisyWheelMasks()
{
    static const std::array masks{
        Mask{std::regex{"(jiffies|base_clk|expires|bucket|fired)=[0-9]+"}, "$1=N"}};
    return masks;
}

/// On several CPUs the bit comes and goes with skipped checks.
std::span<const Mask> watchdogBitMasks()
{
    static const std::array masks{
        Mask{std::regex{"( tsc:-?[0-9]+:[a-z]*)w"}, "$1"},
        Mask{std::regex{"^(cs tsc .*flags=[a-z]*)w([a-z]*)"}, "$1$2"},
        Mask{std::regex{"^(cs tsc .*flags=[a-z-]*)\\(0x[0-9a-f]+\\)"}, "$1(N)"}};
    return masks;
}

std::span<const Mask> dmesgMasks()
{
    static const std::array masks{
        Mask{std::regex{"(wd_nsec|cs_nsec): -?[0-9]+"}, "$1: N"},
        Mask{std::regex{"([a-z]+_(?:now|last)): [0-9a-f]+"}, "$1: N"},
        Mask{std::regex{"read-back delay (of|only) [0-9]+"}, "read-back delay $1 N"},
        Mask{std::regex{"check durations [0-9]+ns - [0-9]+ns"}, "check durations N"},
        Mask{std::regex{"CPU( ?)[0-9]+"}, "CPU$1N"},
        Mask{std::regex{"CPUs [0-9,-]+"}, "CPUs N"}};
    return masks;
}

std::span<const Mask> outputMasks()
{
    static const std::array masks{
        Mask{std::regex{" (offset|maxerror|esterror)=-?[0-9]+"}, " $1=N"}};
    return masks;
}

LineKind kindOf(std::string_view line)
{
    const auto known = std::ranges::find_if(
        knownLines, [&](const KnownLine& candidate) { return line.starts_with(candidate.begin); });
    return known != knownLines.end() ? known->kind : LineKind::Compared;
}

/// "tick_stable" comes once a good pass, "set_next_event" once a tick: as time goes.
bool isTimedCallback(std::string_view line)
{
    return line.starts_with("cb ")
        && (line.ends_with(" tick_stable")
            || line.find(" set_next_event") != std::string_view::npos);
}

bool isCalibrated(std::string_view line)
{
    constexpr std::array begins{"cs tsc ", "cs tsc-early ", "ce lapic "};
    return std::ranges::any_of(begins, [&](const char* begin) { return line.starts_with(begin); });
}

bool isExcepted(std::string_view line, const MaskRules& rules)
{
    const LineKind kind = kindOf(line);
    return kind == LineKind::Excepted || (kind == LineKind::Tick && !rules.tickLines)
        || (rules.smp && line.starts_with("tick_do_timer_cpu")) || isTimedCallback(line);
}

/// What a loaded host makes a kernel on several CPUs say.
bool isNoise(std::string_view text)
{
    return !text.starts_with("clocksource: ")
        || text.find("skipping watchdog check") != std::string_view::npos
        || text.find("clock-skew test skipped") != std::string_view::npos
        || text.find(" wd-wd read-back delay") != std::string_view::npos
        || text.find(" before success") != std::string_view::npos;
}

} // namespace

std::optional<std::string> comparedLog(std::string_view line, const MaskRules& rules)
{
    if (isExcepted(line, rules)) {
        return std::nullopt;
    }
    std::string text{line};
    if (isCalibrated(line)) {
        text = masked(std::move(text), calibrationMasks());
    }
    if (line.starts_with("tw ")) {
        return masked(std::move(text), rules.smp ? noisyWheelMasks() : wheelMasks());
    }
    if (line.starts_with("ce ")) {
        text = masked(std::move(text), deviceMasks());
    }
    return rules.smp ? masked(std::move(text), watchdogBitMasks()) : text;
}

std::optional<std::string> comparedDmesg(std::string_view line, const MaskRules& rules)
{
    const auto parsed = parseLogLine(line);
    const std::string_view text = parsed ? parsed->text : line;
    if (rules.smp && isNoise(text)) {
        return std::nullopt;
    }
    return masked(std::string{text}, dmesgMasks());
}

std::string comparedOutput(std::string_view line)
{
    return masked(std::string{line}, outputMasks());
}

std::optional<std::string> comparedTimerList(std::string_view line)
{
    if (line.find("max_hang_time") != std::string_view::npos) {
        return std::nullopt;
    }
    // Where a function was that is gone.
    static const std::regex address{"0x[0-9a-f]{16}"};
    return std::regex_replace(std::string{line}, address, "ADDRESS");
}

} // namespace timerscope::oracle
