// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace timerscope::test {

/// Takes CSV apart as RFC 4180 says, with lines that end in LF: rows of cells. A cell that breaks
/// the rules is marked, so that it equals nothing.
[[nodiscard]] inline std::vector<std::vector<std::string>> readCsv(std::string_view text)
{
    std::vector<std::vector<std::string>> rows;
    std::vector<std::string> row(1);
    bool isQuoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (isQuoted && c == '"' && text.substr(i + 1, 1) == "\"") {
            row.back() += text[++i];
        } else if (c == '"' && (isQuoted || row.back().empty())) {
            isQuoted = !isQuoted;
        } else if (c == '"') {
            row.back() += "<a quote where none may be>";
        } else if (!isQuoted && c == ',') {
            row.emplace_back();
        } else if (!isQuoted && c == '\n') {
            rows.push_back(std::exchange(row, std::vector<std::string>(1)));
        } else {
            row.back() += c;
        }
    }
    return rows;
}

} // namespace timerscope::test
