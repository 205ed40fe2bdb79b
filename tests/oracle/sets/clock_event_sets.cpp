// SPDX-License-Identifier: GPL-3.0-or-later
//! FORMAT.md, section 3: clock event devices.
#include "engine/clockevents/config.h"
#include "tests/oracle/oracle_set.h"
#include "tests/oracle/row_reader.h"

namespace timerscope::oracle {
namespace {

/// `warned` is 0 in every row: the kernel warns of a mult of 0, which no frequency leads to.
Result<QJsonObject> configure(const QJsonObject& in)
{
    RowReader row(in);
    const auto frequency = row.u32("freq");
    const auto minTicks = row.u64("min_ticks");
    const auto maxTicks = row.u64("max_ticks");
    const auto features = row.u32("features");
    if (!row.ok()) {
        return row.failure();
    }
    const auto config = clockEventConfig(frequency, minTicks, maxTicks, features);
    if (!config) {
        return tl::unexpected<Error>(config.error());
    }
    return QJsonObject{{"mult", number(config->mult)},
                       {"shift", number(config->shift)},
                       {"min_delta_ns", decimal(config->minDelta.count())},
                       {"max_delta_ns", decimal(config->maxDelta.count())},
                       {"warned", number(0)}};
}

Result<QJsonObject> deltaToNanoseconds(const QJsonObject& in)
{
    RowReader row(in);
    const MultShift factor{.mult = row.u32("mult", 1), .shift = row.u32("shift", 0, 63)};
    const auto ticks = row.u64("latch");
    if (!row.ok()) {
        return row.failure();
    }
    return QJsonObject{{"ns", decimal(deltaToNs(ticks, factor, DeltaLimit::Minimum))}};
}

constexpr OracleSet sets[] = {
    {.name = "ce_config", .answer = configure},
    {.name = "ce_delta2ns", .answer = deltaToNanoseconds},
};

} // namespace

std::span<const OracleSet> clockEventSets()
{
    return sets;
}

} // namespace timerscope::oracle
