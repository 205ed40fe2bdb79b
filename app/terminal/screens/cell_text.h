// SPDX-License-Identifier: GPL-3.0-or-later
//! Text as the cells of a terminal hold it.
#pragma once

#include <QString>
#include <QStringList>

#include <string>

namespace timerscope::terminal {

/// Cells that @p glyph takes: 0 for what only changes its neighbour, 2 for wide scripts.
[[nodiscard]] int cellsOf(char32_t glyph);

/// @p text as it may be shown: no control character reaches a terminal, whatever a task is called;
/// what takes no cell is left out; every kind of space is a plain one.
[[nodiscard]] std::u32string shownText(const QString& text);

[[nodiscard]] int cellsOf(const QString& text);

/// At most @p cells cells of @p text, with … at the end where something is missing.
[[nodiscard]] QString cut(const QString& text, int cells);

/// @p text in lines of at most @p cells cells, broken at spaces where there are any. Digits joined
/// by U+202F stay together. Never empty.
[[nodiscard]] QStringList wrapped(const QString& text, int cells);

} // namespace timerscope::terminal
