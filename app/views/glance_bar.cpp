// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/glance_bar.h"

#include "app/views/style_sheet.h"

#include <QHBoxLayout>
#include <QPainter>

namespace timerscope {

GlanceBar::GlanceBar(const Appearance& look, QWidget* parent)
    : QWidget(parent)
    , m_look(look)
{
    setFixedHeight(49);
    setAccessibleName(tr("At a glance"));
    auto* const row = new QHBoxLayout(this);
    row->setContentsMargins(16, 6, 16, 5);
    row->setSpacing(16);
    for (Cell& cell : m_cells) {
        cell = newCell();
        row->addWidget(cell.box, 1);
    }
}

GlanceBar::Cell GlanceBar::newCell()
{
    Cell cell;
    cell.box = new QWidget(this);
    auto* const column = new QVBoxLayout(cell.box);
    column->setContentsMargins(14, 0, 8, 0);
    column->setSpacing(0);
    cell.caption = newLabel(TextRole::Caption, cell.box);
    column->addWidget(cell.caption);
    auto* const line = new QHBoxLayout;
    line->setSpacing(10);
    cell.value = newLabel(TextRole::Topic, cell.box);
    cell.detail = new ElidedLabel(cell.box);
    setTextRole(*cell.detail, TextRole::Lead);
    line->addWidget(cell.value, 0, Qt::AlignBottom);
    line->addWidget(cell.detail, 0, Qt::AlignBottom);
    line->addStretch(1);
    column->addLayout(line);
    return cell;
}

void GlanceBar::show(const Glance& glance)
{
    fill(m_cells[0], glance.clock);
    fill(m_cells[1], glance.tick);
    fill(m_cells[2], glance.next);
}

void GlanceBar::fill(const Cell& cell, const GlanceCell& content)
{
    cell.caption->setText(content.caption);
    cell.value->setText(content.value);
    cell.detail->setText(content.detail);
}

void GlanceBar::paintEvent(QPaintEvent* /*event*/)
{
    const Theme& theme = m_look.theme();
    const std::array kinds{theme.clocksource, theme.tick, theme.hrtimer};
    QPainter painter(this);
    painter.fillRect(rect(), theme.panel);
    painter.fillRect(QRect(0, height() - 1, width(), 1), theme.line);
    for (std::size_t i = 0; i < m_cells.size(); ++i) {
        const int x = m_cells[i].box->x();
        painter.fillRect(QRect(x, 10, 4, 28), kinds[i]);
        if (i > 0) {
            painter.fillRect(QRect(x - 16, 10, 1, 28), theme.line);
        }
    }
}

} // namespace timerscope
