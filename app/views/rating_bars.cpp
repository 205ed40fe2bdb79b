// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/rating_bars.h"

#include "app/views/fonts.h"
#include "engine/base/kernel_types.h"

#include <QChart>
#include <QKeyEvent>
#include <QLegend>
#include <QMouseEvent>

#include <algorithm>
#include <ranges>

namespace timerscope {

namespace {

constexpr int rowHeight = 62;
constexpr int margin = 16;
constexpr int top = 8;
constexpr double barHeight = 10;
constexpr double barTop = 27; // within a row
constexpr double scaleEnd = 500;

} // namespace

RatingBars::RatingBars(RatingModel& model, const Appearance& look, QWidget* parent)
    : QChartView(parent)
    , m_model(model)
    , m_look(look)
    , m_within(new QBarSet("rating"))
    , m_outside(new QBarSet("rating outside the bands"))
    , m_series(new QHorizontalStackedBarSeries(this))
    , m_names(new QBarCategoryAxis(this))
    , m_scale(new QValueAxis(this))
{
    setAccessibleName(tr("Ratings of the clocksources"));
    setFocusPolicy(Qt::StrongFocus);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    buildChart();
    connect(&model, &QAbstractItemModel::dataChanged, this, &RatingBars::follow);
    connect(&model, &QAbstractItemModel::rowsInserted, this, &RatingBars::follow);
    connect(&model, &QAbstractItemModel::rowsRemoved, this, &RatingBars::follow);
    connect(&model, &QAbstractItemModel::rowsMoved, this, &RatingBars::follow);
    connect(&look, &Appearance::changed, this, &RatingBars::recolour);
    follow();
    recolour();
}

void RatingBars::buildChart()
{
    m_series->append(m_within);
    m_series->append(m_outside);
    m_series->setBarWidth(barHeight / rowHeight);
    chart()->addSeries(m_series);
    chart()->addAxis(m_scale, Qt::AlignBottom);
    chart()->addAxis(m_names, Qt::AlignLeft);
    m_series->attachAxis(m_scale);
    m_series->attachAxis(m_names);
    m_scale->setVisible(false);
    m_names->setVisible(false);
    chart()->legend()->hide();
    chart()->setBackgroundVisible(false);
    chart()->setMargins({});
}

QSize RatingBars::sizeHint() const
{
    return {300, top + std::max(m_model.rowCount(), 1) * rowHeight};
}

QSize RatingBars::minimumSizeHint() const
{
    return {200, sizeHint().height()};
}

void RatingBars::select(const QString& name)
{
    m_selected = name;
    scene()->update();
    viewport()->update();
}

void RatingBars::follow()
{
    fillSets();
    setFixedHeight(sizeHint().height());
    layOut();
    scene()->update();
}

/// Categories count from the bottom, rows from the top.
void RatingBars::fillSets()
{
    QStringList names;
    m_within->remove(0, m_within->count());
    m_outside->remove(0, m_outside->count());
    double highest = scaleEnd;
    for (const RatingRow& row : std::views::reverse(m_model.rows())) {
        const int rating = row.rating.value_or(0);
        const bool outside = row.rating && isOutsideBands(bandOf(rating));
        m_within->append(outside ? 0 : rating);
        m_outside->append(outside ? std::max(rating, 0) : 0);
        highest = std::max(highest, static_cast<double>(rating));
        names << row.name;
    }
    m_names->setCategories(names);
    m_scale->setRange(0, highest);
}

void RatingBars::recolour()
{
    const QColor kind = m_look.theme().clocksource;
    m_within->setBrush(kind);
    m_within->setPen(Qt::NoPen);
    m_outside->setBrush(QBrush{kind, Qt::BDiagPattern});
    m_outside->setPen(QPen{kind, 1});
    setBackgroundBrush(m_look.theme().panel);
    viewport()->update();
}

void RatingBars::resizeEvent(QResizeEvent* event)
{
    QChartView::resizeEvent(event);
    layOut();
}

void RatingBars::layOut()
{
    const int rows = std::max(m_model.rowCount(), 1);
    // One pixel lower than the rows: the bars stand a little below the middle of theirs.
    chart()->setPlotArea({margin, top + 1.0, std::max(width() - 2.0 * margin, 1.0),
                          static_cast<double>(rows * rowHeight)});
}

QRectF RatingBars::rowRect(int row) const
{
    return {0, static_cast<double>(top + row * rowHeight), static_cast<double>(width()),
            static_cast<double>(rowHeight)};
}

QRectF RatingBars::trackRect(int row) const
{
    return {static_cast<double>(margin), rowRect(row).top() + barTop, width() - 2.0 * margin,
            barHeight};
}

void RatingBars::drawBackground(QPainter* painter, const QRectF& area)
{
    const Theme& theme = m_look.theme();
    painter->fillRect(area, theme.panel);
    for (int row = 0; row < m_model.rowCount(); ++row) {
        const bool selected = m_model.rows()[static_cast<std::size_t>(row)].name == m_selected;
        if (selected) {
            painter->fillRect(rowRect(row), theme.selection);
            painter->fillRect(QRectF{0, rowRect(row).top(), 3, rowHeight}, theme.ink1);
        }
        QColor track = theme.ink1;
        track.setAlphaF(selected ? 0.14F : 0.10F);
        painter->fillRect(trackRect(row), track);
    }
}

void RatingBars::drawForeground(QPainter* painter, const QRectF& /*area*/)
{
    for (int row = 0; row < m_model.rowCount(); ++row) {
        drawRow(*painter, row);
    }
    if (hasFocus()) {
        painter->setPen(QPen{m_look.theme().focus, 2});
        painter->setBrush(Qt::NoBrush);
        painter->drawRect(QRectF{viewport()->rect()}.adjusted(1, 1, -1, -1));
    }
}

void RatingBars::drawRow(QPainter& painter, int row) const
{
    const Theme& theme = m_look.theme();
    const RatingRow& shown = m_model.rows()[static_cast<std::size_t>(row)];
    const bool selected = shown.name == m_selected;
    const QRectF box = rowRect(row).adjusted(margin, 0, -margin, 0);
    const QRectF head{box.left(), box.top() + 4, box.width(), 20};
    const Weight weight = shown.current ? Weight::Bold : Weight::Regular;
    painter.setPen(theme.ink1);
    painter.setFont(fixedFont(13, weight));
    painter.drawText(head, Qt::AlignLeft | Qt::AlignVCenter, shown.name);
    painter.setFont(sansFont(15, Weight::Bold));
    const QString rating = shown.rating ? QString::number(*shown.rating) : QString{"?"};
    const QString sign = shown.warning.isEmpty() ? QString{} : QString::fromUtf8("⚠ ");
    painter.drawText(head, Qt::AlignRight | Qt::AlignVCenter, sign + rating);
    if (selected && shown.rating && *shown.rating > 0) {
        QRectF bar = trackRect(row);
        bar.setWidth(bar.width() * *shown.rating / m_scale->max());
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen{theme.ink1, 1});
        painter.drawRect(bar.adjusted(0.5, 0.5, -0.5, -0.5));
    }
    painter.setPen(selected ? theme.ink1 : theme.ink3);
    painter.setFont(sansFont(11));
    const QString mark = shown.current ? QString::fromUtf8("● ") : QString{};
    painter.drawText(QRectF{box.left(), box.top() + 40, box.width(), 18},
                     Qt::AlignLeft | Qt::AlignVCenter, mark + shown.words);
}

void RatingBars::mousePressEvent(QMouseEvent* event)
{
    const int row = static_cast<int>(event->position().y() - top) / rowHeight;
    if (event->position().y() >= top && row < m_model.rowCount()) {
        emit chosen(m_model.rows()[static_cast<std::size_t>(row)].name);
    }
}

void RatingBars::keyPressEvent(QKeyEvent* event)
{
    const int by = event->key() == Qt::Key_Down ? 1 : event->key() == Qt::Key_Up ? -1 : 0;
    const int row = m_model.rowOf(m_selected) + by;
    if (by == 0) {
        // Not to the chart, which would swallow the window's keys.
        QWidget::keyPressEvent(event); // NOLINT(bugprone-parent-virtual-call)
    } else if (row >= 0 && row < m_model.rowCount()) {
        emit chosen(m_model.rows()[static_cast<std::size_t>(row)].name);
    }
}

} // namespace timerscope
