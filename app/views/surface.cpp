// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/surface.h"

namespace timerscope {

namespace {

const char* nameOf(Ground ground)
{
    switch (ground) {
    case Ground::Panel:
        return "panel";
    case Ground::Header:
        return "header";
    case Ground::Line:
        return "line";
    }
    return "";
}

} // namespace

void setGround(QWidget& widget, Ground ground)
{
    widget.setAttribute(Qt::WA_StyledBackground);
    widget.setProperty("ground", nameOf(ground));
}

QWidget* newPanel(QWidget* parent)
{
    auto* const result = new QWidget(parent);
    setGround(*result, Ground::Panel);
    return result;
}

QWidget* newRule(QWidget* parent)
{
    auto* const result = new QWidget(parent);
    setGround(*result, Ground::Line);
    result->setFixedHeight(1);
    return result;
}

QScrollArea* newScroll(QWidget* parent)
{
    auto* const result = new QScrollArea(parent);
    result->setWidgetResizable(true);
    result->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    return result;
}

} // namespace timerscope
