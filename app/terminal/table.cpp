// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/terminal/table.h"

#include "app/terminal/streams.h"
#include "app/terminal/wrapped_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace timerscope::terminal {

namespace {

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
