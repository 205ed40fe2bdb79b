// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/posix/clock_id.h"
#include "engine/posix/process.h"

#include <optional>

namespace timerscope {

/// Whose CPU time a CPU clock counts: a task or a process, named by its id, for either may end
/// before the timer that waits on it.
class CpuClockTarget
{
public:
    /// What @p clock, a CPU clock, means to @p caller. Null when it is none, when it names a thread
    /// of another process, or nobody. @p forReading: a process may also be named by the id of the
    /// calling thread.
    [[nodiscard]] static std::optional<CpuClockTarget> find(Task& caller, ClockId clock,
                                                            bool forReading = false);

    [[nodiscard]] CpuClock clock() const { return m_clock; }
    [[nodiscard]] bool isThread() const { return m_tid.has_value(); }
    /// The clock as it is told to others: by kind, and the caller's own as 0.
    [[nodiscard]] bool isCallersOwn() const { return m_isOwn; }
    /// False once the task or process is gone.
    [[nodiscard]] bool isAlive() const;

    // Only while it is alive.

    /// The time on the clock. @p start keeps a process's clock up to date from now on.
    [[nodiscard]] CpuTime sample(bool start) const;
    [[nodiscard]] CpuTimerQueues& queues() const;
    /// Waits for a timer of this clock, and keeps the tick going for it.
    void arm(CpuTimer& timer) const;

private:
    CpuClockTarget(Process& owner, CpuClock clock)
        : m_owner(&owner)
        , m_clock(clock)
    {
    }
    [[nodiscard]] Process* process() const;
    [[nodiscard]] Task* task() const;

    Process* m_owner; // of the timer, which does not outlive it
    std::optional<int> m_otherPid; // when another process is meant
    std::optional<int> m_tid;
    CpuClock m_clock;
    bool m_isOwn = false;
};

} // namespace timerscope
