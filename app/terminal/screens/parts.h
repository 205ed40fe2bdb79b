// SPDX-License-Identifier: GPL-3.0-or-later
//! What several screens are made of.
#pragma once

#include "app/models/view_words.h"
#include "app/terminal/screens/canvas.h"
#include "app/terminal/screens/input.h"

#include <QString>

#include <functional>
#include <utility>
#include <vector>

namespace timerscope::terminal {

/// A choice among a few: "CPU  0  1  2".
struct Chip
{
    QString text;
    bool isChosen = false;
    std::function<void()> choose;
};
/// Draws them on row @p y behind @p label, the chosen one in sight. Returns the column behind.
int drawChips(Pane& pane, Box place, const QString& label, const std::vector<Chip>& chips);

/// Labels and values on rows of their own, the values ending at the right edge.
void drawFacts(Pane pane, const std::vector<std::pair<QString, QString>>& facts);

/// What is missing and what to do about it, where there is nothing else to show.
void drawEmpty(Pane pane, const EmptyWords& words);

/// A line across row @p y with @p title in it.
void drawRule(Pane& pane, int y, const QString& title = {});

/// How a text stands: what leads it has its own look, within the indent.
struct TextForm
{
    Style style{};
    int indent = 0;
    Style leadStyle{};
};
struct TextLine
{
    QString text;
    QString lead;
    TextForm form{};
};
/// Adds @p text as lines of at most @p width cells; @p lead stands before the first.
void addWrapped(std::vector<TextLine>& lines, const QString& text, int width,
                const TextForm& form = {}, QString lead = {});

/// Lines that may be more than there is room for.
class TextScroll
{
public:
    void draw(Pane pane, const std::vector<TextLine>& lines);
    /// Page up and down, home and end.
    bool take(const KeyPress& press);
    void scroll(int by);
    void toTop() { m_first = 0; }

private:
    int m_first = 0;
    int m_room = 1;
};

/// The first of @p count rows to show in @p room rows, so that @p chosen is among them.
[[nodiscard]] int firstInSight(int first, int chosen, int count, int room);

/// Where a list's keys go from row @p at of @p count: arrows, pages of @p page rows, home, end.
/// -1: not a list's key.
[[nodiscard]] int movedBy(const KeyPress& press, int at, int count, int page);

} // namespace timerscope::terminal
