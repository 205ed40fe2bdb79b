// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/trace/timer_tree.h"
#include "engine/trace/trace_record.h"

#include <compare>
#include <map>
#include <optional>
#include <unordered_map>

namespace timerscope {

/// Every CPU's trees of queued hrtimers, rebuilt from a log's records in their order.
///
/// Give it every record from the first one on: only then are the shapes the kernel's. A timer whose
/// beginning is not in the log is counted on CLOCK_MONOTONIC, hard, as most are. The kernel's
/// records do not tell when a timer is queued on another CPU than the one that starts it; a model's
/// do (hrtimer_migrate). Threading: one thread.
class HrtimerTrees
{
public:
    struct Place
    {
        unsigned cpu = 0;
        unsigned base = 0; ///< 0 to 7, as in HrtimerBaseRow
        friend auto operator<=>(const Place&, const Place&) = default;
    };

    void apply(const TraceRecord& record);
    /// The tree there; an empty one where nothing was ever queued. Valid until the next apply().
    [[nodiscard]] const TimerTree& tree(Place place) const;

private:
    struct Timer
    {
        unsigned base = 0;
        std::optional<unsigned> movesTo; ///< told just before its start
        Place queuedOn;
    };
    void start(const TraceRecord& record);
    void remove(std::uint32_t id);

    std::unordered_map<std::uint32_t, Timer> m_timers;
    std::map<Place, TimerTree> m_trees;
};

} // namespace timerscope
