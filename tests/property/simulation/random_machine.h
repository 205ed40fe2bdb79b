// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/machine/config.h"
#include "engine/machine/device_description.h"
#include "tests/property/simulation/random.h"

#include <vector>

namespace timerscope::test {

/// A machine that can always tick: its first device, which time_init probes, has a counter and an
/// event device for each CPU that work together, whatever comes and goes beside them.
struct RandomMachine
{
    MachineConfig config;
    std::vector<DeviceDescription> devices; ///< the first one is the one that always works
};

[[nodiscard]] RandomMachine randomMachine(Random& random);

} // namespace timerscope::test
