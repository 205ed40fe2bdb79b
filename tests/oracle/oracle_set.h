// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/result.h"

#include <QJsonObject>

#include <cstdint>
#include <span>
#include <string_view>

namespace timerscope::oracle {

/// Works out the `out` object of a row from its `in` object, by calling the engine. It never sees
/// what is expected.
/// Errors: Corrupt when the row is not one of the set (a field missing, of a wrong type or out of
/// range); any other code is the engine's own refusal.
using AnswerFunction = Result<QJsonObject> (*)(const QJsonObject& in);

/// One kind of row, as tests/oracle/vectors/FORMAT.md names it.
struct OracleSet
{
    std::string_view name;
    AnswerFunction answer = nullptr;
};

/// Every set that the engine can answer, in no particular order.
[[nodiscard]] std::span<const OracleSet> oracleSets();

/// The set called @p name, or null when the engine cannot answer it.
[[nodiscard]] const OracleSet* findSet(std::string_view name);

/// One span a file of tests/oracle/sets/; a new file adds its function here and in registry.cpp.
[[nodiscard]] std::span<const OracleSet> clockEventSets();
[[nodiscard]] std::span<const OracleSet> clocksourceSets();
[[nodiscard]] std::span<const OracleSet> jiffiesSets();
[[nodiscard]] std::span<const OracleSet> schedClockSets();
[[nodiscard]] std::span<const OracleSet> hrtimerSets();
[[nodiscard]] std::span<const OracleSet> posixSets();
[[nodiscard]] std::span<const OracleSet> tickSets();
[[nodiscard]] std::span<const OracleSet> nohzSets();
[[nodiscard]] std::span<const OracleSet> timekeepingSets();
[[nodiscard]] std::span<const OracleSet> timekeepingSequenceSets();
[[nodiscard]] std::span<const OracleSet> timerQueueSets();
[[nodiscard]] std::span<const OracleSet> timerSets();
[[nodiscard]] std::span<const OracleSet> watchdogSets();

} // namespace timerscope::oracle
