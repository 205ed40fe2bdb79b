// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/terminal/screens/parts.h"

#include "app/terminal/screens/cell_text.h"

#include <algorithm>
#include <utility>

namespace timerscope::terminal {

namespace {

int widthOf(const Chip& chip)
{
    return cellsOf(chip.text) + 2;
}

/// The first chip to draw so that the chosen one fits into @p room.
std::size_t firstChip(const std::vector<Chip>& chips, int room)
{
    const auto chosen
        = static_cast<std::size_t>(std::ranges::find(chips, true, &Chip::isChosen) - chips.begin());
    if (chosen >= chips.size()) {
        return 0;
    }
    std::size_t first = chosen;
    for (int used = widthOf(chips[chosen]); first > 0; --first) {
        used += widthOf(chips[first - 1]);
        if (used > room - 2) {
            break;
        }
    }
    return first;
}

} // namespace

int drawChips(Pane& pane, Box place, const QString& label, const std::vector<Chip>& chips)
{
    Pane row = pane.part(place);
    int x = row.write(0, 0, label, quiet);
    x += x > 0 ? 1 : 0;
    const std::size_t first = firstChip(chips, row.width() - x);
    x = first > 0 ? row.write(x, 0, "…", quiet) : x;
    for (std::size_t i = first; i < chips.size(); ++i) {
        const Chip& chip = chips[i];
        if (x + widthOf(chip) > row.width() - (i + 1 < chips.size() ? 1 : 0)) {
            x = row.write(x, 0, "…", quiet);
            break;
        }
        const Style style{.bold = chip.isChosen, .selected = chip.isChosen};
        row.onClick({x, 0, widthOf(chip), 1}, chip.choose);
        x = row.write(x, 0, ' ' + chip.text + ' ', style);
    }
    return place.x + x;
}

void drawFacts(Pane pane, const std::vector<std::pair<QString, QString>>& facts)
{
    int y = 0;
    for (const auto& [label, value] : facts) {
        const int from = pane.write(0, y, label, quiet) + 1;
        pane.writeRight(pane.width(), y, value, {}, pane.width() - from);
        ++y;
    }
}

void drawEmpty(Pane pane, const EmptyWords& words)
{
    const int width = std::min(pane.width() - 4, 60);
    const QStringList lines = wrapped(words.why, width);
    const int left = (pane.width() - width) / 2;
    int y = std::max(static_cast<int>(pane.height() - lines.size() - 2) / 2, 0);
    pane.write(left, y++, words.what, strong);
    for (const QString& line : lines) {
        pane.write(left, ++y, line);
    }
}

void drawRule(Pane& pane, int y, const QString& title)
{
    pane.fill({0, y, pane.width(), 1}, U'─', quiet);
    if (!title.isEmpty()) {
        pane.write(1, y, ' ' + cut(title, pane.width() - 4) + ' ', strong);
    }
}

void addWrapped(std::vector<TextLine>& lines, const QString& text, int width, const TextForm& form,
                QString lead)
{
    for (const QString& part : wrapped(text, width - form.indent)) {
        lines.push_back({.text = part, .lead = std::exchange(lead, {}), .form = form});
    }
}

void TextScroll::draw(Pane pane, const std::vector<TextLine>& lines)
{
    const int count = static_cast<int>(lines.size());
    const bool isCut = count > pane.height();
    m_room = std::max(pane.height() - (isCut ? 1 : 0), 1);
    m_first = std::clamp(m_first, 0, std::max(count - m_room, 0));
    for (int y = 0; y < m_room && m_first + y < count; ++y) {
        const TextLine& line
            = lines[static_cast<std::size_t>(m_first) + static_cast<std::size_t>(y)];
        pane.write(0, y, line.lead, line.form.leadStyle);
        pane.write(line.form.indent, y, line.text, line.form.style);
    }
    const int below = count - m_first - m_room;
    if (isCut) {
        pane.write(0, m_room,
                   below > 0 ? QString::fromUtf8("▼ %1 more below, PgDn").arg(below)
                             : QString::fromUtf8("▲ %1 more above, PgUp").arg(m_first),
                   quiet);
    }
    pane.onWheel({0, 0, pane.width(), pane.height()}, [this](int by) { scroll(3 * by); });
}

bool TextScroll::take(const KeyPress& press)
{
    switch (press.key) {
    case Key::PageUp:
        scroll(-std::max(m_room - 1, 1));
        return true;
    case Key::PageDown:
        scroll(std::max(m_room - 1, 1));
        return true;
    case Key::Home:
        m_first = 0;
        return true;
    case Key::End:
        m_first = 1'000'000; // drawing knows better
        return true;
    default:
        return false;
    }
}

void TextScroll::scroll(int by)
{
    m_first = std::max(m_first + by, 0);
}

int firstInSight(int first, int chosen, int count, int room)
{
    first = std::clamp(first, std::max(chosen - room + 1, 0), std::max(chosen, 0));
    return std::clamp(first, 0, std::max(count - room, 0));
}

int movedBy(const KeyPress& press, int at, int count, int page)
{
    const int last = std::max(count - 1, 0);
    switch (press.key) {
    case Key::Up:
        return std::clamp(at - 1, 0, last);
    case Key::Down:
        return std::clamp(at + 1, 0, last);
    case Key::PageUp:
        return std::clamp(at - page, 0, last);
    case Key::PageDown:
        return std::clamp(at + page, 0, last);
    case Key::Home:
        return 0;
    case Key::End:
        return last;
    default:
        return -1;
    }
}

} // namespace timerscope::terminal
