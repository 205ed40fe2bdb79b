// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/scenario/scenario.h"

#include <string_view>

namespace timerscope {

/// The first device with hardware of its own that the scenario's time_init probes; null without.
[[nodiscard]] const DeviceDescription* firstTimer(const Scenario& scenario);

/// @p scenario with @p device in the place of its device @p replaced, which it must have: probed
/// when that was probed. Steps and expectations that name a counter or channel of the replaced
/// device name the new one's. A device without event channels keeps those of the replaced one.
[[nodiscard]] Scenario standIn(Scenario scenario, std::string_view replaced,
                               DeviceDescription device);

} // namespace timerscope
