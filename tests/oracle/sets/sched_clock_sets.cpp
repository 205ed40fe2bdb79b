// SPDX-License-Identifier: GPL-3.0-or-later
//! FORMAT.md, section 2: sched_clock.
#include "engine/timekeeping/sched_clock_rate.h"
#include "tests/oracle/oracle_set.h"
#include "tests/oracle/row_reader.h"

namespace timerscope::oracle {
namespace {

/// The rows were recorded from 6.1, which rounds the label.
Result<QJsonObject> schedClockRegister(const QJsonObject& in)
{
    RowReader row(in);
    const unsigned bits = row.u32("bits", 1, 64);
    const Hertz hertz{row.u64("rate", 1)};
    if (!row.ok()) {
        return row.failure();
    }
    const auto rate = schedClockRate(bits, hertz);
    if (!rate) {
        return tl::unexpected<Error>(rate.error());
    }
    return QJsonObject{
        {"mult", number(rate->mult)},
        {"shift", number(rate->shift)},
        {"mask", decimal(rate->mask)},
        {"wrap_ns", decimal(rate->wrap.count())},
        {"line", QString::fromStdString(registrationLine(*rate, RateLabel::Rounded))}};
}

constexpr OracleSet sets[] = {
    {.name = "sched_clock_register", .answer = schedClockRegister},
};

} // namespace

std::span<const OracleSet> schedClockSets()
{
    return sets;
}

} // namespace timerscope::oracle
