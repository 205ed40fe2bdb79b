// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace timerscope {

/// The value of a counter that keeps counting while its halves are read one after the other:
/// reads both until the upper one stays the same, so that no lower half is joined with an upper
/// half of another round.
///
/// @p low and @p high read a half each. @p width: bits of a half, 8 to 32. For an upper half that
/// changes faster than it can be read, the last halves are the answer: nothing better is to be had.
template<typename ReadLow, typename ReadHigh>
[[nodiscard]] std::uint64_t readMovingHalves(ReadLow low, ReadHigh high, unsigned width)
{
    constexpr int most = 64;
    std::uint64_t before = high();
    std::uint64_t lower = low();
    std::uint64_t upper = high();
    for (int i = 1; i < most && upper != before; ++i) {
        before = upper;
        lower = low();
        upper = high();
    }
    return upper << width | lower;
}

} // namespace timerscope
