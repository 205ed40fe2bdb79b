// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/oracle/commands.h"
#include "tests/oracle/oracle_set.h"
#include "tests/oracle/row_file.h"

#include <QJsonDocument>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <istream>
#include <ostream>
#include <vector>

namespace timerscope::oracle {
namespace {

std::string knownNames()
{
    std::vector<std::string_view> names;
    for (const OracleSet& set : oracleSets()) {
        names.push_back(set.name);
    }
    std::ranges::sort(names);
    return fmt::format("{}", fmt::join(names, ", "));
}

Result<QJsonObject> answerLine(const OracleSet& set, std::string_view line)
{
    auto row = parseLine(line);
    if (!row) {
        return row;
    }
    auto in = objectField(*row, "in");
    return in ? set.answer(*in) : in;
}

} // namespace

Result<void> runAnswer(std::string_view set, std::istream& rows, std::ostream& results)
{
    const OracleSet* const known = findSet(set);
    if (known == nullptr) {
        return fail(
            ErrorCode::NotFound,
            fmt::format("the set '{}' is unknown; the engine answers {}", set, knownNames()));
    }
    std::size_t number = 0;
    for (std::string line; results && std::getline(rows, line);) {
        ++number;
        const auto out = answerLine(*known, line);
        if (!out) {
            return fail(out.error().code,
                        fmt::format("standard input:{}: {}", number, out.error().what));
        }
        const QJsonDocument document(QJsonObject{{"out", *out}});
        results << document.toJson(QJsonDocument::Compact).constData() << '\n' << std::flush;
    }
    return {};
}

} // namespace timerscope::oracle
