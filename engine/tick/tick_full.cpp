// SPDX-License-Identifier: GPL-3.0-or-later
//! Full nohz: a CPU that runs a single task stops its tick, too, unless something needs it.
#include "engine/tick/tick_sched.h"

namespace timerscope {

void TickSched::updateFullTick(MonotonicInstant at)
{
    if (mayStopFullTick()) {
        if (const NextTick::Answer next = m_next.find(m_isStopped); !next.keepsTicking) {
            stopTick(next.at);
        }
    } else if (m_isStopped) {
        restartTick(at);
    }
}

/// Whoever needs the tick of all CPUs is named before who needs this one's, the task's and its
/// process's.
bool TickSched::mayStopFullTick()
{
    return m_host.isOnline() && !isKeptBy(m_services.shared.dependencies)
        && !isKeptBy(m_dependencies) && !isKeptBy(m_host.taskDependencies())
        && !isKeptBy(m_host.processDependencies());
}

bool TickSched::isKeptBy(const TickDependencies& dependencies)
{
    const auto first = dependencies.first();
    if (first) {
        m_tracer.record(RecordKind::TickStop, 0, 0, TickDependencies::bitOf(*first));
    }
    return first.has_value();
}

} // namespace timerscope
