// SPDX-License-Identifier: GPL-3.0-or-later
//! Reading, accumulating and following NTP; timekeeper_steps.cpp has what sets the time.
#include "engine/timekeeping/timekeeper.h"

#include "engine/base/invariant.h"
#include "engine/clocksource/delta.h"

#include <fmt/format.h>

#include <cstdlib>
#include <utility>

namespace timerscope {
namespace {

template<typename To>
To shifted(MonotonicInstant at, Ns offset)
{
    return To{addWrapping(at.time_since_epoch(), offset)};
}

} // namespace

Timekeeper::Timekeeper(Clocksource& initial, TickRate rate, const BootTime& boot)
    : m_rate(rate)
    , m_validatesSteps(boot.validatesSteps)
    , m_kernelLog(boot.kernelLog)
    , m_ntp(rate)
{
    install(initial);
    startAt(boot.persistent, wallTimeOf(boot.sinceBoot));
    update(Cause::Stepped);
}

void Timekeeper::install(Clocksource& clock)
{
    invariant(clock.rate.shift <= ntpFractionBits);
    const std::uint32_t oldShift = std::exchange(m_state.shift, clock.rate.shift);
    if (m_clock != nullptr) {
        const auto rescale = [oldShift, newShift = clock.rate.shift](std::uint64_t& fraction) {
            fraction = newShift < oldShift ? fraction >> (oldShift - newShift)
                                           : fraction << (newShift - oldShift);
        };
        rescale(m_state.wall.fraction);
        rescale(m_state.raw.fraction);
    }
    m_clock = &clock;
    m_state.cycleLast = clock.counter->readCounter();
    m_state.mult = clock.rate.mult;
    m_state.tick = tickConversion(clock.rate.factor(), m_rate);
    m_state.ntpError = 0;
    m_state.ntpErrorMult = 0;
    m_state.secondEndsTwice = false;
    ++m_state.clocksourceCount;
}

// --- reading -----------------------------------------------------------------------------------

Cycles Timekeeper::sinceLast(Cycles reading) const
{
    return m_suspended ? Cycles{} : step(m_state.cycleLast, reading);
}

Cycles Timekeeper::step(Cycles from, Cycles to) const
{
    const std::uint64_t mask = m_clock->rate.mask;
    return m_validatesSteps ? elapsedValidated(from, to, mask) : elapsed(from, to, mask);
}

Cycles Timekeeper::readSinceLast() const
{
    return m_suspended ? Cycles{} : sinceLast(m_clock->counter->read());
}

Ns Timekeeper::beyondBase(Cycles cycles) const
{
    const std::uint64_t sum = cycles.count * m_state.mult + m_state.wall.fraction;
    return Ns{static_cast<std::int64_t>(sum >> m_state.shift)};
}

MonotonicInstant Timekeeper::monotonicNow() const
{
    return MonotonicInstant{m_state.monotonicBase + beyondBase(readSinceLast())};
}

MonotonicInstant Timekeeper::observeMonotonic() const
{
    const Cycles cycles = sinceLast(m_clock->counter->observeCounter());
    return MonotonicInstant{m_state.monotonicBase + beyondBase(cycles)};
}

RealtimeInstant Timekeeper::realtimeNow() const
{
    return shifted<RealtimeInstant>(monotonicNow(), m_state.realtimeOffset);
}

BoottimeInstant Timekeeper::boottimeNow() const
{
    return shifted<BoottimeInstant>(monotonicNow(), m_state.boottimeOffset);
}

TaiInstant Timekeeper::taiNow() const
{
    return shifted<TaiInstant>(monotonicNow(), m_state.taiClockOffset);
}

RawInstant Timekeeper::rawNow() const
{
    const std::uint64_t shifted = readSinceLast().count * m_clock->rate.mult + m_state.raw.fraction;
    return RawInstant{m_state.rawBase + Ns{static_cast<std::int64_t>(shifted >> m_state.shift)}};
}

MonotonicInstant Timekeeper::coarseMonotonic() const
{
    return MonotonicInstant{m_state.monotonicBase + beyondBase(Cycles{})};
}

RealtimeInstant Timekeeper::coarseRealtime() const
{
    return shifted<RealtimeInstant>(coarseMonotonic(), m_state.realtimeOffset);
}

BoottimeInstant Timekeeper::coarseBoottime() const
{
    return shifted<BoottimeInstant>(coarseMonotonic(), m_state.boottimeOffset);
}

TaiInstant Timekeeper::coarseTai() const
{
    return shifted<TaiInstant>(coarseMonotonic(), m_state.taiClockOffset);
}

WallTime Timekeeper::wallNow() const
{
    return {.seconds = m_state.wall.seconds,
            .nanoseconds = static_cast<std::int64_t>(m_state.wall.fraction >> m_state.shift)};
}

std::uint64_t Timekeeper::secondLength() const
{
    return static_cast<std::uint64_t>(nsPerSecond) << m_state.shift;
}

// --- accumulating ------------------------------------------------------------------------------

void Timekeeper::accumulate()
{
    advance(false);
}

void Timekeeper::advance(bool evenWithinATick)
{
    const std::uint64_t cycles = readSinceLast().count;
    const std::uint64_t interval = m_state.tick.cycleInterval;
    invariant(interval > 0);
    if (m_suspended || (cycles < interval && !evenWithinATick)) {
        return;
    }
    bool leapt = endSeconds(moveTicks(cycles / interval));
    trim(cycles % interval);
    leapt = endSeconds(addShifted(m_state.wall, 0)) || leapt;
    update(leapt ? Cause::Stepped : Cause::Running);
}

std::int64_t Timekeeper::moveTicks(std::uint64_t ticks)
{
    const TickConversion& tick = m_state.tick;
    m_state.cycleLast.count += ticks * tick.cycleInterval;
    const std::uint64_t counted
        = (tick.xtimeInterval + static_cast<std::uint64_t>(tick.xtimeRemainder))
        << tick.ntpErrorShift;
    m_state.ntpError = static_cast<std::int64_t>(static_cast<std::uint64_t>(m_state.ntpError)
                                                 + ticks * (tick.ntpTick - counted));
    m_state.raw.seconds
        += addShifted(m_state.raw, static_cast<WideUnsigned>(tick.rawInterval) * ticks);
    return addShifted(m_state.wall, static_cast<WideUnsigned>(tick.xtimeInterval) * ticks);
}

std::int64_t Timekeeper::addShifted(ShiftedTime& time, WideUnsigned span) const
{
    const WideUnsigned sum = span + time.fraction;
    const std::uint64_t second = secondLength();
    if (sum < second) {
        time.fraction = static_cast<std::uint64_t>(sum);
        return 0;
    }
    time.fraction = static_cast<std::uint64_t>(sum % second);
    return static_cast<std::int64_t>(sum / second);
}

bool Timekeeper::endSeconds(std::int64_t count)
{
    bool leapt = false;
    for (; count > 0; --count) {
        // A counter may have been left alone for years: most of their seconds tell NTP nothing.
        if (!m_state.secondEndsTwice && m_ntp.isSettled()) {
            m_state.wall.seconds += count;
            break;
        }
        leapt = endSecond() || leapt;
    }
    return leapt;
}

bool Timekeeper::endSecond()
{
    ++m_state.wall.seconds;
    if (std::exchange(m_state.secondEndsTwice, false)) {
        return false;
    }
    const LeapStep step = m_ntp.secondEnds(m_state.wall.seconds);
    if (step == LeapStep::None) {
        return false;
    }
    const auto seconds = static_cast<int>(step);
    m_state.wall.seconds += seconds;
    setWallToMonotonic(m_state.wallToMonotonic - WallTime{.seconds = seconds});
    setTaiOffset(m_state.taiOffset - seconds);
    print(logLineOf(step));
    return true;
}

// --- following NTP -----------------------------------------------------------------------------

void Timekeeper::trim(std::uint64_t cyclesLeft)
{
    const std::uint32_t wanted = wantedMult();
    changeMult(static_cast<std::int32_t>(wanted - m_state.mult), cyclesLeft);
    tellOddRate(wanted);

    // A larger mult makes the cycles that are left longer. They must last as long as before, and
    // that may take the kept time back over the end of a second.
    if (static_cast<std::int64_t>(m_state.wall.fraction) < 0) {
        m_state.wall.fraction += secondLength();
        --m_state.wall.seconds;
        m_state.secondEndsTwice = true;
    }
}

std::uint32_t Timekeeper::wantedMult()
{
    TickConversion& tick = m_state.tick;
    std::uint32_t mult = m_state.mult - m_state.ntpErrorMult;
    if (tick.ntpTick != m_ntp.tickLength()) {
        tick.ntpTick = m_ntp.tickLength();
        const std::uint64_t shiftedTick = tick.ntpTick >> tick.ntpErrorShift;
        mult = static_cast<std::uint32_t>(
            (shiftedTick - static_cast<std::uint64_t>(tick.xtimeRemainder)) / tick.cycleInterval);
    }
    // mult was cut to a whole number: one more while we lag, so that the error swings about 0.
    m_state.ntpErrorMult = m_state.ntpError > 0 ? 1 : 0;
    return mult + m_state.ntpErrorMult;
}

void Timekeeper::changeMult(std::int32_t change, std::uint64_t cyclesLeft)
{
    const std::uint32_t mult = m_state.mult + static_cast<std::uint32_t>(change);
    if (change > 0 && mult < m_state.mult) {
        return; // 32 bits are full; the kernel warns and stays as it is
    }
    const auto factor = static_cast<std::uint64_t>(std::int64_t{change});
    m_state.mult = mult;
    m_state.tick.xtimeInterval += m_state.tick.cycleInterval * factor;
    // The cycles that are left keep their end; the time kept before them moves, towards NTP's or
    // away.
    const std::uint64_t moved = cyclesLeft * factor;
    m_state.wall.fraction -= moved;
    m_state.ntpError = static_cast<std::int64_t>(static_cast<std::uint64_t>(m_state.ntpError)
                                                 + (moved << m_state.tick.ntpErrorShift));
}

void Timekeeper::tellOddRate(std::uint32_t wanted)
{
    const ClocksourceRate& rate = m_clock->rate;
    const std::int64_t trimmed = std::int64_t{wanted} - std::int64_t{rate.mult};
    if (m_toldOddRate || rate.maxadj == 0 || std::abs(trimmed) <= rate.maxadj) {
        return;
    }
    m_toldOddRate = true; // once in a kernel's life
    print(fmt::format("Adjusting {} more than 11% ({} vs {})", m_clock->name, wanted,
                      std::int64_t{rate.mult} + rate.maxadj));
}

void Timekeeper::print(std::string_view line)
{
    if (m_kernelLog != nullptr) {
        m_kernelLog->print(line);
    }
}

// --- what follows from the kept time -----------------------------------------------------------

void Timekeeper::update(Cause cause)
{
    if (cause == Cause::SteppedAgainstNtp) {
        m_state.ntpError = 0;
        m_ntp.clear();
    }
    findNextLeap();
    m_state.rawBase = nsOf(WallTime{.seconds = m_state.raw.seconds});
    const WallTime whole = m_state.wallToMonotonic + WallTime{.seconds = m_state.wall.seconds};
    m_state.monotonicBase = nsOf(whole);
    m_state.monotonicSecond = (m_state.wallToMonotonic + wallNow()).seconds;
    if (cause != Cause::Running) {
        ++m_state.clockSetCount;
    }
}

void Timekeeper::findNextLeap()
{
    const auto due = m_ntp.insertionDue();
    m_state.nextLeap = due ? nsOf(WallTime{.seconds = *due}) : Ns::max();
    if (m_state.nextLeap != Ns::max()) {
        m_state.nextLeap -= m_state.realtimeOffset;
    }
}

void Timekeeper::setWallToMonotonic(const WallTime& offset)
{
    m_state.wallToMonotonic = offset;
    m_state.realtimeOffset = nsOf(-offset);
    setTaiOffset(m_state.taiOffset);
}

void Timekeeper::setTaiOffset(std::int32_t seconds)
{
    m_state.taiOffset = seconds;
    m_state.taiClockOffset = addWrapping(m_state.realtimeOffset, std::chrono::seconds{seconds});
}

} // namespace timerscope
