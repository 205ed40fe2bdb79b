// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/terminal/screens/status_rows.h"

#include "app/models/number_text.h"
#include "app/models/source_words.h"
#include "app/models/speed_text.h"
#include "app/terminal/screens/cell_text.h"
#include "app/terminal/screens/parts.h"

namespace timerscope::terminal {

namespace {

const char* signOf(PlayState state)
{
    switch (state) {
    case PlayState::Playing:
        return "▶ ";
    case PlayState::Paused:
        return "‖ ";
    case PlayState::Ended:
        return "■ ";
    case PlayState::Failed:
        return "✗ ";
    }
    return "";
}

/// Where there is little room, the words up to the comma.
QString stateText(PlayState state, int width)
{
    const QString words = stateWords(state);
    return QString::fromUtf8(signOf(state)) + (width < 100 ? words.section(',', 0, 0) : words);
}

QString paceText(const WindowModel& model)
{
    return model.info().kind == SourceKind::Model ? nameOf(model.view().speed) : QString{};
}

/// As many of the parts of @p detail as fit into @p room as a whole: half a number is a wrong one.
QString wholeParts(const QString& detail, int room)
{
    const QString dot = QString::fromUtf8(" · ");
    QString text;
    for (const QString& part : detail.split(dot)) {
        const QString longer = text.isEmpty() ? part : text + dot + part;
        if (cellsOf(longer) > room) {
            break;
        }
        text = longer;
    }
    return text;
}

/// A mark in the kind's hue, the answer, and of its detail what there is room for.
void drawAnswer(Pane pane, const GlanceCell& cell, Ink ink)
{
    pane.write(0, 0, "▌", {.ink = ink});
    const int end = pane.write(1, 0, cell.value, strong);
    pane.write(end + 1, 0, wholeParts(cell.detail, pane.width() - end - 1), quiet);
}

} // namespace

void drawHead(Pane pane, const WindowModel& model, const QString& opening)
{
    if (!model.hasSource()) {
        pane.write(0, 0, "Timerscope", strong);
        pane.writeRight(pane.width(), 0, opening.isEmpty() ? QString{"no source"} : opening, quiet);
        return;
    }
    const SessionView& view = model.view();
    int end = pane.width();
    const auto addRight = [&](const QString& text, Style style) {
        if (!text.isEmpty()) {
            pane.writeRight(end, 0, text, style);
            end -= cellsOf(text) + 2;
        }
    };
    addRight(opening.isEmpty() ? paceText(model) : opening, quiet);
    addRight(stateText(view.state, pane.width()), strong);
    addRight("t = " + instantNumber(nsOf(view.snapshot->at)), {});
    const int name = pane.write(0, 0, toQt(model.info().title), strong, end);
    pane.write(name + 2, 0, kindWords(model.info(), view.snapshot->machine), quiet, end - name - 2);
}

void drawGlance(Pane pane, const Glance& glance)
{
    // Places that never move: the longest answers of the usual machines fit at 80 columns.
    const int spare = (pane.width() - 80) * 2 / 5;
    const int tick = 20 + spare;
    const int next = tick + 26 + spare;
    const auto place = [&](int from, int to) { return pane.columns(from, to - from - 1); };
    drawAnswer(place(0, tick), glance.clock, Ink::Clocksource);
    drawAnswer(place(tick, next), glance.tick, Ink::Tick);
    const Pane last = pane.columns(next, pane.width() - next);
    const QString when = glance.next.detail.section(QString::fromUtf8(" · "), 0, 0);
    const int room = last.width() - 2 - cellsOf(when);
    GlanceCell cell = glance.next;
    cell.value = cut(cell.value, std::max(room, 8)); // when is what matters
    drawAnswer(last, cell, Ink::Hrtimer);
}

void drawCounts(Pane pane, const WindowModel& model)
{
    pane.fill({0, 0, pane.width(), 1}, U'─', quiet);
    if (!model.hasSource()) {
        return;
    }
    const auto lost = static_cast<std::int64_t>(model.session()->log().lost());
    const auto records = static_cast<std::int64_t>(model.view().snapshot->records);
    const QString sign = lost > 0 ? QString::fromUtf8(" ⚠ ") : QString::fromUtf8(" ✓ ");
    const int end = pane.write(2, 0, sign + groupedNumber(lost) + " events lost ",
                               lost > 0 ? Style{.ink = Ink::Warning, .bold = true} : quiet);
    pane.write(end, 0, QString::fromUtf8("· %1 events ").arg(groupedNumber(records)), quiet);
}

void drawHints(Pane pane, const std::vector<KeyHint>& hints,
               const std::function<void(const KeyPress&)>& press)
{
    int x = 0;
    for (const KeyHint& hint : hints) {
        const int width = cellsOf(hint.keys) + 1 + cellsOf(hint.what);
        if (x + width > pane.width()) {
            return;
        }
        const int from = x;
        x = pane.write(x, 0, hint.keys, strong);
        x = pane.write(x + 1, 0, hint.what, quiet);
        if (hint.press) {
            pane.onClick({from, 0, width, 1}, [press, key = *hint.press] { press(key); });
        }
        x += 2;
    }
}

} // namespace timerscope::terminal
