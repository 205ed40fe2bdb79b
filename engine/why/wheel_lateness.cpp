// SPDX-License-Identifier: GPL-3.0-or-later
//! Rules: calc_wheel_index(), tick_do_update_jiffies64(), run_local_timers(), __run_timers(), Linux
//! 6.1.
#include "engine/why/lateness_course.h"
#include "engine/why/number_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace timerscope {

namespace {

using Cause = LatenessCause;

/// One expiry of a wheel timer.
class WheelCase
{
public:
    WheelCase(const LatenessScan& scan, const CpuSeen& cpu, const TraceRecord& record)
        : m_scan(scan)
        , m_cpu(cpu)
        , m_record(record)
        , m_start(startOf(scan, record))
        , m_asked(std::min(whenDue(m_start.expires), record.at))
        , m_course(m_asked, record.at)
    {
    }

    [[nodiscard]] Account account()
    {
        m_course.until(m_start.at, Cause::StartedLate);
        addRounding();
        if (const JiffiesSeen* const step = m_scan.reached(m_start.softOrBucket)) {
            addStep(*step);
        }
        addSoftirq();
        return {.asked = m_asked, .parts = m_course.take()};
    }

private:
    /// A log that begins later has no start of it: then its bucket's jiffy is what it asked for.
    static StartSeen startOf(const LatenessScan& scan, const TraceRecord& record)
    {
        const StartSeen* const start = scan.startOf(record.subject);
        return start != nullptr ? *start
                                : StartSeen{.at = {},
                                            .expires = record.b,
                                            .softOrBucket = record.b,
                                            .flags = 0,
                                            .monotonic = {}};
    }

    [[nodiscard]] TraceInstant whenDue(std::int64_t jiffies) const
    {
        // Where no record counts jiffies the expiry itself says what they were.
        return m_scan.whenDue(jiffies).value_or(
            addSaturating(m_record.at, m_scan.spanBetween(m_record.a, jiffies)));
    }

    void addRounding()
    {
        std::int64_t rounded = 0; // a damaged log may hold any numbers
        static_cast<void>(__builtin_sub_overflow(m_start.softOrBucket, m_start.expires, &rounded));
        m_course.until(whenDue(m_start.softOrBucket), Cause::WheelRounding,
                       fmt::format("its bucket is run {} {} after the one asked for", rounded,
                                   rounded == 1 ? "jiffy" : "jiffies"));
    }

    void addStep(const JiffiesSeen& step)
    {
        m_isOwnStep = step.cpu == m_record.cpu;
        if (const InterruptSeen* const interrupt = interruptOf(step)) {
            if (const auto& setting = interrupt->setting) {
                const Aim aim = aimOf(*interrupt, *setting, m_scan, step.at);
                if (aim.fires) {
                    addMissed(std::min(aim.expires.value_or(*aim.fires), *aim.fires), step);
                }
                addDevice(m_course, *setting, aim);
            } else {
                // When its interrupt had to come is not known, but that ticks were missed is.
                addMissed(whenDue(step.jiffies), step);
            }
            addArrival(m_course, *interrupt);
            addHandlers(step.firstFunction, step.at);
        }
        addMissed(step.at, step);
    }

    void addMissed(TraceInstant moment, const JiffiesSeen& step)
    {
        if (isDeferrable()) {
            m_course.until(moment, Cause::Deferred, "it wakes no CPU that idles");
        } else {
            m_course.until(moment, Cause::JiffiesLate,
                           fmt::format("{} {} counted at once, at {}", step.ticks,
                                       step.ticks == 1 ? "tick was" : "ticks were",
                                       instantText(nsOf(step.at))));
        }
    }

    /// The interrupt that jiffies were counted in. A CPU that idles counts them before the handler
    /// of what woke it begins.
    [[nodiscard]] const InterruptSeen* interruptOf(const JiffiesSeen& step) const
    {
        if (step.interrupt) {
            return &*step.interrupt;
        }
        if (!m_isOwnStep || !m_cpu.served || !m_cpu.served->in) {
            return nullptr;
        }
        const InterruptSeen& next = *m_cpu.served->in;
        return next.at >= step.at && next.at - step.at < m_scan.jiffy() ? &next : nullptr;
    }

    /// Within an interrupt, whose first timer's function began at @p first.
    void addHandlers(std::optional<TraceInstant> first, TraceInstant moment)
    {
        m_course.until(std::min(first.value_or(moment), moment), Cause::HandlerEntry);
        m_course.until(moment, Cause::EarlierHandlers);
    }

    [[nodiscard]] bool isDeferrable() const
    {
        return (m_start.flags & timer_flag::deferrable) != 0;
    }

    void addSoftirq()
    {
        if (!m_cpu.served) {
            return;
        }
        if (m_cpu.served->in) {
            addInterrupt(*m_cpu.served->in);
        }
        addHandlers(m_cpu.served->firstFunction, m_cpu.served->at);
        m_course.until(m_cpu.softirq.value_or(m_cpu.served->at), Cause::LateSoftirq);
        m_course.until(m_cpu.firstFunction.value_or(m_record.at), Cause::HandlerEntry);
        m_course.until(m_record.at, Cause::EarlierHandlers);
    }

    /// Jiffies were there, and its CPU had still to look.
    void addInterrupt(const InterruptSeen& interrupt)
    {
        if (isDeferrable()) {
            m_course.until(interrupt.at, Cause::Deferred, "it wakes no CPU that idles");
        } else {
            m_course.until(interrupt.at, Cause::TickWait, "its own CPU's tick looks at its wheel");
        }
    }

    const LatenessScan& m_scan;
    const CpuSeen& m_cpu;
    const TraceRecord& m_record;
    StartSeen m_start;
    TraceInstant m_asked;
    Course m_course;
    bool m_isOwnStep = false; ///< its own CPU counted the jiffies that it waited for
};

} // namespace

Account wheelAccount(const LatenessScan& scan, const CpuSeen& cpu, const TraceRecord& record)
{
    return WheelCase(scan, cpu, record).account();
}

} // namespace timerscope
