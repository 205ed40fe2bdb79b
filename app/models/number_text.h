// SPDX-License-Identifier: GPL-3.0-or-later
//! What views show as numbers: engine/why/number_text.h for Qt, and what only screens need.
#pragma once

#include "engine/base/cycles.h"
#include "engine/base/time.h"

#include <QString>

#include <string>
#include <string_view>

namespace timerscope {

[[nodiscard]] inline QString toQt(std::string_view text)
{
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

/// "24 750 000", groups of three by U+202F.
[[nodiscard]] QString groupedNumber(std::int64_t number);
/// "24 750 000 Hz".
[[nodiscard]] QString frequencyNumber(Hertz rate);
/// "0.238 478 000 s"; "never" for the end of time.
[[nodiscard]] QString instantNumber(std::int64_t ns);
/// The same without its unit, for columns whose head has it.
[[nodiscard]] QString instantWithoutUnit(std::int64_t ns);
/// "2.786 800 ms".
[[nodiscard]] QString spanNumber(Ns span);
/// "2.787 ms", only under a head that says ≈.
[[nodiscard]] QString roundedSpanNumber(Ns span);
/// "0.238 478": as the kernel stamps a log line, microseconds cut off.
[[nodiscard]] QString logStamp(std::int64_t ns);
/// @p text for the clipboard: plain digits, a plain minus.
[[nodiscard]] QString plainCopy(const QString& text);

} // namespace timerscope
