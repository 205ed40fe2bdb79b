// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/oracle/compare.h"

#include "tests/oracle/row_reader.h"

#include <QJsonArray>
#include <QStringList>

#include <fmt/format.h>

#include <algorithm>

namespace timerscope::oracle {
namespace {

bool isEmptyList(const QJsonValue& value)
{
    return value.isArray() && value.toArray().isEmpty();
}

std::string shown(const QJsonValue& value)
{
    return value.isUndefined() ? "nothing" : jsonText(value);
}

class Comparison
{
public:
    void objects(const std::string& path, const QJsonObject& expected, const QJsonObject& got)
    {
        QStringList keys = expected.keys() + got.keys();
        keys.removeDuplicates();
        keys.sort();
        for (const QString& key : keys) {
            const std::string name = key.toStdString();
            values(path.empty() ? name : fmt::format("{}.{}", path, name), expected.value(key),
                   got.value(key));
        }
    }

    std::vector<Difference> found;

private:
    void values(const std::string& path, const QJsonValue& expected, const QJsonValue& got)
    {
        if (expected.isObject() && got.isObject()) {
            objects(path, expected.toObject(), got.toObject());
        } else if (expected.isArray() && got.isArray()) {
            lists(path, expected.toArray(), got.toArray());
        } else if (expected != got && !areBothNothing(expected, got)) {
            found.push_back({path, shown(expected), shown(got)});
        }
    }

    void lists(const std::string& path, const QJsonArray& expected, const QJsonArray& got)
    {
        for (qsizetype i = 0; i < std::max(expected.size(), got.size()); ++i) {
            // at() past the end answers undefined, which no JSON value equals.
            elements(fmt::format("{}[{}]", path, i), expected.at(i), got.at(i));
        }
    }

    // In a list an empty list keeps its place: it is not the same as an absent element.
    void elements(const std::string& path, const QJsonValue& expected, const QJsonValue& got)
    {
        if (expected.isUndefined() != got.isUndefined()) {
            found.push_back({path, shown(expected), shown(got)});
            return;
        }
        values(path, expected, got);
    }

    static bool areBothNothing(const QJsonValue& a, const QJsonValue& b)
    {
        return (a.isUndefined() && isEmptyList(b)) || (isEmptyList(a) && b.isUndefined());
    }
};

} // namespace

std::vector<Difference> differences(const QJsonObject& expected, const QJsonObject& got)
{
    Comparison comparison;
    comparison.objects({}, expected, got);
    return std::move(comparison.found);
}

} // namespace timerscope::oracle
