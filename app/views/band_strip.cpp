// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/band_strip.h"

#include "app/models/number_text.h"
#include "app/views/fonts.h"
#include "engine/base/kernel_types.h"

#include <QPainter>

#include <algorithm>
#include <array>
#include <vector>

namespace timerscope {

namespace {

constexpr int cellHeight = 20;
constexpr double gap = 2;

struct Cell
{
    QString name;
    QString from;
    bool marked = false;
};

std::vector<Cell> cellsFor(std::optional<int> rating)
{
    using enum RatingBand;
    constexpr std::array bands{Unfit, Base, Good, Desired, Perfect};
    constexpr std::array starts{1, 100, 200, 300, 400};
    std::vector<Cell> cells;
    const auto isIn
        = [&](RatingBand band) { return rating.has_value() && bandOf(*rating) == band; };
    if (isIn(Below)) {
        cells.push_back({QString::fromUtf8("⚠ below"), QString::number(rating.value_or(0)), true});
    }
    for (std::size_t i = 0; i < bands.size(); ++i) {
        cells.push_back({toQt(nameOf(bands[i])), QString::number(starts[i]), isIn(bands[i])});
    }
    if (isIn(Above)) {
        cells.push_back({QString::fromUtf8("⚠ above"), "500", true});
    }
    return cells;
}

/// Equal widths where every name fits one, else each as wide as its name asks for.
std::vector<double> widthsFor(const std::vector<Cell>& cells, double total)
{
    const QFontMetrics bold(sansFont(11, Weight::Bold));
    const auto many = static_cast<double>(cells.size());
    const double equal = (total + gap) / many - gap;
    std::vector<double> widths;
    double sum = 0;
    double widest = 0;
    for (const Cell& cell : cells) {
        widths.push_back(bold.horizontalAdvance(cell.name) + 4.0);
        sum += widths.back();
        widest = std::max(widest, widths.back());
    }
    const double spare = (total - gap * (many - 1) - sum) / many;
    for (double& width : widths) {
        width = widest <= equal ? equal : width + spare;
    }
    return widths;
}

} // namespace

BandStrip::BandStrip(const Appearance& look, QWidget* parent)
    : QWidget(parent)
    , m_look(look)
{
    setFixedHeight(36);
    setMinimumWidth(240);
    setAccessibleName(tr("The kernel's bands of ratings"));
}

void BandStrip::show(std::optional<int> rating)
{
    if (m_rating != rating) {
        m_rating = rating;
        update();
    }
}

void BandStrip::paintEvent(QPaintEvent* /*event*/)
{
    const Theme& theme = m_look.theme();
    const std::vector<Cell> cells = cellsFor(m_rating);
    QPainter painter(this);
    const std::vector<double> widths = widthsFor(cells, width());
    double x = 0;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const QRectF box{x, 0, widths[i], cellHeight};
        x += widths[i] + gap;
        const Cell& cell = cells[i];
        painter.fillRect(box, cell.marked ? theme.tint(theme.clocksource) : theme.header);
        painter.setFont(sansFont(11, cell.marked ? Weight::Bold : Weight::Regular));
        painter.setPen(cell.marked ? theme.ink1 : theme.ink3);
        painter.drawText(box, Qt::AlignCenter, cell.name);
        painter.setFont(sansFont(11));
        painter.setPen(theme.ink3);
        painter.drawText(QRectF{box.left(), 21, box.width(), 15}, Qt::AlignLeft, cell.from);
    }
    if (cells.back().from != "500") {
        painter.drawText(QRectF{width() - 40.0, 21, 40, 15}, Qt::AlignRight, "499");
    }
}

} // namespace timerscope
