// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/timekeeping/ntp_state.h"

#include "engine/base/invariant.h"

#include <algorithm>

namespace timerscope {
namespace {

constexpr std::int64_t nsPerUs = 1000;
constexpr std::int64_t usPerSecond = 1'000'000;
constexpr std::int64_t userHz = 100; // ticks of the user interface are 1/100 s at every HZ
constexpr std::int64_t secondsPerDay = 86'400;

constexpr std::int64_t mostErrorUs = 16 * usPerSecond;
constexpr std::int64_t errorGrowthUs = 500; // 500 ppm of a second
constexpr std::int64_t mostPhaseNs = nsPerSecond / 2;
constexpr std::int64_t mostFrequency = std::int64_t{500'000} << ntpFractionBits;
constexpr std::int64_t mostTimeConstant = 10;
constexpr std::int64_t mostTaiOffset = 100'000;
constexpr std::int64_t mostAdjtimeUs = 500; // in a second

constexpr unsigned pllShift = 2;
constexpr unsigned fllShift = 2;
constexpr std::int64_t leastFllInterval = 256;
constexpr std::int64_t mostPllInterval = 2048;

// The kernel's sums wrap; ours may not overflow as signed numbers.
constexpr std::int64_t wrappingAdd(std::int64_t a, std::int64_t b)
{
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

constexpr std::int64_t wrappingMultiply(std::int64_t a, std::int64_t b)
{
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
}

constexpr std::int64_t shiftLeft(std::int64_t value, unsigned bits)
{
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(value) << bits);
}

/// Division by 2^bits that drops the fraction of either sign.
constexpr std::int64_t shiftTowardsZero(std::int64_t value, unsigned bits)
{
    return value < 0 ? -(-value >> bits) : value >> bits;
}

/// The next wall second at which a day ends, @p early seconds before midnight.
constexpr std::int64_t daysEnd(std::int64_t wallSecond, std::int64_t early)
{
    return wallSecond + secondsPerDay - (wallSecond + early) % secondsPerDay;
}

/// A stored frequency as Timex shows it. The kernel multiplies by a rounded inverse instead of
/// dividing, after dropping 19 bits; what it shows can be read back by no other way.
constexpr std::int64_t shownFrequency(std::int64_t frequency)
{
    constexpr unsigned dropped = 19;
    constexpr std::int64_t inverse
        = (std::int64_t{1} << (dropped + ntpFractionBits)) / ntpFrequencyUnit + 1;
    return shiftTowardsZero((frequency >> dropped) * inverse, ntpFractionBits);
}

} // namespace

std::string_view logLineOf(LeapStep step)
{
    switch (step) {
    case LeapStep::Insert:
        return "Clock: inserting leap second 23:59:60 UTC";
    case LeapStep::Delete:
        return "Clock: deleting leap second 23:59:59 UTC";
    case LeapStep::None:
        break;
    }
    return {};
}

NtpState::NtpState(TickRate rate)
    : NtpState(rate, NtpVariables{})
{
    clear();
}

NtpState::NtpState(TickRate rate, const NtpVariables& variables)
    : m_hz(rate.hz)
    , m_now(variables)
{
    invariant(rate.hz != 0);
    invariant(variables.timeConstant >= 0 && variables.timeConstant <= mostTimeConstant);
}

void NtpState::clear()
{
    m_now.adjtimeUs = 0;
    m_now.status |= ntp_status::unsynchronized;
    m_now.maxErrorUs = mostErrorUs;
    m_now.estErrorUs = mostErrorUs;
    setTickLengthBase();
    m_now.tickLength = m_now.tickLengthBase;
    m_now.phase = 0;
    m_now.nextLeapSecond = noLeapSecond;
}

void NtpState::setTickLengthBase()
{
    const std::int64_t secondNs = m_now.tickUs * nsPerUs * userHz;
    const std::int64_t second = wrappingAdd(shiftLeft(secondNs, ntpFractionBits), m_now.frequency);
    const auto base = static_cast<std::int64_t>(static_cast<std::uint64_t>(second)
                                                / static_cast<std::uint64_t>(m_hz));
    // What the running second gained by phase and slew goes on.
    m_now.tickLength += base - m_now.tickLengthBase;
    m_now.tickLengthBase = base;
}

// --- a second's end ----------------------------------------------------------------------------

LeapStep NtpState::secondEnds(std::int64_t wallSecond)
{
    const LeapStep step = stepLeapState(wallSecond);
    growMaxError();
    m_now.tickLength = m_now.tickLengthBase;
    slewPhase();
    slewAdjtime();
    return step;
}

LeapStep NtpState::stepLeapState(std::int64_t wallSecond)
{
    const bool isDue = wallSecond == m_now.nextLeapSecond;
    const auto become = [this](ClockState state, std::int64_t leapSecond) {
        m_now.leap = state;
        m_now.nextLeapSecond = leapSecond;
    };
    switch (m_now.leap) {
    case ClockState::Ok:
        if (has(ntp_status::insertLeap)) {
            become(ClockState::InsertAtDaysEnd, daysEnd(wallSecond, 0));
        } else if (has(ntp_status::deleteLeap)) {
            become(ClockState::DeleteAtDaysEnd, daysEnd(wallSecond, 1));
        }
        break;
    case ClockState::InsertAtDaysEnd:
        if (!has(ntp_status::insertLeap)) {
            become(ClockState::Ok, noLeapSecond);
        } else if (isDue) {
            m_now.leap = ClockState::LeapInProgress; // the second itself is still looked up
            return LeapStep::Insert;
        }
        break;
    case ClockState::DeleteAtDaysEnd:
        if (!has(ntp_status::deleteLeap)) {
            become(ClockState::Ok, noLeapSecond);
        } else if (isDue) {
            become(ClockState::LeapDone, noLeapSecond);
            return LeapStep::Delete;
        }
        break;
    case ClockState::LeapInProgress:
        become(ClockState::LeapDone, noLeapSecond);
        break;
    case ClockState::LeapDone:
    case ClockState::Unsynchronized:
        if (!has(ntp_status::insertLeap | ntp_status::deleteLeap)) {
            m_now.leap = ClockState::Ok;
        }
        break;
    }
    return LeapStep::None;
}

void NtpState::growMaxError()
{
    m_now.maxErrorUs += errorGrowthUs;
    if (m_now.maxErrorUs > mostErrorUs) {
        m_now.maxErrorUs = mostErrorUs;
        m_now.status |= ntp_status::unsynchronized;
    }
}

std::int64_t NtpState::phaseOfASecond() const
{
    return shiftTowardsZero(m_now.phase, pllShift + static_cast<unsigned>(m_now.timeConstant));
}

void NtpState::slewPhase()
{
    const std::int64_t part = phaseOfASecond();
    m_now.phase -= part;
    m_now.tickLength += part;
}

void NtpState::slewAdjtime()
{
    if (m_now.adjtimeUs > mostAdjtimeUs || m_now.adjtimeUs < -mostAdjtimeUs) {
        const std::int64_t sign = m_now.adjtimeUs > 0 ? 1 : -1;
        m_now.adjtimeUs -= sign * mostAdjtimeUs;
        m_now.tickLength += sign * (shiftLeft(mostAdjtimeUs * nsPerUs, ntpFractionBits) / m_hz);
        return;
    }
    // The last part is cut to whole ns a tick first: what that loses is never made good.
    m_now.tickLength += shiftLeft(m_now.adjtimeUs * nsPerUs / m_hz, ntpFractionBits);
    m_now.adjtimeUs = 0;
}

bool NtpState::isSettled() const
{
    const bool isLeapWanted = has(ntp_status::insertLeap | ntp_status::deleteLeap);
    const bool isLeapStateKept
        = isLeapWanted ? m_now.leap == ClockState::LeapDone : m_now.leap == ClockState::Ok;
    return isLeapStateKept && m_now.maxErrorUs == mostErrorUs && has(ntp_status::unsynchronized)
        && m_now.tickLength == m_now.tickLengthBase && phaseOfASecond() == 0
        && m_now.adjtimeUs == 0;
}

std::optional<std::int64_t> NtpState::insertionDue() const
{
    if (m_now.leap == ClockState::InsertAtDaysEnd && has(ntp_status::insertLeap)) {
        return m_now.nextLeapSecond;
    }
    return std::nullopt;
}

// --- adjtimex ----------------------------------------------------------------------------------

ClockState NtpState::adjust(Timex& timex, const NtpMoment& moment, std::int32_t& taiOffset)
{
    if ((timex.modes & timex_mode::adjtime) != 0) {
        adjtime(timex);
    } else {
        take(timex, moment.lastSecond, taiOffset);
        timex.offset = shownOffset();
    }
    answer(timex, moment.now, taiOffset);
    return applyLeapToAnswer(timex, shownState());
}

void NtpState::adjtime(Timex& timex)
{
    const std::int64_t left = m_now.adjtimeUs;
    if ((timex.modes & timex_mode::adjtimeReadOnly) == 0) {
        m_now.adjtimeUs = timex.offset;
        setTickLengthBase();
    }
    timex.offset = left;
}

void NtpState::take(const Timex& timex, std::int64_t wallSecond, std::int32_t& taiOffset)
{
    const auto asks = [&timex](std::uint32_t mode) { return (timex.modes & mode) != 0; };
    // The order matters: status and unit first, since they say how an offset is taken.
    if (asks(timex_mode::status)) {
        takeStatus(timex.status, wallSecond);
    }
    if (asks(timex_mode::nano)) {
        m_now.status |= ntp_status::nano;
    }
    if (asks(timex_mode::micro)) {
        m_now.status &= ~ntp_status::nano;
    }
    if (asks(timex_mode::frequency)) {
        m_now.frequency
            = std::clamp(timex.frequency * ntpFrequencyUnit, -mostFrequency, mostFrequency);
    }
    if (asks(timex_mode::maxError)) {
        m_now.maxErrorUs = std::clamp(timex.maxError, std::int64_t{0}, mostErrorUs);
    }
    if (asks(timex_mode::estError)) {
        m_now.estErrorUs = std::clamp(timex.estError, std::int64_t{0}, mostErrorUs);
    }
    if (asks(timex_mode::timeConstant)) {
        takeTimeConstant(timex.constant);
    }
    if (asks(timex_mode::tai) && timex.constant >= 0 && timex.constant <= mostTaiOffset) {
        taiOffset = static_cast<std::int32_t>(timex.constant);
    }
    if (asks(timex_mode::offset)) {
        takeOffset(timex.offset, wallSecond);
    }
    if (asks(timex_mode::tick)) {
        m_now.tickUs = timex.tick;
    }
    if (asks(timex_mode::tick | timex_mode::frequency | timex_mode::offset)) {
        setTickLengthBase();
    }
}

void NtpState::takeStatus(std::uint32_t status, std::int64_t wallSecond)
{
    const bool wasLocked = has(ntp_status::pll);
    const bool willLock = (status & ntp_status::pll) != 0;
    if (wasLocked && !willLock) {
        m_now.leap = ClockState::Ok;
        m_now.status = ntp_status::unsynchronized;
        m_now.nextLeapSecond = noLeapSecond;
    }
    if (!wasLocked && willLock) {
        m_now.referenceSecond = wallSecond; // or the first interval would reach back to 1970
    }
    m_now.status = (m_now.status & ntp_status::readOnly) | (status & ~ntp_status::readOnly);
}

void NtpState::takeTimeConstant(std::int64_t constant)
{
    m_now.timeConstant = std::clamp(constant, std::int64_t{0}, mostTimeConstant);
    if (!has(ntp_status::nano)) {
        // Callers that speak in us mean the older, 16 times longer scale.
        m_now.timeConstant = std::min(m_now.timeConstant + 4, mostTimeConstant);
    }
}

void NtpState::takeOffset(std::int64_t offset, std::int64_t wallSecond)
{
    if (!has(ntp_status::pll)) {
        return;
    }
    if (!has(ntp_status::nano)) {
        offset = std::clamp(offset, -usPerSecond, usPerSecond) * nsPerUs;
    }
    offset = std::clamp(offset, -mostPhaseNs, mostPhaseNs);

    std::int64_t interval = has(ntp_status::holdFrequency) ? 0 : wallSecond - m_now.referenceSecond;
    m_now.referenceSecond = wallSecond;
    std::int64_t change = fllAdjustment(offset, interval);

    // Rare offsets would swing the PLL: what counts of the interval is bounded by its constant.
    const auto constant = static_cast<unsigned>(m_now.timeConstant);
    interval = std::min(interval, std::int64_t{1} << (pllShift + 1 + constant));
    change = wrappingAdd(change,
                         shiftLeft(wrappingMultiply(offset, interval),
                                   ntpFractionBits - 2 * (pllShift + 2 + constant)));
    m_now.frequency
        = std::clamp(wrappingAdd(change, m_now.frequency), -mostFrequency, mostFrequency);
    m_now.phase = shiftLeft(offset, ntpFractionBits) / m_hz;
}

std::int64_t NtpState::fllAdjustment(std::int64_t offset, std::int64_t interval)
{
    const bool isLongEnough = interval >= leastFllInterval;
    const bool isWanted = has(ntp_status::fll) || interval > mostPllInterval;
    m_now.status &= ~ntp_status::fllMode;
    if (!isLongEnough || !isWanted) {
        return 0;
    }
    m_now.status |= ntp_status::fllMode;
    return shiftLeft(offset, ntpFractionBits - fllShift) / interval;
}

std::int64_t NtpState::shownOffset() const
{
    const std::int64_t offset
        = shiftTowardsZero(wrappingMultiply(m_now.phase, m_hz), ntpFractionBits);
    return has(ntp_status::nano) ? offset : offset / nsPerUs;
}

ClockState NtpState::shownState() const
{
    const bool isLost = has(ntp_status::unsynchronized | ntp_status::clockError);
    return isLost ? ClockState::Unsynchronized : m_now.leap;
}

void NtpState::answer(Timex& timex, const WallTime& now, std::int32_t taiOffset) const
{
    timex.frequency = shownFrequency(m_now.frequency);
    timex.maxError = m_now.maxErrorUs;
    timex.estError = m_now.estErrorUs;
    timex.status = m_now.status;
    timex.constant = m_now.timeConstant;
    timex.precision = 1;
    timex.tolerance = mostFrequency / ntpFrequencyUnit;
    timex.tick = m_now.tickUs;
    timex.tai = taiOffset;
    timex.seconds = now.seconds;
    timex.subseconds = has(ntp_status::nano) ? now.nanoseconds : now.nanoseconds / nsPerUs;
}

ClockState NtpState::applyLeapToAnswer(Timex& timex, ClockState state) const
{
    // Between a leap's moment and the tick that makes it, the answer is already the time after it.
    if (timex.seconds < m_now.nextLeapSecond) {
        return state;
    }
    if (m_now.leap == ClockState::LeapInProgress && timex.seconds == m_now.nextLeapSecond) {
        return ClockState::LeapDone;
    }
    if (m_now.leap == ClockState::InsertAtDaysEnd && has(ntp_status::insertLeap)) {
        ++timex.tai;
        --timex.seconds;
        return ClockState::LeapInProgress;
    }
    if (m_now.leap == ClockState::DeleteAtDaysEnd && has(ntp_status::deleteLeap)) {
        --timex.tai;
        ++timex.seconds;
        return ClockState::LeapDone;
    }
    return state;
}

} // namespace timerscope
