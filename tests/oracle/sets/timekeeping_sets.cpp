// SPDX-License-Identifier: GPL-3.0-or-later
//! FORMAT.md, section 7: timekeeping and NTP.
#include "engine/clocksource/rate.h"
#include "engine/timekeeping/ntp_state.h"
#include "engine/timekeeping/tick_conversion.h"
#include "tests/oracle/oracle_set.h"
#include "tests/oracle/row_reader.h"

namespace timerscope::oracle {
namespace {

/// The rows' mult and shift are left alone: they follow from the rate, and the engine knows how.
Result<QJsonObject> timekeeperSetup(const QJsonObject& in)
{
    RowReader row(in);
    const TickRate tickRate{row.u32("hz", 1, 10'000)};
    const FrequencyRegistration registration{.mask = counterMask(row.u32("mask_bits", 1, 64)),
                                             .scale = row.u32("scale", 1, nsPerSecond),
                                             .frequency = row.u32("freq", 1)};
    if (!row.ok()) {
        return row.failure();
    }
    const auto rate = rateOf(registration);
    if (!rate) {
        return tl::unexpected<Error>(rate.error());
    }
    const TickConversion tick = tickConversion(rate->factor(), tickRate);
    return QJsonObject{{"cycle_interval", decimal(tick.cycleInterval)},
                       {"xtime_interval", decimal(tick.xtimeInterval)},
                       {"xtime_remainder", decimal(tick.xtimeRemainder)},
                       {"raw_interval", decimal(tick.rawInterval)},
                       {"ntp_tick", decimal(tick.ntpTick)},
                       {"ntp_error_shift", decimal(std::uint64_t{tick.ntpErrorShift})},
                       {"max_deferment", decimal(rate->maxIdle.count())},
                       {"max_idle_ns", decimal(rate->maxIdle.count())}};
}

Result<QJsonObject> ntpSecondOverflow(const QJsonObject& in)
{
    RowReader row(in);
    const TickRate rate{row.u32("hz", 1, 10'000)};
    NtpVariables variables = NtpState(rate).variables();
    variables.leap = static_cast<ClockState>(row.u32("time_state", 0, 4));
    variables.status = row.u32("time_status");
    variables.nextLeapSecond = row.s64("next_leap_sec");
    const auto second = row.s64("secs", 0);
    if (!row.ok()) {
        return row.failure();
    }
    NtpState ntp(rate, variables);
    const LeapStep step = ntp.secondEnds(second);
    variables = ntp.variables();
    QJsonArray log;
    if (const auto line = logLineOf(step); !line.empty()) {
        log.append(QString::fromStdString(std::string(line)));
    }
    return QJsonObject{{"ret", number(static_cast<int>(step))},
                       {"time_state", number(static_cast<int>(variables.leap))},
                       {"time_status", number(variables.status)},
                       {"next_leap_sec", decimal(variables.nextLeapSecond)},
                       {"maxerror", decimal(variables.maxErrorUs)},
                       {"tick_length", decimal(ntp.tickLength())},
                       {"log", log}};
}

constexpr OracleSet sets[] = {
    {.name = "ntp_second_overflow", .answer = ntpSecondOverflow},
    {.name = "tk_setup_internals", .answer = timekeeperSetup},
};

} // namespace

std::span<const OracleSet> timekeepingSets()
{
    return sets;
}

} // namespace timerscope::oracle
