// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/errno.h"
#include "engine/base/wide.h"
#include "engine/clocksource/clocksource.h"
#include "engine/timekeeping/clocks.h"
#include "engine/timekeeping/ntp_state.h"
#include "engine/timekeeping/sleep_meter.h"
#include "engine/timekeeping/timekeeper_state.h"
#include "engine/trace/tracer.h"

#include <string_view>

namespace timerscope {

/// What a timekeeper finds when the kernel starts.
struct BootTime
{
    /// The persistent clock's; zero: there is none. One that clock_settime(2) would refuse is told
    /// in the kernel's log and taken for zero.
    WallTime persistent{};
    Ns sinceBoot{}; ///< what CLOCK_MONOTONIC starts at, unless that is past the persistent clock
    /// CLOCKSOURCE_VALIDATE_LAST_CYCLE (x86): a counter that is more than half its range ahead of
    /// the last update is taken to be behind it, and no time has passed.
    bool validatesSteps = false;
    KernelLog* kernelLog = nullptr; ///< where leap seconds and odd rates are told; null: nowhere
};

/// An adjtimex(2)'s answer: an errno, or the state of the clock.
struct AdjtimexAnswer
{
    Errno error = Errno::Ok;
    ClockState state = ClockState::Ok; ///< meaningful when error is Ok

    /// As the system call returns it.
    [[nodiscard]] int returnValue() const
    {
        return error == Errno::Ok ? static_cast<int>(state) : timerscope::returnValue(error);
    }
};

/// CLOCK_REALTIME and all the clocks beside it, counted by one clocksource.
///
/// Rules (kernel/time/timekeeping.c, Linux 6.1; oracle sets timekeeping_seq, adjtimex_seq and
/// leap_seq): between two updates, time is what was kept plus the counter's difference times mult.
/// accumulate() moves whole ticks' worth of cycles over, ends seconds for NTP, and trims mult so
/// that ticks get NTP's length; the error that whole mults leave is made good by one unit of mult,
/// on and off. A trim never moves the time of this moment. Changes of clocksource, steps and sleeps
/// start from the counter's reading of this moment and drop NTP's phase, except a resume.
///
/// As in the kernel, products are 64 bits wide: a reading further from the last update than the
/// clocksource's maxCycles comes out short. Threading: the engine's thread.
class Timekeeper
{
public:
    /// Starts on @p initial (jiffies, in a booting kernel), at boot.persistent or at 1970.
    /// @pre every clocksource that it is given has a mult above 0 and a shift of at most 32: what
    /// registration works out from a frequency (an invariant).
    Timekeeper(Clocksource& initial, TickRate rate, const BootTime& boot = {});

    // --- reading: the counter is read once ------------------------------------------------------

    /// ktime_get(). Stands still while suspended, as all clocks here.
    [[nodiscard]] MonotonicInstant monotonicNow() const;
    [[nodiscard]] RealtimeInstant realtimeNow() const;
    [[nodiscard]] BoottimeInstant boottimeNow() const;
    [[nodiscard]] TaiInstant taiNow() const;
    [[nodiscard]] RawInstant rawNow() const;
    /// ktime_get() for an onlooker: no modelled read takes place.
    [[nodiscard]] MonotonicInstant observeMonotonic() const;

    // --- reading without the counter: the time of the last update, at most a tick ago -----------

    [[nodiscard]] MonotonicInstant coarseMonotonic() const;
    [[nodiscard]] RealtimeInstant coarseRealtime() const;
    [[nodiscard]] BoottimeInstant coarseBoottime() const;
    [[nodiscard]] TaiInstant coarseTai() const;

    // --- running --------------------------------------------------------------------------------

    /// update_wall_time(): whole ticks of cycles are moved over. Nothing while suspended.
    void accumulate();
    /// timekeeping_notify(): the time goes on without a jump, up to a shifted ns cut off. Takes the
    /// next owner's module, enables the next source, then disables the old one and gives its
    /// owner's module back. False, and the old source counts on, when the module is going or the
    /// driver refuses.
    bool changeClocksource(Clocksource& next);

    // --- setting --------------------------------------------------------------------------------

    /// clock_settime(CLOCK_REALTIME). Invalid: a negative time, nanoseconds of a second or more, a
    /// time later than 30 years before Ns ends (2262), one before CLOCK_MONOTONIC's.
    Errno setRealtime(const WallTime& now);
    Errno setRealtime(RealtimeInstant now)
    {
        return setRealtime(wallTimeOf(now.time_since_epoch()));
    }
    /// Steps CLOCK_REALTIME by @p step, whose nanoseconds are 0 to 999'999'999. Invalid: as above,
    /// for the time that would come out.
    Errno injectOffset(const WallTime& step);
    /// adjtimex(2). @p timex is answered unless it is refused. A changed frequency or tick trims
    /// mult at once.
    AdjtimexAnswer adjtimex(Timex& timex);

    // --- sleeping -------------------------------------------------------------------------------

    void suspend(const SleepClocks& clocks);
    /// CLOCK_REALTIME and CLOCK_BOOTTIME go on by what the sleep is known to have lasted.
    void resume(const SleepClocks& clocks);
    [[nodiscard]] bool isSuspended() const { return m_suspended; }
    /// An RTC driver's word on how long the last sleep was. A negative one is refused with a line
    /// in the kernel's log.
    void injectSleep(const WallTime& slept);
    /// True after a resume that could not tell the length of the sleep.
    [[nodiscard]] bool isSleepUnknown() const { return m_sleepUnknown; }
    /// How long the last sleep is taken to have been, and by what.
    [[nodiscard]] const SleepLength& lastSleep() const { return m_lastSleep; }
    /// An RTC need not note the time of a suspend: a persistent clock does.
    [[nodiscard]] bool hasPersistentClock() const { return m_sleepMeter.hasPersistentClock(); }

    // --- looking --------------------------------------------------------------------------------

    /// CLOCK_REALTIME = CLOCK_MONOTONIC + this.
    [[nodiscard]] Ns realtimeOffset() const { return m_state.realtimeOffset; }
    /// CLOCK_BOOTTIME = CLOCK_MONOTONIC + this.
    [[nodiscard]] Ns boottimeOffset() const { return m_state.boottimeOffset; }
    /// CLOCK_TAI = CLOCK_MONOTONIC + this.
    [[nodiscard]] Ns taiOffset() const { return m_state.taiClockOffset; }
    [[nodiscard]] const TimekeeperState& state() const { return m_state; }
    [[nodiscard]] const NtpVariables& ntp() const { return m_ntp.variables(); }
    [[nodiscard]] const Clocksource& clock() const { return *m_clock; }
    /// timekeeping_valid_for_hres()
    [[nodiscard]] bool isValidForHres() const
    {
        return m_clock->has(clocksource_flag::validForHres);
    }

private:
    enum class Cause : std::uint8_t
    {
        Running, ///< a tick, a suspend: nothing was stepped
        Stepped, ///< some clock moved
        SteppedAgainstNtp, ///< and what NTP knew of the phase is void
    };

    [[nodiscard]] Cycles sinceLast(Cycles reading) const;
    [[nodiscard]] Cycles step(Cycles from, Cycles to) const;
    [[nodiscard]] Cycles readSinceLast() const;
    [[nodiscard]] Ns beyondBase(Cycles cycles) const;
    [[nodiscard]] WallTime wallNow() const;
    [[nodiscard]] std::uint64_t secondLength() const;

    void install(Clocksource& clock);
    void startAt(WallTime persistent, WallTime sinceBoot);
    void advance(bool evenWithinATick);
    [[nodiscard]] std::int64_t moveTicks(std::uint64_t ticks);
    [[nodiscard]] std::int64_t addShifted(ShiftedTime& time, WideUnsigned span) const;
    bool endSeconds(std::int64_t count);
    bool endSecond();
    void trim(std::uint64_t cyclesLeft);
    [[nodiscard]] std::uint32_t wantedMult();
    void changeMult(std::int32_t change, std::uint64_t cyclesLeft);
    void tellOddRate(std::uint32_t wanted);
    void print(std::string_view line);

    void moveToNow();
    void takeSleep(const WallTime& slept);
    void setWall(const WallTime& now);
    void addToWall(const WallTime& span);
    void setWallToMonotonic(const WallTime& offset);
    void setTaiOffset(std::int32_t seconds);
    void update(Cause cause);
    void findNextLeap();

    Clocksource* m_clock = nullptr;
    TickRate m_rate;
    bool m_validatesSteps;
    KernelLog* m_kernelLog;
    NtpState m_ntp;
    TimekeeperState m_state;
    SleepMeter m_sleepMeter;
    bool m_suspended = false;
    bool m_sleepUnknown = false;
    SleepLength m_lastSleep;
    bool m_toldOddRate = false;
};

} // namespace timerscope
