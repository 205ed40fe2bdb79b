// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/linux/change_recorder.h"

#include <array>
#include <utility>

namespace timerscope {

namespace {

/// An override is the only reason that a look can prove: the current one is not the first choice.
SelectReason reasonOf(const Snapshot& now)
{
    return now.overrideName ? SelectReason::Override : SelectReason::Unknown;
}

/// CLOCK_MONOTONIC, CLOCK_REALTIME, CLOCK_BOOTTIME, CLOCK_TAI: the bases in their order.
std::int64_t clockIdOf(unsigned baseIndex)
{
    static constexpr std::array<std::int64_t, 4> ids{1, 0, 7, 11};
    return ids[baseIndex % ids.size()];
}

void appendTimer(TraceLog& log, TraceRecord record, const HrtimerBaseRow& base,
                 const HrtimerRow& timer)
{
    record.subject = static_cast<std::uint32_t>(timer.id); // hashed addresses have 32 bits
    record.flags = base.index >= 4 ? hrtimer_mode::soft : hrtimer_mode::absolute;
    record.kind = RecordKind::HrtimerInit;
    record.a = log.intern(timer.function);
    record.b = clockIdOf(base.index);
    log.append(record);
    record.kind = RecordKind::HrtimerStart;
    record.a = nsOf(timer.hardExpires);
    record.b = nsOf(timer.softExpires);
    log.append(record);
}

} // namespace

void ChangeRecorder::record(const Snapshot& now, TraceLog& log)
{
    Facts facts = factsOf(now);
    for (const auto& [key, fact] : facts) {
        const auto before = m_facts.find(key);
        if (before == m_facts.end()) {
            append(log, now, key, fact, nullptr);
        } else if (before->second != fact) {
            append(log, now, key, fact, &before->second);
        }
    }
    if (!m_hasLooked) {
        appendTimers(log, now);
    }
    m_facts = std::move(facts);
    m_hasLooked = true;
}

ChangeRecorder::Facts ChangeRecorder::factsOf(const Snapshot& now)
{
    Facts facts;
    if (const ClocksourceRow* const current = now.currentClocksource()) {
        facts[{RecordKind::ClocksourceSelect, 0, ""}] = {current->name, "", 0};
    }
    for (const CpuRow& row : now.cpus) {
        addCpu(facts, row);
    }
    for (const ClockEventRow& row : now.clockEvents) {
        addDevice(facts, row);
    }
    return facts;
}

void ChangeRecorder::addCpu(Facts& facts, const CpuRow& row)
{
    const auto cpu = static_cast<std::uint16_t>(row.index);
    const std::string device = row.tickDevice.value_or("");
    if (row.tickDevice) {
        facts[{RecordKind::TickDevice, cpu, ""}] = {device, "", 0};
    }
    if (row.tickMode) {
        facts[{RecordKind::TickMode, cpu, ""}] = {device, "", static_cast<int>(*row.tickMode)};
    }
    if (row.nohzMode) {
        facts[{RecordKind::NohzMode, cpu, ""}] = {"", "", static_cast<int>(*row.nohzMode)};
    }
}

void ChangeRecorder::addDevice(Facts& facts, const ClockEventRow& row)
{
    const auto cpu = static_cast<std::uint16_t>(row.cpu.value_or(0));
    if (row.state) {
        facts[{RecordKind::ClockEventState, cpu, row.name}]
            = {row.name, "", static_cast<int>(*row.state)};
    }
    if (!row.handler.empty()) {
        facts[{RecordKind::ClockEventHandler, cpu, row.name}] = {row.name, row.handler, 0};
    }
}

void ChangeRecorder::append(TraceLog& log, const Snapshot& now, const Key& key, const Fact& fact,
                            const Fact* before)
{
    TraceRecord record;
    record.at = now.at;
    record.kind = std::get<RecordKind>(key);
    record.cpu = std::get<std::uint16_t>(key);
    record.subject = log.intern(fact.subject);
    if (record.kind == RecordKind::ClocksourceSelect || record.kind == RecordKind::TickDevice) {
        record.a = before != nullptr ? log.intern(before->subject) : 0;
    } else if (record.kind == RecordKind::ClockEventHandler) {
        record.a = log.intern(fact.text);
    } else {
        record.a = fact.number;
        record.b = before != nullptr ? before->number : fact.number;
    }
    if (record.kind == RecordKind::ClocksourceSelect) {
        record.b = static_cast<std::int64_t>(reasonOf(now));
    }
    log.append(record);
}

void ChangeRecorder::appendTimers(TraceLog& log, const Snapshot& now)
{
    TraceRecord record;
    record.at = now.at;
    for (const CpuRow& cpu : now.cpus) {
        record.cpu = static_cast<std::uint16_t>(cpu.index);
        for (const HrtimerBaseRow& base : cpu.hrtimerBases) {
            for (const HrtimerRow& timer : base.timers) {
                appendTimer(log, record, base, timer);
            }
        }
    }
}

} // namespace timerscope
