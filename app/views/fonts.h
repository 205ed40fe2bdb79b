// SPDX-License-Identifier: GPL-3.0-or-later
//! The desktop's own sans and fixed fonts, in the sizes of the design: 11, 12, 13, 15, 17 pixels.
#pragma once

#include <QFont>

namespace timerscope {

enum class Weight : std::uint8_t
{
    Regular,
    Bold,
};

[[nodiscard]] QFont sansFont(int pixels, Weight weight = Weight::Regular);
/// For identifiers and kernel text.
[[nodiscard]] QFont fixedFont(int pixels, Weight weight = Weight::Regular);

} // namespace timerscope
