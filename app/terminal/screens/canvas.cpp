// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/terminal/screens/canvas.h"

#include "app/terminal/screens/cell_text.h"

#include <algorithm>
#include <utility>

namespace timerscope::terminal {

Canvas::Canvas(int width, int height)
    : m_width(std::max(width, 0))
    , m_height(std::max(height, 0))
    , m_cells(static_cast<std::size_t>(m_width) * static_cast<std::size_t>(m_height))
{
}

Cell& Canvas::at(int x, int y)
{
    return m_cells.at(static_cast<std::size_t>(y) * static_cast<std::size_t>(m_width)
                      + static_cast<std::size_t>(x));
}

const Cell& Canvas::at(int x, int y) const
{
    return m_cells.at(static_cast<std::size_t>(y) * static_cast<std::size_t>(m_width)
                      + static_cast<std::size_t>(x));
}

QString Canvas::line(int y) const
{
    QString text;
    for (int x = 0; x < m_width; ++x) {
        const char32_t glyph = at(x, y).glyph;
        if (glyph != 0) {
            text += QString::fromUcs4(&glyph, 1);
        }
    }
    while (text.endsWith(' ')) {
        text.chop(1);
    }
    return text;
}

Pane::Pane(Canvas& canvas)
    : Pane(canvas, {0, 0, canvas.width(), canvas.height()})
{
}

Pane::Pane(Canvas& canvas, Box box)
    : m_canvas(&canvas)
    , m_box(box)
{
}

/// @p box, which is this pane's, as the canvas's, less what lies outside.
Box Pane::placed(Box box) const
{
    const int left = std::clamp(box.x, 0, m_box.width);
    const int top = std::clamp(box.y, 0, m_box.height);
    const int right = std::clamp(box.x + box.width, left, m_box.width);
    const int bottom = std::clamp(box.y + box.height, top, m_box.height);
    return {m_box.x + left, m_box.y + top, right - left, bottom - top};
}

Pane Pane::part(Box box) const
{
    return {*m_canvas, placed(box)};
}

int Pane::write(int x, int y, const QString& text, Style style, int room)
{
    const int edge = room < 0 ? width() : std::min(width(), x + room);
    if (y < 0 || y >= height() || x < 0 || x >= edge) {
        return x;
    }
    for (const char32_t glyph : shownText(cut(text, edge - x))) {
        m_canvas->at(m_box.x + x, m_box.y + y) = {.glyph = glyph, .style = style};
        if (cellsOf(glyph) == 2) {
            m_canvas->at(m_box.x + x + 1, m_box.y + y) = {.glyph = 0, .style = style};
        }
        x += cellsOf(glyph);
    }
    return x;
}

void Pane::writeRight(int end, int y, const QString& text, Style style, int room)
{
    const QString shown = cut(text, room < 0 ? end : std::min(room, end));
    write(end - cellsOf(shown), y, shown, style);
}

void Pane::fill(Box box, char32_t glyph, Style style)
{
    const Box to = placed(box);
    for (int y = to.y; y < to.y + to.height; ++y) {
        for (int x = to.x; x < to.x + to.width; ++x) {
            m_canvas->at(x, y) = {.glyph = glyph, .style = style};
        }
    }
}

void Pane::select(int y)
{
    const Box to = placed({0, y, width(), 1});
    for (int x = to.x; x < to.x + to.width && to.height == 1; ++x) {
        m_canvas->at(x, to.y).style.selected = true;
    }
}

void Pane::onClick(Box box, std::function<void()> action)
{
    m_canvas->addSpot({.box = placed(box), .click = std::move(action), .wheel = {}});
}

void Pane::onWheel(Box box, std::function<void(int by)> action)
{
    m_canvas->addSpot({.box = placed(box), .click = {}, .wheel = std::move(action)});
}

} // namespace timerscope::terminal
