// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/session/bench.h"
#include "engine/port/source.h"

#include <memory>
#include <string>

namespace timerscope {

/// An attached device by itself, without the engine: its first counter is sampled every 10 ms,
/// streamed where the device can do that, and its first oneshot channel fires ten times a second.
/// What comes is logged as CounterSample, ChannelFired and DataLoss, stamped with the host's
/// CLOCK_MONOTONIC since the opening.
///
/// advance() watches until its limit, or until the device is lost.
/// Errors: DeviceLost when it is gone already.
[[nodiscard]] Result<std::unique_ptr<Source>> openDevice(AttachedDevice device, std::string uri);

} // namespace timerscope
