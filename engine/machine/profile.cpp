// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/machine/profile.h"

#include <algorithm>
#include <array>

namespace timerscope {

std::span<const KernelProfile> kernelProfiles()
{
    static constexpr std::array profiles{
        KernelProfile{.name = "linux-5.15",
                      .schedClockLabelRounds = false,
                      .sleepsByFreezableSchedule = true},
        KernelProfile{.name = "linux-6.1"},
        KernelProfile{.name = "linux-6.12",
                      .tickTimerIsNohzHandler = true,
                      .lowresHandlerHasOwnName = true,
                      .watchdogMarginsLimitReadout = true,
                      .watchdogPrintsSkew = true,
                      .probeFailureIsDeviceLine = true},
    };
    return profiles;
}

const KernelProfile* findProfile(std::string_view name)
{
    const auto profiles = kernelProfiles();
    const auto found = std::ranges::find(profiles, name, &KernelProfile::name);
    return found != profiles.end() ? &*found : nullptr;
}

} // namespace timerscope
