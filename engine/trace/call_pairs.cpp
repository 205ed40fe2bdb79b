// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/trace/call_pairs.h"

#include <map>
#include <set>
#include <utility>

namespace timerscope {

namespace {

using Numbers = std::pair<std::uint32_t, std::uint32_t>; // of caller and callee

/// Follows the functions that each CPU is in.
class CallFollower
{
public:
    /// The pair that @p record tells of; false when it tells of none.
    bool follow(const TraceRecord& record, Numbers& pair)
    {
        std::vector<std::uint32_t>& inside = m_inside[record.cpu];
        if (record.kind == RecordKind::FunctionExit) {
            if (!inside.empty()) {
                inside.pop_back();
            }
            return false;
        }
        const bool isCalled = !inside.empty();
        if (isCalled) {
            pair = {inside.back(), record.subject};
        }
        if (record.kind == RecordKind::FunctionEntry) {
            inside.push_back(record.subject);
        }
        return isCalled;
    }

private:
    std::map<std::uint16_t, std::vector<std::uint32_t>> m_inside; // outermost first
};

} // namespace

std::vector<CallPair> callPairs(const TraceLog& log, std::size_t count)
{
    std::vector<CallPair> pairs;
    std::set<Numbers> seen;
    CallFollower follower;
    for (std::size_t i = 0; i < count; ++i) {
        Numbers pair;
        if (tellsOfFunctions(log[i].kind) && follower.follow(log[i], pair)
            && seen.insert(pair).second) {
            pairs.push_back({.caller = std::string(log.string(pair.first)),
                             .callee = std::string(log.string(pair.second))});
        }
    }
    return pairs;
}

std::string callPairsText(const TraceLog& log, std::size_t count)
{
    std::string text;
    for (const CallPair& pair : callPairs(log, count)) {
        text += pair.caller + '\t' + pair.callee + '\n';
    }
    return text;
}

} // namespace timerscope
