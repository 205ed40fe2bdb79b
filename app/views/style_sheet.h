// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/views/theme.h"

#include <QLabel>
#include <QString>

namespace timerscope {

/// What a text is for: its size, weight and ink follow from it.
enum class TextRole : std::uint8_t
{
    Caption, ///< 11, ink 3
    Label, ///< 12, ink 3
    Cell, ///< 12, ink 1
    Note, ///< 12, ink 2
    Body, ///< 13, ink 1
    Lead, ///< 13, ink 2
    Strong, ///< 13 bold
    Topic, ///< 15 bold: what a panel is about
    Measure, ///< 17 bold: time and measured values
    DockTitle, ///< 12 bold, capitals
    Warning, ///< 12, always with a sign
    Error, ///< 13, always with a sign
};

/// Gives @p label the look of @p role. @p fixed: identifiers and kernel text.
void setTextRole(QLabel& label, TextRole role, bool fixed = false);
/// A label of this look.
[[nodiscard]] QLabel* newLabel(TextRole role, QWidget* parent, const QString& text = {});

/// The style sheet of a whole window.
[[nodiscard]] QString styleSheetFor(const Theme& theme);

} // namespace timerscope
