// SPDX-License-Identifier: GPL-3.0-or-later
//! The kernel's own small vocabularies: states, modes, flags and feature bits. Numbers are the
//! kernel's (Linux 6.1; the same in 5.15 and 6.12), since /proc/timer_list prints them bare.
#pragma once

#include <cstdint>
#include <string_view>

namespace timerscope {

/// State of a clock event device (enum clock_event_state).
enum class ClockEventState : std::uint8_t
{
    Detached = 0,
    Shutdown = 1,
    Periodic = 2,
    Oneshot = 3,
    OneshotStopped = 4,
};

/// "detached", "shutdown", "periodic", "oneshot", "oneshot-stopped".
[[nodiscard]] std::string_view nameOf(ClockEventState state);

/// Mode of a tick device (enum tick_device_mode).
enum class TickMode : std::uint8_t
{
    Periodic = 0,
    Oneshot = 1,
};
[[nodiscard]] std::string_view nameOf(TickMode mode);

/// How a CPU's tick came to be dynamic (enum tick_nohz_mode).
enum class NohzMode : std::uint8_t
{
    Inactive = 0,
    LowRes = 1,
    HighRes = 2,
};
[[nodiscard]] std::string_view nameOf(NohzMode mode);

/// What a clock event device can do (CLOCK_EVT_FEAT_*). Bits combine.
namespace clock_event_feature {
inline constexpr std::uint32_t periodic = 0x01;
inline constexpr std::uint32_t oneshot = 0x02;
inline constexpr std::uint32_t ktime = 0x04;
inline constexpr std::uint32_t c3stop = 0x08;
inline constexpr std::uint32_t dummy = 0x10;
inline constexpr std::uint32_t dynirq = 0x20;
inline constexpr std::uint32_t percpu = 0x40;
inline constexpr std::uint32_t hrtimer = 0x80;
} // namespace clock_event_feature

/// What is known of a clocksource (CLOCK_SOURCE_*; seed 002 lists them). Bits combine.
namespace clocksource_flag {
inline constexpr std::uint32_t continuous = 0x01;
inline constexpr std::uint32_t mustVerify = 0x02;
inline constexpr std::uint32_t watchdog = 0x10;
inline constexpr std::uint32_t validForHres = 0x20;
inline constexpr std::uint32_t unstable = 0x40;
inline constexpr std::uint32_t suspendNonstop = 0x80;
inline constexpr std::uint32_t reselect = 0x100;
inline constexpr std::uint32_t verifyPercpu = 0x200;
} // namespace clocksource_flag

/// The kernel's bands of clocksource ratings (comment of struct clocksource; seed 002). They are
/// advice: nothing stops a driver from registering outside of them, as mfoc's 500 shows.
enum class RatingBand : std::uint8_t
{
    Below, ///< under 1
    Unfit, ///< 1-99: only for boot, or when there is nothing else
    Base, ///< 100-199: usable, not desirable
    Good, ///< 200-299: correct and usable
    Desired, ///< 300-399: reasonably fast and accurate
    Perfect, ///< 400-499: must be used where available
    Above, ///< 500 and more
};
[[nodiscard]] RatingBand bandOf(int rating);
[[nodiscard]] std::string_view nameOf(RatingBand band);
/// True for Below and Above.
[[nodiscard]] constexpr bool isOutsideBands(RatingBand band)
{
    return band == RatingBand::Below || band == RatingBand::Above;
}

} // namespace timerscope
