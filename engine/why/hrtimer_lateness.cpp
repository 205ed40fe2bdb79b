// SPDX-License-Identifier: GPL-3.0-or-later
//! Rules: hrtimer_interrupt(), hrtimer_run_queues(), hrtimer_run_softirq(), Linux 6.1.
#include "engine/why/lateness_course.h"
#include "engine/why/number_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace timerscope {

namespace {

using Cause = LatenessCause;

/// One expiry of an hrtimer.
class HrtimerCase
{
public:
    HrtimerCase(const LatenessScan& scan, const CpuSeen& cpu, const TraceRecord& record)
        : m_scan(scan)
        , m_cpu(cpu)
        , m_record(record)
        , m_start(scan.startOf(record.subject))
        , m_pass(cpu.pass.value_or(record.at))
        , m_asked(askedBy(cpu, record))
        , m_course(m_asked, record.at)
    {
    }

    [[nodiscard]] Account account()
    {
        if (m_start != nullptr) {
            addStart(*m_start);
        }
        if (m_cpu.interrupt) {
            addInterrupt(*m_cpu.interrupt);
            addHandlers();
        } else if (m_cpu.served) {
            addSoftirq(*m_cpu.served);
            addHandlers();
        } else {
            m_course.until(m_pass, Cause::Unexplained);
        }
        m_course.until(m_record.at, Cause::EarlierHandlers);
        return {.asked = m_asked, .parts = m_course.take()};
    }

private:
    /// When it has to fire at the latest, which is what the device is set to.
    [[nodiscard]] TraceInstant hard() const
    {
        const Ns slack = m_start != nullptr
            ? subtractSaturating(Ns{m_start->expires}, Ns{m_start->softOrBucket})
            : Ns::zero();
        return addSaturating(m_asked, slack);
    }

    /// Its moment may be before its start for two reasons: it was over on the kernel's clock, or
    /// that clock has gone faster since than the records' axis.
    void addStart(const StartSeen& start)
    {
        const bool isRelative = (start.flags & hrtimer_mode::relative) != 0;
        if (!isRelative) { // a relative one counts from its start
            const Ns over = start.monotonic && m_scan.isMonotonic(m_record.subject)
                ? subtractSaturating(start.monotonic->time_since_epoch(), Ns{start.softOrBucket})
                : Ns::max();
            m_course.until(std::min(start.at, addSaturating(m_asked, over)), Cause::StartedLate);
        }
        m_course.until(std::min(start.at, addSaturating(m_asked, m_scan.clockTick())),
                       Cause::ClockRounding,
                       fmt::format("one tick of the clock is {}", spanText(m_scan.clockTick())));
        m_course.until(start.at, Cause::ClockAhead);
    }

    void addSoftirq(const CpuSeen::Raised& raised)
    {
        if (raised.in) {
            addInterrupt(*raised.in);
        }
        m_course.until(raised.at, Cause::HandlerEntry);
        m_course.until(m_cpu.softirq.value_or(raised.at), Cause::LateSoftirq);
    }

    /// Until the clock was read for the pass that came to this timer: what ran before that.
    void addHandlers()
    {
        m_course.until(m_cpu.firstFunction.value_or(m_pass), Cause::HandlerEntry);
        m_course.until(m_pass, Cause::EarlierHandlers);
    }

    void addInterrupt(const InterruptSeen& interrupt)
    {
        if (!m_cpu.isHighRes || interrupt.isPeriodic) {
            addTick(interrupt);
        } else if (interrupt.setting) {
            addSetting(interrupt, *interrupt.setting);
        } else {
            m_course.until(std::min(hard(), interrupt.at), Cause::Slack, slackText());
        }
        addArrival(m_course, interrupt);
    }

    void addTick(const InterruptSeen& interrupt)
    {
        static constexpr std::string_view evidence = "its CPU was not in high resolution";
        if (interrupt.setting) {
            const Aim aim = aimOf(interrupt, *interrupt.setting, m_scan, m_pass);
            if (aim.fires) {
                m_course.until(*aim.fires, Cause::TickWait, std::string{evidence});
            }
            return;
        }
        // A tick that comes late by itself cannot be told from the waiting for it.
        m_course.until(firstSignOf(interrupt), Cause::TickWait, std::string{evidence});
    }

    void addSetting(const InterruptSeen& interrupt, const DeviceSetting& setting)
    {
        const Aim aim = aimOf(interrupt, setting, m_scan, m_pass);
        const bool isForced = (setting.flags & program_flag::forced) != 0;
        TraceInstant used = hard();
        if (!isForced) {
            used = std::min({used, aim.expires.value_or(used), aim.fires.value_or(used)});
        }
        m_course.until(used, Cause::Slack, slackText());
        if (m_scan.resumed()) {
            m_course.until(std::min(*m_scan.resumed(), setting.at), Cause::MachineSlept);
        }
        if (m_cpu.highResSince) {
            m_course.until(std::min(*m_cpu.highResSince, setting.at), Cause::TickWait,
                           fmt::format("its CPU went to high resolution only at {}",
                                       instantText(nsOf(*m_cpu.highResSince))));
        }
        if (wasSqueezed(setting)) {
            m_course.until(setting.at, Cause::SetLate,
                           fmt::format("its time had passed when the device was set, at {}",
                                       instantText(nsOf(setting.at))));
        }
        if (aim.expires && !isForced) {
            // It should have been set for this timer, or for an earlier one.
            m_course.until(std::min(*aim.expires, aim.fires.value_or(*aim.expires)),
                           setting.followsHang ? Cause::HangPause : Cause::Unexplained);
        }
        addDevice(m_course, setting, aim);
    }

    [[nodiscard]] std::string slackText() const
    {
        return fmt::format("it allows {}", spanText(hard() - m_asked));
    }

    const LatenessScan& m_scan;
    const CpuSeen& m_cpu;
    const TraceRecord& m_record;
    const StartSeen* m_start;
    TraceInstant m_pass;
    TraceInstant m_asked;
    Course m_course;
};

} // namespace

/// The clock was read when the pass over the timers began, and says how long its time was over
/// then. Never after the expiry: a clock may have been set back.
TraceInstant askedBy(const CpuSeen& cpu, const TraceRecord& record)
{
    const TraceInstant read = cpu.pass.value_or(record.at);
    const Ns over = subtractSaturating(Ns{record.b}, Ns{record.a});
    return std::clamp(addSaturating(read, over), record.at - longestLateness, record.at);
}

Account hrtimerAccount(const LatenessScan& scan, const CpuSeen& cpu, const TraceRecord& record)
{
    return HrtimerCase(scan, cpu, record).account();
}

} // namespace timerscope
