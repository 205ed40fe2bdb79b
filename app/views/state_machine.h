// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/models/cpu_tick_model.h"
#include "app/views/theme.h"

#include <QPainter>
#include <QWidget>

namespace timerscope {

/// The five states of a clock event device as boxes, the live one lit, and the ways that were
/// taken as arrows with when, how often and by which kernel function.
class StateMachine final : public QWidget
{
    Q_OBJECT
public:
    StateMachine(const Appearance& look, QWidget* parent);
    void show(const CpuTick& tick);
    [[nodiscard]] QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

private:
    /// The ways between two states, in either direction, drawn as one arrow.
    struct Way
    {
        int upper = 0;
        int lower = 0;
        const StateChange* latest = nullptr;
        bool down = false;
        bool up = false;
        std::uint64_t count = 0;
    };
    [[nodiscard]] std::vector<Way> ways() const;
    void drawBox(QPainter& painter, int state) const;
    void drawWay(QPainter& painter, const Way& way) const;
    void drawWayText(QPainter& painter, const Way& way) const;
    void drawNeverEntered(QPainter& painter) const;
    [[nodiscard]] bool isLast(const Way& way) const;
    [[nodiscard]] bool wasEntered(int state) const;

    const Appearance& m_look;
    CpuTick m_tick;
};

} // namespace timerscope
