// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace timerscope {

/// 128-bit products: ns x Hz needs 95 bits, cycles x mult needs 96.
__extension__ using WideUnsigned = unsigned __int128;
__extension__ using WideSigned = __int128;

} // namespace timerscope
