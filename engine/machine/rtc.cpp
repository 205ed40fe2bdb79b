// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/machine/rtc.h"

#include "engine/base/time_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace timerscope {

namespace {

constexpr std::int64_t steppedFrom = 2; // seconds: one of the clocks was set, this is no rounding

WallTime wallOf(RealtimeInstant at)
{
    return wallTimeOf(at.time_since_epoch());
}

} // namespace

WallTime Rtc::persistent(TraceInstant now) const
{
    return m_description.persistent
        ? wallOf(m_description.atPowerOn) + wallTimeOf(now.time_since_epoch())
        : WallTime{};
}

std::int64_t Rtc::secondsAt(TraceInstant now) const
{
    return (wallOf(m_description.atPowerOn) + wallTimeOf(now.time_since_epoch())).seconds;
}

bool Rtc::probe(TraceInstant now, Timekeeper& timekeeper, KernelLog& kernelLog)
{
    m_probed = true;
    kernelLog.print(
        fmt::format("{}: registered as {}", m_description.driver, m_description.device));
    if (!m_description.setsSystemTime) {
        return false;
    }
    const std::int64_t seconds = secondsAt(now);
    if (m_bits == 32 && seconds > INT32_MAX) {
        return false; // -ERANGE, and not a word
    }
    const WallTime middle{.seconds = seconds, .nanoseconds = nsPerSecond / 2};
    if (timekeeper.setRealtime(middle) != Errno::Ok) {
        return false;
    }
    kernelLog.print(fmt::format("{}: setting system clock to {} UTC ({})", m_description.driver,
                                calendarText(seconds), seconds));
    return true;
}

RealtimeInstant Rtc::shown(TraceInstant now) const
{
    return RealtimeInstant{std::chrono::seconds{secondsAt(now)}};
}

TraceInstant Rtc::ringsAt() const
{
    if (!m_alarm) {
        return never<TraceClock>;
    }
    const auto second = std::chrono::ceil<std::chrono::seconds>(*m_alarm);
    const Ns sincePowerOn = second - m_description.atPowerOn;
    return TraceInstant{std::max(Ns::zero(), sincePowerOn)};
}

void Rtc::suspend(TraceInstant now, const Timekeeper& timekeeper, bool isNeeded)
{
    m_measures = m_probed && isNeeded && m_description.setsSystemTime;
    if (!m_measures) {
        return;
    }
    m_rtc = secondsAt(now);
    m_system = wallOf(timekeeper.realtimeNow());
    const WallTime distance = m_system - WallTime{.seconds = m_rtc};
    const WallTime change = distance - m_distance;
    if (change.seconds < -steppedFrom || change.seconds >= steppedFrom) {
        m_distance = distance;
    } else {
        m_system = m_system - change;
    }
}

bool Rtc::resume(TraceInstant now, Timekeeper& timekeeper)
{
    if (!m_measures || !timekeeper.isSleepUnknown()) {
        return false;
    }
    const std::int64_t shown = secondsAt(now);
    if (shown < m_rtc) {
        return false;
    }
    // Part of the time between has passed on the system's clock: before it slept, and since.
    const WallTime awake = wallOf(timekeeper.realtimeNow()) - m_system;
    const WallTime slept = WallTime{.seconds = shown - m_rtc} - awake;
    if (slept.seconds < 0) {
        return false;
    }
    timekeeper.injectSleep(slept);
    return true;
}

} // namespace timerscope
