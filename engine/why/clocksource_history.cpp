// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/why/clocksource_history.h"

#include "engine/why/number_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace timerscope {

namespace {

using Case = ClocksourceCase;

constexpr std::size_t mostConsequences = 4;

std::size_t endOf(const Case& about)
{
    return std::min(about.snapshot.records, about.log->size());
}

std::string offsetText(TraceInstant since, const TraceRecord& record)
{
    const Ns after = record.at - since;
    return (after < Ns::zero() ? "" : "+") + spanText(after);
}

/// A device gets the handler of high resolution as its CPU's tick goes oneshot, or later in place
/// of another device.
bool beginsHighResolution(const TraceLog& log, std::size_t handler)
{
    std::size_t before = handler;
    while (before > 0 && tellsOfFunctions(log[before - 1].kind)) {
        --before;
    }
    return before > 0 && log[before - 1].kind == RecordKind::TickMode
        && log[before - 1].cpu == log[handler].cpu;
}

/// One sentence for a record that a clocksource switch can lead to; empty for all others.
std::string consequence(const TraceLog& log, std::size_t index)
{
    const TraceRecord& record = log[index];
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
        && log.string(static_cast<std::uint32_t>(record.a)) == "hrtimer_interrupt"
        && beginsHighResolution(log, index)) {
        return fmt::format("high resolution begins on CPU {}", record.cpu);
    }
    return {};
}

/// The first timer that became due after record @p from: earlier ones were late before.
std::string firstTimer(const TraceLog& log, TraceInstant since, std::size_t from, std::size_t end)
{
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
                               offsetText(since, record), spanText(Ns{record.a - record.b}));
        }
    }
    return {};
}

/// The last record of @p kind about @p name, not further back than is searched.
std::optional<std::size_t> lastAbout(const Case& about, RecordKind kind, std::string_view name)
{
    const std::size_t end = endOf(about);
    const std::size_t start = end - std::min(end, searchedRecords);
    for (std::size_t i = end; i > start; --i) {
        const TraceRecord& record = (*about.log)[i - 1];
        if (record.kind == kind && about.log->string(record.subject) == name) {
            return i - 1;
        }
    }
    return {};
}

} // namespace

std::optional<Reason> momentReason(const Case& about)
{
    if (about.log == nullptr || !about.selection) {
        return {};
    }
    const TraceRecord& record = (*about.log)[*about.selection];
    const std::string when = fmt::format("Only at {}", instantText(nsOf(record.at)));
    if (lastOf(RecordKind::ClocksourceSelect, *about.log, *about.selection)) {
        return Reason{.head = when,
                      .detail = "The boot was over: each registration, override or change of a "
                                "rating selects anew, at once.",
                      .function = "clocksource_select"};
    }
    return Reason{.head = when,
                  .detail = "Selection waits until the boot has finished; until then jiffies keeps "
                            "time.",
                  .function = "clocksource_done_booting"};
}

std::optional<Reason> refusalReason(const Case& about)
{
    if (about.log == nullptr || !has(*about.asked, clocksource_flag::unstable)) {
        return {};
    }
    const auto line
        = lastAbout(about, RecordKind::Printk,
                    fmt::format("clocksource: Override clocksource {} is unstable and not HRT "
                                "compatible - cannot switch while in HRT/NOHZ mode",
                                about.asked->name));
    if (!line) {
        return {};
    }
    return Reason{.head = "An override was refused",
                  .detail = fmt::format("At {} it was asked for by name; the kernel refused and "
                                        "forgot the name.",
                                        instantText(nsOf((*about.log)[*line].at))),
                  .function = "clocksource_select"};
}

std::optional<Reason> leftReason(const Case& about, std::string_view name)
{
    if (about.log == nullptr) {
        return {};
    }
    const auto left = lastAbout(about, RecordKind::ClocksourceUnregister, name);
    if (!left) {
        return {};
    }
    return Reason{.head = "Unregistered",
                  .detail = fmt::format("It left the kernel's list at {}.",
                                        instantText(nsOf((*about.log)[*left].at))),
                  .function = "clocksource_unbind"};
}

std::vector<std::string> whatFollowed(const Case& about)
{
    if (about.log == nullptr || !about.selection) {
        return {};
    }
    std::vector<std::string> followed;
    const TraceLog& log = *about.log;
    const std::size_t selection = *about.selection;
    const TraceInstant since = log[selection].at;
    const std::size_t end = std::min(endOf(about), selection + searchedRecords);
    std::optional<std::size_t> switched;
    for (std::size_t i = selection + 1; i < end && followed.size() < mostConsequences; ++i) {
        const std::string sentence = consequence(log, i);
        if (sentence.empty()) {
            continue;
        }
        followed.push_back(offsetText(since, log[i]) + "  " + sentence);
        if (log[i].kind == RecordKind::ClockEventHandler) {
            switched = i;
        }
    }
    if (switched) {
        if (std::string timer = firstTimer(log, since, *switched + 1, end); !timer.empty()) {
            followed.push_back(std::move(timer));
        }
    }
    return followed;
}

} // namespace timerscope
