// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/terminal/table.h"

#include "app/terminal/streams.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace timerscope::terminal {

namespace {

constexpr std::size_t lineWidth = 100;

/// @p text below @p indent blanks, broken between words so that lines keep to lineWidth.
void addWrapped(std::string& out, std::string_view text, std::size_t indent)
{
    std::size_t column = lineWidth;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        if (column + 1 + end > lineWidth) {
            out += (out.ends_with('\n') || out.empty() ? "" : "\n") + std::string(indent, ' ');
            column = indent;
        } else {
            out += ' ';
            ++column;
        }
        out += text.substr(0, end);
        column += end;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    out += '\n';
}

std::string textOf(const CatalogueRow& row, std::size_t width)
{
    std::string out = fmt::format("{:<{}}  {}\n", row.name, width, row.title);
    for (const std::string& figure : row.figures) {
        addWrapped(out, figure, width + 4);
    }
    return out;
}

} // namespace

ExitCode printTable(const std::vector<CatalogueRow>& rows)
{
    std::size_t width = 0;
    for (const CatalogueRow& row : rows) {
        width = std::max(width, row.name.size());
    }
    std::string text;
    ExitCode code = ExitCode::Fine;
    for (const CatalogueRow& row : rows) {
        if (row.error.empty()) {
            text += textOf(row, width);
        } else {
            complain(row.error);
            code = ExitCode::WrongUse;
        }
    }
    const ExitCode printed = print(text);
    return printed != ExitCode::Fine ? printed : code;
}

} // namespace timerscope::terminal
