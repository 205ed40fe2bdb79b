// SPDX-License-Identifier: GPL-3.0-or-later
//! What moves a timekeeper's clocks by more than the counter does: setting, changing, sleeping.
#include "engine/timekeeping/timekeeper.h"

namespace timerscope {
namespace {

/// A kernel wants to run on for 30 years after its time was set.
constexpr std::int64_t settableSeconds = nsRangeSeconds - std::int64_t{30} * 365 * 24 * 3600;

ModuleHold holdOf(const Clocksource& source)
{
    return {.role = HoldRole::CurrentClocksource, .device = source.name};
}

bool acquire(Clocksource& next)
{
    if (!tryGetOwner(next.owner, holdOf(next))) {
        return false;
    }
    if (next.callbacks != nullptr && next.callbacks->enable() != Errno::Ok) {
        putOwner(next.owner, holdOf(next));
        return false;
    }
    return true;
}

void giveUp(Clocksource& old)
{
    if (old.callbacks != nullptr) {
        old.callbacks->disable();
    }
    putOwner(old.owner, holdOf(old));
}

bool areNanosecondsValid(const WallTime& time)
{
    return time.nanoseconds >= 0 && time.nanoseconds < nsPerSecond;
}

bool isSettable(const WallTime& time)
{
    return time.seconds >= 0 && time.seconds < settableSeconds && areNanosecondsValid(time);
}

} // namespace

void Timekeeper::startAt(WallTime persistent, WallTime sinceBoot)
{
    if (!isSettable(persistent)) {
        print("Persistent clock returned invalid value");
        persistent = {};
    }
    if (persistent != WallTime{}) {
        m_sleepMeter.expectPersistentClock();
    }
    if (persistent < sinceBoot) {
        sinceBoot = {}; // the wall clock may not be behind CLOCK_MONOTONIC
    }
    setWall(persistent);
    setWallToMonotonic(sinceBoot - persistent);
}

void Timekeeper::moveToNow()
{
    if (m_suspended) {
        return;
    }
    const Cycles now = m_clock->counter->readCounter();
    const std::uint64_t cycles = sinceLast(now).count;
    // A step ends no second for NTP, however many lie between.
    m_state.wall.fraction += cycles * m_state.mult;
    m_state.wall.seconds += addShifted(m_state.wall, 0);
    m_state.raw.fraction += cycles * m_clock->rate.mult;
    m_state.raw.seconds += addShifted(m_state.raw, 0);
    m_state.cycleLast = now;
}

bool Timekeeper::changeClocksource(Clocksource& next)
{
    Clocksource& old = *m_clock;
    const bool changes = acquire(next);
    moveToNow();
    if (changes) {
        install(next);
    }
    update(Cause::SteppedAgainstNtp); // a refusal has the same side effects
    if (changes) {
        giveUp(old);
    }
    return changes;
}

// --- setting -----------------------------------------------------------------------------------

void Timekeeper::setWall(const WallTime& now)
{
    m_state.wall = {.seconds = now.seconds,
                    .fraction = static_cast<std::uint64_t>(now.nanoseconds) << m_state.shift};
}

Errno Timekeeper::setRealtime(const WallTime& now)
{
    if (!isSettable(now)) {
        return Errno::Invalid;
    }
    moveToNow();
    const WallTime step = now - wallNow();
    const bool isAfterBoot = m_state.wallToMonotonic <= step;
    if (isAfterBoot) {
        setWallToMonotonic(m_state.wallToMonotonic - step);
        setWall(now);
    }
    update(Cause::SteppedAgainstNtp); // a refusal this late has the same side effects
    return isAfterBoot ? Errno::Ok : Errno::Invalid;
}

Errno Timekeeper::injectOffset(const WallTime& step)
{
    if (!areNanosecondsValid(step)) {
        return Errno::Invalid;
    }
    moveToNow();
    const bool isAllowed = m_state.wallToMonotonic <= step && isSettable(wallNow() + step);
    if (isAllowed) {
        addToWall(step);
        setWallToMonotonic(m_state.wallToMonotonic - step);
    }
    update(Cause::SteppedAgainstNtp);
    return isAllowed ? Errno::Ok : Errno::Invalid;
}

void Timekeeper::addToWall(const WallTime& span)
{
    const auto fraction = static_cast<std::uint64_t>(span.nanoseconds) << m_state.shift;
    m_state.wall.seconds += span.seconds + addShifted(m_state.wall, fraction);
}

AdjtimexAnswer Timekeeper::adjtimex(Timex& timex)
{
    const auto asks = [modes = timex.modes](std::uint32_t mode) { return (modes & mode) != 0; };
    if (const Errno refused = validate(timex); refused != Errno::Ok) {
        return {.error = refused};
    }
    if (asks(timex_mode::setOffset)) {
        const std::int64_t unit = asks(timex_mode::nano) ? 1 : 1000;
        const WallTime step{.seconds = timex.seconds, .nanoseconds = timex.subseconds * unit};
        if (const Errno refused = injectOffset(step); refused != Errno::Ok) {
            return {.error = refused};
        }
    }
    std::int32_t taiOffset = m_state.taiOffset;
    const NtpMoment moment{.now
                           = normalized(m_state.wall.seconds, beyondBase(readSinceLast()).count()),
                           .lastSecond = m_state.wall.seconds};
    const ClockState state = m_ntp.adjust(timex, moment, taiOffset);
    if (taiOffset != m_state.taiOffset) {
        setTaiOffset(taiOffset);
        update(Cause::Stepped);
    }
    findNextLeap();
    if (asks(timex_mode::frequency | timex_mode::tick)) {
        advance(true);
    }
    return {.state = state};
}

// --- sleeping ----------------------------------------------------------------------------------

void Timekeeper::suspend(const SleepClocks& clocks)
{
    moveToNow();
    m_suspended = true;
    m_sleepUnknown = true;
    m_sleepMeter.fallAsleep(clocks, wallNow(), *m_clock, m_state.cycleLast);
    update(Cause::Running);
}

void Timekeeper::resume(const SleepClocks& clocks)
{
    const Cycles now = m_clock->counter->readCounter();
    m_lastSleep = m_sleepMeter.wakeUp(clocks, *m_clock, now);
    if (m_lastSleep.by != SleepClock::None) {
        takeSleep(m_lastSleep.span);
    }
    m_state.cycleLast = now;
    m_state.ntpError = 0;
    m_suspended = false;
    update(Cause::Stepped);
}

void Timekeeper::injectSleep(const WallTime& slept)
{
    moveToNow();
    m_lastSleep = {.span = slept, .by = SleepClock::Rtc};
    takeSleep(slept);
    update(Cause::SteppedAgainstNtp);
}

void Timekeeper::takeSleep(const WallTime& slept)
{
    m_sleepUnknown = false;
    if (slept.seconds < 0 || slept.seconds >= nsRangeSeconds || !areNanosecondsValid(slept)) {
        print("__timekeeping_inject_sleeptime: Invalid sleep delta value!");
        return;
    }
    addToWall(slept);
    setWallToMonotonic(m_state.wallToMonotonic - slept);
    m_state.boottimeOffset = addWrapping(m_state.boottimeOffset, nsOf(slept));
}

} // namespace timerscope
