// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/views/theme.h"

#include <QPushButton>

namespace timerscope {

/// A button that opens a menu and says so by a chevron at its right end.
class MenuButton final : public QPushButton
{
    Q_OBJECT
public:
    MenuButton(const Appearance& look, QWidget* parent);

    [[nodiscard]] QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    const Appearance& m_look;
};

} // namespace timerscope
