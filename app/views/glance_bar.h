// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/models/glance.h"
#include "app/views/elided_label.h"
#include "app/views/theme.h"

#include <QWidget>

#include <array>

namespace timerscope {

/// One line that answers at a glance: the clock in charge, the tick, what fires next.
class GlanceBar final : public QWidget
{
    Q_OBJECT
public:
    GlanceBar(const Appearance& look, QWidget* parent);
    void show(const Glance& glance);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    struct Cell
    {
        QWidget* box = nullptr;
        QLabel* caption = nullptr;
        QLabel* value = nullptr;
        ElidedLabel* detail = nullptr;
    };
    [[nodiscard]] Cell newCell();
    static void fill(const Cell& cell, const GlanceCell& content);

    const Appearance& m_look;
    std::array<Cell, 3> m_cells;
};

} // namespace timerscope
