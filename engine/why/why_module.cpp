// SPDX-License-Identifier: GPL-3.0-or-later
//! Who holds a timer driver's module. Rules: kernel/module, Linux 6.1; seed 000; scenarios cs18,
//! ce03, ce12 and ce14.
#include "engine/why/why.h"

#include <fmt/format.h>

#include <algorithm>

namespace timerscope {

namespace {

using Hold = ModuleRow::Hold;

/// As the kernel prints it.
std::string printedName(std::string_view name)
{
    std::string printed(name);
    std::ranges::replace(printed, '-', '_');
    return printed;
}

const ModuleRow* find(const Snapshot& snapshot, std::string_view name)
{
    const std::string printed = printedName(name);
    const auto found = std::ranges::find_if(
        snapshot.modules, [&](const ModuleRow& row) { return printedName(row.name) == printed; });
    return found != snapshot.modules.end() ? &*found : nullptr;
}

/// Rows of @p rows that are the module's.
template<typename Row>
std::vector<const Row*> rowsOf(const std::vector<Row>& rows, const ModuleRow& module)
{
    std::vector<const Row*> found;
    for (const Row& row : rows) {
        if (row.module && printedName(*row.module) == printedName(module.name)) {
            found.push_back(&row);
        }
    }
    return found;
}

/// What a module has registered.
struct Registered
{
    std::vector<const ClocksourceRow*> clocksources;
    std::vector<const ClockEventRow*> events;
};

Registered registeredBy(const Snapshot& snapshot, const ModuleRow& module)
{
    return {.clocksources = rowsOf(snapshot.clocksources, module),
            .events = rowsOf(snapshot.clockEvents, module)};
}

Reason holdOf(std::string_view head, std::string detail, std::string_view function)
{
    return {
        .head = std::string(head), .detail = std::move(detail), .function = std::string(function)};
}

Reason reasonOf(const Hold& hold)
{
    const std::string& device = hold.device;
    switch (hold.role) {
    case HoldRole::CurrentClocksource:
        return holdOf("Held as the current clocksource",
                      fmt::format("Timekeeping counts by {}, and gives the reference back when it "
                                  "switches to another one.",
                                  device),
                      "change_clocksource");
    case HoldRole::TickDevice:
        return holdOf(
            fmt::format("Held as the tick device of CPU {}", hold.cpu),
            fmt::format("{} is installed there until another device displaces it.", device),
            "tick_check_new_device");
    case HoldRole::WakeupDevice:
        return holdOf(fmt::format("Held as the wakeup device of CPU {}", hold.cpu),
                      fmt::format("{} wakes the CPU from deep idle. It cannot be unbound; only a "
                                  "better rated one takes its place.",
                                  device),
                      "tick_set_oneshot_wakeup_device");
    case HoldRole::BroadcastDevice:
        return holdOf("Held as the broadcast device",
                      fmt::format("{} ticks for CPUs whose own device sleeps, until a better rated "
                                  "one is registered.",
                                  device),
                      "tick_install_broadcast_device");
    case HoldRole::Watchdog:
        return holdOf("Held by an open watchdog", fmt::format("A task has {} open.", device),
                      "watchdog_open");
    case HoldRole::Pwm:
        return holdOf("Held by a PWM consumer",
                      fmt::format("The channel {} has been requested.", device), "pwm_get");
    case HoldRole::Other:
        break;
    }
    return holdOf("Held by code of its own", fmt::format("It counts {} itself.", device),
                  "try_module_get");
}

bool isEventRole(HoldRole role)
{
    return role == HoldRole::TickDevice || role == HoldRole::WakeupDevice
        || role == HoldRole::BroadcastDevice;
}

bool holdsEvent(const ModuleRow& module)
{
    return std::ranges::any_of(module.holds,
                               [](const Hold& hold) { return isEventRole(hold.role); });
}

/// The rule behind the references (seed 000).
Reason ruleOf(const ModuleRow& module, const Registered& registered)
{
    if (!registered.events.empty()) {
        return {.head = "A clock event device stays",
                .detail = fmt::format(
                    "There is no call that takes one off again. As soon as one of a module is "
                    "registered and in use, the reference is held, and the module cannot be "
                    "unloaded{}.",
                    holdsEvent(module) ? " until another device takes its place" : ""),
                .function = "clockevents_register_device"};
    }
    return {.head = "Only a clocksource",
            .detail = "A clocksource can be taken off again, so a module that has nothing else can "
                      "be unloaded, unless it is the current one.",
            .function = "clocksource_unregister"};
}

void addUnownedReasons(const Registered& registered, std::vector<Reason>& reasons)
{
    const auto add = [&](const auto& row, std::string_view consequence) {
        if (row.hasOwner == false && row.isDangling != true) {
            reasons.push_back({.head = "No owner",
                               .detail = fmt::format("The driver of {} names no owner, so it holds "
                                                     "nothing at all, not even while it is in use: "
                                                     "unloading would succeed{}.",
                                                     row.name, consequence),
                               .function = "try_module_get"});
        }
    };
    for (const ClocksourceRow* const row : registered.clocksources) {
        add(*row,
            ", and unless its exit function takes it off, the next reading would run code that is "
            "gone");
    }
    for (const ClockEventRow* const row : registered.events) {
        add(*row, ", and the next interrupt or list walk would run code that is gone");
    }
}

/// Registered takes no reference: what the kernel would not notice.
void addUnusedReasons(const ModuleRow& module, const Registered& registered,
                      std::vector<Reason>& reasons)
{
    for (const ClockEventRow* const row : registered.events) {
        const bool isHeld = std::ranges::any_of(module.holds, [row](const Hold& hold) {
            return isEventRole(hold.role) && hold.device == row->name;
        });
        if (row->hasOwner == true && row->isDangling != true && !isHeld) {
            reasons.push_back(
                {.head = "Registered, but unused",
                 .detail = fmt::format("{} holds nothing: registering takes no reference. {}, and "
                                       "the next walk of the kernel's list would fault.",
                                       row->name,
                                       module.holds.empty()
                                           ? "Unloading would succeed"
                                           : "Were nothing else held, unloading would succeed"),
                 .function = "clockevents_register_device"});
        }
    }
}

void addDanglingReasons(const Snapshot& snapshot, const Registered& registered,
                        std::vector<Reason>& reasons)
{
    const auto add = [&](const auto& row) {
        if (row.isDangling == true) {
            reasons.push_back({.head = "Gone, but still registered",
                               .detail = fmt::format("{} is in the kernel's list, and its code is "
                                                     "not there any more: whoever comes to it next "
                                                     "faults.",
                                                     row.name),
                               .function = "delete_module"});
        }
    };
    for (const ClocksourceRow* const row : registered.clocksources) {
        add(*row);
    }
    for (const ClockEventRow* const row : registered.events) {
        add(*row);
    }
    if (snapshot.fault && !reasons.empty()) {
        reasons.push_back(
            {.head = "The kernel has faulted", .detail = snapshot.fault->text, .function = {}});
    }
}

std::string changeOf(const Hold& hold)
{
    switch (hold.role) {
    case HoldRole::CurrentClocksource:
        return "Write another clocksource to current_clocksource";
    case HoldRole::TickDevice:
        return fmt::format("Register a better device for CPU {}, or unbind {} where another one "
                           "can replace it",
                           hold.cpu, hold.device);
    case HoldRole::WakeupDevice:
        return fmt::format("Register a better rated wakeup device for CPU {}", hold.cpu);
    case HoldRole::BroadcastDevice:
        return "Register a better rated broadcast device";
    case HoldRole::Watchdog:
        return fmt::format("Close {}", hold.device);
    case HoldRole::Pwm:
        return fmt::format("Release the channel {}", hold.device);
    case HoldRole::Other:
        break;
    }
    return "Let its own code give the reference back";
}

/// What would let a held module go, or hold one that nobody does.
std::vector<std::string> changesOf(const ModuleRow& module, const Registered& registered)
{
    std::vector<std::string> changes;
    for (const Hold& hold : module.holds) {
        changes.push_back(changeOf(hold));
    }
    if (module.loaded && module.holds.empty()) {
        for (const ClocksourceRow* const row : registered.clocksources) {
            if (row->hasOwner == true && !row->current) {
                changes.push_back(
                    fmt::format("Make {} the current clocksource: that holds it", row->name));
            }
        }
        const bool isUnowned
            = std::ranges::any_of(registered.clocksources,
                                  [](const auto* row) { return row->hasOwner == false; })
            || std::ranges::any_of(registered.events,
                                   [](const auto* row) { return row->hasOwner == false; });
        if (isUnowned) {
            changes.emplace_back("Name the owner in its driver: then use is counted");
        }
    }
    return changes;
}

std::string whatOf(const ModuleRow& module)
{
    if (!module.loaded) {
        return fmt::format("{} is not loaded.", module.name);
    }
    const std::size_t count = module.holds.size();
    return count == 0
        ? fmt::format("{} can be unloaded now: nothing holds it.", module.name)
        : fmt::format("{} cannot be unloaded now: {} of it {} held.", module.name,
                      count == 1 ? "1 reference" : fmt::format("{} references", count),
                      count == 1 ? "is" : "are");
}

} // namespace

Explanation whyModule(const Snapshot& snapshot, std::string_view name)
{
    Explanation answer;
    const ModuleRow* const module = find(snapshot, name);
    if (module == nullptr) {
        answer.what = fmt::format("No module called {} was ever loaded.", name);
        return answer;
    }
    answer.what = whatOf(*module);
    const Registered registered = registeredBy(snapshot, *module);
    for (const Hold& hold : module->holds) {
        answer.reasons.push_back(reasonOf(hold));
    }
    addDanglingReasons(snapshot, registered, answer.reasons);
    addUnownedReasons(registered, answer.reasons);
    addUnusedReasons(*module, registered, answer.reasons);
    if (module->loaded && (!registered.events.empty() || !registered.clocksources.empty())) {
        answer.reasons.push_back(ruleOf(*module, registered));
    }
    if (answer.reasons.empty()) {
        answer.reasons.push_back({.head = module->loaded ? "Nothing registered" : "Gone",
                                  .detail = module->loaded
                                      ? "It has registered no timer, so no part of time holds it."
                                      : "It left nothing behind in the kernel's lists.",
                                  .function = {}});
    }
    answer.wouldChange = changesOf(*module, registered);
    return answer;
}

} // namespace timerscope
