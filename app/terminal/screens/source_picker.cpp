// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/terminal/screens/source_picker.h"

#include "app/models/number_text.h"
#include "app/session/backend_choice.h"
#include "app/terminal/screens/parts.h"

#include <algorithm>
#include <utility>

namespace timerscope::terminal {

SourcePicker::SourcePicker(SourceOffers offers, std::function<void(const QString&)> open)
    : m_offers(std::move(offers))
    , m_open(std::move(open))
{
}

void SourcePicker::start(const QString& shownUri)
{
    m_shownUri = shownUri;
    m_backends = m_offers.backends();
    const auto at = std::ranges::find(m_backends, backendOf(shownUri), &BackendChoice::backend);
    m_backend = at != m_backends.end() ? static_cast<std::size_t>(at - m_backends.begin()) : 0;
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
    std::ranges::copy_if(m_offers.sources, std::back_inserter(found),
                         [&](const SourceChoice& choice) {
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
        const QString& uri = rows[static_cast<std::size_t>(row)].uri;
        // What was typed with a backend keeps it.
        const bool canMove = backendOf(uri) == toQt(simulatedBackend) && m_backend > 0;
        m_open(canMove ? uriOnBackend(uri, m_backends[m_backend].backend) : uri);
    }
}

void SourcePicker::chooseBackend(int by)
{
    const auto last = std::ssize(m_backends) - 1;
    m_backend = static_cast<std::size_t>(
        std::clamp<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(m_backend) + by, 0, last));
}

bool SourcePicker::take(const KeyPress& press)
{
    const int count = static_cast<int>(matches().size());
    if (press.key == Key::Enter) {
        openAt(m_chosen);
    } else if (press.key == Key::Backspace) {
        filter(m_filter.chopped(m_filter.isEmpty() ? 0 : 1));
    } else if (press.key == Key::Left || press.key == Key::Right) {
        chooseBackend(press.key == Key::Left ? -1 : 1);
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
    std::vector<KeyHint> hints{{"↑↓", "choose", {}},
                               {"←→", "run on", pressed(Key::Right)},
                               {"Enter", "open", pressed(Key::Enter)}};
    if (canGoBack) {
        hints.push_back({"Esc", "back", pressed(Key::Escape)});
    }
    hints.push_back({"Ctrl+C", "quit", KeyPress{.key = Key::Text, .text = "c", .control = true}});
    return hints;
}

void SourcePicker::draw(Pane pane)
{
    pane.write(1, 0, "Choose what is shown", strong);
    const int x = pane.write(1, 2, "filter ", quiet);
    pane.write(pane.write(x, 2, m_filter, {}, pane.width() - x - 2), 2, "▏");
    if (m_filter.isEmpty()) {
        pane.write(x + 2, 2, "type a part of a name, a file or a URI", quiet);
    }
    drawBackends(pane.rows(3, 1));
    Pane list = pane.rows(5, pane.height() - 5);
    const auto rows = matches();
    const int count = static_cast<int>(rows.size());
    m_page = std::max(list.height(), 1);
    m_chosen = std::clamp(m_chosen, 0, count - 1);
    m_first = firstInSight(m_first, m_chosen, count, m_page);
    for (int y = 0; y < list.height() && m_first + y < count; ++y) {
        drawRow(list, y, rows[static_cast<std::size_t>(m_first) + static_cast<std::size_t>(y)]);
        if (m_first + y == m_chosen) {
            list.select(y);
        }
        list.onClick({0, y, list.width(), 1}, [this, row = m_first + y] { openAt(row); });
    }
    list.onWheel({0, 0, list.width(), list.height()}, [this](int by) { m_chosen += by; });
}

void SourcePicker::drawRow(Pane& list, int y, const SourceChoice& choice) const
{
    const bool shown = choice.uri == m_shownUri
        || (!backendOf(m_shownUri).isEmpty()
            && uriOnBackend(m_shownUri, toQt(simulatedBackend)) == choice.uri);
    list.write(1, y, shown ? "●" : " ");
    list.write(3, y, choice.name, {.bold = shown}, 34);
    list.write(39, y, choice.uri, quiet);
}

/// What scenarios run on; nothing else can be moved.
void SourcePicker::drawBackends(Pane pane)
{
    std::vector<Chip> chips;
    chips.reserve(m_backends.size());
    for (std::size_t i = 0; i < m_backends.size(); ++i) {
        chips.push_back({.text = m_backends[i].name,
                         .isChosen = i == m_backend,
                         .choose = [this, i] { m_backend = i; }});
    }
    drawChips(pane, {1, 0, pane.width() - 2, 1}, "run on", chips);
}

} // namespace timerscope::terminal
