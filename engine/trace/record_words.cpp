// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/trace/record_schema.h"

#include <array>

namespace timerscope {

namespace {

template<typename Enum, std::size_t Count>
std::string_view wordOf(const std::array<std::string_view, Count>& words, Enum value)
{
    const auto index = static_cast<std::size_t>(value);
    return index < Count ? words[index] : std::string_view{"unknown"};
}

} // namespace

std::string_view nameOf(SelectReason reason)
{
    static constexpr std::array<std::string_view, 4> words{"best", "override", "only-one",
                                                           "unknown"};
    return wordOf(words, reason);
}

std::string_view nameOf(WatchdogVerdict verdict)
{
    static constexpr std::array<std::string_view, 6> words{"first-reading", "good",       "skewed",
                                                           "long-interval", "unreliable", "busy"};
    return wordOf(words, verdict);
}

std::string_view nameOf(FaultKind fault)
{
    static constexpr std::array<std::string_view, 4> words{"oops", "panic", "hang", "lockup"};
    return wordOf(words, fault);
}

std::string_view nameOf(HoldRole role)
{
    static constexpr std::array<std::string_view, 7> words{
        "current clocksource", "tick device", "wakeup device", "broadcast device",
        "open watchdog",       "pwm channel", "module code"};
    return wordOf(words, role);
}

} // namespace timerscope
