// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/oracle/oracle_set.h"

#include <algorithm>
#include <vector>

namespace timerscope::oracle {
namespace {

using Group = std::span<const OracleSet> (*)();

constexpr Group groups[] = {
    clockEventSets, clocksourceSets, jiffiesSets,    schedClockSets,  hrtimerSets,
    posixSets,      tickSets,        nohzSets,       timekeepingSets, timekeepingSequenceSets,
    timerSets,      watchdogSets,    timerQueueSets,
};

std::vector<OracleSet> gather()
{
    std::vector<OracleSet> sets;
    for (const Group group : groups) {
        const auto members = group();
        sets.insert(sets.end(), members.begin(), members.end());
    }
    return sets;
}

} // namespace

std::span<const OracleSet> oracleSets()
{
    static const std::vector<OracleSet> sets = gather();
    return sets;
}

const OracleSet* findSet(std::string_view name)
{
    const auto sets = oracleSets();
    const auto found = std::ranges::find(sets, name, &OracleSet::name);
    return found == sets.end() ? nullptr : &*found;
}

} // namespace timerscope::oracle
