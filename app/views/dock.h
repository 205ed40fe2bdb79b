// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/views/elided_label.h"
#include "app/views/theme.h"

#include <QDockWidget>
#include <QMenu>
#include <QToolButton>

namespace timerscope {

/// A view's frame: a title in capitals, what it shows, the key that goes there, and its menu.
class Dock final : public QDockWidget
{
    Q_OBJECT
public:
    /// @p key is the digit that goes to the view; empty when it has none.
    Dock(const QString& title, const QString& key, const Appearance& look, QWidget* parent);

    /// What the view shows at present: "CPU 0 · FTTMR010-TIMER1".
    void setSubject(const QString& subject);
    /// The view's own menu, for copying and hiding.
    [[nodiscard]] QMenu& menu() { return m_menu; }

private:
    QWidget* header(const QString& title, const QString& key);
    void refreshIcons();

    const Appearance& m_look;
    ElidedLabel* m_subject = nullptr;
    QToolButton* m_more = nullptr;
    QMenu m_menu{this};
};

} // namespace timerscope
