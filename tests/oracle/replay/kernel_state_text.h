// SPDX-License-Identifier: GPL-3.0-or-later
//! What the recordings' test module prints of the kernel's lists, made from the model's.
#pragma once

#include "engine/clocksource/registry.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace timerscope::oracle {

/// "cmwhp" for the bits of clocksource_flag; "-" for none.
[[nodiscard]] std::string flagLetters(std::uint32_t flags);
/// The same backwards; "x" and "none" are 0. Empty for a letter that stands for nothing.
[[nodiscard]] std::optional<std::uint32_t> flagsOf(std::string_view text);

/// The `cs NAME rating=... vdso=.` line. @p isTest: of a test module, whose clocksources have all
/// callbacks and cannot be read from user space.
[[nodiscard]] std::string clocksourceLine(const Clocksource& source, bool isTest);

/// The lines of a `state` dump that concern clocksources, in its order.
[[nodiscard]] std::vector<std::string> stateLines(const ClocksourceRegistry& registry);

} // namespace timerscope::oracle
