// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/expiry_strip.h"

#include "app/models/number_text.h"
#include "app/views/fonts.h"

#include <QMouseEvent>

#include <algorithm>
#include <cmath>

namespace timerscope {

namespace {

constexpr double axisLeft = 132;
constexpr double axisRight = 40;
constexpr double axisY = 46;
constexpr double markY = 30;
constexpr double mark = 10;

QString decadeText(int power)
{
    std::int64_t ns = 1;
    for (int i = 0; i < power; ++i) {
        ns *= 10;
    }
    return spanNumber(Ns{ns});
}

} // namespace

ExpiryStrip::ExpiryStrip(HrtimerQueueModel& model, const Appearance& look, QWidget* parent)
    : QWidget(parent)
    , m_model(model)
    , m_look(look)
{
    setFixedHeight(sizeHint().height());
    setAccessibleName(tr("Time left until each timer expires"));
}

void ExpiryStrip::select(int row)
{
    m_selected = row;
    update();
}

/// Whole decades that hold every timer; at least three, so that the axis does not jump about.
ExpiryStrip::Axis ExpiryStrip::axis() const
{
    Axis axis{.first = 5, .last = 8};
    for (const QueuedTimer& timer : m_model.rows()) {
        const double ns = std::max(static_cast<double>(timer.left.count()), 1e3);
        axis.first = std::min(axis.first, static_cast<int>(std::floor(std::log10(ns))));
        axis.last = std::max(axis.last, static_cast<int>(std::ceil(std::log10(ns))));
    }
    axis.last = std::min(axis.last, 18);
    return axis;
}

double ExpiryStrip::xOf(double ns) const
{
    const auto [first, last] = axis();
    const double share = (std::log10(std::max(ns, 1e3)) - first) / (last - first);
    return axisLeft + std::clamp(share, 0.0, 1.0) * (width() - axisLeft - axisRight);
}

void ExpiryStrip::paintEvent(QPaintEvent* /*event*/)
{
    const Theme& theme = m_look.theme();
    QPainter painter(this);
    painter.fillRect(rect(), theme.panel);
    painter.setFont(sansFont(11));
    painter.setPen(theme.ink3);
    painter.drawText(QRectF{16, 12, axisLeft - 20, 16}, Qt::AlignLeft | Qt::AlignVCenter,
                     tr("left until expiry"));
    drawAxis(painter);
    for (int row = m_model.rowCount() - 1; row >= 0; --row) {
        drawMark(painter, row);
    }
}

void ExpiryStrip::drawAxis(QPainter& painter) const
{
    const Theme& theme = m_look.theme();
    const auto [first, last] = axis();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen{theme.control, 1});
    painter.drawLine(QPointF{axisLeft, axisY + 0.5}, QPointF{width() - axisRight, axisY + 0.5});
    for (int power = first; power <= last; ++power) {
        const double decade = std::pow(10.0, power);
        for (int step = 1; step < 10 && (power < last || step == 1); ++step) {
            const double x = std::round(xOf(decade * step)) + 0.5;
            painter.setPen(QPen{theme.control, 1});
            painter.drawLine(QPointF{x, axisY}, QPointF{x, axisY + (step == 1 ? 6 : 3)});
        }
        painter.setPen(theme.ink3);
        painter.drawText(QRectF{xOf(decade) - 40, axisY + 8, 80, 15}, Qt::AlignCenter,
                         decadeText(power));
    }
}

void ExpiryStrip::drawMark(QPainter& painter, int row) const
{
    const Theme& theme = m_look.theme();
    const double x = std::round(
        xOf(static_cast<double>(m_model.rows()[static_cast<std::size_t>(row)].left.count())));
    const bool tick = m_model.data(m_model.index(row, 0), HrtimerQueueModel::IsTickRole).toBool();
    painter.setPen(QPen{theme.hrtimer, 1});
    painter.drawLine(QPointF{x + 0.5, markY}, QPointF{x + 0.5, axisY});
    const QRectF box{x - mark / 2, markY - mark, mark, mark};
    painter.fillRect(box, theme.hrtimer);
    if (tick || row == m_selected) {
        painter.setPen(QPen{row == m_selected ? theme.ink1 : theme.tick, 2});
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(box.adjusted(1, 1, -1, -1));
    }
}

void ExpiryStrip::mousePressEvent(QMouseEvent* event)
{
    int best = -1;
    double distance = mark;
    for (int row = 0; row < m_model.rowCount(); ++row) {
        const auto left = m_model.rows()[static_cast<std::size_t>(row)].left.count();
        const double away = std::abs(xOf(static_cast<double>(left)) - event->position().x());
        if (away < distance) {
            distance = away;
            best = row;
        }
    }
    if (best >= 0) {
        emit chosen(best);
    }
}

} // namespace timerscope
