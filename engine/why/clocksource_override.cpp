// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/why/clocksource_override.h"

#include "engine/why/flag_words.h"

#include <fmt/format.h>

namespace timerscope {

namespace {

using Row = ClocksourceRow;
using Case = ClocksourceCase;

constexpr std::size_t mostChanges = 5;

/// Who runs while a wish is not granted.
std::string bestName(const Snapshot& snapshot)
{
    const Row* const best = bestOf(snapshot);
    return best != nullptr ? best->name : "none";
}

/// An override that names somebody else than the current one.
Reason unusedOverride(const Case& about, const std::string& name)
{
    const bool isThere = overrideOf(about.snapshot) != nullptr;
    return {.head = "The override cannot be used",
            .detail
            = fmt::format("{} was asked for, but is {}. The name is kept; the best one runs "
                          "until it {}.",
                          name,
                          isThere ? "not valid for high resolution while the tick is "
                                    "oneshot (deferred)"
                                  : "not registered",
                          isThere ? "is valid" : "is registered"),
            .function = "clocksource_select"};
}

Reason acceptedOutlook(const Case& about)
{
    const Row& row = *about.asked;
    if (row.current) {
        return {.head = "An override would be accepted",
                .detail = fmt::format("Written to current_clocksource, {} would stay current, even "
                                      "against a better rating.",
                                      row.name),
                .function = "clocksource_select"};
    }
    const std::string_view fit = isTickOneshot(about.snapshot)
        ? "it is valid for high resolution"
        : "the tick is periodic, so it need not be valid for high resolution";
    return {.head = "An override would be accepted",
            .detail = fmt::format("Written to current_clocksource, {} would be current at once, "
                                  "whatever its rating: {}.",
                                  row.name, fit),
            .function = "clocksource_select"};
}

Reason deferredOutlook(const Case& about)
{
    return {.head = "An override would be deferred",
            .detail = fmt::format("It would not be current: the kernel says \u201cOverride "
                                  "clocksource {} is not currently HRT compatible - "
                                  "deferring\u201d, keeps the name until it is valid for high "
                                  "resolution, and lets {} run.",
                                  about.asked->name, bestName(about.snapshot)),
            .function = "clocksource_select"};
}

Reason refusedOutlook(const Case& about)
{
    return {.head = "An override would be refused",
            .detail = fmt::format("It would not be current: the kernel says \u201cOverride "
                                  "clocksource {} is unstable and not HRT compatible - cannot "
                                  "switch while in HRT/NOHZ mode\u201d, forgets the name, and lets "
                                  "{} run.",
                                  about.asked->name, bestName(about.snapshot)),
            .function = "clocksource_select"};
}

Reason waitingOutlook(const Case& about)
{
    return {.head = "An override would wait",
            .detail
            = fmt::format("Nothing is chosen before the boot has finished. The name (from "
                          "clocksource={} on the command line) is kept until then, and goes "
                          "before every rating.",
                          about.asked->name),
            .function = "clocksource_select"};
}

Reason ignoredOutlook()
{
    return {.head = "An override would change nothing",
            .detail = "The tick is oneshot and no registered clocksource is valid for high "
                      "resolution: the kernel chooses none, not even by name. The name is kept.",
            .function = "clocksource_select"};
}

/// What stands before it in the list and may be chosen: "tsc and hpet".
std::string namesAhead(const Case& about)
{
    std::vector<std::string_view> names;
    for (const Row& other : about.snapshot.clocksources) {
        if (&other == about.asked) {
            break;
        }
        if (mayBeChosen(about.snapshot, other)) {
            names.emplace_back(other.name);
        }
    }
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i) {
        text += i == 0 ? "" : (i + 1 == names.size() ? " and " : ", ");
        text += names[i];
    }
    return text;
}

/// What would let it be chosen while the tick is oneshot.
std::string changeOfFitness(const Row& row)
{
    if (has(row, clocksource_flag::unstable)) {
        return "Unregister it and register it anew: nothing else makes an unstable one valid again";
    }
    if (lacks(row, clocksource_flag::continuous)) {
        return "Nothing while the tick is oneshot; highres=off nohz=off on the command line";
    }
    return "Two passes of the watchdog that find it right";
}

/// A better one that only waits for the watchdog, or for its name to be registered.
void addWaiting(const Case& about, std::vector<std::string>& changes)
{
    const auto& name = about.snapshot.overrideName;
    if (name && !name->empty() && overrideOf(about.snapshot) == nullptr) {
        changes.push_back(fmt::format("Register {}: the override still names it", *name));
    }
    for (const Row& other : about.snapshot.clocksources) {
        const bool waits = has(other, clocksource_flag::mustVerify)
            && has(other, clocksource_flag::continuous) && !mayBeChosen(about.snapshot, other)
            && !has(other, clocksource_flag::unstable);
        if (waits && placeOf(about.snapshot, other) < placeOf(about.snapshot, *about.asked)) {
            changes.push_back(fmt::format("The watchdog finds {} right", other.name));
        }
    }
}

void addOverrides(const Case& about, std::vector<std::string>& changes)
{
    for (const Row& other : about.snapshot.clocksources) {
        if (&other != about.asked && changes.size() < mostChanges) {
            changes.push_back(overrideChange(about.snapshot, other));
        }
    }
}

constexpr std::string_view endOfBoot = "The end of the boot: then the best rating is chosen";

} // namespace

std::optional<Reason> overrideReason(const Case& about)
{
    const auto& name = about.snapshot.overrideName;
    const Row& row = *about.asked;
    if (!name || (name->empty() && (!row.current || !about.selection))) {
        return {}; // nobody knows, or there is nothing to say
    }
    if (name->empty()) {
        return Reason{.head = "No override",
                      .detail = "No clocksource= on the command line, nothing written to "
                                "current_clocksource.",
                      .function = {}};
    }
    if (about.current == nullptr || *name != about.current->name) {
        return unusedOverride(about, *name);
    }
    if (row.current) {
        return Reason{.head = "Asked for by name",
                      .detail = fmt::format("The override names {}; an override that can be used "
                                            "goes before every rating.",
                                            *name),
                      .function = "clocksource_select"};
    }
    return Reason{.head = "Another one was asked for",
                  .detail = fmt::format(
                      "The override names {}{}.", *name,
                      bestOf(about.snapshot) == &row ? ", although this one is better rated" : ""),
                  .function = "clocksource_select"};
}

std::optional<Reason> ratingAside(const Case& about)
{
    const Row& row = *about.asked;
    const Row* const best = bestOf(about.snapshot);
    if (!row.rating || best == nullptr) {
        return {};
    }
    const std::string other = best == &row
        ? "it would be chosen without being asked for, too"
        : fmt::format("without the override {}, which has {}, would be chosen", best->name,
                      best->rating.value_or(0));
    return Reason{.head = "Its rating does not matter",
                  .detail = fmt::format("{}; {}.", ratingWords(*row.rating), other),
                  .function = "clocksource_enqueue"};
}

Reason overrideOutlook(const Case& about)
{
    switch (overrideAnswerOf(about.snapshot, *about.asked)) {
    case OverrideAnswer::Deferred:
        return deferredOutlook(about);
    case OverrideAnswer::Refused:
        return refusedOutlook(about);
    case OverrideAnswer::Waits:
        return waitingOutlook(about);
    case OverrideAnswer::Ignored:
        return ignoredOutlook();
    case OverrideAnswer::Accepted:
        break;
    }
    return acceptedOutlook(about);
}

std::string overrideChange(const Snapshot& snapshot, const Row& row)
{
    std::string asked = "Override with " + row.name;
    switch (overrideAnswerOf(snapshot, row)) {
    case OverrideAnswer::Deferred:
        return asked + ": deferred, not fit for high resolution";
    case OverrideAnswer::Refused:
        return asked + ": refused, unstable";
    case OverrideAnswer::Waits:
    case OverrideAnswer::Ignored:
    case OverrideAnswer::Accepted:
        break;
    }
    return asked;
}

namespace {

/// In a kernel without the watchdog, marking a source unstable does nothing. A model says so by
/// knowing its suspend clocksource, but no reference; of a live kernel neither is known.
bool canBeMarked(const Snapshot& snapshot)
{
    return !snapshot.suspendClocksource || snapshot.watchdogReference;
}

} // namespace

std::vector<std::string> changesOfCurrent(const Case& about)
{
    const Row& row = *about.asked;
    if (about.snapshot.machine.bootFinished == false) {
        return {std::string(endOfBoot)};
    }
    std::vector<std::string> changes;
    if (isOverridden(about)) {
        const Row* const best = bestOf(about.snapshot);
        changes.push_back(best != nullptr && best != &row
                              ? fmt::format("Clear the override: then {} is chosen", best->name)
                              : std::string("Clear the override, and register a better rating"));
    } else {
        changes.push_back(row.rating ? fmt::format("Register a rating above {}", *row.rating)
                                     : std::string{"Register one with a higher rating"});
    }
    // While the tick is periodic, its name keeps even an unstable one.
    const bool isKept = isOverridden(about) && !isTickOneshot(about.snapshot);
    if (!has(row, clocksource_flag::unstable) && !isKept && canBeMarked(about.snapshot)) {
        changes.emplace_back("Mark it unstable: its rating becomes 0");
    }
    addWaiting(about, changes);
    addOverrides(about, changes);
    return changes;
}

std::vector<std::string> changesOfOther(const Case& about)
{
    const Row& row = *about.asked;
    if (about.snapshot.machine.bootFinished == false || about.current == nullptr) {
        return {std::string(endOfBoot)};
    }
    if (!mayBeChosen(about.snapshot, row)) {
        return {changeOfFitness(row)};
    }
    std::vector<std::string> changes{fmt::format("Write {} to current_clocksource", row.name)};
    if (isOverridden(about)) {
        changes.push_back(
            bestOf(about.snapshot) == &row
                ? std::string("Clear the override: then this one is chosen")
                : fmt::format("Clear the override, and unregister {}", namesAhead(about)));
        return changes;
    }
    if (const std::string ahead = namesAhead(about); !ahead.empty()) {
        changes.push_back(canBeMarked(about.snapshot)
                              ? fmt::format("Unregister {} or mark it unstable", ahead)
                              : fmt::format("Unregister {}", ahead));
    }
    if (row.rating && about.current->rating) {
        changes.push_back(fmt::format("Give it a rating above {}", *about.current->rating));
    }
    return changes;
}

} // namespace timerscope
