// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/state_machine.h"

#include "app/models/number_text.h"
#include "app/views/fonts.h"

#include <QHelpEvent>
#include <QPainterPath>
#include <QToolTip>

#include <algorithm>
#include <array>

namespace timerscope {

namespace {

constexpr int states = 5;
constexpr double pitch = 34;
constexpr double boxHeight = 26;
constexpr double boxWidth = 136;
constexpr double left = 16;
constexpr double top = 15;
constexpr double textLeft = left + boxWidth + 20;

QRectF boxOf(int state)
{
    return {left, top + pitch * state, boxWidth, boxHeight};
}

QString nameOfState(int state)
{
    return toQt(nameOf(static_cast<ClockEventState>(state)));
}

void drawHead(QPainter& painter, QPointF tip, const QColor& ink)
{
    QPainterPath head;
    head.moveTo(tip);
    head.lineTo(tip + QPointF{6.4, 2.9});
    head.lineTo(tip + QPointF{6.4, -2.9});
    head.closeSubpath();
    painter.fillPath(head, ink);
}

} // namespace

StateMachine::StateMachine(const Appearance& look, QWidget* parent)
    : QWidget(parent)
    , m_look(look)
{
    setFixedHeight(sizeHint().height());
    setMinimumWidth(280);
    setAccessibleName(tr("States of the tick device"));
}

QSize StateMachine::sizeHint() const
{
    return {300, static_cast<int>(top + pitch * (states - 1) + boxHeight + 8)};
}

void StateMachine::show(const CpuTick& tick)
{
    if (m_tick != tick) {
        m_tick = tick;
        setAccessibleDescription(tick.state ? toQt(nameOf(*tick.state)) : tr("not known"));
        update();
    }
}

std::vector<StateMachine::Way> StateMachine::ways() const
{
    std::vector<Way> result;
    for (const StateChange& change : m_tick.changes) {
        const auto [upper, lower]
            = std::minmax({static_cast<int>(change.from), static_cast<int>(change.to)});
        auto found = std::ranges::find_if(
            result, [u = upper, l = lower](const Way& w) { return w.upper == u && w.lower == l; });
        if (found == result.end()) {
            result.push_back({.upper = upper, .lower = lower});
            found = result.end() - 1;
        }
        (change.to > change.from ? found->down : found->up) = true;
        found->count += change.count;
        if (found->latest == nullptr || change.last >= found->latest->last) {
            found->latest = &change;
        }
    }
    return result;
}

bool StateMachine::isLast(const Way& way) const
{
    return std::ranges::all_of(
               m_tick.changes,
               [&](const StateChange& change) { return change.last <= way.latest->last; })
        && m_tick.state == way.latest->to;
}

bool StateMachine::wasEntered(int state) const
{
    const auto asked = static_cast<ClockEventState>(state);
    return m_tick.state == asked
        || std::ranges::any_of(m_tick.changes, [asked](const StateChange& change) {
               return change.to == asked || change.from == asked;
           });
}

void StateMachine::paintEvent(QPaintEvent* /*event*/)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    for (const Way& way : ways()) {
        drawWay(painter, way);
        drawWayText(painter, way);
    }
    for (int state = 0; state < states; ++state) {
        drawBox(painter, state);
    }
    drawNeverEntered(painter);
}

void StateMachine::drawBox(QPainter& painter, int state) const
{
    const Theme& theme = m_look.theme();
    const bool live = m_tick.state == static_cast<ClockEventState>(state);
    const double inset = live ? 1 : 0.5;
    const QRectF box = boxOf(state);
    painter.setPen(QPen{live ? theme.tick : theme.control, live ? 2.0 : 1.0});
    painter.setBrush(live ? theme.tint(theme.tick) : theme.panel);
    painter.drawRoundedRect(box.adjusted(inset, inset, -inset, -inset), 4, 4);
    painter.setPen(QPen{live ? theme.tick : theme.control, 1.5});
    painter.setBrush(live ? QBrush{theme.tick} : QBrush{Qt::NoBrush});
    painter.drawEllipse(QPointF{box.left() + 14, box.center().y()}, 4, 4);
    painter.setPen(live ? theme.ink1 : theme.ink2);
    painter.setFont(sansFont(12, live ? Weight::Bold : Weight::Regular));
    painter.drawText(box.adjusted(26, 0, 0, 0), Qt::AlignVCenter | Qt::AlignLeft,
                     nameOfState(state));
}

void StateMachine::drawWay(QPainter& painter, const Way& way) const
{
    const Theme& theme = m_look.theme();
    const bool last = isLast(way);
    const QColor ink = last ? theme.tick : theme.ink3;
    const double x = left + boxWidth + 2;
    const double bulge = way.lower - way.upper > 1 ? 18 : 14;
    const QPointF from{x, boxOf(way.upper).center().y() + 3};
    const QPointF to{x, boxOf(way.lower).center().y() - 3};
    QPainterPath path(from + QPointF{way.up ? 3.0 : 0.0, 0});
    path.cubicTo(from + QPointF{bulge, 0}, to + QPointF{bulge, 0},
                 to + QPointF{way.down ? 3.0 : 0.0, 0});
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen{ink, last ? 2.0 : 1.5, Qt::SolidLine, Qt::RoundCap});
    painter.drawPath(path);
    if (way.down) {
        drawHead(painter, to, ink);
    }
    if (way.up) {
        drawHead(painter, from, ink);
    }
}

/// Beside ways between neighbours only: longer ones would stand over others' texts, so their
/// figures are in the tooltip.
void StateMachine::drawWayText(QPainter& painter, const Way& way) const
{
    if (way.lower - way.upper != 1) {
        return;
    }
    const Theme& theme = m_look.theme();
    const double middle = (boxOf(way.upper).center().y() + boxOf(way.lower).center().y()) / 2;
    const double room = width() - textLeft - 4;
    const bool last = isLast(way);
    painter.setPen(last ? theme.ink1 : theme.ink2);
    painter.setFont(sansFont(11, last ? Weight::Bold : Weight::Regular));
    painter.drawText(QRectF{textLeft, middle - 14, room, 14}, Qt::AlignLeft | Qt::AlignVCenter,
                     instantWithoutUnit(nsOf(way.latest->last)));
    painter.setPen(theme.ink3);
    painter.setFont(sansFont(11));
    const QString often = way.count > 1
        ? QString::fromUtf8(" %1×").arg(groupedNumber(static_cast<std::int64_t>(way.count)))
        : QString{};
    const QString cause = painter.fontMetrics().elidedText(way.latest->cause + often,
                                                           Qt::ElideMiddle, static_cast<int>(room));
    painter.drawText(QRectF{textLeft, middle - 1, room, 14}, Qt::AlignLeft | Qt::AlignVCenter,
                     cause);
}

void StateMachine::drawNeverEntered(QPainter& painter) const
{
    const int lastState = states - 1;
    if (wasEntered(lastState) || m_tick.device.isEmpty()) {
        return;
    }
    const Theme& theme = m_look.theme();
    const double x = left + 40;
    painter.setPen(QPen{theme.control, 1.5, Qt::CustomDashLine, Qt::RoundCap});
    QPen dashed = painter.pen();
    dashed.setDashPattern({2, 2});
    painter.setPen(dashed);
    painter.drawLine(QPointF{x, boxOf(lastState - 1).bottom() + 1},
                     QPointF{x, boxOf(lastState).top()});
    painter.setPen(theme.ink3);
    painter.setFont(sansFont(11));
    painter.drawText(QRectF{textLeft, boxOf(lastState).top(), width() - textLeft, boxHeight},
                     Qt::AlignLeft | Qt::AlignVCenter,
                     m_tick.changes.empty() ? tr("no change seen yet") : tr("not entered yet"));
}

bool StateMachine::event(QEvent* event)
{
    if (event->type() != QEvent::ToolTip) {
        return QWidget::event(event);
    }
    QStringList lines;
    for (const StateChange& change : m_tick.changes) {
        lines << QString::fromUtf8("%1 → %2   %3×   last %4   %5")
                     .arg(toQt(nameOf(change.from)), toQt(nameOf(change.to)),
                          groupedNumber(static_cast<std::int64_t>(change.count)),
                          instantNumber(nsOf(change.last)), change.cause);
    }
    QToolTip::showText(static_cast<QHelpEvent*>(event)->globalPos(), lines.join('\n'), this);
    return true;
}

} // namespace timerscope
