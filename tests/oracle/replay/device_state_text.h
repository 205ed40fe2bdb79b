// SPDX-License-Identifier: GPL-3.0-or-later
//! The kernel's clock event devices as the test modules print them.
#pragma once

#include "engine/machine/machine.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace timerscope::oracle {

/// "DETACHED", "SHUTDOWN", "PERIODIC", "ONESHOT", "ONESHOT_STOPPED".
[[nodiscard]] std::string_view stateWord(ClockEventState state);

/// The letters of `ce_reg` as bits of clock_event_feature; empty when one is unknown.
[[nodiscard]] std::optional<std::uint32_t> featuresOf(std::string_view letters);

/// A device in full: "ce NAME rating=150 features=0x3 state=ONESHOT mult=…".
[[nodiscard]] std::string deviceLine(const ClockEventDevice& device);

/// The lines of `state` on clock event devices and ticks. A walk of the devices may end the
/// kernel; what was printed until then is lost, so nothing comes back.
[[nodiscard]] std::vector<std::string> deviceStateLines(Machine& machine);

} // namespace timerscope::oracle
