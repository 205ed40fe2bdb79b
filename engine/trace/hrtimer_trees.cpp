// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/trace/hrtimer_trees.h"

#include <utility>

namespace timerscope {

namespace {

constexpr unsigned clocks = 4;
constexpr unsigned realtime = 1;

/// The base of a timer that was initialized so. A relative one on CLOCK_REALTIME is counted on
/// CLOCK_MONOTONIC (__hrtimer_init, Linux 6.1).
unsigned baseOf(std::int64_t clock, std::uint8_t mode)
{
    const bool isRelative = (mode & hrtimer_mode::relative) != 0;
    auto index = static_cast<unsigned>(clock);
    if (index >= clocks || (index == realtime && isRelative)) {
        index = 0;
    }
    return index + ((mode & hrtimer_mode::soft) != 0 ? clocks : 0);
}

} // namespace

void HrtimerTrees::apply(const TraceRecord& record)
{
    switch (record.kind) {
    case RecordKind::HrtimerInit:
        m_timers[record.subject].base = baseOf(record.b, record.flags);
        break;
    case RecordKind::HrtimerStart:
        start(record);
        break;
    case RecordKind::HrtimerMigrate:
        m_timers[record.subject].movesTo = static_cast<unsigned>(record.a);
        break;
    case RecordKind::HrtimerCancel:
    case RecordKind::HrtimerExpireEntry: // cancelled just before, unless that record is lost
        remove(record.subject);
        break;
    default:
        break;
    }
}

void HrtimerTrees::start(const TraceRecord& record)
{
    remove(record.subject);
    Timer& timer = m_timers[record.subject];
    const unsigned cpu = std::exchange(timer.movesTo, std::nullopt).value_or(record.cpu);
    timer.queuedOn = {.cpu = cpu, .base = timer.base};
    m_trees[timer.queuedOn].insert(record.subject, record.a);
}

void HrtimerTrees::remove(std::uint32_t id)
{
    if (const auto timer = m_timers.find(id); timer != m_timers.end()) {
        if (const auto tree = m_trees.find(timer->second.queuedOn); tree != m_trees.end()) {
            tree->second.erase(id);
        }
    }
}

const TimerTree& HrtimerTrees::tree(Place place) const
{
    static const TimerTree nothing;
    const auto found = m_trees.find(place);
    return found != m_trees.end() ? found->second : nothing;
}

} // namespace timerscope
