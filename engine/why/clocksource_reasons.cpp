// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/why/clocksource_reasons.h"

#include "engine/why/clocksource_history.h"
#include "engine/why/clocksource_override.h"
#include "engine/why/flag_words.h"
#include "engine/why/number_text.h"
#include "engine/why/sleep_reason.h"

#include <fmt/format.h>

#include <algorithm>

namespace timerscope {

namespace {

using Row = ClocksourceRow;
using Case = ClocksourceCase;

/// "the only rival, jiffies, has 1", "the best of 3 rivals, tsc, has 300".
std::string rivalWords(const Snapshot& snapshot, const Row& row)
{
    std::vector<const Row*> rivals;
    for (const Row& other : snapshot.clocksources) {
        if (&other != &row) {
            rivals.push_back(&other);
        }
    }
    if (rivals.empty()) {
        return "it has no rival";
    }
    const Row& best = **std::ranges::max_element(
        rivals, {}, [](const Row* rival) { return rival->rating.value_or(0); });
    const std::string who = rivals.size() == 1
        ? "the only rival, " + best.name + ","
        : fmt::format("the best of {} rivals, {},", rivals.size(), best.name);
    return best.rating ? fmt::format("{} has {}", who, *best.rating)
                       : fmt::format("{} has a rating that is not known", who);
}

std::string passedOverWhy(const Row& row)
{
    if (has(row, clocksource_flag::unstable)) {
        return "unstable";
    }
    return has(row, clocksource_flag::continuous) ? "not verified yet" : "not continuous";
}

/// Those that stand before @p row but may not be chosen: "tsc (300, not verified yet)".
std::string passedOver(const Snapshot& snapshot, const Row& row)
{
    std::string names;
    for (const Row& other : snapshot.clocksources) {
        if (&other == &row) {
            break;
        }
        if (!mayBeChosen(snapshot, other)) {
            names += fmt::format("{}{} ({}, {})", names.empty() ? "" : ", ", other.name,
                                 other.rating.value_or(0), passedOverWhy(other));
        }
    }
    return names;
}

Reason unknownRating(std::string_view head)
{
    return {.head = std::string(head),
            .detail = "The kernel keeps its list by rating, best first. It does not tell the "
                      "ratings themselves.",
            .function = "clocksource_enqueue"};
}

/// The current one is not the best, and no name keeps it: nothing has chosen anew.
Reason leftAlone(const Row& row)
{
    return {.head = "Nothing else may be chosen",
            .detail = fmt::format("No registered clocksource is valid for high resolution while "
                                  "the tick is oneshot, so {} is left where it is.",
                                  row.name),
            .function = "clocksource_select"};
}

Reason ratingFor(const Case& about)
{
    const Row& row = *about.asked;
    if (bestOf(about.snapshot) == nullptr) {
        return leftAlone(row);
    }
    if (!row.rating) {
        return unknownRating("First of the kernel's list");
    }
    std::string detail
        = fmt::format("{}; {}.", ratingWords(*row.rating), rivalWords(about.snapshot, row));
    const std::string over = passedOver(about.snapshot, row);
    if (!over.empty()) {
        detail += fmt::format(" Passed over while the tick is oneshot: {}.", over);
    }
    return {.head = over.empty() ? "Highest rating" : "Highest rating of those that may be chosen",
            .detail = std::move(detail),
            .function = over.empty() ? "clocksource_enqueue" : "clocksource_find_best"};
}

/// A tie is decided by who came first.
std::optional<Reason> tieReason(const Case& about)
{
    const Row& row = *about.asked;
    for (const Row& other : about.snapshot.clocksources) {
        if (&other == &row || !row.rating || other.rating != row.rating
            || !mayBeChosen(about.snapshot, other)) {
            continue;
        }
        const bool isFirst = placeOf(about.snapshot, row) < placeOf(about.snapshot, other);
        return Reason{.head = isFirst ? "First of equals" : "No better than the first",
                      .detail
                      = fmt::format("{} has {} as well and was registered {}: of equal "
                                    "ratings the first one stays ahead.",
                                    other.name, *other.rating, isFirst ? "later" : "before it"),
                      .function = "clocksource_enqueue"};
    }
    return {};
}

std::string validDetail(const Row& row)
{
    if (lacks(row, clocksource_flag::continuous)) {
        return "Its driver declares it valid, although it is not continuous.";
    }
    return has(row, clocksource_flag::mustVerify)
        ? "Continuous, and the watchdog found it right."
        : "Continuous and need not be verified, so valid for high resolution from its "
          "registration on.";
}

/// What stands between it and being valid.
std::string invalidDetail(const Snapshot& snapshot, const Row& row)
{
    if (has(row, clocksource_flag::unstable)) {
        return "It was valid at most until it was marked unstable, and never will be again.";
    }
    if (lacks(row, clocksource_flag::continuous)) {
        return "Not continuous: it moves in steps, so timers cannot be finer than it.";
    }
    if (lacks(row, clocksource_flag::mustVerify)) {
        return "Continuous, but not valid.";
    }
    const auto& reference = snapshot.watchdogReference;
    const std::string who = reference && !reference->empty() ? ", " + *reference + "," : "";
    return has(row, clocksource_flag::watchdog)
        ? fmt::format("Continuous, but must be verified: the watchdog has taken its first reading, "
                      "and compares it with the reference{} at its next pass, half a second on.",
                      who)
        : fmt::format("Continuous, but must be verified: the watchdog has not read it yet. It "
                      "needs a reading, and another half a second later that agrees with the "
                      "reference{}.",
                      who.substr(0, who.size() - (who.empty() ? 0 : 1)));
}

std::optional<Reason> fitnessReason(const Case& about)
{
    const Row& row = *about.asked;
    if (!row.flags) {
        return {};
    }
    if (has(row, clocksource_flag::validForHres)) {
        return Reason{.head = "Fit for high resolution",
                      .detail = validDetail(row),
                      .function = "clocksource_enqueue_watchdog"};
    }
    const bool isInTheWay = isTickOneshot(about.snapshot);
    return Reason{
        .head = isInTheWay ? "Not fit while the tick is oneshot" : "Not fit for high resolution",
        .detail = invalidDetail(about.snapshot, row)
            + (isInTheWay ? " So it is passed over, and hidden from "
                            "available_clocksource."
                          : " The tick is periodic, so that does not stand in its way."),
        .function = isInTheWay ? "clocksource_find_best" : "clocksource_enqueue_watchdog"};
}

std::optional<Reason> unstableReason(const Row& row)
{
    if (!has(row, clocksource_flag::unstable)) {
        return {};
    }
    const bool isMarked = lacks(row, clocksource_flag::validForHres);
    return Reason{
        .head = "Unstable",
        .detail = isMarked
            ? fmt::format("The watchdog or its driver marked it so; its rating became 0{} "
                          "and it is no longer valid for high resolution.",
                          row.rating.value_or(0) != 0
                              ? fmt::format(" (and was raised to {} since)", *row.rating)
                              : "")
            : "It was registered with this flag, and is chosen like any other.",
        .function = isMarked ? "__clocksource_unstable" : "clocksource_register_scale"};
}

std::optional<Reason> suspendReason(const Case& about)
{
    const Row* const clock = suspendClockOf(about.snapshot);
    if (!has(*about.asked, clocksource_flag::suspendNonstop) || clock == nullptr) {
        return {};
    }
    const std::string who = clock == about.asked
        ? "It measures the sleep: it is the best rated one of this kind"
        : fmt::format("{} measures the sleep, which is better rated", clock->name);
    return Reason{.head = "Counts on in suspend",
                  .detail = who + ". That is a choice of its own: it takes no part in this one.",
                  .function = "__clocksource_suspend_select"};
}

std::optional<Reason> namesakeReason(const Case& about)
{
    const auto same
        = std::ranges::count(about.snapshot.clocksources, about.asked->name, &Row::name);
    if (same < 2) {
        return {};
    }
    return Reason{.head = "Not the only one of its name",
                  .detail
                  = fmt::format("{} are called {}; names are looked up from the front of "
                                "the list, so this is the first of them, at place {}.",
                                same, about.asked->name, placeOf(about.snapshot, *about.asked)),
                  .function = {}};
}

Reason bootReason(const Case& about)
{
    const Row* const next = choiceOf(about.snapshot);
    return {.head = "The boot has not finished",
            .detail = fmt::format("Until then the kernel keeps its default clock, however good the "
                                  "registered ones are. As they are now, {} would be chosen then.",
                                  next != nullptr ? next->name : "none"),
            .function = "clocksource_done_booting"};
}

void add(std::vector<Reason>& reasons, std::optional<Reason> reason)
{
    if (reason) {
        reasons.push_back(std::move(*reason));
    }
}

/// Behind in the list, at rest.
std::optional<Reason> ratingAgainst(const Case& about)
{
    const Row& row = *about.asked;
    const Row& winner = *about.current;
    if (isOverridden(about) || placeOf(about.snapshot, row) < placeOf(about.snapshot, winner)) {
        return {};
    }
    if (!row.rating || !winner.rating) {
        return Reason{.head = "Behind in the kernel's list",
                      .detail = "The kernel keeps its list by rating, best first; it does not tell "
                                "the ratings themselves.",
                      .function = "clocksource_enqueue"};
    }
    if (*row.rating == *winner.rating) {
        return tieReason(about);
    }
    return Reason{.head = "Lower rating",
                  .detail = fmt::format("{}; {} has {}.", ratingWords(*row.rating), winner.name,
                                        *winner.rating),
                  .function = "clocksource_enqueue"};
}

} // namespace

std::vector<Reason> reasonsFor(const Case& about)
{
    if (about.snapshot.machine.bootFinished == false) {
        return {bootReason(about)};
    }
    std::vector<Reason> reasons;
    if (isOverridden(about)) {
        add(reasons, overrideReason(about));
        add(reasons, ratingAside(about));
    } else {
        reasons.push_back(ratingFor(about));
        add(reasons, tieReason(about));
    }
    add(reasons, unstableReason(*about.asked));
    add(reasons, fitnessReason(about));
    if (!isOverridden(about)) {
        add(reasons, overrideReason(about));
        add(reasons, momentReason(about));
    }
    add(reasons, suspendReason(about));
    add(reasons, sleepReason(about.snapshot, *about.asked));
    add(reasons, namesakeReason(about));
    reasons.push_back(overrideOutlook(about));
    return reasons;
}

std::vector<Reason> reasonsAgainst(const Case& about)
{
    const bool isBooting = about.snapshot.machine.bootFinished == false || about.current == nullptr;
    std::vector<Reason> reasons;
    if (isBooting) {
        reasons.push_back(bootReason(about));
    }
    add(reasons, unstableReason(*about.asked));
    add(reasons, fitnessReason(about));
    if (!isBooting) {
        add(reasons, overrideReason(about));
        add(reasons, ratingAgainst(about));
    }
    add(reasons, refusalReason(about));
    add(reasons, suspendReason(about));
    add(reasons, sleepReason(about.snapshot, *about.asked));
    add(reasons, namesakeReason(about));
    reasons.push_back(overrideOutlook(about));
    return reasons;
}

std::vector<Reason> reasonsOfAbsence(const Case& about, std::string_view name)
{
    std::vector<Reason> reasons;
    add(reasons, leftReason(about, name));
    if (!name.empty() && about.snapshot.overrideName == name) {
        reasons.push_back({.head = "Asked for by name",
                           .detail = fmt::format("The override names {}. The name is kept, and "
                                                 "counts as soon as one of it is registered, at "
                                                 "whatever rating.",
                                                 name),
                           .function = "clocksource_select"});
    }
    return reasons;
}

} // namespace timerscope
