// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/why/why.h"

#include "engine/why/clocksource_case.h"
#include "engine/why/clocksource_history.h"
#include "engine/why/clocksource_override.h"
#include "engine/why/clocksource_reasons.h"
#include "engine/why/number_text.h"

#include <fmt/format.h>

namespace timerscope {

namespace {

std::string whatOfCurrent(const ClocksourceCase& about)
{
    const std::string& name = about.asked->name;
    return about.selection ? fmt::format("{} became the current clocksource at {}.", name,
                                         instantText(nsOf((*about.log)[*about.selection].at)))
                           : fmt::format("{} is the current clocksource.", name);
}

std::string whatOfOther(const ClocksourceCase& about)
{
    return fmt::format("{} is not the current clocksource; {}.", about.asked->name,
                       about.current != nullptr ? about.current->name + " is" : "none is yet");
}

} // namespace

Explanation whyClocksource(const Snapshot& snapshot, std::string_view name, const TraceLog* log,
                           std::optional<std::size_t> selection)
{
    const ClocksourceCase about = caseOf(snapshot, name, log, selection);
    Explanation answer;
    if (about.asked == nullptr) {
        answer.what = fmt::format("No clocksource called {} is registered.", name);
        answer.reasons = reasonsOfAbsence(about, name);
    } else if (about.asked->current) {
        answer.what = whatOfCurrent(about);
        answer.reasons = reasonsFor(about);
        answer.wouldChange = changesOfCurrent(about);
        if (snapshot.machine.bootFinished != false) {
            answer.followed = whatFollowed(about);
        }
    } else {
        answer.what = whatOfOther(about);
        answer.reasons = reasonsAgainst(about);
        answer.wouldChange = changesOfOther(about);
    }
    return answer;
}

std::vector<std::string> linesOf(const Explanation& explanation)
{
    std::vector<std::string> lines{explanation.what};
    for (std::size_t i = 0; i < explanation.reasons.size(); ++i) {
        const Reason& reason = explanation.reasons[i];
        lines.push_back(fmt::format("{}. {}: {}{}", i + 1, reason.head, reason.detail,
                                    reason.function.empty() ? "" : " [" + reason.function + "]"));
    }
    for (const std::string& text : explanation.followed) {
        lines.push_back("Then: " + text);
    }
    for (const std::string& text : explanation.wouldChange) {
        lines.push_back("Would change it: " + text);
    }
    for (std::string& line : lines) {
        line = plainText(line);
    }
    return lines;
}

} // namespace timerscope
