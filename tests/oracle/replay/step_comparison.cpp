// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/oracle/replay/step_comparison.h"

#include "tests/oracle/row_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>

namespace timerscope::oracle {
namespace {

std::string shown(const QJsonValue& value)
{
    return value.isUndefined() ? "nothing" : jsonText(value);
}

constexpr int shellNotFound = 127;

class StepComparison
{
public:
    StepComparison(const StepPlace& place, const MaskRules& rules)
        : m_place(place)
        , m_rules(rules)
    {
    }

    void step(const RecordedStep& recorded, const QJsonObject& answer)
    {
        fault(recorded, answer);
        if (m_place.isLastOfIncomplete) {
            return;
        }
        if (recorded.rc == shellNotFound) {
            ++result.excepted; // what the shell says of it has the path of the recording's script
        } else if (recorded.output) {
            lines("output", *recorded.output, answer.value("output").toArray(),
                  [](std::string_view line) { return std::optional{comparedOutput(line)}; });
        }
        if (recorded.rc) {
            values("rc", QJsonValue(*recorded.rc), answer.value("rc"));
        }
        if (recorded.obs) {
            observation(*recorded.obs, answer.value("obs"));
        }
    }

    ComparisonResult result;

private:
    using LineMask = std::function<std::optional<std::string>(std::string_view)>;

    /// A step of a scenario that went on must not have a fault; the last of one that did not must.
    void fault(const RecordedStep& recorded, const QJsonObject& answer)
    {
        const QJsonValue met = answer.value("fault");
        if (m_place.isLastOfIncomplete) {
            ++result.compared;
            // What the shell printed of it ("Killed") is the bench's.
            result.excepted += recorded.output ? 1U : 0U;
        }
        if (met.isUndefined() == m_place.isLastOfIncomplete) {
            result.differences.push_back(
                {"fault", m_place.isLastOfIncomplete ? "a hang or an oops" : "nothing",
                 shown(met)});
        }
    }

    void observation(const QJsonObject& recorded, const QJsonValue& answer)
    {
        if (!answer.isObject()) {
            values("obs", recorded, answer);
            return;
        }
        const QJsonObject got = answer.toObject();
        for (const QString& key : keysOf(recorded, got)) {
            field(key, recorded.value(key), got.value(key));
        }
    }

    /// All of the recording's keys, and logs that only the model has.
    static std::set<QString> keysOf(const QJsonObject& recorded, const QJsonObject& got)
    {
        std::set<QString> keys;
        for (const QString& key : recorded.keys()) {
            keys.insert(key);
        }
        for (const QString& key : got.keys()) {
            if (key.startsWith("log_")) {
                keys.insert(key);
            }
        }
        return keys;
    }

    void field(const QString& key, const QJsonValue& recorded, const QJsonValue& got)
    {
        const std::string name = key.toStdString();
        if (key.startsWith("log_")) {
            log(name, recorded, got);
        } else if (key == "dmesg") {
            dmesg(recorded.toArray(), got.toArray());
        } else if (key == "timer_list_lines" && m_rules.tickLines) {
            lines(name, recorded.toArray(), got.toArray(), comparedTimerList);
        } else if ((key == "current_device" || key == "timer_list_lines") && !m_rules.tickLines) {
            ++result.excepted;
        } else {
            values(name, recorded, got);
        }
    }

    /// There is a log as long as its module is loaded.
    void log(const std::string& name, const QJsonValue& recorded, const QJsonValue& got)
    {
        if (recorded.isUndefined() != got.isUndefined()) {
            values(name, recorded, got);
            return;
        }
        lines(name, recorded.toArray(), got.toArray(),
              [this](std::string_view line) { return comparedLog(line, m_rules); });
    }

    void dmesg(const QJsonArray& recorded, const QJsonArray& got)
    {
        if (m_place.isFirstOfSavedMachine) {
            ++result.excepted;
            return;
        }
        lines("dmesg", recorded, got,
              [this](std::string_view line) { return comparedDmesg(line, m_rules); });
    }

    void values(const std::string& name, const QJsonValue& recorded, const QJsonValue& got)
    {
        ++result.compared;
        if (recorded != got) {
            result.differences.push_back({name, shown(recorded), shown(got)});
        }
    }

    /// Lines one by one, without those that are excepted on either side.
    void lines(const std::string& name, const QJsonArray& recorded, const QJsonArray& got,
               const LineMask& mask)
    {
        const auto expected = maskedLines(recorded, mask);
        const auto met = maskedLines(got, mask);
        result.excepted += static_cast<std::size_t>(recorded.size()) - expected.size();
        result.compared += std::max(expected.size(), std::size_t{1}); // "no line" is an answer too
        for (std::size_t i = 0; i < std::max(expected.size(), met.size()); ++i) {
            const std::string wanted = i < expected.size() ? expected[i] : "nothing";
            const std::string found = i < met.size() ? met[i] : "nothing";
            if (i >= expected.size() || i >= met.size() || wanted != found) {
                result.differences.push_back({fmt::format("{}[{}]", name, i), wanted, found});
                return; // whatever follows is out of step
            }
        }
    }

    static std::vector<std::string> maskedLines(const QJsonArray& list, const LineMask& mask)
    {
        std::vector<std::string> kept;
        for (const auto& line : list) {
            if (auto text = mask(line.toString().toStdString())) {
                kept.push_back(std::move(*text));
            }
        }
        return kept;
    }

    StepPlace m_place;
    MaskRules m_rules;
};

} // namespace

ComparisonResult compareStep(const RecordedStep& recorded, const QJsonObject& answer,
                             const StepPlace& place, const MaskRules& rules)
{
    StepComparison comparison(place, rules);
    comparison.step(recorded, answer);
    return std::move(comparison.result);
}

} // namespace timerscope::oracle
