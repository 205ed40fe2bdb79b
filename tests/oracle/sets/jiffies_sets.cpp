// SPDX-License-Identifier: GPL-3.0-or-later
//! FORMAT.md, section 6: spans in jiffies, and expiries rounded to whole seconds.
#include "engine/base/jiffies_conversion.h"
#include "engine/timer/round_jiffies.h"
#include "tests/oracle/oracle_set.h"
#include "tests/oracle/row_reader.h"

#include <algorithm>

namespace timerscope::oracle {
namespace {

constexpr LongWidth recorded = LongWidth::Bits64;

/// A kernel function by name: takes its argument from the row and answers the row's result.
struct Conversion
{
    std::string_view name;
    QJsonObject (*answer)(const JiffiesConversion& convert, RowReader& row);
};

constexpr Conversion conversions[] = {
    {"msecs_to_jiffies",
     [](const JiffiesConversion& convert, RowReader& row) {
         return QJsonObject{{"j", decimal(convert.msecsToJiffies(row.u32("ms")))}};
     }},
    {"usecs_to_jiffies",
     [](const JiffiesConversion& convert, RowReader& row) {
         return QJsonObject{{"j", decimal(convert.usecsToJiffies(row.u32("us")))}};
     }},
    {"nsecs_to_jiffies",
     [](const JiffiesConversion& convert, RowReader& row) {
         return QJsonObject{{"j", decimal(convert.nsecsToJiffies(row.u64("ns")))}};
     }},
    {"nsecs_to_jiffies64",
     [](const JiffiesConversion& convert, RowReader& row) {
         return QJsonObject{{"j", decimal(convert.nsecsToJiffies64(row.u64("ns")))}};
     }},
    {"timespec64_to_jiffies",
     [](const JiffiesConversion& convert, RowReader& row) {
         const SecondsAndNs span{.seconds = row.s64("sec"), .ns = row.s64("nsec")};
         return QJsonObject{{"j", decimal(convert.timespecToJiffies(span))}};
     }},
    {"jiffies_to_msecs",
     [](const JiffiesConversion& convert, RowReader& row) {
         return QJsonObject{{"ms", number(convert.msecs(row.u64("j")))}};
     }},
    {"jiffies_to_usecs",
     [](const JiffiesConversion& convert, RowReader& row) {
         return QJsonObject{{"us", number(convert.usecs(row.u64("j")))}};
     }},
    {"jiffies64_to_nsecs",
     [](const JiffiesConversion& convert, RowReader& row) {
         return QJsonObject{{"ns", decimal(convert.nsecs64(row.u64("j")))}};
     }},
    {"jiffies64_to_msecs",
     [](const JiffiesConversion& convert, RowReader& row) {
         return QJsonObject{{"ms", decimal(convert.msecs64(row.u64("j")))}};
     }},
    {"jiffies_to_timespec64",
     [](const JiffiesConversion& convert, RowReader& row) {
         const SecondsAndNs span = convert.timespec(row.u64("j"));
         return QJsonObject{{"sec", decimal(span.seconds)}, {"nsec", decimal(span.ns)}};
     }},
    {"jiffies_to_clock_t",
     [](const JiffiesConversion& convert, RowReader& row) {
         return QJsonObject{{"clk", decimal(convert.userTicks(row.u64("j")))}};
     }},
    {"jiffies_64_to_clock_t",
     [](const JiffiesConversion& convert, RowReader& row) {
         return QJsonObject{{"clk", decimal(convert.userTicks64(row.u64("j")))}};
     }},
    {"clock_t_to_jiffies",
     [](const JiffiesConversion& convert, RowReader& row) {
         return QJsonObject{{"j", decimal(convert.userTicksToJiffies(row.u64("clk")))}};
     }},
    {"nsec_to_clock_t",
     [](const JiffiesConversion&, RowReader& row) {
         const std::uint64_t ns = row.u64("ns");
         return QJsonObject{{"clk", decimal(JiffiesConversion::nsecsToUserTicks(ns))}};
     }},
};

Result<QJsonObject> jiffiesConversion(const QJsonObject& in)
{
    RowReader row(in);
    const std::string name = row.text("fn");
    const TickRate rate{row.u32("hz", JiffiesConversion::slowestHz, JiffiesConversion::fastestHz)};
    if (!row.ok()) {
        return row.failure();
    }
    const auto* const found = std::ranges::find(conversions, name, &Conversion::name);
    if (found == std::end(conversions)) {
        return fail(ErrorCode::Corrupt, "the function '" + name + "' converts no jiffies");
    }
    const QJsonObject out = found->answer(JiffiesConversion(rate, recorded), row);
    return row.ok() ? Result<QJsonObject>(out) : row.failure();
}

Result<QJsonObject> roundJiffies(const QJsonObject& in)
{
    RowReader row(in);
    const std::string name = row.text("fn");
    const TickRate rate{row.u32("hz", 1)};
    const std::uint64_t now = row.u64("jiffies");
    const std::uint64_t argument = row.u64("arg");
    const unsigned cpu = row.u32("cpu");
    if (!row.ok()) {
        return row.failure();
    }
    using Direction = JiffiesRounding::Direction;
    const JiffiesRounding rounding(rate, recorded);
    const auto answer = [&](auto method, Direction direction) -> Result<QJsonObject> {
        return QJsonObject{{"j", decimal((rounding.*method)(argument, direction, cpu, now))}};
    };
    if (name == "round_jiffies" || name == "round_jiffies_up") {
        return answer(&JiffiesRounding::absolute,
                      name == "round_jiffies" ? Direction::Nearest : Direction::Up);
    }
    if (name == "round_jiffies_relative" || name == "round_jiffies_up_relative") {
        return answer(&JiffiesRounding::relative,
                      name == "round_jiffies_relative" ? Direction::Nearest : Direction::Up);
    }
    return fail(ErrorCode::Corrupt, "the function '" + name + "' rounds no jiffies");
}

constexpr OracleSet sets[] = {
    {.name = "jiffies_conv", .answer = jiffiesConversion},
    {.name = "round_jiffies", .answer = roundJiffies},
};

} // namespace

std::span<const OracleSet> jiffiesSets()
{
    return sets;
}

} // namespace timerscope::oracle
