// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/terminal/wrapped_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace timerscope::terminal {

namespace {

constexpr std::size_t lineWidth = 100;

} // namespace

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

void addLabelled(std::string& out, std::string_view label, std::string_view text,
                 std::size_t indent)
{
    std::string lines;
    addWrapped(lines, text, indent);
    out += fmt::format("{:<{}}", label, indent) + lines.substr(std::min(indent, lines.size()));
}

} // namespace timerscope::terminal
