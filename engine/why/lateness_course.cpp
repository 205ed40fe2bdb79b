// SPDX-License-Identifier: GPL-3.0-or-later
//! Rules: clockevents_program_event(), tick_handle_oneshot_broadcast(), Linux 6.1.
#include "engine/why/lateness_course.h"

#include "engine/why/number_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace timerscope {

namespace {

using Cause = LatenessCause;

/// An instant of the kernel's clock on the axis of the records, where @p now shows what that clock
/// showed at @p at.
TraceInstant onTrace(MonotonicInstant moment, MonotonicInstant now, TraceInstant at)
{
    return addSaturating(at, subtractSaturating(moment.time_since_epoch(), now.time_since_epoch()));
}

} // namespace

TraceInstant firstSignOf(const InterruptSeen& interrupt)
{
    if (interrupt.sent) {
        return *interrupt.sent;
    }
    return interrupt.woke ? *interrupt.woke - interrupt.exitLatency.value_or(Ns::zero())
                          : interrupt.at;
}

Aim aimOf(const InterruptSeen& interrupt, const DeviceSetting& setting, const LatenessScan& scan,
          TraceInstant at)
{
    Aim aim;
    if (const auto now = scan.monotonic(at)) {
        aim.expires = onTrace(setting.expires, *now, at);
    }
    aim.fires = setting.fires ? setting.fires : aim.expires;
    // Its ticks are whole, and where between two of them it was set is not recorded: it may fire
    // that much sooner than is worked out.
    if (aim.fires) {
        aim.fires = std::min(*aim.fires, firstSignOf(interrupt));
    }
    return aim;
}

bool wasSqueezed(const DeviceSetting& setting)
{
    return (setting.flags & (program_flag::forced | program_flag::clamped)) != 0;
}

void addDevice(Course& course, const DeviceSetting& setting, const Aim& aim)
{
    if (!aim.fires) {
        return;
    }
    if (wasSqueezed(setting)) {
        course.until(*aim.fires, Cause::MinDelta,
                     fmt::format("set at {}, the device could not fire before {}",
                                 instantText(nsOf(setting.at)), instantText(nsOf(*aim.fires))));
        return;
    }
    const TraceInstant expires = aim.expires.value_or(*aim.fires);
    const TraceInstant rounded = addSaturating(expires, 2 * setting.tick);
    course.until(std::min(*aim.fires, rounded), Cause::DeviceRounding,
                 fmt::format("one tick of the device is {}", spanText(setting.tick)));
    // What is more than its rounding is no matter of the device.
    course.until(std::min(*aim.fires, addSaturating(rounded, setting.clockTick)),
                 Cause::ClockRounding,
                 fmt::format("one tick of the clock is {}", spanText(setting.clockTick)));
    course.until(*aim.fires, Cause::ClockAhead);
}

void addArrival(Course& course, const InterruptSeen& interrupt)
{
    const bool isKnown = interrupt.setting || interrupt.isPeriodic;
    const Cause delay = isKnown ? Cause::InterruptLatency : Cause::Unexplained;
    if (interrupt.sent) {
        course.until(*interrupt.sent, Cause::BroadcastRelay);
    }
    if (interrupt.woke) {
        const std::string from = fmt::format("it slept in {}", interrupt.idleState);
        if (interrupt.exitLatency) {
            course.until(*interrupt.woke - *interrupt.exitLatency, delay);
        }
        const bool tellsApart = interrupt.exitLatency || !isKnown;
        course.until(*interrupt.woke, tellsApart ? Cause::IdleExit : delay, from);
    }
    course.until(interrupt.at, delay);
}

} // namespace timerscope
