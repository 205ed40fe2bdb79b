// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace timerscope {

/// How fast a model's time runs against the world's: `model` nanoseconds in `world` nanoseconds.
/// {1, 1} is real time, {1, 100} a hundred times slower, {0, 0} as fast as possible.
struct Speed
{
    std::int64_t model = 1;
    std::int64_t world = 1;
    [[nodiscard]] constexpr bool isUnlimited() const { return world == 0; }
    friend bool operator==(Speed, Speed) = default;
};

} // namespace timerscope
