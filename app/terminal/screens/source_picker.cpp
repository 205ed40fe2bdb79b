// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/terminal/screens/source_picker.h"

#include "app/terminal/screens/parts.h"

#include <algorithm>
#include <utility>

namespace timerscope::terminal {

SourcePicker::SourcePicker(std::vector<SourceChoice> choices,
                           std::function<void(const QString&)> open)
    : m_choices(std::move(choices))
    , m_open(std::move(open))
{
}

void SourcePicker::start()
{
    filter({});
}

void SourcePicker::filter(const QString& text)
{
    m_filter = text;
    m_chosen = 0;
    m_first = 0;
}

std::vector<SourceChoice> SourcePicker::matches() const
{
    std::vector<SourceChoice> found;
    const QString wanted = m_filter.trimmed();
    std::ranges::copy_if(m_choices, std::back_inserter(found), [&](const SourceChoice& choice) {
        return choice.name.contains(wanted, Qt::CaseInsensitive)
            || choice.uri.contains(wanted, Qt::CaseInsensitive);
    });
    if (found.empty()) {
        found.push_back({.name = "Open what is typed", .uri = sourceUri(wanted)});
    }
    return found;
}

void SourcePicker::openAt(int row)
{
    const auto rows = matches();
    if (row >= 0 && row < static_cast<int>(rows.size())) {
        m_open(rows[static_cast<std::size_t>(row)].uri);
    }
}

bool SourcePicker::take(const KeyPress& press)
{
    const int count = static_cast<int>(matches().size());
    if (press.key == Key::Enter) {
        openAt(m_chosen);
    } else if (press.key == Key::Backspace) {
        filter(m_filter.chopped(m_filter.isEmpty() ? 0 : 1));
    } else if (press.isControl("u")) {
        filter({});
    } else if (press.key == Key::Text && !press.control) {
        filter(m_filter + press.text);
    } else if (const int row = movedBy(press, m_chosen, count, m_page); row >= 0) {
        m_chosen = row;
    } else {
        return false;
    }
    return true;
}

void SourcePicker::paste(const QString& text)
{
    filter(m_filter + text.simplified());
}

std::vector<KeyHint> SourcePicker::hints(bool canGoBack)
{
    std::vector<KeyHint> hints{{"↑↓", "choose", {}}, {"Enter", "open", pressed(Key::Enter)}};
    if (canGoBack) {
        hints.push_back({"Esc", "back", pressed(Key::Escape)});
    }
    hints.push_back({"Ctrl+C", "quit", KeyPress{.key = Key::Text, .text = "c", .control = true}});
    return hints;
}

void SourcePicker::draw(Pane pane, const QString& shownUri)
{
    pane.write(1, 0, "Choose what is shown", strong);
    const int x = pane.write(1, 2, "filter: ", quiet);
    pane.write(pane.write(x, 2, m_filter, {}, pane.width() - x - 2), 2, "▏");
    if (m_filter.isEmpty()) {
        pane.write(x + 2, 2, "type a part of a name, a file or a URI", quiet);
    }
    Pane list = pane.rows(4, pane.height() - 4);
    const auto rows = matches();
    const int count = static_cast<int>(rows.size());
    m_page = std::max(list.height(), 1);
    m_chosen = std::clamp(m_chosen, 0, count - 1);
    m_first = firstInSight(m_first, m_chosen, count, m_page);
    for (int y = 0; y < list.height() && m_first + y < count; ++y) {
        const SourceChoice& choice = rows[static_cast<std::size_t>(m_first + y)];
        const bool shown = choice.uri == shownUri;
        list.write(1, y, shown ? "●" : " ");
        list.write(3, y, choice.name, {.bold = shown}, 34);
        list.write(39, y, choice.uri, quiet);
        if (m_first + y == m_chosen) {
            list.select(y);
        }
        list.onClick({0, y, list.width(), 1}, [this, row = m_first + y] { openAt(row); });
    }
    list.onWheel({0, 0, list.width(), list.height()}, [this](int by) { m_chosen += by; });
}

} // namespace timerscope::terminal
