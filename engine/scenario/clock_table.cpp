// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/scenario/clock_table.h"

#include "engine/base/wording.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace timerscope {

namespace {

// In the order of ClockKind and DivisorRule.
constexpr std::array<std::string_view, 4> kinds{"fixed-rate", "fixed-factor", "divider", "gate"};
constexpr std::array<std::string_view, 3> rules{"plus-one", "one-based", "power-of-two"};

constexpr IntegerRange rateRange{.least = 1, .most = INT64_MAX};
constexpr IntegerRange factorRange{.least = 1, .most = UINT32_MAX};
constexpr IntegerRange divisorRange{.least = 1, .most = UINT32_MAX};
constexpr std::int64_t registerBits = 32;

constexpr std::array<std::string_view, 12> clockKeys{"name",  "kind",  "parent",   "rate",
                                                     "rates", "mult",  "div",      "register",
                                                     "shift", "width", "divisors", "rule"};

/// The keys of clockKeys, from "parent" on, that a kind has a use for.
std::span<const std::string_view> keysOf(ClockKind kind)
{
    static constexpr std::array<std::string_view, 5> ofRate{"rate", "rates", "register", "shift",
                                                            "width"};
    static constexpr std::array<std::string_view, 3> ofFactor{"parent", "mult", "div"};
    static constexpr std::array<std::string_view, 6> ofDivider{"parent", "register", "shift",
                                                               "width",  "divisors", "rule"};
    static constexpr std::array<std::string_view, 1> ofGate{"parent"};
    switch (kind) {
    case ClockKind::FixedRate:
        return ofRate;
    case ClockKind::FixedFactor:
        return ofFactor;
    case ClockKind::Divider:
        return ofDivider;
    case ClockKind::Gate:
        return ofGate;
    }
    return {};
}

void refuseOtherKeys(TableReader& reader, ClockKind kind)
{
    const auto allowed = keysOf(kind);
    for (const std::string_view key : std::span(clockKeys).subspan(2)) {
        if (reader.has(key) && std::ranges::find(allowed, key) == allowed.end()) {
            reader.report(key,
                          fmt::format("{} does not go with kind = {}", inQuotes(key),
                                      inQuotes(kinds.at(static_cast<std::size_t>(kind)))));
        }
    }
}

/// A list of whole numbers, at least one. Empty when the key is missing.
std::vector<std::uint64_t> readNumbers(TableReader& reader, const ConfigValue& table,
                                       std::string_view key, IntegerRange range)
{
    const ConfigValue* const list = table.find(key);
    if (list == nullptr) {
        return {};
    }
    std::vector<std::uint64_t> numbers;
    for (const ConfigValue& item : list->items) {
        if (list->kind != ConfigKind::Array || item.kind != ConfigKind::Integer
            || item.integer < range.least || item.integer > range.most) {
            numbers.clear();
            break;
        }
        numbers.push_back(static_cast<std::uint64_t>(item.integer));
    }
    if (numbers.empty()) {
        reader.report(key,
                      fmt::format("{} in [[clock]] must be a list of whole numbers from {} to {}, "
                                  "such as [4, 8]",
                                  inQuotes(key), range.least, range.most));
    }
    return numbers;
}

RegisterField readField(TableReader& reader)
{
    RegisterField field;
    field.value
        = static_cast<std::uint32_t>(reader.integer("register", {.least = 0, .most = UINT32_MAX}));
    field.shift
        = static_cast<unsigned>(reader.integer("shift", {.least = 0, .most = registerBits - 1}));
    field.width = static_cast<unsigned>(
        reader.integer("width", {.least = 1, .most = registerBits - field.shift}));
    return field;
}

void readFixedRate(TableReader& reader, const ConfigValue& table, ClockProvider& clock)
{
    if (reader.has("rates")) {
        clock.rates = readNumbers(reader, table, "rates", rateRange);
        clock.field = readField(reader);
        if (reader.has("rate")) {
            reader.report("rate", R"("rate" in [[clock]] does not go with "rates")");
        }
        return;
    }
    clock.rates = {static_cast<std::uint64_t>(reader.integer("rate", rateRange))};
    for (const std::string_view key : {"register", "shift", "width"}) {
        if (reader.has(key)) {
            reader.report(key,
                          fmt::format("{} in [[clock]] goes with \"rates\", not with \"rate\"",
                                      inQuotes(key)));
        }
    }
}

void readDivider(TableReader& reader, const ConfigValue& table, ClockProvider& clock)
{
    clock.field = readField(reader);
    clock.divisors = readNumbers(reader, table, "divisors", divisorRange);
    clock.rule = static_cast<DivisorRule>(reader.choice("rule", rules, 0));
    if (reader.has("divisors") && reader.has("rule")) {
        reader.report("rule", R"("rule" in [[clock]] does not go with "divisors")");
    }
}

ClockProvider readClock(const ConfigValue& table, FileErrors& errors)
{
    TableReader reader(table, "[[clock]]", clockKeys, errors);
    ClockProvider clock;
    clock.name = reader.name("name");
    clock.kind = static_cast<ClockKind>(reader.choice("kind", kinds));
    refuseOtherKeys(reader, clock.kind);
    if (clock.kind != ClockKind::FixedRate) {
        clock.parent = reader.name("parent");
    }
    if (clock.kind == ClockKind::FixedRate) {
        readFixedRate(reader, table, clock);
    } else if (clock.kind == ClockKind::FixedFactor) {
        clock.mult = static_cast<std::uint32_t>(reader.integer("mult", factorRange, 1));
        clock.div = static_cast<std::uint32_t>(reader.integer("div", factorRange, 1));
    } else if (clock.kind == ClockKind::Divider) {
        readDivider(reader, table, clock);
    }
    return clock;
}

} // namespace

void readClocks(TableReader& scenario, MachineConfig& machine, FileErrors& errors)
{
    const auto tables = scenario.tables("clock");
    std::vector<ClockProvider> clocks;
    clocks.reserve(tables.size());
    for (const ConfigValue& table : tables) {
        clocks.push_back(readClock(table, errors));
    }
    if (errors.any()) {
        return;
    }
    machine.clocks
        = ClockTree(std::move(clocks), machine.bits == 32 ? LongWidth::Bits32 : LongWidth::Bits64);
    if (const auto fault = machine.clocks.firstFault()) {
        errors.report(tables[fault->provider].line, fault->what);
    }
}

} // namespace timerscope
