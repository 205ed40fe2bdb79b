// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QScrollArea>
#include <QWidget>

namespace timerscope {

/// What a widget is painted on; the style sheet of the window knows the colours.
enum class Ground : std::uint8_t
{
    Panel,
    Header,
    Line,
};

void setGround(QWidget& widget, Ground ground);

/// An empty panel to lay things out on.
[[nodiscard]] QWidget* newPanel(QWidget* parent = nullptr);
/// A horizontal line, one pixel high.
[[nodiscard]] QWidget* newRule(QWidget* parent);
/// Scrolls what it is given downwards, never sideways.
[[nodiscard]] QScrollArea* newScroll(QWidget* parent);

} // namespace timerscope
