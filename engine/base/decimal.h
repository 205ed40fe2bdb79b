// SPDX-License-Identifier: GPL-3.0-or-later
//! Decimal numbers as people write them, read without a fraction being lost.
#pragma once

#include "engine/base/wide.h"

#include <tl/expected.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace timerscope {

/// How many of @p text's first characters are digits.
[[nodiscard]] std::size_t digitsAt(std::string_view text);

/// 10 to the power of @p exponent, at most 18.
[[nodiscard]] std::int64_t powerOfTen(std::size_t exponent);

/// The number that @p digits (at most 38 of them, nothing else) are.
[[nodiscard]] WideUnsigned digitsOf(std::string_view digits);

/// "12.50" in front of a unit: digits, and those behind the point without closing zeros.
struct Decimal
{
    std::string_view whole; ///< without leading zeros
    std::string_view fraction;
    std::size_t length = 0; ///< of the text that was read; 0: there is no number
};
[[nodiscard]] Decimal readDecimal(std::string_view text);

enum class DecimalFault : std::uint8_t
{
    TooLarge, ///< more than 19 digits in front of the point
    NotWhole, ///< finer than one
};

/// @p number x @p scale, exactly. @p scale is at most 3.6 x 10^12 (ns in an hour).
[[nodiscard]] tl::expected<WideUnsigned, DecimalFault> wholeOf(const Decimal& number,
                                                               std::uint64_t scale);

} // namespace timerscope
