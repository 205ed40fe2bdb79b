// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/why/why.h"

#include "engine/why/flag_words.h"
#include "engine/why/number_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace timerscope {

namespace {

using Row = ClocksourceRow;

/// What followed is looked for in this many records behind the selection: an explanation must not
/// cost more than a frame on a log of millions.
constexpr std::size_t searchedRecords = 200'000;

/// Everything an explanation is made from.
struct Case
{
    const Snapshot& snapshot;
    const TraceLog* log; ///< may be null
    const Row* asked; ///< null: no clocksource of this name
    const Row* current; ///< may be null
    std::optional<std::size_t> selection; ///< record that made the current one current
};

bool has(const Row& row, std::uint32_t flag)
{
    return row.flags && (*row.flags & flag) != 0;
}

bool lacks(const Row& row, std::uint32_t flag)
{
    return row.flags && (*row.flags & flag) == 0;
}

bool tickIsOneshot(const Snapshot& snapshot)
{
    return std::ranges::any_of(snapshot.cpus,
                               [](const CpuRow& cpu) { return cpu.tickMode == TickMode::Oneshot; });
}

bool isLive(const Case& about)
{
    return about.log == nullptr || !about.selection;
}

std::optional<std::size_t> lastOf(RecordKind kind, const TraceLog& log, std::size_t end)
{
    for (std::size_t i = end; i > 0; --i) {
        if (log[i - 1].kind == kind) {
            return i - 1;
        }
    }
    return {};
}

/// The record that made @p current current. An observer, which saw nobody register, names no
/// previous one at its first look: it found this one running and does not know since when.
std::optional<std::size_t> selectionOf(const Snapshot& snapshot, const TraceLog* log,
                                       const Row* current, std::optional<std::size_t> known)
{
    if (log == nullptr || current == nullptr) {
        return {};
    }
    const std::size_t end = std::min(snapshot.records, log->size());
    const auto found
        = known && *known < end ? known : lastOf(RecordKind::ClocksourceSelect, *log, end);
    if (!found) {
        return {};
    }
    const TraceRecord& record = (*log)[*found];
    const bool firstLook = record.a == 0 && !lastOf(RecordKind::ClocksourceRegister, *log, *found);
    return !firstLook && log->string(record.subject) == current->name ? found : std::nullopt;
}

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

Reason ratingReason(const Case& about)
{
    const Row& row = *about.asked;
    if (!row.rating) {
        return {.head = "First of the kernel's list",
                .detail = "The kernel keeps its list by rating, best first. It does not tell the "
                          "ratings themselves.",
                .function = "clocksource_enqueue"};
    }
    return {.head = "Highest rating",
            .detail
            = fmt::format("{}; {}.", ratingWords(*row.rating), rivalWords(about.snapshot, row)),
            .function = "clocksource_enqueue"};
}

std::optional<Reason> fitnessReason(const Row& row)
{
    if (!row.flags) {
        return {};
    }
    if (has(row, clocksource_flag::validForHres)) {
        return Reason{.head = "Fit for high resolution",
                      .detail = has(row, clocksource_flag::mustVerify)
                          ? "Continuous, and the watchdog found it right."
                          : "Continuous and need not be verified, so valid for high resolution "
                            "from its registration on.",
                      .function = "clocksource_enqueue_watchdog"};
    }
    return Reason{.head = "Not fit for high resolution",
                  .detail = has(row, clocksource_flag::continuous)
                      ? "Continuous, but not verified."
                      : "Not continuous: it moves in steps, so timers cannot be finer than it.",
                  .function = "clocksource_enqueue_watchdog"};
}

Reason overrideReason(const Case& about)
{
    const auto& name = about.snapshot.overrideName;
    if (!name || name->empty()) {
        return {.head = "No override",
                .detail = "No clocksource= on the command line, nothing written to "
                          "current_clocksource.",
                .function = {}};
    }
    if (*name == about.asked->name) {
        return {.head = "Asked for by name",
                .detail = fmt::format("The override names {}; an override that can be used goes "
                                      "before every rating.",
                                      *name),
                .function = "clocksource_select"};
    }
    return {.head = "The override cannot be used",
            .detail = fmt::format("{} was asked for, but is not registered or not fit; the best "
                                  "one runs until it is.",
                                  *name),
            .function = "clocksource_select"};
}

bool isOverridden(const Case& about)
{
    return about.current != nullptr && about.snapshot.overrideName == about.current->name;
}

Reason bootReason()
{
    return {.head = "The boot has not finished",
            .detail = "Until then the kernel keeps its default clock, however good the "
                      "registered ones are.",
            .function = "clocksource_done_booting"};
}

/// Why at that moment and not before: the end of the boot, or what came after it.
Reason momentReason(const Case& about)
{
    const TraceRecord& record = (*about.log)[*about.selection];
    const std::string when = fmt::format("Only at {}", instantText(nsOf(record.at)));
    if (lastOf(RecordKind::ClocksourceSelect, *about.log, *about.selection)) {
        return {.head = when,
                .detail = "The boot was over: each registration, override or change of a rating "
                          "selects anew, at once.",
                .function = "clocksource_select"};
    }
    return {.head = when,
            .detail = "Selection waits until the boot has finished; until then jiffies keeps "
                      "time.",
            .function = "clocksource_done_booting"};
}

std::string offsetText(const Case& about, const TraceRecord& record)
{
    const Ns after = record.at - (*about.log)[*about.selection].at;
    return (after < Ns::zero() ? "" : "+") + spanText(after);
}

/// One sentence for a record that a clocksource switch can lead to; empty for all others.
std::string consequence(const TraceLog& log, const TraceRecord& record)
{
    if (record.kind == RecordKind::TickMode
        && static_cast<TickMode>(record.a) == TickMode::Oneshot) {
        return fmt::format("the tick of CPU {} goes oneshot", record.cpu);
    }
    if (record.kind == RecordKind::NohzMode
        && static_cast<NohzMode>(record.a) != NohzMode::Inactive) {
        return fmt::format("the tick of CPU {} becomes dynamic, {}", record.cpu,
                           nameOf(static_cast<NohzMode>(record.a)));
    }
    if (record.kind == RecordKind::ClockEventHandler
        && log.string(static_cast<std::uint32_t>(record.a)) == "hrtimer_interrupt") {
        return fmt::format("high resolution begins on CPU {}", record.cpu);
    }
    return {};
}

/// The first timer that became due after record @p from: earlier ones were late before.
std::string firstTimer(const Case& about, std::size_t from, std::size_t end)
{
    const TraceLog& log = *about.log;
    std::optional<std::int64_t> reference;
    for (std::size_t i = from; i < end; ++i) {
        const TraceRecord& record = log[i];
        if (record.kind != RecordKind::HrtimerExpireEntry) {
            continue;
        }
        if (!reference) {
            reference = record.a;
        } else if (record.b >= *reference && record.a >= record.b) {
            return fmt::format("{}  the first timer that became due since: late by {}",
                               offsetText(about, record), spanText(Ns{record.a - record.b}));
        }
    }
    return {};
}

void addFollowed(const Case& about, Explanation& answer)
{
    if (!about.selection) {
        return;
    }
    const TraceLog& log = *about.log;
    const std::size_t end
        = std::min({about.snapshot.records, log.size(), *about.selection + searchedRecords});
    std::optional<std::size_t> switched;
    for (std::size_t i = *about.selection + 1; i < end && answer.followed.size() < 4; ++i) {
        const std::string sentence = consequence(log, log[i]);
        if (sentence.empty()) {
            continue;
        }
        answer.followed.push_back(offsetText(about, log[i]) + "  " + sentence);
        if (log[i].kind == RecordKind::ClockEventHandler) {
            switched = i;
        }
    }
    if (switched) {
        if (std::string timer = firstTimer(about, *switched + 1, end); !timer.empty()) {
            answer.followed.push_back(std::move(timer));
        }
    }
}

void addChangesOfCurrent(const Case& about, Explanation& answer)
{
    const Row& row = *about.asked;
    answer.wouldChange.push_back(row.rating ? fmt::format("Register a rating above {}", *row.rating)
                                            : std::string{"Register one with a higher rating"});
    if (!has(row, clocksource_flag::unstable)) {
        answer.wouldChange.emplace_back("Mark it unstable: its rating becomes 0");
    }
    for (const Row& other : about.snapshot.clocksources) {
        if (&other == &row || answer.wouldChange.size() > 3) {
            continue;
        }
        const bool deferred
            = tickIsOneshot(about.snapshot) && lacks(other, clocksource_flag::validForHres);
        answer.wouldChange.push_back(deferred
                                         ? fmt::format("Override with {}: deferred, not fit for "
                                                       "high resolution",
                                                       other.name)
                                         : fmt::format("Override with {}", other.name));
    }
}

void explainCurrent(const Case& about, Explanation& answer)
{
    const Row& row = *about.asked;
    answer.what = about.selection
        ? fmt::format("{} became the current clocksource at {}.", row.name,
                      instantText(nsOf((*about.log)[*about.selection].at)))
        : fmt::format("{} is the current clocksource.", row.name);
    if (about.snapshot.machine.bootFinished == false) {
        answer.reasons.push_back(bootReason());
        answer.wouldChange.emplace_back("The end of the boot: then the best rating is chosen");
        return;
    }
    if (isOverridden(about)) {
        answer.reasons.push_back(overrideReason(about));
    } else {
        answer.reasons.push_back(ratingReason(about));
    }
    if (auto fitness = fitnessReason(row)) {
        answer.reasons.push_back(std::move(*fitness));
    }
    if (!isOverridden(about) && !isLive(about)) {
        answer.reasons.push_back(overrideReason(about));
        answer.reasons.push_back(momentReason(about));
    }
    addFollowed(about, answer);
    addChangesOfCurrent(about, answer);
}

void addReasonsAgainst(const Case& about, Explanation& answer)
{
    const Row& row = *about.asked;
    const Row& winner = *about.current;
    if (has(row, clocksource_flag::unstable)) {
        answer.reasons.push_back({.head = "Unstable",
                                  .detail = "The watchdog or its driver marked it so; its rating "
                                            "became 0.",
                                  .function = "__clocksource_unstable"});
    }
    if (tickIsOneshot(about.snapshot) && lacks(row, clocksource_flag::validForHres)) {
        answer.reasons.push_back({.head = "Not fit while the tick is oneshot",
                                  .detail = "Not valid for high resolution, so it is passed over "
                                            "and hidden from available_clocksource.",
                                  .function = "clocksource_find_best"});
    }
    if (isOverridden(about)) {
        answer.reasons.push_back({.head = "Another one was asked for",
                                  .detail = fmt::format("The override names {}.", winner.name),
                                  .function = "clocksource_select"});
    } else if (row.rating && winner.rating && *row.rating <= *winner.rating) {
        answer.reasons.push_back(
            {.head = *row.rating == *winner.rating ? "No better than the first" : "Lower rating",
             .detail
             = fmt::format("{}; {} has {}.", ratingWords(*row.rating), winner.name, *winner.rating),
             .function = "clocksource_enqueue"});
    }
    if (about.snapshot.machine.bootFinished == false) {
        answer.reasons.push_back(bootReason());
    }
    if (answer.reasons.empty()) {
        answer.reasons.push_back({.head = "Behind in the kernel's list",
                                  .detail = "The kernel keeps its list by rating, best first; it "
                                            "does not tell the ratings themselves.",
                                  .function = "clocksource_enqueue"});
    }
}

void explainOther(const Case& about, Explanation& answer)
{
    const Row& row = *about.asked;
    answer.what = about.current != nullptr
        ? fmt::format("{} is not the current clocksource; {} is.", row.name, about.current->name)
        : fmt::format("{} is not the current clocksource; none is yet.", row.name);
    if (about.current == nullptr) {
        answer.reasons.push_back(bootReason());
        return;
    }
    addReasonsAgainst(about, answer);
    if (about.snapshot.machine.bootFinished == false) {
        answer.wouldChange.emplace_back("The end of the boot: then the best rating is chosen");
    } else if (tickIsOneshot(about.snapshot) && lacks(row, clocksource_flag::validForHres)) {
        answer.wouldChange.emplace_back("Nothing while the tick is oneshot; highres=off nohz=off "
                                        "on the command line");
    } else {
        answer.wouldChange.push_back(fmt::format("Write {} to current_clocksource", row.name));
        answer.wouldChange.push_back(
            fmt::format("Unregister {} or mark it unstable", about.current->name));
    }
}

} // namespace

Explanation whyClocksource(const Snapshot& snapshot, std::string_view name, const TraceLog* log,
                           std::optional<std::size_t> selection)
{
    const auto found = std::ranges::find(snapshot.clocksources, name, &Row::name);
    const Row* asked = found != snapshot.clocksources.end() ? &*found : nullptr;
    const Row* current = snapshot.currentClocksource();
    const Case about{.snapshot = snapshot,
                     .log = log,
                     .asked = asked,
                     .current = current,
                     .selection = selectionOf(snapshot, log, current, selection)};
    Explanation answer;
    if (asked == nullptr) {
        answer.what = fmt::format("No clocksource called {} is registered.", name);
    } else if (asked->current) {
        explainCurrent(about, answer);
    } else {
        explainOther(about, answer);
    }
    return answer;
}

} // namespace timerscope
