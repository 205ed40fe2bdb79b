// SPDX-License-Identifier: GPL-3.0-or-later
//! What screens are drawn on: a grid of cells in the program's own inks, which a terminal shows and
//! a test reads.
#pragma once

#include "app/terminal/screens/ink.h"

#include <QString>

#include <functional>
#include <utility>
#include <vector>

namespace timerscope::terminal {

/// A rectangle of cells.
struct Box
{
    int x = 0;
    int y = 0;
    int width = 0;
    int height = 0;
    [[nodiscard]] bool has(int column, int row) const
    {
        return column >= x && column < x + width && row >= y && row < y + height;
    }
};

struct Cell
{
    char32_t glyph = U' '; ///< 0: the right half of a wide one
    Style style;
    friend bool operator==(const Cell&, const Cell&) = default;
};

/// A place that answers to the mouse.
struct Spot
{
    Box box;
    std::function<void()> click;
    std::function<void(int by)> wheel;
};

class Canvas
{
public:
    Canvas(int width, int height);

    [[nodiscard]] int width() const { return m_width; }
    [[nodiscard]] int height() const { return m_height; }
    [[nodiscard]] Cell& at(int x, int y);
    [[nodiscard]] const Cell& at(int x, int y) const;
    /// Row @p y as text, without the spaces at its end.
    [[nodiscard]] QString line(int y) const;

    void addSpot(Spot spot) { m_spots.push_back(std::move(spot)); }
    /// What answers to the mouse, the last drawn last.
    [[nodiscard]] std::vector<Spot> takeSpots() { return std::exchange(m_spots, {}); }

private:
    int m_width;
    int m_height;
    std::vector<Cell> m_cells;
    std::vector<Spot> m_spots;
};

/// A part of a canvas with its own corner and edges: nothing drawn on it shows outside of it.
class Pane
{
public:
    explicit Pane(Canvas& canvas);

    [[nodiscard]] int width() const { return m_box.width; }
    [[nodiscard]] int height() const { return m_box.height; }
    /// The part of this pane that @p box covers.
    [[nodiscard]] Pane part(Box box) const;
    [[nodiscard]] Pane rows(int first, int count) const { return part({0, first, width(), count}); }
    [[nodiscard]] Pane columns(int first, int count) const
    {
        return part({first, 0, count, height()});
    }

    /// Writes @p text from @p x on, cut to @p room cells (-1: to the edge). Returns the column
    /// behind it.
    int write(int x, int y, const QString& text, Style style = {}, int room = -1);
    /// Writes @p text so that it ends before column @p end, in @p room cells at most.
    void writeRight(int end, int y, const QString& text, Style style = {}, int room = -1);
    void fill(Box box, char32_t glyph, Style style = {});
    /// Everything on row @p y becomes the selection's.
    void select(int y);

    void onClick(Box box, std::function<void()> action);
    void onWheel(Box box, std::function<void(int by)> action);

private:
    Pane(Canvas& canvas, Box box);
    [[nodiscard]] Box placed(Box box) const;

    Canvas* m_canvas;
    Box m_box;
};

} // namespace timerscope::terminal
