// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/trace/snapshot.h"

#include <algorithm>
#include <array>

namespace timerscope {

std::string_view nameOf(TaskState state)
{
    static constexpr std::array<std::string_view, 5> names{"running", "runnable", "sleeping",
                                                           "waiting", "ended"};
    return names.at(static_cast<std::size_t>(state));
}

std::string_view nameOf(DeviceRole role)
{
    static constexpr std::array<std::string_view, 4> names{"unused", "tick", "broadcast", "wakeup"};
    return names[static_cast<std::size_t>(role)];
}

std::string_view hrtimerBaseName(unsigned index)
{
    static constexpr std::array<std::string_view, 8> names{
        "monotonic",      "realtime",      "boottime",      "tai",
        "monotonic soft", "realtime soft", "boottime soft", "tai soft"};
    return index < names.size() ? names[index] : std::string_view{"unknown"};
}

const ClocksourceRow* Snapshot::currentClocksource() const
{
    const auto found = std::ranges::find_if(clocksources, &ClocksourceRow::current);
    return found != clocksources.end() ? &*found : nullptr;
}

const ClockEventRow* Snapshot::clockEvent(std::string_view name, unsigned cpu) const
{
    const auto serves = [&](const ClockEventRow& row) {
        return row.name == name && row.role == DeviceRole::Tick && row.cpu == cpu;
    };
    auto found = std::ranges::find_if(clockEvents, serves);
    if (found == clockEvents.end()) {
        found = std::ranges::find(clockEvents, name, &ClockEventRow::name);
    }
    return found != clockEvents.end() ? &*found : nullptr;
}

} // namespace timerscope
