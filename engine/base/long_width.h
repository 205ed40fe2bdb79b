// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace timerscope {

/// How wide `unsigned long`, and with it jiffies, is on a machine. Both of the seeds' boards are
/// 32-bit ARM; the oracle was a 64-bit PC.
enum class LongWidth : std::uint8_t
{
    Bits32,
    Bits64,
};

/// ULONG_MAX
[[nodiscard]] constexpr std::uint64_t largestUnsignedLong(LongWidth width)
{
    return width == LongWidth::Bits32 ? UINT32_MAX : UINT64_MAX;
}

/// LONG_MAX
[[nodiscard]] constexpr std::uint64_t largestLong(LongWidth width)
{
    return largestUnsignedLong(width) >> 1;
}

/// @p value as an `unsigned long` keeps it.
[[nodiscard]] constexpr std::uint64_t cutToLong(std::uint64_t value, LongWidth width)
{
    return value & largestUnsignedLong(width);
}

/// @p value as a `long` shows it: the top bit that it keeps is the sign.
[[nodiscard]] constexpr std::int64_t asSignedLong(std::uint64_t value, LongWidth width)
{
    return width == LongWidth::Bits32 ? static_cast<std::int32_t>(static_cast<std::uint32_t>(value))
                                      : static_cast<std::int64_t>(value);
}

} // namespace timerscope
