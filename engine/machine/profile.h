// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string_view>

namespace timerscope {

/// Behaviour that changed between kernels, as named switches. Code asks for a switch, never for a
/// version: stable kernels carry backports, so a version says little.
struct KernelProfile
{
    std::string_view name; ///< "linux-6.1"

    /// sched_clock's boot line rounds "24.75 MHz" to 25MHz, and prints Hz below 4 kHz; before
    /// commit 92067440f131 (5.19) it truncated to 24MHz and printed Hz below 1 kHz.
    bool schedClockLabelRounds = true;
    /// The tick's hrtimer is called tick_nohz_handler (6.9 and later), before tick_sched_timer.
    bool tickTimerIsNohzHandler = false;
    /// The low-resolution dynamic tick's event handler is tick_nohz_lowres_handler.
    bool lowresHandlerHasOwnName = false;
    /// The watchdog lets a readout take as long as the margins of both clocks (6.12), not
    /// as the one limit for every clock (6.1).
    bool watchdogMarginsLimitReadout = false;
    /// A skewed clocksource gets one line more, which says the skew in ms (6.12).
    bool watchdogPrintsSkew = false;
    /// A failed probe is a line of its device, "probe with driver x failed" (6.10 and later),
    /// before one of its driver, "probe of y failed".
    bool probeFailureIsDeviceLine = false;
    /// A task that sleeps calls freezable_schedule(); since 6.1 that is schedule().
    bool sleepsByFreezableSchedule = false;
};

/// The profiles that scenarios may name. linux-6.1 is the reference.
[[nodiscard]] std::span<const KernelProfile> kernelProfiles();

/// Null when no profile has this name.
[[nodiscard]] const KernelProfile* findProfile(std::string_view name);

} // namespace timerscope
