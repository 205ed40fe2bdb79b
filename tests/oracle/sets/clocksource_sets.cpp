// SPDX-License-Identifier: GPL-3.0-or-later
//! FORMAT.md, section 1: the arithmetic of clocksources.
#include "engine/clocksource/delta.h"
#include "engine/clocksource/rate.h"
#include "tests/oracle/oracle_set.h"
#include "tests/oracle/row_reader.h"

namespace timerscope::oracle {
namespace {

Result<QJsonObject> multShift(const QJsonObject& in)
{
    RowReader row(in);
    const auto from = row.u32("from", 1);
    const auto to = row.u32("to");
    const auto maxSeconds = row.u32("maxsec");
    if (!row.ok()) {
        return row.failure();
    }
    const MultShift factor = calcMultShift(from, to, maxSeconds);
    return QJsonObject{{"mult", number(factor.mult)}, {"shift", number(factor.shift)}};
}

/// The fields that both kinds of registration show. `warned` counts the kernel's warnings.
QJsonObject rateFields(const std::string& name, const ClocksourceRate& rate)
{
    const int warned = (rate.isMarginTooSmall() ? 1 : 0) + (rate.mayOverflowWhenTrimmed() ? 1 : 0);
    return {{"maxadj", number(rate.maxadj)},
            {"max_cycles", decimal(rate.maxCycles)},
            {"max_idle_ns", decimal(rate.maxIdle.count())},
            {"uncertainty_margin", number(rate.uncertaintyMargin.count())},
            {"line", QString::fromStdString(registrationLine(name, rate))},
            {"warned", number(warned)}};
}

Result<QJsonObject> clocksourceRegister(const QJsonObject& in)
{
    RowReader row(in);
    const auto name = row.text("name");
    const FrequencyRegistration registration{.mask = counterMask(row.u32("mask_bits", 1, 64)),
                                             .scale = row.u32("scale", 1, nsPerSecond),
                                             .frequency = row.u32("freq", 1),
                                             .margin = Ns{row.u32("margin_in")}};
    if (!row.ok()) {
        return row.failure();
    }
    const auto rate = rateOf(registration);
    if (!rate) {
        return tl::unexpected<Error>(rate.error());
    }
    QJsonObject out = rateFields(name, *rate);
    out.insert("mult", number(rate->mult));
    out.insert("shift", number(rate->shift));
    out.insert("mask", decimal(rate->mask));
    return out;
}

/// Rows with `hz` are the kernel's own jiffies: their margin comes with the clocksource.
Ns selfDefinedMargin(RowReader& row)
{
    const Ns given{row.u32("margin_in")};
    const bool isJiffies = row.has("hz");
    // 15 Hz is the slowest tick that jiffies can be registered for.
    const std::uint32_t hz = isJiffies ? row.u32("hz", 15, 10'000) : 0;
    return isJiffies && row.ok() && given == Ns::zero() ? jiffiesRegistration(TickRate{hz}).margin
                                                        : given;
}

Result<QJsonObject> clocksourceSelfDefined(const QJsonObject& in)
{
    RowReader row(in);
    const auto name = row.text("name");
    const OwnFactorRegistration registration{
        .mask = counterMask(row.u32("mask_bits", 1, 64)),
        .factor = {.mult = row.u32("mult", 1), .shift = row.u32("shift", 0, 63)},
        .margin = selfDefinedMargin(row)};
    if (!row.ok()) {
        return row.failure();
    }
    const auto rate = rateOf(registration);
    if (!rate) {
        return tl::unexpected<Error>(rate.error());
    }
    return rateFields(name, *rate);
}

Result<QJsonObject> maxNsecs(const QJsonObject& in)
{
    RowReader row(in);
    const MultShift factor{.mult = row.u32("mult"), .shift = row.u32("shift", 0, 63)};
    const auto maxadj = row.u32("maxadj");
    const auto mask = row.u64("mask");
    if (!row.ok()) {
        return row.failure();
    }
    if (factor.mult + maxadj == 0) {
        return fail(ErrorCode::InvalidArgument,
                    "mult + maxadj is 0 modulo 2^32; it must be at least 1");
    }
    const MaxDeferment longest = maxDeferment(factor, maxadj, mask);
    return QJsonObject{{"max_nsecs", decimal(longest.span.count())},
                       {"max_cycles", decimal(longest.cycles)}};
}

Result<QJsonObject> cyclesToNanoseconds(const QJsonObject& in)
{
    RowReader row(in);
    const Cycles cycles{row.u64("cycles")};
    const MultShift factor{.mult = row.u32("mult"), .shift = row.u32("shift", 0, 63)};
    if (!row.ok()) {
        return row.failure();
    }
    return QJsonObject{{"ns", decimal(cyclesToNs(cycles, factor).count())}};
}

Result<QJsonObject> clocksourceDelta(const QJsonObject& in)
{
    RowReader row(in);
    const Cycles now{row.u64("now")};
    const Cycles last{row.u64("last")};
    const auto mask = row.u64("mask");
    if (!row.ok()) {
        return row.failure();
    }
    return QJsonObject{{"delta", decimal(elapsed(last, now, mask).count)},
                       {"delta_validated", decimal(elapsedValidated(last, now, mask).count)}};
}

constexpr OracleSet sets[] = {
    {.name = "mult_shift", .answer = multShift},
    {.name = "cs_register", .answer = clocksourceRegister},
    {.name = "cs_selfdefined", .answer = clocksourceSelfDefined},
    {.name = "max_nsecs", .answer = maxNsecs},
    {.name = "cyc2ns", .answer = cyclesToNanoseconds},
    {.name = "cs_delta", .answer = clocksourceDelta},
};

} // namespace

std::span<const OracleSet> clocksourceSets()
{
    return sets;
}

} // namespace timerscope::oracle
