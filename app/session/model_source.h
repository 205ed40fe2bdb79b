// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/port/source.h"
#include "engine/scenario/scenario.h"

#include <memory>
#include <string>

namespace timerscope {

/// The engine on simulated hardware, made from a scenario: its devices' counters and channels
/// become the hardware, its machine is powered on and its steps wait for their time.
///
/// Errors: InvalidArgument when two devices bring a counter or channel of the same name,
/// NotSupported for a machine that this version cannot model.
[[nodiscard]] Result<std::unique_ptr<Source>> openModel(Scenario scenario, std::string uri);

} // namespace timerscope
