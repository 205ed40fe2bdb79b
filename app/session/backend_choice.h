// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/session/bench.h"
#include "app/session/open_source.h"

#include <string>
#include <string_view>
#include <vector>

namespace timerscope {

inline constexpr std::string_view simulatedBackend = "sim";

/// Whether @p text has the form of a backend: "sim", "host", "stm32:…" or "mmio:…".
[[nodiscard]] bool isBackend(std::string_view text);

/// A scenario and what it runs on.
struct ScenarioPlace
{
    std::string_view scenario;
    std::string_view backend = simulatedBackend;
};
/// Takes "NAME" or "NAME@BACKEND" apart, with or without "sim:" in front of it, which stays with
/// the scenario. A file's name may have an '@' of its own.
[[nodiscard]] ScenarioPlace splitPlace(std::string_view text);
/// The URI of the same scenario on @p backend. @p uri begins with "sim:".
[[nodiscard]] std::string onBackend(std::string_view uri, std::string_view backend);

/// Whether two sources would need one and the same board, or may: "stm32:auto" may be any.
[[nodiscard]] bool sharesDevice(std::string_view uri, std::string_view other);

/// A backend that can be chosen now.
struct BackendOffer
{
    std::string backend; ///< "host", "stm32:/dev/ttyACM0"
    std::string title; ///< for a person
};
/// What this computer has: first the simulation and its own timer, then boards, then the counters
/// of the catalogue that are mapped. Looks at folders and files for some milliseconds.
[[nodiscard]] std::vector<BackendOffer> offeredBackends(const Resources& resources);

/// Puts @p scenario on @p backend.
///
/// Errors: InvalidArgument for an unknown backend (the sentence lists the known ones); otherwise
/// as simulatedBench(), hostBench() and attachedBench(), or what opening the device comes to.
[[nodiscard]] Result<Bench> openBench(Scenario scenario, std::string_view backend,
                                      const Resources& resources, const OpenOptions& options);

} // namespace timerscope
