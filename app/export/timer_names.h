// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/trace/snapshot.h"
#include "engine/trace/trace_log.h"

#include <string_view>
#include <unordered_map>

namespace timerscope {

/// What a timer calls when it fires.
struct TimerFunction
{
    std::string_view name; ///< empty when unknown
    std::uint32_t number = 0; ///< of the string in the log; 0 when only a snapshot named it
};

/// The functions of timers, learned from the init records as they pass.
class TimerNames
{
public:
    /// Timers that were set up before the log began are named by @p end, which may be null and
    /// has to outlive this.
    TimerNames(const TraceLog& log, const Snapshot* end);

    /// Learns from @p record if it is an init record. Call it for every record, in order.
    void learn(const TraceRecord& record);

    /// The function of the timer that @p record is about. Records about no timer have none.
    [[nodiscard]] TimerFunction functionOf(const TraceRecord& record) const;

private:
    using Table = std::unordered_map<std::uint32_t, TimerFunction>;
    void learnSnapshot(const Snapshot& snapshot);

    const TraceLog& m_log;
    Table m_hrtimers;
    Table m_wheelTimers;
};

[[nodiscard]] constexpr bool isHrtimerRecord(RecordKind kind)
{
    return kind >= RecordKind::HrtimerInit && kind <= RecordKind::HrtimerExpireExit;
}

[[nodiscard]] constexpr bool isWheelTimerRecord(RecordKind kind)
{
    return kind >= RecordKind::TimerInit && kind <= RecordKind::TimerExpireExit;
}

} // namespace timerscope
