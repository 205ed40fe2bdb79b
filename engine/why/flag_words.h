// SPDX-License-Identifier: GPL-3.0-or-later
//! The flags of clocksources and the features of event devices, by the names that device files
//! give them, and what each means for its owner.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace timerscope {

/// One bit and its name.
struct NamedFlag
{
    std::uint32_t bit = 0;
    std::string_view name; ///< "must-verify"
};
/// The clocksource flags that a driver may set, in the order of their bits. The kernel's core sets
/// "watchdog" and "reselect" by itself.
[[nodiscard]] std::span<const NamedFlag> driverFlags();
/// Every flag of a clocksource, in the order of their bits.
[[nodiscard]] std::span<const NamedFlag> clocksourceFlags();
/// Every feature of a clock event device, in the order of their bits.
[[nodiscard]] std::span<const NamedFlag> clockEventFeatures();

/// The names of the bits that are set in @p bits; unknown ones are left out.
[[nodiscard]] std::vector<std::string_view> namesOf(std::uint32_t bits,
                                                    std::span<const NamedFlag> flags);

/// What one flag means for a clocksource that is registered with @p all: a sentence without a full
/// stop. @p flag is one bit of clocksource_flag.
[[nodiscard]] std::string_view meaningOf(std::uint32_t flag, std::uint32_t all);

/// "300 of the band \u201cdesired\u201d", "500 is outside the kernel's bands 1\u2013499, which
/// nothing enforces".
[[nodiscard]] std::string ratingWords(int rating);

} // namespace timerscope
