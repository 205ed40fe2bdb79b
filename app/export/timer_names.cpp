// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/export/timer_names.h"

#include <limits>

namespace timerscope {

namespace {

template<typename Table, typename Row>
void learnRows(Table& table, const std::vector<Row>& rows)
{
    for (const Row& row : rows) {
        // Wider ids are a live kernel's addresses, which no record can name.
        if (row.id <= std::numeric_limits<std::uint32_t>::max()) {
            table[static_cast<std::uint32_t>(row.id)] = {.name = row.function, .number = 0};
        }
    }
}

} // namespace

TimerNames::TimerNames(const TraceLog& log, const Snapshot* end)
    : m_log(log)
{
    if (end != nullptr) {
        learnSnapshot(*end);
    }
}

void TimerNames::learnSnapshot(const Snapshot& snapshot)
{
    for (const CpuRow& cpu : snapshot.cpus) {
        for (const HrtimerBaseRow& base : cpu.hrtimerBases) {
            learnRows(m_hrtimers, base.timers);
        }
        for (const WheelBaseRow& wheel : cpu.wheels) {
            learnRows(m_wheelTimers, wheel.timers);
        }
    }
}

void TimerNames::learn(const TraceRecord& record)
{
    const bool isHrtimer = record.kind == RecordKind::HrtimerInit;
    if (isHrtimer || record.kind == RecordKind::TimerInit) {
        const auto number = static_cast<std::uint32_t>(record.a);
        Table& table = isHrtimer ? m_hrtimers : m_wheelTimers;
        table[record.subject] = {.name = m_log.string(number), .number = number};
    }
}

TimerFunction TimerNames::functionOf(const TraceRecord& record) const
{
    const bool isHrtimer
        = isHrtimerRecord(record.kind) || record.kind == RecordKind::HrtimerMigrate;
    if (!isHrtimer && !isWheelTimerRecord(record.kind)) {
        return {};
    }
    const Table& table = isHrtimer ? m_hrtimers : m_wheelTimers;
    const auto found = table.find(record.subject);
    return found == table.end() ? TimerFunction{} : found->second;
}

} // namespace timerscope
