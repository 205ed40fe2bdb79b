// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/trace/snapshot.h"
#include "tests/property/simulation/disturbances.h"
#include "tests/property/simulation/record_check.h"

#include <map>
#include <string>

namespace timerscope::test {

/// What every snapshot of a machine must show, and what must hold from one to the next: see
/// README.md. Reports to a RecordCheck.
class StateCheck
{
public:
    StateCheck(RecordCheck& report, const Disturbances& disturbances);

    void look(const Snapshot& now);

private:
    void checkTime(const Snapshot& now);
    void checkLag(const Snapshot& now);
    void checkWheelsAgainstClock(const Snapshot& now, Ns lag);
    void checkDuty(const Snapshot& now);
    void checkNobodyCounts(const Snapshot& now, const CpuRow& cpu);
    void checkTicks(const Snapshot& now);
    void checkTick(const Snapshot& now, const CpuRow& cpu);
    void checkBroadcast(const Snapshot& now);
    void checkClocksources(const Snapshot& now);
    void checkReferences(const Snapshot& now);
    void violate(const std::string& what);

    RecordCheck* m_report;
    const Disturbances* m_disturbances;
    TraceInstant m_at; ///< of the snapshot that is looked at
    bool m_hasLooked = false;
    TraceInstant m_lastAt;
    MonotonicInstant m_monotonic; ///< at the last look
    Jiffies m_jiffies;
    bool m_followedClock = false; ///< all ticks were dynamic: jiffies follow the clock
    Ns m_lag{}; ///< jiffies are at least so far behind the clock, …
    TraceInstant m_lagSince; ///< … and have not moved since a look at this time
    /// By CPU: since when it has been seen to tick while nobody counts jiffies.
    std::map<unsigned, TraceInstant> m_ticksForNobody;
};

} // namespace timerscope::test
