// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/terminal/screens/log_screen.h"

#include "app/terminal/screens/cell_text.h"
#include "app/terminal/screens/parts.h"

#include <algorithm>

namespace timerscope::terminal {

namespace {

using Model = BootLogModel;

constexpr int stampEnd = 13;
constexpr int textStart = 15;

int textRoom(int width)
{
    return std::max(width - textStart - 1, 10);
}

} // namespace

QString LogScreen::subject() const
{
    const QString lines = count() == 1 ? QString{"boot · 1 line"}
                                       : QString::fromUtf8("boot · %1 lines").arg(count());
    return m_first ? lines + QString::fromUtf8(" · End follows") : lines;
}

std::vector<KeyHint> LogScreen::hints() const
{
    return {{"↑↓", "scroll", {}}, {"End", "follow", pressed(Key::End)}};
}

/// The text with its note behind it, as one column.
QString LogScreen::text(int line, int column) const
{
    return m_model.bootLog().index(line, column).data().toString();
}

int LogScreen::rowsOf(int line, int width) const
{
    return static_cast<int>(wrapped(text(line, Model::TextColumn), textRoom(width)).size());
}

/// The first line to show so that the last one stands on the last row.
int LogScreen::firstAtEnd(Pane pane) const
{
    int first = count();
    for (int room = pane.height(); first > 0; --first) {
        room -= rowsOf(first - 1, pane.width());
        if (room < 0) {
            break;
        }
    }
    return std::min(first, std::max(count() - 1, 0));
}

void LogScreen::draw(Pane pane)
{
    if (count() == 0) {
        drawEmpty(pane, noLogLines(m_model));
        return;
    }
    m_firstAtEnd = firstAtEnd(pane);
    m_page = std::max(count() - m_firstAtEnd - 1, 1);
    if (m_first && *m_first >= m_firstAtEnd) {
        m_first.reset();
    }
    int y = 0;
    for (int line = m_first.value_or(m_firstAtEnd); line < count() && y < pane.height(); ++line) {
        y += drawLine(pane, y, line);
    }
    pane.onWheel({0, 0, pane.width(), pane.height()}, [this](int by) { scroll(3 * by); });
}

int LogScreen::drawLine(Pane pane, int y, int line) const
{
    const bool ours = m_model.bootLog().index(line, 0).data(Model::FromModelRole).toBool();
    const QStringList parts = wrapped(text(line, Model::TextColumn), textRoom(pane.width()));
    pane.writeRight(stampEnd, y, text(line, Model::StampColumn), quiet);
    int end = textStart;
    for (qsizetype i = 0; i < parts.size(); ++i) {
        end = pane.write(textStart, y + static_cast<int>(i), parts[i], ours ? quiet : Style{});
    }
    const QString note = text(line, Model::NoteColumn);
    const int last = y + static_cast<int>(parts.size()) - 1;
    if (const int room = pane.width() - 1 - end - 2; !note.isEmpty() && cellsOf(note) <= room) {
        pane.writeRight(pane.width() - 1, last, note, quiet);
    }
    return static_cast<int>(parts.size());
}

void LogScreen::drawTail(Pane pane) const
{
    for (int y = 0; y < pane.height(); ++y) {
        const int line = count() - std::min(count(), pane.height()) + y;
        if (line < count()) {
            pane.writeRight(stampEnd, y, text(line, Model::StampColumn), quiet);
            pane.write(textStart, y, text(line, Model::TextColumn));
        }
    }
}

void LogScreen::scroll(int by)
{
    m_first = std::clamp(m_first.value_or(m_firstAtEnd) + by, 0, m_firstAtEnd);
}

bool LogScreen::take(const KeyPress& press)
{
    switch (press.key) {
    case Key::Up:
    case Key::Down:
        scroll(press.key == Key::Up ? -1 : 1);
        return true;
    case Key::PageUp:
    case Key::PageDown:
        scroll(press.key == Key::PageUp ? -m_page : m_page);
        return true;
    case Key::Home:
        m_first = 0;
        return true;
    case Key::End:
        m_first.reset();
        return true;
    default:
        return false;
    }
}

} // namespace timerscope::terminal
