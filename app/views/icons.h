// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QIcon>
#include <QPainter>

namespace timerscope {

/// Line icons on a grid of 16, drawn in ink; only play and pause are filled.
enum class Glyph : std::uint8_t
{
    Play,
    Pause,
    Step,
    ChevronDown,
    Chip,
    Computer,
    Copy,
    Dots,
    Check,
    Warning,
    Cross,
};

/// Draws @p glyph into the 16 x 16 at @p corner.
void drawGlyph(QPainter& painter, Glyph glyph, QPointF corner, const QColor& ink);

/// The same as an icon, sharp on screens of up to three times the density. @p disabled is its ink
/// where it cannot be used.
[[nodiscard]] QIcon glyphIcon(Glyph glyph, const QColor& ink, const QColor& disabled);

} // namespace timerscope
