// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/clocksource/clocksource.h"
#include "engine/timekeeping/wall_time.h"

#include <cstdint>

namespace timerscope {

/// What can tell how long the machine slept.
struct SleepClocks
{
    WallTime persistent{}; ///< the persistent clock now; zero: there is none
    /// The best clocksource that counts through a suspend; null: none. It may be the current one.
    Clocksource* nonstop = nullptr;
};

/// What has measured a sleep.
enum class SleepClock : std::uint8_t
{
    None, ///< nothing: its length is unknown
    Nonstop, ///< a clocksource that counted on
    Persistent,
    Rtc, ///< an RTC's driver, after the resume
};

struct SleepLength
{
    WallTime span{}; ///< zero when unknown
    SleepClock by = SleepClock::None;
};

/// Measures one sleep at a time, for the timekeeper.
///
/// Rules (kernel/time/timekeeping.c and clocksource.c, Linux 6.1): a nonstop clocksource that has
/// moved on answers; one that stands or looks lower than before (it stopped, or wrapped) does not.
/// Then the persistent clock answers if it is later than at the suspend. It is often coarse, so a
/// fixed distance to wall time is kept over repeated sleeps instead of adding its rounding each
/// time. If neither answers, the sleep is unknown, until an RTC driver tells it.
/// Threading: the engine's thread.
class SleepMeter
{
public:
    /// A persistent clock answered at boot: its distance is kept even if it reads zero later.
    void expectPersistentClock() { m_hasPersistent = true; }
    [[nodiscard]] bool hasPersistentClock() const { return m_hasPersistent; }

    /// @p wall is the wall time of this moment, @p current the clocksource in use and @p cycleLast
    /// its reading at this moment. Clocks must outlive the sleep.
    void fallAsleep(const SleepClocks& clocks, const WallTime& wall, const Clocksource& current,
                    Cycles cycleLast);
    /// The length of the sleep. @p cycleNow is @p current's reading.
    [[nodiscard]] SleepLength wakeUp(const SleepClocks& clocks, const Clocksource& current,
                                     Cycles cycleNow) const;

private:
    [[nodiscard]] WallTime counted(const Clocksource& nonstop, Cycles now) const;
    void keepDistance(const WallTime& wall);

    WallTime m_persistent; ///< at the suspend, corrected by the distance
    WallTime m_distance; ///< wall time less persistent clock, as first seen
    Cycles m_nonstopAt;
    bool m_hasPersistent = false; ///< seen at boot or at a suspend
};

} // namespace timerscope
