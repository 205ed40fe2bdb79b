// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/icons.h"

#include <QPainterPath>
#include <QPixmap>

namespace timerscope {

namespace {

constexpr int side = 16;

struct Drawing
{
    QPainterPath path;
    bool filled = false;
};

void addLines(QPainterPath& path, std::initializer_list<QPointF> points)
{
    bool first = true;
    for (const QPointF& point : points) {
        first ? path.moveTo(point) : path.lineTo(point);
        first = false;
    }
}

QPainterPath chipPath()
{
    QPainterPath path;
    path.addRect(4.5, 4.5, 7, 7);
    for (const double at : {6.5, 9.5}) {
        addLines(path, {{at, 2}, {at, 4.5}});
        addLines(path, {{at, 11.5}, {at, 14}});
        addLines(path, {{2, at}, {4.5, at}});
        addLines(path, {{11.5, at}, {14, at}});
    }
    return path;
}

QPainterPath dotsPath()
{
    QPainterPath path;
    for (const double x : {3.0, 8.0, 13.0}) {
        path.addEllipse(QPointF{x, 8}, 1.2, 1.2);
    }
    return path;
}

QPainterPath warningPath()
{
    QPainterPath path;
    addLines(path, {{8, 2.5}, {14, 13.5}, {2, 13.5}, {8, 2.5}});
    addLines(path, {{8, 6.5}, {8, 9.5}});
    addLines(path, {{8, 11.6}, {8, 11.7}});
    return path;
}

Drawing drawingOf(Glyph glyph)
{
    QPainterPath path;
    switch (glyph) {
    case Glyph::Play:
        addLines(path, {{4, 2.5}, {13, 8}, {4, 13.5}, {4, 2.5}});
        return {path, true};
    case Glyph::Pause:
        path.addRect(4, 3, 3, 10);
        path.addRect(9, 3, 3, 10);
        return {path, true};
    case Glyph::Step:
        addLines(path, {{4, 3.5}, {9.5, 8}, {4, 12.5}});
        addLines(path, {{12, 3.5}, {12, 12.5}});
        return {path, false};
    case Glyph::ChevronDown:
        addLines(path, {{4.5, 6.5}, {8, 10}, {11.5, 6.5}});
        return {path, false};
    case Glyph::Chip:
        return {chipPath(), false};
    case Glyph::Computer:
        path.addRoundedRect(2, 3, 12, 8, 1, 1);
        addLines(path, {{5, 13.5}, {11, 13.5}});
        return {path, false};
    case Glyph::Copy:
        path.addRect(5.5, 5.5, 8, 8);
        addLines(path, {{3.5, 10.5}, {2.5, 10.5}, {2.5, 2.5}, {10.5, 2.5}, {10.5, 3.5}});
        return {path, false};
    case Glyph::Dots:
        return {dotsPath(), true};
    case Glyph::Check:
        addLines(path, {{2.5, 8.5}, {6, 12}, {13.5, 4}});
        return {path, false};
    case Glyph::Warning:
        return {warningPath(), false};
    case Glyph::Cross:
        addLines(path, {{4, 4}, {12, 12}});
        addLines(path, {{12, 4}, {4, 12}});
        return {path, false};
    }
    return {};
}

QPixmap pixmapOf(Glyph glyph, const QColor& ink, int density)
{
    QPixmap pixmap(side * density, side * density);
    pixmap.fill(Qt::transparent);
    pixmap.setDevicePixelRatio(density);
    QPainter painter(&pixmap);
    drawGlyph(painter, glyph, {}, ink);
    return pixmap;
}

} // namespace

void drawGlyph(QPainter& painter, Glyph glyph, QPointF corner, const QColor& ink)
{
    const Drawing drawing = drawingOf(glyph);
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.translate(corner);
    painter.setPen(drawing.filled ? QPen{Qt::NoPen}
                                  : QPen{ink, 1.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin});
    painter.setBrush(drawing.filled ? QBrush{ink} : QBrush{Qt::NoBrush});
    painter.drawPath(drawing.path);
    painter.restore();
}

QIcon glyphIcon(Glyph glyph, const QColor& ink, const QColor& disabled)
{
    QIcon icon;
    for (const int density : {1, 2, 3}) {
        icon.addPixmap(pixmapOf(glyph, ink, density), QIcon::Normal);
        icon.addPixmap(pixmapOf(glyph, disabled, density), QIcon::Disabled);
    }
    return icon;
}

} // namespace timerscope
