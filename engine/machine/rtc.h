// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/timekeeping/timekeeper.h"
#include "engine/trace/tracer.h"

#include <optional>
#include <string>
#include <vector>

namespace timerscope {

/// A battery-backed clock beside the machine. It counts on while the machine sleeps.
struct RtcDescription
{
    std::string driver; ///< driver and bus address, as the boot log has them: "rtc-rv8803 11-0032"
    std::string device = "rtc0";
    RealtimeInstant atPowerOn; ///< what it shows then; it goes on with true time
    /// The architecture reads it as its persistent clock (read_persistent_clock64), at boot and
    /// around a sleep: to the nanosecond here.
    bool persistent = false;
    /// What leads to the chip on its bus, outermost first, for a trace that tells of functions.
    std::vector<std::string> functions = std::vector<std::string>();
    bool wakes = false; ///< its alarm wakes a machine that sleeps, so alarm timers may be used
    bool setsSystemTime = true; ///< RTC_HCTOSYS and RTC_HCTOSYS_DEVICE name it
    friend bool operator==(const RtcDescription&, const RtcDescription&) = default;
};

/// An RTC and its driver: sets the system's time when it is probed, and tells the length of a sleep
/// that nothing else has measured.
///
/// Rules (drivers/rtc/class.c, Linux 6.1; seed 003): an RTC shows whole seconds. System time is set
/// to the middle of the second that it shows. Around a sleep its seconds are compared with the
/// system's time; what they are apart may wander by less than 2 s from sleep to sleep, so that its
/// coarse steps do not add up. Threading: the engine's thread.
class Rtc
{
public:
    /// @p bits of a long: a 32-bit kernel does not set a time that does not fit.
    Rtc(RtcDescription description, unsigned bits)
        : m_description(std::move(description))
        , m_bits(bits)
    {
    }

    [[nodiscard]] const RtcDescription& description() const { return m_description; }
    /// What the persistent clock answers at @p now; zero when this is none.
    [[nodiscard]] WallTime persistent(TraceInstant now) const;

    /// The driver finds its chip at @p now. True when the system's time was set.
    bool probe(TraceInstant now, Timekeeper& timekeeper, KernelLog& kernelLog);

    /// Its driver's part of a suspend, and of a resume: nothing before probe(), or when something
    /// better measures the sleep. resume() says whether it told the timekeeper a length.
    void suspend(TraceInstant now, const Timekeeper& timekeeper, bool isNeeded);
    bool resume(TraceInstant now, Timekeeper& timekeeper);

    /// It was probed, and can wake the machine.
    [[nodiscard]] bool canWake() const { return m_probed && m_description.wakes; }
    /// What it shows: whole seconds.
    [[nodiscard]] RealtimeInstant shown(TraceInstant now) const;
    /// Its alarm rings once it shows @p at, or the second after that; empty: not at all.
    void setAlarm(std::optional<RealtimeInstant> at) { m_alarm = at; }
    /// When that is; never without an alarm.
    [[nodiscard]] TraceInstant ringsAt() const;

private:
    [[nodiscard]] std::int64_t secondsAt(TraceInstant now) const;

    RtcDescription m_description;
    unsigned m_bits;
    WallTime m_distance; // of system time to RTC, as last seen
    WallTime m_system; // at the suspend, corrected by what the distance wandered
    std::int64_t m_rtc = 0; // at the suspend
    std::optional<RealtimeInstant> m_alarm;
    bool m_probed = false;
    bool m_measures = false;
};

} // namespace timerscope
