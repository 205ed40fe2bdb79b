// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/terminal/screens/cell_text.h"

#include <algorithm>
#include <array>

namespace timerscope::terminal {

namespace {

struct Range
{
    char32_t first;
    char32_t last;
};

/// What Unicode calls wide or full width, in the blocks that a name may come from.
constexpr std::array wideRanges{
    Range{0x1100, 0x115f},   Range{0x2e80, 0x303e},   Range{0x3041, 0x33ff},
    Range{0x3400, 0x4dbf},   Range{0x4e00, 0x9fff},   Range{0xa000, 0xa4cf},
    Range{0xac00, 0xd7a3},   Range{0xf900, 0xfaff},   Range{0xfe30, 0xfe6f},
    Range{0xff00, 0xff60},   Range{0xffe0, 0xffe6},   Range{0x1f300, 0x1f64f},
    Range{0x1f680, 0x1f6ff}, Range{0x1f900, 0x1f9ff}, Range{0x20000, 0x3fffd},
};

constexpr char32_t ellipsis = U'…';

bool isControl(char32_t glyph)
{
    return glyph < 0x20 || (glyph >= 0x7f && glyph < 0xa0);
}

bool isSpace(char32_t glyph)
{
    return glyph == U'\t' || QChar::isSpace(glyph);
}

QString toText(const std::u32string& glyphs)
{
    return QString::fromUcs4(glyphs.data(), static_cast<qsizetype>(glyphs.size()));
}

int totalOf(const std::u32string& glyphs)
{
    int cells = 0;
    for (const char32_t glyph : glyphs) {
        cells += cellsOf(glyph);
    }
    return cells;
}

/// How many glyphs from @p first on fit into @p cells; at least one, so that a loop gets on.
std::size_t fitting(const std::u32string& glyphs, std::size_t first, int cells)
{
    std::size_t count = 0;
    while (first + count < glyphs.size()) {
        cells -= cellsOf(glyphs[first + count]);
        if (cells < 0) {
            break;
        }
        ++count;
    }
    return std::max<std::size_t>(count, 1);
}

} // namespace

int cellsOf(char32_t glyph)
{
    const QChar::Category category = QChar::category(glyph);
    if (category == QChar::Mark_NonSpacing || category == QChar::Mark_Enclosing
        || category == QChar::Other_Format) {
        return 0;
    }
    const bool wide = std::ranges::any_of(
        wideRanges, [glyph](Range range) { return glyph >= range.first && glyph <= range.last; });
    return wide ? 2 : 1;
}

std::u32string shownText(const QString& text)
{
    std::u32string shown;
    for (const uint unit : text.toUcs4()) {
        const auto glyph = static_cast<char32_t>(unit);
        if (isSpace(glyph)) {
            shown += U' ';
        } else if (isControl(glyph)) {
            shown += U'\ufffd';
        } else if (cellsOf(glyph) > 0) {
            shown += glyph;
        }
    }
    return shown;
}

int cellsOf(const QString& text)
{
    return totalOf(shownText(text));
}

QString cut(const QString& text, int cells)
{
    std::u32string shown = shownText(text);
    if (cells <= 0) {
        return {};
    }
    if (totalOf(shown) <= cells) {
        return toText(shown);
    }
    while (!shown.empty() && totalOf(shown) > cells - 1) {
        shown.pop_back();
    }
    return toText(shown) + toText({ellipsis});
}

QStringList wrapped(const QString& text, int cells)
{
    cells = std::max(cells, 1);
    QStringList lines;
    std::u32string line;
    for (const QString& word : text.split(' ', Qt::SkipEmptyParts)) {
        std::u32string rest = shownText(word);
        if (!line.empty() && totalOf(line) + 1 + totalOf(rest) > cells) {
            lines << toText(line);
            line.clear();
        }
        line += line.empty() ? U"" : U" ";
        while (totalOf(rest) > cells) {
            const std::size_t count = fitting(rest, 0, cells);
            lines << toText(rest.substr(0, count));
            rest.erase(0, count);
        }
        line += rest;
    }
    lines << toText(line);
    return lines;
}

} // namespace timerscope::terminal
