// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/why/precision.h"

#include <string>

namespace timerscope::terminal {

/// The precision report for programs: one JSON object, whose keys are an interface
/// (resources/docs/device-report.md). Every number is exact as it stands.
[[nodiscard]] std::string jsonOf(const DevicePrecision& device);

} // namespace timerscope::terminal
