// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/terminal/screens/tick_screen.h"

#include "app/models/number_text.h"
#include "app/terminal/screens/parts.h"

#include <algorithm>
#include <array>

namespace timerscope::terminal {

namespace {

constexpr int states = 5;
constexpr std::size_t modesShown = 3;
constexpr Style tickInk{.ink = Ink::Tick};

/// All ways into a state taken together.
struct Entries
{
    std::uint64_t count = 0;
    const StateChange* last = nullptr;
};

Entries entriesOf(const CpuTick& tick, ClockEventState state)
{
    Entries entries;
    for (const StateChange& change : tick.changes) {
        if (change.to == state) {
            entries.count += change.count;
            entries.last = entries.last == nullptr || change.last >= entries.last->last
                ? &change
                : entries.last;
        }
    }
    return entries;
}

bool wasIn(const CpuTick& tick, ClockEventState state)
{
    return tick.state == state || std::ranges::any_of(tick.changes, [state](const auto& change) {
               return change.to == state || change.from == state;
           });
}

/// Of a state that nobody was seen to enter.
const char* wordsWithoutEntry(const CpuTick& tick, ClockEventState state)
{
    if (tick.changes.empty()) {
        return tick.state == state ? "no change seen yet" : "";
    }
    return wasIn(tick, state) ? "" : "not entered yet";
}

/// "● oneshot  now  0.240 003 152  1×  tick_switch_to_oneshot"
void drawState(Pane& pane, int y, const CpuTick& tick, ClockEventState state)
{
    const bool live = tick.state == state;
    const Entries entries = entriesOf(tick, state);
    const Style style = live ? strong : Style{};
    pane.write(1, y, live ? "●" : "○", tickInk);
    pane.write(3, y, toQt(nameOf(state)), style);
    if (live) {
        pane.write(20, y, "now", strong);
    }
    if (entries.last == nullptr) {
        pane.write(26, y, wordsWithoutEntry(tick, state), quiet);
        return;
    }
    pane.writeRight(41, y, instantWithoutUnit(nsOf(entries.last->last)), style);
    const auto count = static_cast<std::int64_t>(entries.count);
    pane.writeRight(50, y, groupedNumber(count) + QString::fromUtf8("×"));
    pane.write(52, y, entries.last->cause, quiet);
}

/// The five states one above the other; between two that were both met, a solid line.
void drawMachine(Pane pane, const CpuTick& tick)
{
    pane.write(1, 0, "state", quiet);
    pane.writeRight(41, 0, "entered last, s", quiet);
    pane.writeRight(50, 0, "times", quiet);
    pane.write(52, 0, "by", quiet);
    const int pitch = pane.height() >= 2 * states ? 2 : 1;
    for (int i = 0; i < states; ++i) {
        const auto state = static_cast<ClockEventState>(i);
        drawState(pane, 1 + pitch * i, tick, state);
        if (pitch == 2 && i + 1 < states) {
            const bool taken
                = wasIn(tick, state) && wasIn(tick, static_cast<ClockEventState>(i + 1));
            pane.write(1, 2 + 2 * i, taken ? "│" : "╎", quiet);
        }
    }
}

QString nextEventText(const CpuTick& tick)
{
    if (!tick.nextEvent) {
        return {};
    }
    return tick.state == ClockEventState::Periodic ? QString{"reloads itself"}
                                                   : instantNumber(nsOf(*tick.nextEvent));
}

std::vector<NamedText> factsOf(const CpuTick& tick)
{
    std::vector<NamedText> facts{{"Mode", tick.mode}};
    const std::size_t first = tick.modes.size() > modesShown ? tick.modes.size() - modesShown : 0;
    for (std::size_t i = first; i < tick.modes.size(); ++i) {
        facts.emplace_back(QString{"  at %1 s"}.arg(instantWithoutUnit(nsOf(tick.modes[i].at))),
                           tick.modes[i].text);
    }
    const auto add = [&facts](const char* label, const QString& value) {
        if (!value.isEmpty()) {
            facts.emplace_back(label, value);
        }
    };
    add("NO_HZ", tick.dynamic);
    add("Handler", tick.handler);
    add("Next event", nextEventText(tick));
    add("Broadcast", tick.broadcast);
    add("Retries",
        tick.retries ? groupedNumber(static_cast<std::int64_t>(*tick.retries)) : QString{});
    return facts;
}

} // namespace

const CpuTick* TickScreen::shown() const
{
    const auto& rows = m_model.ticks().rows();
    const auto found = std::ranges::find(rows, m_cpu, &CpuTick::cpu);
    if (found != rows.end()) {
        return &*found;
    }
    return rows.empty() ? nullptr : &rows.front();
}

QString TickScreen::subject() const
{
    const CpuTick* tick = shown();
    if (tick == nullptr) {
        return {};
    }
    const QString device = tick->device.isEmpty() ? QString{"no device yet"} : tick->device;
    return QString::fromUtf8("CPU %1 · %2").arg(tick->cpu).arg(device);
}

std::vector<KeyHint> TickScreen::hints() const
{
    if (m_model.ticks().rowCount() < 2) {
        return {};
    }
    return {{"↑↓", "CPU", pressed(Key::Down)}};
}

void TickScreen::chooseNext(int by)
{
    const auto& rows = m_model.ticks().rows();
    if (const CpuTick* tick = shown()) {
        const auto at = static_cast<int>(tick - rows.data());
        const int to = std::clamp(at + by, 0, static_cast<int>(rows.size()) - 1);
        m_cpu = rows[static_cast<std::size_t>(to)].cpu;
    }
}

bool TickScreen::take(const KeyPress& press)
{
    if (press.key == Key::Up || press.key == Key::Left) {
        chooseNext(-1);
    } else if (press.key == Key::Down || press.key == Key::Right) {
        chooseNext(1);
    } else {
        return false;
    }
    return true;
}

void TickScreen::draw(Pane pane)
{
    const CpuTick* tick = shown();
    if (tick == nullptr) {
        drawEmpty(pane, noTicks(m_model));
        return;
    }
    drawCpus(pane.rows(0, 1));
    const auto facts = factsOf(*tick);
    const int count = static_cast<int>(facts.size());
    const int machine = std::max(std::min(pane.height() - 1 - count, 10), 6);
    drawMachine(pane.rows(1, machine), *tick);
    const int gap = pane.height() - 1 - machine - count > 0 ? 1 : 0;
    const int end = 1 + machine + gap + count;
    drawFacts(pane.part({1, end - count, std::min(pane.width() - 2, 64), count}), facts);
    drawAll(pane.rows(end + 1, pane.height() - end - 1));
}

/// Every CPU on a row, where there are several and room for them all.
void TickScreen::drawAll(Pane pane)
{
    const CpuTickModel& ticks = m_model.ticks();
    const int count = ticks.rowCount();
    if (count < 2 || pane.height() < count + 1) {
        return;
    }
    constexpr std::array starts{1, 8, 28, 47};
    for (int column = 0; column < CpuTickModel::ColumnCount; ++column) {
        const int x = starts.at(static_cast<std::size_t>(column));
        pane.write(x, 0, ticks.headerData(column, Qt::Horizontal, Qt::DisplayRole).toString(),
                   quiet);
        for (int row = 0; row < count; ++row) {
            pane.write(x, row + 1, ticks.index(row, column).data().toString());
        }
    }
    for (int row = 0; row < count; ++row) {
        const unsigned cpu = ticks.rows()[static_cast<std::size_t>(row)].cpu;
        pane.onClick({0, row + 1, pane.width(), 1}, [this, cpu] { m_cpu = cpu; });
        if (&ticks.rows()[static_cast<std::size_t>(row)] == shown()) {
            pane.select(row + 1);
        }
    }
}

void TickScreen::drawCpus(Pane pane)
{
    std::vector<Chip> chips;
    for (const CpuTick& tick : m_model.ticks().rows()) {
        chips.push_back({.text = QString::number(tick.cpu),
                         .isChosen = &tick == shown(),
                         .choose = [this, cpu = tick.cpu] { m_cpu = cpu; }});
    }
    drawChips(pane, {1, 0, pane.width() - 1, 1}, "CPU", chips);
    pane.onWheel({0, 0, pane.width(), 1}, [this](int by) { chooseNext(by); });
}

} // namespace timerscope::terminal
