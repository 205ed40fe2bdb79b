// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/terminal/screens/hrtimer_screen.h"

#include "app/models/number_text.h"
#include "app/terminal/screens/cell_text.h"
#include "app/terminal/screens/parts.h"

#include <algorithm>

namespace timerscope::terminal {

namespace {

using Model = HrtimerQueueModel;

/// Where a column of the table stands.
struct Column
{
    Model::Column column;
    int from;
    int to;
    [[nodiscard]] bool isRight() const { return column >= Model::SoftColumn; }
};

/// The widest text of a column, and @p least at least, so that places seldom move.
int widthOf(const Model& queue, Model::Column column, int least)
{
    for (int row = 0; row < queue.rowCount(); ++row) {
        least = std::max(least, cellsOf(queue.index(row, column).data().toString()));
    }
    return least;
}

/// From the right edge on leftwards; function and task share what is left. Where there is little
/// room, the slack says enough about the soft expiry, and a column of tasks needs a task.
std::vector<Column> columnsFor(const Model& queue, int width)
{
    const int end = width - 1;
    const int left = end - 12;
    const int slack = left - widthOf(queue, Model::SlackColumn, 7);
    const int hard = slack - 1 - widthOf(queue, Model::HardColumn, 17);
    const bool isWide = width >= 110;
    const int soft = isWide ? hard - 2 - widthOf(queue, Model::SoftColumn, 17) : hard;
    const int task = widthOf(queue, Model::TaskColumn, 0) == 0 ? soft : std::max(soft - 17, 5 + 19);
    std::vector<Column> columns{{Model::NumberColumn, 1, 4},
                                {Model::FunctionColumn, 5, task - 1},
                                {Model::HardColumn, hard, slack - 1},
                                {Model::SlackColumn, slack, left},
                                {Model::LeftColumn, left + 1, end}};
    if (task < soft) {
        columns.push_back({Model::TaskColumn, task, soft - 1});
    }
    if (isWide) {
        columns.push_back({Model::SoftColumn, soft, hard - 2});
    }
    return columns;
}

void writeCell(Pane& pane, int y, const Column& column, const QString& text, Style style)
{
    const int room = column.to - column.from;
    if (column.isRight()) {
        pane.writeRight(column.to, y, text, style, room);
    } else {
        pane.write(column.from, y, text, style, room);
    }
}

} // namespace

QString HrtimerScreen::subject() const
{
    return QString::fromUtf8("CPU %1 · %2 · %3 queued")
        .arg(queue().cpu())
        .arg(toQt(hrtimerBaseName(queue().base())))
        .arg(queue().rowCount());
}

std::vector<KeyHint> HrtimerScreen::hints() const
{
    std::vector<KeyHint> hints{{"←→", "base", pressed(Key::Right)}};
    if (queue().cpus().size() > 1) {
        hints.push_back({"p", "CPU", typed("p")});
    }
    return hints;
}

void HrtimerScreen::startAnew()
{
    queue().show(0, 0);
    m_chosen.reset();
    m_first = 0;
}

int HrtimerScreen::chosenRow() const
{
    const auto& rows = queue().rows();
    const auto found = m_chosen
        ? std::ranges::find_if(rows, [this](const auto& row) { return row.key() == *m_chosen; })
        : rows.end();
    return found != rows.end() ? static_cast<int>(found - rows.begin()) : -1;
}

void HrtimerScreen::choose(int row)
{
    const auto& rows = queue().rows();
    if (row >= 0 && row < static_cast<int>(rows.size())) {
        m_chosen = rows[static_cast<std::size_t>(row)].key();
    }
}

/// Soft bases are rare: they come into sight with their first timer.
std::vector<unsigned> HrtimerScreen::basesInSight() const
{
    const auto counts = queue().counts();
    std::vector<unsigned> bases;
    for (unsigned base = 0; base < Model::bases; ++base) {
        if (base < 4 || counts.at(base) > 0 || base == queue().base()) {
            bases.push_back(base);
        }
    }
    return bases;
}

void HrtimerScreen::chooseNextBase(int by)
{
    const std::vector<unsigned> bases = basesInSight();
    const auto at = std::ranges::find(bases, queue().base()) - bases.begin();
    const auto to = std::clamp<std::ptrdiff_t>(at + by, 0, std::ssize(bases) - 1);
    queue().show(queue().cpu(), bases[static_cast<std::size_t>(to)]);
}

/// From the last one on to the first: one key goes through them all.
void HrtimerScreen::chooseNextCpu(int by)
{
    const std::vector<unsigned> cpus = queue().cpus();
    if (cpus.empty()) {
        return;
    }
    const auto at = std::ranges::find(cpus, queue().cpu()) - cpus.begin();
    const auto to = (at + by + std::ssize(cpus)) % std::ssize(cpus);
    queue().show(cpus[static_cast<std::size_t>(to)], queue().base());
}

bool HrtimerScreen::take(const KeyPress& press)
{
    if (press.key == Key::Left || press.key == Key::Right) {
        chooseNextBase(press.key == Key::Left ? -1 : 1);
    } else if (press.isText("p") || press.isText("P")) {
        chooseNextCpu(press.isText("p") ? 1 : -1);
    } else if (const int row = movedBy(press, chosenRow(), queue().rowCount(), m_page); row >= 0) {
        choose(row);
    } else {
        return false;
    }
    return true;
}

void HrtimerScreen::draw(Pane pane)
{
    drawChoices(pane.rows(0, 1));
    if (queue().rowCount() == 0) {
        drawEmpty(pane.rows(1, pane.height() - 1), noHrtimers(m_model));
        return;
    }
    drawTable(pane.rows(1, pane.height() - 3));
    drawChosen(pane.rows(pane.height() - 2, 2));
}

void HrtimerScreen::drawChoices(Pane pane)
{
    std::vector<Chip> cpus;
    for (const unsigned cpu : queue().cpus()) {
        cpus.push_back({.text = QString::number(cpu),
                        .isChosen = cpu == queue().cpu(),
                        .choose = [this, cpu] { queue().show(cpu, queue().base()); }});
    }
    const int end = drawChips(pane, {1, 0, pane.width() / 3, 1}, "CPU", cpus);
    std::vector<Chip> bases;
    const auto counts = queue().counts();
    for (const unsigned base : basesInSight()) {
        bases.push_back(
            {.text = QString{"%1 %2"}.arg(toQt(hrtimerBaseName(base))).arg(counts.at(base)),
             .isChosen = base == queue().base(),
             .choose = [this, base] { queue().show(queue().cpu(), base); }});
    }
    drawChips(pane, {end + 2, 0, pane.width() - end - 2, 1}, "base", bases);
}

void HrtimerScreen::drawTable(Pane pane)
{
    for (const Column& column : columnsFor(queue(), pane.width())) {
        writeCell(pane, 0, column,
                  queue().headerData(column.column, Qt::Horizontal, Qt::DisplayRole).toString(),
                  quiet);
    }
    const int count = queue().rowCount();
    m_page = std::max(pane.height() - 1, 1);
    m_first = firstInSight(m_first, std::max(chosenRow(), 0), count, m_page);
    for (int y = 1; y < pane.height() && m_first + y - 1 < count; ++y) {
        drawRow(pane, y, m_first + y - 1);
        pane.onClick({0, y, pane.width(), 1}, [this, row = m_first + y - 1] { choose(row); });
    }
    pane.onWheel({0, 0, pane.width(), pane.height()},
                 [this, count](int by) { choose(std::clamp(chosenRow() + by, 0, count - 1)); });
}

void HrtimerScreen::drawRow(Pane& pane, int y, int row) const
{
    const bool isTick = queue().data(queue().index(row, 0), Model::IsTickRole).toBool();
    for (const Column& column : columnsFor(queue(), pane.width())) {
        const QString text = queue().index(row, column.column).data().toString();
        const bool isStrong = row == 0
            && (column.column == Model::FunctionColumn || column.column == Model::LeftColumn);
        const bool isQuiet = column.column == Model::NumberColumn || text.startsWith('=');
        if (column.column == Model::FunctionColumn) {
            // The tick's own timer is marked by the sign's shape, too.
            pane.write(column.from, y, isTick ? "□" : "■",
                       {.ink = isTick ? Ink::Tick : Ink::Hrtimer});
            writeCell(pane, y, {column.column, column.from + 2, column.to}, text,
                      {.bold = isStrong});
        } else {
            writeCell(pane, y, column, text, isQuiet ? quiet : Style{.bold = isStrong});
        }
    }
    if (row == chosenRow()) {
        pane.select(y);
    }
}

/// What the columns round, exactly; and what the device is programmed for.
void HrtimerScreen::drawChosen(Pane pane) const
{
    if (const int row = chosenRow(); row >= 0) {
        const QueuedTimer& timer = queue().rows()[static_cast<std::size_t>(row)];
        pane.write(1, 0,
                   QString::fromUtf8("%1 · soft %2 · hard %3 · left %4")
                       .arg(timer.function, instantNumber(nsOf(timer.soft)),
                            instantNumber(nsOf(timer.hard)), spanNumber(timer.left)));
    } else {
        pane.write(1, 0, QString::fromUtf8("■ hrtimer   □ the tick’s own   ↑↓ choose one"), quiet);
    }
    pane.write(1, 1, queue().deviceSentence(), quiet);
}

} // namespace timerscope::terminal
