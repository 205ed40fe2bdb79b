// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/models/hrtimer_queue_model.h"
#include "app/views/theme.h"

#include <QPainter>
#include <QWidget>

namespace timerscope {

/// How far away each queued timer is, on a logarithmic axis from a microsecond on.
class ExpiryStrip final : public QWidget
{
    Q_OBJECT
public:
    ExpiryStrip(HrtimerQueueModel& model, const Appearance& look, QWidget* parent);
    /// The row whose mark is outlined; -1 for none.
    void select(int row);
    [[nodiscard]] QSize sizeHint() const override { return {600, 72}; }

signals:
    void chosen(int row);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;

private:
    struct Axis
    {
        int first = 0; ///< power of ten of nanoseconds at the left end
        int last = 0;
    };
    [[nodiscard]] Axis axis() const;
    [[nodiscard]] double xOf(double ns) const;
    void drawAxis(QPainter& painter) const;
    void drawMark(QPainter& painter, int row) const;

    HrtimerQueueModel& m_model;
    const Appearance& m_look;
    int m_selected = -1;
};

} // namespace timerscope
