// SPDX-License-Identifier: GPL-3.0-or-later
//! What a scenario's machine is put on: simulated hardware, or something real.
#pragma once

#include "engine/machine/device_description.h"
#include "engine/port/attached_block.h"
#include "engine/port/hardware.h"
#include "engine/port/source.h"
#include "engine/scenario/scenario.h"

#include <memory>
#include <string>
#include <vector>

namespace timerscope {

/// A scenario and the hardware that has every counter and channel that its devices name.
struct Bench
{
    Scenario scenario; ///< fitted to the hardware
    std::unique_ptr<Hardware> hardware;
    SourceKind kind = SourceKind::Model;
    std::string title; ///< "ast2500-boot", "ast2500-boot on stm32f405"
    std::vector<Notice> notices; ///< what a user has to know of this hardware
};

/// Something real, and what its driver would register.
struct AttachedDevice
{
    DeviceDescription description; ///< rates and limits are the block's own
    std::unique_ptr<AttachedBlock> block;
};

/// Errors of all three: InvalidArgument when two of the scenario's devices bring a counter or
/// channel of the same name.
[[nodiscard]] Result<Bench> simulatedBench(Scenario scenario);
/// Everything is made of this computer's clock and timer, at the rates that the devices have.
[[nodiscard]] Result<Bench> hostBench(Scenario scenario);
/// @p device takes its own place in the scenario, or that of the first timer that time_init probes
/// (see standIn()); what else the scenario has is made of this computer's clock and timer.
/// Errors besides: NotSupported when the scenario has no place for it.
[[nodiscard]] Result<Bench> attachedBench(Scenario scenario, AttachedDevice device);

} // namespace timerscope
