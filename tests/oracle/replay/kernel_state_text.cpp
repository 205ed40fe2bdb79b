// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/oracle/replay/kernel_state_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace timerscope::oracle {
namespace {

struct FlagLetter
{
    char letter;
    std::uint32_t flag;
};

/// In the order in which they are printed: by bit.
constexpr std::array letters{
    FlagLetter{'c', clocksource_flag::continuous},
    FlagLetter{'m', clocksource_flag::mustVerify},
    FlagLetter{'w', clocksource_flag::watchdog},
    FlagLetter{'h', clocksource_flag::validForHres},
    FlagLetter{'u', clocksource_flag::unstable},
    FlagLetter{'s', clocksource_flag::suspendNonstop},
    FlagLetter{'r', clocksource_flag::reselect},
    FlagLetter{'p', clocksource_flag::verifyPercpu},
};

/// Of the machine's own drivers only the TSC's can be enabled, and read from user space.
bool isTsc(const Clocksource& source)
{
    return source.name == "tsc" || source.name == "tsc-early";
}

std::string listLine(const ClocksourceRegistry& registry)
{
    std::string line = "cslist";
    for (const Clocksource* source : registry.list()) {
        line += fmt::format(" {}:{}:{}", source->name, source->rating, flagLetters(source->flags));
    }
    return line;
}

std::string watchedLine(const ClocksourceRegistry& registry)
{
    std::string line = "wdlist";
    if (const ClocksourceWatchdog* const watchdog = registry.watchdog()) {
        for (const Clocksource* source : watchdog->watched()) {
            line += " " + source->name;
        }
    }
    return line;
}

std::string nameOrNull(const Clocksource* source)
{
    return source != nullptr ? source->name : "(null)";
}

} // namespace

std::string flagLetters(std::uint32_t flags)
{
    std::string text;
    for (const FlagLetter& candidate : letters) {
        if ((flags & candidate.flag) != 0) {
            text += candidate.letter;
        }
    }
    return text.empty() ? "-" : text;
}

std::optional<std::uint32_t> flagsOf(std::string_view text)
{
    std::uint32_t flags = 0;
    if (text == "x" || text == "none") {
        return flags;
    }
    for (const char letter : text) {
        const auto known = std::ranges::find(letters, letter, &FlagLetter::letter);
        if (known == letters.end()) {
            return std::nullopt;
        }
        flags |= known->flag;
    }
    return flags;
}

std::string clocksourceLine(const Clocksource& source, bool isTest)
{
    const ClocksourceRate& rate = source.rate;
    return fmt::format("cs {} rating={} flags={}({:#x}) mask={:#x} mult={} shift={} maxadj={} "
                       "max_cycles={:#x} max_idle_ns={} uncertainty_margin={} owner={} "
                       "enable_cb={:d} vdso={:d}",
                       source.name, source.rating, flagLetters(source.flags), source.flags,
                       rate.mask, rate.mult, rate.shift, rate.maxadj, rate.maxCycles,
                       rate.maxIdle.count(), rate.uncertaintyMargin.count(),
                       source.owner != nullptr ? source.owner->name() : "-",
                       isTest || isTsc(source), !isTest && isTsc(source));
}

std::vector<std::string> stateLines(const ClocksourceRegistry& registry)
{
    return {listLine(registry),
            watchedLine(registry),
            fmt::format("curr {}", nameOrNull(registry.current())),
            fmt::format("suspend_cs {}", nameOrNull(registry.suspendClocksource())),
            fmt::format("override_name '{}'", registry.overrideName()),
            fmt::format("finished_booting {:d}", registry.hasFinishedBooting())};
}

} // namespace timerscope::oracle
