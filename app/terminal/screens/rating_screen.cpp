// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/terminal/screens/rating_screen.h"

#include "app/models/number_text.h"
#include "app/terminal/screens/cell_text.h"

#include <algorithm>

namespace timerscope::terminal {

namespace {

constexpr Style clocksource{.ink = Ink::Clocksource};

constexpr int wordsIndent = 2;

/// Name, bar, words, what is odd about the rating, and an empty row.
struct RowLayout
{
    RowLayout(const RatingRow& row, int width)
        : hasBar(row.rating.has_value())
        , words(wrapped(row.words, width - wordsIndent - 1))
        , warning(row.warning.isEmpty()
                      ? QStringList{}
                      : wrapped(QString::fromUtf8("⚠ ") + row.warning, width - wordsIndent - 1))
    {
    }
    [[nodiscard]] int height() const
    {
        return 2 + (hasBar ? 1 : 0) + static_cast<int>(words.size() + warning.size());
    }
    bool hasBar;
    QStringList words;
    QStringList warning;
};

int scaleEnd(const std::vector<RatingRow>& rows)
{
    int end = 500;
    for (const RatingRow& row : rows) {
        end = std::max(end, row.rating.value_or(0));
    }
    return end;
}

void addHead(std::vector<TextLine>& lines, const QString& text, Style style, int width)
{
    if (!lines.empty()) {
        lines.emplace_back();
    }
    addWrapped(lines, text, width, {.style = style});
}

} // namespace

QString RatingScreen::subject() const
{
    const int rows = m_model.ratings().rowCount();
    return rows == 1 ? QString{"1 clocksource"} : QString{"%1 clocksources"}.arg(rows);
}

std::vector<KeyHint> RatingScreen::hints() const
{
    return {{"↑↓", "clocksource", {}}, {"PgDn", "why", pressed(Key::PageDown)}};
}

void RatingScreen::startAnew()
{
    m_first = 0;
    follow();
}

/// Explained at the tables' pace: it may look far back into the log.
void RatingScreen::follow()
{
    m_why = m_model.explanation();
    if (const QString topic = m_model.selected(); topic != m_topic) {
        m_topic = topic;
        m_scroll.toTop();
    }
}

void RatingScreen::choose(int row)
{
    const auto& rows = m_model.ratings().rows();
    if (row >= 0 && row < static_cast<int>(rows.size())) {
        m_model.select(rows[static_cast<std::size_t>(row)].name);
    }
}

bool RatingScreen::take(const KeyPress& press)
{
    if (press.key == Key::Up || press.key == Key::Down) {
        const int at = m_model.ratings().rowOf(m_model.selected());
        choose(movedBy(press, at, m_model.ratings().rowCount(), 1));
        return true;
    }
    return m_scroll.take(press);
}

void RatingScreen::draw(Pane pane)
{
    if (m_model.ratings().rowCount() == 0) {
        drawEmpty(pane, noClocksources());
        return;
    }
    const int left = pane.width() < 100 ? 32 : 44;
    drawList(pane.columns(0, left));
    pane.fill({left + 1, 0, 1, pane.height()}, U'│', quiet);
    const Pane why = pane.columns(left + 3, pane.width() - left - 3);
    m_scroll.draw(why, whyLines(std::min(why.width(), 72)));
}

void RatingScreen::drawList(Pane pane)
{
    const auto& rows = m_model.ratings().rows();
    const int chosen = m_model.ratings().rowOf(m_model.selected());
    const int fit = std::max(pane.height() / 5, 1);
    m_first = firstInSight(m_first, chosen, static_cast<int>(rows.size()), fit);
    int y = 0;
    for (int row = m_first; row < static_cast<int>(rows.size()) && y < pane.height(); ++row) {
        const int height = RowLayout(rows[static_cast<std::size_t>(row)], pane.width()).height();
        drawRow(pane.rows(y, height), row);
        y += height;
    }
    const auto details = m_model.ratings().details(m_model.selected());
    if (y + static_cast<int>(details.size()) <= pane.height()) {
        drawFacts(pane.rows(y, pane.height() - y), details);
    }
    pane.onWheel({0, 0, pane.width(), pane.height()}, [this, chosen](int by) {
        choose(std::clamp(chosen + by, 0, m_model.ratings().rowCount() - 1));
    });
}

void RatingScreen::drawRow(Pane pane, int row)
{
    const RatingRow& shown = m_model.ratings().rows()[static_cast<std::size_t>(row)];
    const Style style{.bold = shown.current};
    const QString rating = shown.rating ? QString::number(*shown.rating) : QString{"?"};
    pane.write(0, 0, shown.current ? "●" : "○", clocksource);
    pane.write(2, 0, shown.name, style, pane.width() - 4 - cellsOf(rating));
    pane.writeRight(pane.width() - 1, 0, rating, style);
    const RowLayout layout(shown, pane.width());
    if (layout.hasBar) {
        drawBar(pane, shown);
    }
    int y = layout.hasBar ? 2 : 1;
    for (const QString& line : layout.words) {
        pane.write(wordsIndent, y++, line, quiet);
    }
    for (const QString& line : layout.warning) {
        pane.write(wordsIndent, y++, line, {.ink = Ink::Warning});
    }
    if (shown.name == m_model.selected()) {
        pane.select(0);
    }
    pane.onClick({0, 0, pane.width(), pane.height()}, [this, row] { choose(row); });
}

void RatingScreen::drawBar(Pane& pane, const RatingRow& row) const
{
    const int room = pane.width() - 3;
    pane.fill({2, 1, room, 1}, U'░', quiet);
    if (row.rating && *row.rating > 0) {
        const int end = scaleEnd(m_model.ratings().rows());
        const int length = std::clamp(room * *row.rating / end, 1, room);
        pane.fill({2, 1, length, 1}, row.warning.isEmpty() ? U'█' : U'▓', clocksource);
    }
}

std::vector<TextLine> RatingScreen::whyLines(int width) const
{
    std::vector<TextLine> lines;
    addHead(lines, "WHY? " + m_topic, strong, width);
    addWrapped(lines, toQt(m_why.what), width);
    int number = 0;
    for (const Reason& reason : m_why.reasons) {
        lines.emplace_back();
        addWrapped(
            lines, toQt(reason.head), width,
            {.style = strong, .indent = 2, .leadStyle = {.ink = Ink::Clocksource, .bold = true}},
            QString::number(++number));
        addWrapped(lines, toQt(reason.detail), width, {.indent = 2});
        if (!reason.function.empty()) {
            addWrapped(lines, toQt(reason.function), width, {.style = quiet, .indent = 2});
        }
    }
    const auto list
        = [&](const char* head, const std::vector<std::string>& texts, const char* mark) {
              if (texts.empty()) {
                  return;
              }
              addHead(lines, head, quiet, width);
              for (const std::string& text : texts) {
                  addWrapped(lines, toQt(text), width, {.indent = 2, .leadStyle = quiet},
                             QString::fromUtf8(mark));
              }
          };
    list("What followed", m_why.followed, "·");
    list("Would change the answer", m_why.wouldChange, "→");
    return lines;
}

} // namespace timerscope::terminal
