// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/tick/tick_parts.h"

#include <optional>

namespace timerscope {

/// When a CPU whose tick may stop needs the next one, and whose task it is to keep the time then.
///
/// Rules: tick_nohz_next_event() and its callers, kernel/time/tick-sched.c, Linux 6.1; oracle set
/// nohz_next_event. Threading: the engine's thread.
class NextTick
{
public:
    struct Answer
    {
        bool keepsTicking = false; ///< the next period is near: not worth stopping for
        MonotonicInstant at = never<MonotonicClock>; ///< else: not before this, or never
        friend bool operator==(const Answer&, const Answer&) = default;
    };

    NextTick(unsigned cpu, const TickParts& parts, Tracer tracer)
        : m_cpu(cpu)
        , m_parts(parts)
        , m_tracer(tracer)
    {
    }

    /// Looks at the timers. A tick that @p isStopped is not started for a near one: that is asked
    /// for by itself. Tells the wheel whether this CPU counts as idle.
    [[nodiscard]] Answer find(bool isStopped);
    /// The tick stops: a CPU that counted jiffies leaves that to the next one that ticks.
    void giveUpDoTimer();
    /// It was the last to count them: while nobody does, it must wake before the clock wraps.
    [[nodiscard]] bool hadDoTimer() const { return m_hadDoTimer; }
    /// The CPU has died, and begins anew.
    void forget()
    {
        m_hadDoTimer = false;
        m_lastJiffies = {};
        m_nextTimer = {};
    }

    /// Of the last look: when it was, and the first timer that it found.
    [[nodiscard]] Jiffies lastJiffies() const { return m_lastJiffies; }
    [[nodiscard]] MonotonicInstant nextTimer() const { return m_nextTimer; }

private:
    [[nodiscard]] MonotonicInstant firstTimer(Jiffies jiffies, MonotonicInstant base);
    [[nodiscard]] Ns longestSleep() const;

    unsigned m_cpu;
    TickParts m_parts;
    Tracer m_tracer;
    Jiffies m_lastJiffies;
    MonotonicInstant m_nextTimer;
    bool m_hadDoTimer = false;
};

} // namespace timerscope
