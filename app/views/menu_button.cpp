// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/menu_button.h"

#include "app/views/fonts.h"
#include "app/views/icons.h"

#include <QStyleOptionButton>
#include <QStylePainter>

namespace timerscope {

namespace {

constexpr int textMargin = 10;
constexpr int chevronRoom = 28;

} // namespace

MenuButton::MenuButton(const Appearance& look, QWidget* parent)
    : QPushButton(parent)
    , m_look(look)
{
    setFont(sansFont(13));
    setFixedHeight(30);
}

QSize MenuButton::sizeHint() const
{
    return {fontMetrics().horizontalAdvance(text()) + textMargin + chevronRoom, 30};
}

void MenuButton::paintEvent(QPaintEvent* /*event*/)
{
    QStylePainter painter(this);
    QStyleOptionButton option;
    initStyleOption(&option);
    option.text.clear();
    painter.drawControl(QStyle::CE_PushButton, option);
    const QRect room = rect().adjusted(textMargin, 0, -chevronRoom, 0);
    painter.setPen(m_look.theme().ink1);
    painter.drawText(room, static_cast<int>(Qt::AlignVCenter | Qt::AlignLeft), text());
    drawGlyph(painter, Glyph::ChevronDown, QPointF(width() - 22, (height() - 16) / 2.0),
              m_look.theme().ink2);
}

} // namespace timerscope
