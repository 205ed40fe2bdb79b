// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/models/rating_model.h"
#include "app/views/theme.h"

#include <QBarCategoryAxis>
#include <QBarSet>
#include <QChartView>
#include <QHorizontalStackedBarSeries>
#include <QValueAxis>

namespace timerscope {

/// The clocksources as bars on the scale of the kernel's ratings, best first. One is selected.
class RatingBars final : public QChartView
{
    Q_OBJECT
public:
    RatingBars(RatingModel& model, const Appearance& look, QWidget* parent);

    void select(const QString& name);
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

signals:
    void chosen(const QString& name);

protected:
    void drawBackground(QPainter* painter, const QRectF& area) override;
    void drawForeground(QPainter* painter, const QRectF& area) override;
    void resizeEvent(QResizeEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void buildChart();
    void follow();
    void fillSets();
    void recolour();
    void layOut();
    void drawRow(QPainter& painter, int row) const;
    [[nodiscard]] QRectF rowRect(int row) const;
    [[nodiscard]] QRectF trackRect(int row) const;

    RatingModel& m_model;
    const Appearance& m_look;
    QString m_selected;
    QBarSet* m_within;
    QBarSet* m_outside;
    QHorizontalStackedBarSeries* m_series;
    QBarCategoryAxis* m_names;
    QValueAxis* m_scale;
};

} // namespace timerscope
