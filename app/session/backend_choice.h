// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/session/bench.h"
#include "app/session/open_source.h"

#include <string_view>

namespace timerscope {

inline constexpr std::string_view simulatedBackend = "sim";

/// Whether @p text has the form of a backend: "sim", "host", "stm32:…" or "mmio:…".
[[nodiscard]] bool isBackend(std::string_view text);

/// Puts @p scenario on @p backend.
///
/// Errors: InvalidArgument for an unknown backend (the sentence lists the known ones); otherwise
/// as simulatedBench(), hostBench() and attachedBench(), or what opening the device comes to.
[[nodiscard]] Result<Bench> openBench(Scenario scenario, std::string_view backend,
                                      const Resources& resources, const OpenOptions& options);

} // namespace timerscope
