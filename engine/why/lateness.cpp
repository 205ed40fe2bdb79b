// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/why/lateness.h"

#include "engine/why/lateness_course.h"
#include "engine/why/lateness_scan.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

namespace timerscope {

namespace {

bool isExpiry(RecordKind kind)
{
    return kind == RecordKind::HrtimerExpireEntry || kind == RecordKind::TimerExpireEntry;
}

TimerExpiry expiryOf(LatenessScan& scan, const TraceRecord& record)
{
    const CpuSeen& cpu = scan.cpu(record.cpu);
    const bool isWheel = record.kind == RecordKind::TimerExpireEntry;
    Account account = isWheel ? wheelAccount(scan, cpu, record) : hrtimerAccount(scan, cpu, record);
    return {.record = 0,
            .timer = record.subject,
            .cpu = record.cpu,
            .isWheel = isWheel,
            .began = record.at,
            .late = record.at - account.asked,
            .parts = std::move(account.parts)};
}

} // namespace

std::string_view nameOf(LatenessCause cause)
{
    static constexpr std::array<std::string_view, 20> names{
        "started late",       "slack",           "wheel rounding",   "the machine slept",
        "wait for the tick",  "jiffies late",    "deferred",         "device set late",
        "pause after a hang", "minimum delta",   "device rounding",  "clock rounding",
        "clock ahead",        "broadcast relay", "idle exit",        "interrupt latency",
        "handler entry",      "late softirq",    "earlier handlers", "unexplained",
    };
    return names.at(static_cast<std::size_t>(cause));
}

Ns TimerExpiry::spanOf(LatenessCause cause) const
{
    Ns sum{};
    for (const LatenessPart& part : parts) {
        sum += part.cause == cause ? part.span : Ns::zero();
    }
    return sum;
}

std::vector<KnownTimer> knownTimers(const TraceLog& log, std::size_t count)
{
    std::map<std::uint32_t, KnownTimer> known;
    for (std::size_t i = 0; i < count; ++i) {
        const TraceRecord& record = log[i];
        const bool isInit
            = record.kind == RecordKind::HrtimerInit || record.kind == RecordKind::TimerInit;
        const bool isStart
            = record.kind == RecordKind::HrtimerStart || record.kind == RecordKind::TimerStart;
        if (!isInit && !isStart && !isExpiry(record.kind)) {
            continue;
        }
        KnownTimer& timer = known[record.subject];
        timer.id = record.subject;
        timer.isWheel = record.kind == RecordKind::TimerInit
            || record.kind == RecordKind::TimerStart || record.kind == RecordKind::TimerExpireEntry;
        timer.expiries += isExpiry(record.kind) ? 1U : 0U;
        if (isInit) {
            timer.function = log.string(static_cast<std::uint32_t>(record.a));
        }
    }
    std::vector<KnownTimer> timers;
    timers.reserve(known.size());
    for (auto& [id, timer] : known) {
        timers.push_back(std::move(timer));
    }
    return timers;
}

std::vector<TimerExpiry> timerExpiries(const Snapshot& snapshot, const TraceLog& log,
                                       std::span<const std::uint32_t> timers)
{
    std::vector<TimerExpiry> found;
    const std::set<std::uint32_t> wanted(timers.begin(), timers.end());
    LatenessScan scan(snapshot, log);
    const std::size_t count = std::min(snapshot.records, log.size());
    for (std::size_t i = 0; i < count; ++i) {
        const TraceRecord& record = log[i];
        if (isExpiry(record.kind)) {
            // Even of one that nobody asked for: the tick's own says when jiffies were due.
            scan.beginExpiry(record);
            if (wanted.empty() || wanted.contains(record.subject)) {
                found.push_back(expiryOf(scan, record));
                found.back().record = i;
            }
        }
        scan.see(record);
    }
    return found;
}

} // namespace timerscope
