// SPDX-License-Identifier: GPL-3.0-or-later
//! What the accounts of hrtimers and of wheel timers share: the way from a moment to a later one,
//! and the stretch of it that an interrupt took.
#pragma once

#include "engine/why/lateness.h"
#include "engine/why/lateness_scan.h"

#include <optional>
#include <string>
#include <vector>

namespace timerscope {

/// Goes from the moment asked for to the one in which the function began, and notes for each
/// stretch what it went by with. Never goes back, so that nothing is counted twice.
class Course
{
public:
    Course(TraceInstant asked, TraceInstant began)
        : m_at(asked)
        , m_end(began)
    {
    }
    [[nodiscard]] TraceInstant at() const { return m_at; }
    /// Up to @p moment it went by with @p cause. Nothing happens when that is reached already.
    void until(TraceInstant moment, LatenessCause cause, std::string evidence = {})
    {
        const TraceInstant next = std::min(moment, m_end);
        if (next <= m_at) {
            return;
        }
        if (!m_parts.empty() && m_parts.back().cause == cause) {
            m_parts.back().span += next - m_at;
        } else {
            m_parts.push_back({cause, next - m_at, std::move(evidence)});
        }
        m_at = next;
    }
    /// All parts; whatever is left is unexplained.
    [[nodiscard]] std::vector<LatenessPart> take()
    {
        until(m_end, LatenessCause::Unexplained);
        return std::move(m_parts);
    }

private:
    TraceInstant m_at;
    TraceInstant m_end;
    std::vector<LatenessPart> m_parts;
};

/// What the device was set to before an interrupt, on the axis of the records.
struct Aim
{
    std::optional<TraceInstant> expires; ///< for when it was set
    std::optional<TraceInstant> fires; ///< when it had to fire
};

/// The earliest sign that a device has fired for @p interrupt.
[[nodiscard]] TraceInstant firstSignOf(const InterruptSeen& interrupt);

/// Of @p interrupt, which came from @p setting; the clock is taken as it was at @p at, near it.
[[nodiscard]] Aim aimOf(const InterruptSeen& interrupt, const DeviceSetting& setting,
                        const LatenessScan& scan, TraceInstant at);

/// The device could not fire when it was asked to, but at its limits.
[[nodiscard]] bool wasSqueezed(const DeviceSetting& setting);

/// From when the device was to fire until it had to fire.
void addDevice(Course& course, const DeviceSetting& setting, const Aim& aim);

/// From when it fired until its handler began.
void addArrival(Course& course, const InterruptSeen& interrupt);

/// When an hrtimer that expires with @p record had asked to, on the axis of the records.
[[nodiscard]] TraceInstant askedBy(const CpuSeen& cpu, const TraceRecord& record);

/// What became of one expiry: the moment that was asked for, and the way from there.
struct Account
{
    TraceInstant asked;
    std::vector<LatenessPart> parts;
};

/// Of the expiry @p record of an hrtimer.
[[nodiscard]] Account hrtimerAccount(const LatenessScan& scan, const CpuSeen& cpu,
                                     const TraceRecord& record);

/// Of the expiry @p record of a wheel timer.
[[nodiscard]] Account wheelAccount(const LatenessScan& scan, const CpuSeen& cpu,
                                   const TraceRecord& record);

} // namespace timerscope
