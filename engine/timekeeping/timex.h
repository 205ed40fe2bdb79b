// SPDX-License-Identifier: GPL-3.0-or-later
//! What adjtimex(2) is asked and what it answers. Numbers are the ABI's (linux/timex.h).
#pragma once

#include "engine/base/errno.h"

#include <cstdint>

namespace timerscope {

/// Which fields of a Timex are to be taken (ADJ_*). Bits combine.
namespace timex_mode {
inline constexpr std::uint32_t offset = 0x0001;
inline constexpr std::uint32_t frequency = 0x0002;
inline constexpr std::uint32_t maxError = 0x0004;
inline constexpr std::uint32_t estError = 0x0008;
inline constexpr std::uint32_t status = 0x0010;
inline constexpr std::uint32_t timeConstant = 0x0020;
inline constexpr std::uint32_t tai = 0x0080; ///< the offset comes in Timex::constant
inline constexpr std::uint32_t setOffset = 0x0100; ///< step the clock by Timex::time
inline constexpr std::uint32_t micro = 0x1000; ///< from now on, offsets are in us
inline constexpr std::uint32_t nano = 0x2000; ///< from now on, offsets are in ns
inline constexpr std::uint32_t tick = 0x4000;
/// adjtime(3): Timex::offset us are slewed in, 500 us a second; with `offset` only, see below.
inline constexpr std::uint32_t adjtime = 0x8000;
inline constexpr std::uint32_t adjtimeReadOnly = 0x2000; ///< with adjtime: only tell what is left
} // namespace timex_mode

/// The state of the discipline (STA_*). Bits combine.
namespace ntp_status {
inline constexpr std::uint32_t pll = 0x0001; ///< offsets are taken
inline constexpr std::uint32_t fll = 0x0008; ///< frequency from the offset over the interval
inline constexpr std::uint32_t insertLeap = 0x0010;
inline constexpr std::uint32_t deleteLeap = 0x0020;
inline constexpr std::uint32_t unsynchronized = 0x0040;
inline constexpr std::uint32_t holdFrequency = 0x0080;
inline constexpr std::uint32_t clockError = 0x1000;
inline constexpr std::uint32_t nano = 0x2000; ///< offsets are in ns, else in us
inline constexpr std::uint32_t fllMode = 0x4000; ///< the last offset also went through the FLL
inline constexpr std::uint32_t readOnly = 0xff00; ///< what the status field cannot set
} // namespace ntp_status

/// What an adjtimex answers beside its errno: the state of the leap second, or "not synchronized"
/// (TIME_*).
enum class ClockState : std::uint8_t
{
    Ok = 0,
    InsertAtDaysEnd = 1,
    DeleteAtDaysEnd = 2,
    LeapInProgress = 3, ///< second 23:59:60
    LeapDone = 4, ///< until the request bits are cleared
    Unsynchronized = 5, ///< an answer only, never kept
};

/// Longest and shortest Timex::tick: 10 000 us +-10 %.
inline constexpr std::int64_t leastTickUs = 9'000;
inline constexpr std::int64_t mostTickUs = 11'000;

/// struct __kernel_timex. Fields without a bit in `modes` are ignored and overwritten.
struct Timex
{
    std::uint32_t modes = 0; ///< bits of timex_mode
    std::int64_t offset = 0; ///< us or ns by ntp_status::nano; us for adjtime
    std::int64_t frequency = 0; ///< ppm x 2^16, within +-500 ppm
    std::int64_t maxError = 0; ///< us, 0 to 16'000'000
    std::int64_t estError = 0; ///< us, 0 to 16'000'000
    std::uint32_t status = 0; ///< bits of ntp_status
    std::int64_t constant = 0; ///< PLL time constant, 0 to 10; or the TAI offset in s
    std::int64_t precision = 0; ///< us, answered only
    std::int64_t tolerance = 0; ///< ppm x 2^16, answered only
    std::int64_t seconds = 0; ///< the clock's time; for setOffset the step, either sign
    std::int64_t subseconds = 0; ///< us or ns, as above; never negative
    std::int64_t tick = 0; ///< us that 1/100 s takes, leastTickUs to mostTickUs
    std::int32_t tai = 0; ///< s, answered only
};

/// Whether a caller with all rights may ask this.
/// Invalid for: adjtime without `offset`, a tick outside its limits, a step whose subseconds are
/// negative or a whole second, a frequency so large that its scaling would overflow. Values
/// outside other ranges are cut to them later and are no error.
/// Source: adjtimex(2); oracle sets adjtimex_seq and timekeeping_seq.
[[nodiscard]] Errno validate(const Timex& request);

} // namespace timerscope
