// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/port/source.h"

#include <filesystem>
#include <memory>

namespace timerscope {

/// Attaches to the running Linux kernel, as an observer: nothing is written anywhere.
///
/// Reads below @p root: sys/devices/system/clocksource/clocksource0, sys/bus/clockevents/devices
/// (else sys/devices/system/clockevents), proc/timer_list and proc/sys/kernel. "/" is the machine
/// this program runs on; any other folder is a tree of files in the same places, whose clock
/// stands still between the looks: its time is what its timer_list says, else zero.
///
/// The first look is taken here, so that snapshot() and log() have the present state at once.
/// Every advance() and step() looks once more, ignores the limit, never ends, and appends a record
/// for each change of clocksource, tick device, tick mode, dynamic tick, device state and event
/// handler. When between two looks it happened is unknown: records bear the time of the look that
/// saw it. Queued hrtimers are recorded at the first look only: whether one that is gone expired
/// or was cancelled, two looks cannot tell.
///
/// A file that is missing or closed to this user leaves its part of the snapshot empty, and one
/// notice says what is missing and how to get it.
///
/// Errors: Unavailable when neither clocksources nor timer_list can be read. From advance() and
/// step(): DeviceLost when a file that was readable no longer is.
[[nodiscard]] Result<std::unique_ptr<Source>> openLinux(const std::filesystem::path& root = "/");

} // namespace timerscope
