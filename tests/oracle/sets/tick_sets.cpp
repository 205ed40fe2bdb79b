// SPDX-License-Identifier: GPL-3.0-or-later
//! FORMAT.md, section 3: which of several clock event devices drives the tick.
#include "tests/oracle/oracle_set.h"
#include "tests/oracle/row_reader.h"
#include "tests/oracle/sets/tick_bench.h"

namespace timerscope::oracle {
namespace {

Result<void> add(TickBench& bench, const QJsonArray& step)
{
    return bench.registerDevice("e" + std::to_string(step.at(0).toInteger()), step.at(2).toInt(),
                                static_cast<std::uint32_t>(step.at(1).toInteger()),
                                static_cast<std::uint32_t>(step.at(3).toInteger()));
}

QJsonObject stateOf(TickBench& bench)
{
    QJsonArray states;
    QJsonArray calls;
    for (std::size_t i = 0; i < bench.devices().size(); ++i) {
        states.append(static_cast<int>(bench.devices()[i].state()));
        calls.append(bench.takeCalls(i).states);
    }
    const ClockEventDevice* const device = bench.tick().device();
    return {{"tick_dev", device != nullptr ? QString::fromStdString(device->name()) : ""},
            {"td_mode", static_cast<int>(bench.tick().mode())},
            {"states", states},
            {"state_calls", calls},
            {"handler", bench.handlerCode()}};
}

Result<QJsonObject> clockEventSelection(const QJsonObject& in)
{
    RowReader row(in);
    TickBench bench(TickRate{row.u32("hz", 15, 10'000)}, {});
    const QJsonArray list = row.list("steps");
    if (!row.ok()) {
        return row.failure();
    }
    QJsonArray steps;
    for (const QJsonValue step : list) {
        if (const auto added = add(bench, step.toArray()); !added) {
            return tl::unexpected<Error>(added.error());
        }
        steps.append(stateOf(bench));
    }
    return QJsonObject{{"steps", steps}, {"warnings", number(bench.warnings())}};
}

constexpr OracleSet sets[] = {
    {"clockevent_select_seq", clockEventSelection},
};

} // namespace

std::span<const OracleSet> tickSets()
{
    return sets;
}

} // namespace timerscope::oracle
