// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/jiffies.h"
#include "engine/timekeeping/tick_conversion.h"
#include "engine/timekeeping/timex.h"
#include "engine/timekeeping/wall_time.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

namespace timerscope {

/// Timex::frequency times this is a frequency in ns a second x 2^32.
inline constexpr std::int64_t ntpFrequencyUnit = std::int64_t{1000} << (ntpFractionBits - 16);

/// "No leap second is due".
inline constexpr std::int64_t noLeapSecond = std::numeric_limits<std::int64_t>::max();

/// What NTP keeps between two calls. Lengths are in ns x 2^32.
struct NtpVariables
{
    std::int64_t tickLength = 0; ///< of the second that runs: base, slew and phase together
    std::int64_t tickLengthBase = 0; ///< by tickUs and frequency alone
    ClockState leap = ClockState::Ok; ///< never Unsynchronized
    std::uint32_t status = ntp_status::unsynchronized; ///< bits of ntp_status
    std::int64_t phase = 0; ///< still to be slewed in, ns x 2^32 / HZ
    std::int64_t timeConstant = 2; ///< 0 to 10
    std::int64_t maxErrorUs = 16'000'000;
    std::int64_t estErrorUs = 16'000'000;
    std::int64_t frequency = 0; ///< ns a second x 2^32, within +-500 ppm
    std::int64_t referenceSecond = 0; ///< wall time of the last offset
    std::int64_t adjtimeUs = 0; ///< of an adjtime(3), still to be slewed in
    std::int64_t tickUs = 10'000; ///< leastTickUs to mostTickUs
    std::int64_t nextLeapSecond = noLeapSecond; ///< wall second at which the leap is made

    friend bool operator==(const NtpVariables&, const NtpVariables&) = default;
};

/// The moment of an adjtimex(2).
struct NtpMoment
{
    WallTime now{}; ///< what is answered
    std::int64_t lastSecond = 0; ///< wall second of the last update: intervals are counted in it
};

/// What a second's end did to the wall clock; the number is added to its seconds.
enum class LeapStep : std::int8_t
{
    Insert = -1, ///< 23:59:59 is counted again
    None = 0,
    Delete = 1, ///< 23:59:59 is left out
};

/// The kernel's line for a leap step, without time stamp; empty for None.
[[nodiscard]] std::string_view logLineOf(LeapStep step);

/// NTP's discipline of the clock: how long a tick should be, and the state of leap seconds.
///
/// Rules (kernel/time/ntp.c, Linux 6.1, without PPS). A tick's length is set by the user's tick and
/// frequency. At every second's end 2^-(2 + time constant) of the phase that is left, and up to
/// 500 us of an adjtime(3), are added to the ticks of the next second, and the largest error grows
/// by 500 us; at 16 s the clock is no longer synchronized.
/// An offset sets the phase and trims the frequency: by its size over the time since the last one
/// (PLL), and, after 256 s with the FLL asked for or after 2048 s in any case, by their quotient.
/// It does not know the time: callers bring it. Threading: the engine's thread.
/// Oracle sets: ntp_second_overflow, adjtimex_seq, leap_seq.
class NtpState
{
public:
    /// As the kernel starts: unsynchronized, ticks of their nominal length.
    explicit NtpState(TickRate rate);
    /// Goes on from @p variables, whose tick lengths are taken as they are.
    /// @pre the time constant is 0 to 10 (an invariant).
    NtpState(TickRate rate, const NtpVariables& variables);

    /// The wall clock was stepped: errors are unknown again, phase, slew and leap are dropped; the
    /// frequency stays.
    void clear();

    /// The wall clock has come to @p wallSecond, once for every second.
    [[nodiscard]] LeapStep secondEnds(std::int64_t wallSecond);

    /// Takes and answers an adjtimex(2) that validate() has let through. @p taiOffset,
    /// in seconds, may be set by it. A step (setOffset) is the timekeeper's business and was made
    /// before.
    ClockState adjust(Timex& timex, const NtpMoment& moment, std::int32_t& taiOffset);

    /// One tick's length now, ns x 2^32.
    [[nodiscard]] std::uint64_t tickLength() const
    {
        return static_cast<std::uint64_t>(m_now.tickLength);
    }
    /// The wall second before which a second will be inserted: readers of the clock between it and
    /// the next tick must be told the leap themselves. None for a deletion.
    [[nodiscard]] std::optional<std::int64_t> insertionDue() const;
    /// True when the end of any further second changes nothing and makes no leap.
    [[nodiscard]] bool isSettled() const;
    [[nodiscard]] const NtpVariables& variables() const { return m_now; }

private:
    [[nodiscard]] bool has(std::uint32_t status) const { return (m_now.status & status) != 0; }
    void setTickLengthBase();
    LeapStep stepLeapState(std::int64_t wallSecond);
    void growMaxError();
    [[nodiscard]] std::int64_t phaseOfASecond() const;
    void slewPhase();
    void slewAdjtime();

    void take(const Timex& timex, std::int64_t wallSecond, std::int32_t& taiOffset);
    void takeStatus(std::uint32_t status, std::int64_t wallSecond);
    void takeTimeConstant(std::int64_t constant);
    void takeOffset(std::int64_t offset, std::int64_t wallSecond);
    [[nodiscard]] std::int64_t fllAdjustment(std::int64_t offset, std::int64_t interval);
    void adjtime(Timex& timex);
    [[nodiscard]] std::int64_t shownOffset() const;
    [[nodiscard]] ClockState shownState() const;
    void answer(Timex& timex, const WallTime& now, std::int32_t taiOffset) const;
    [[nodiscard]] ClockState applyLeapToAnswer(Timex& timex, ClockState state) const;

    std::int64_t m_hz;
    NtpVariables m_now;
};

} // namespace timerscope
