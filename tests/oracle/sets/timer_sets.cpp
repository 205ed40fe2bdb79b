// SPDX-License-Identifier: GPL-3.0-or-later
//! FORMAT.md, sections 4 to 6: the parts of timers and ticks that are arithmetic only. A wheel's
//! life, step by step, is in wheel_sequence.cpp.
#include "engine/hrtimer/hrtimer.h"
#include "engine/tick/tick_shared.h"
#include "engine/timer/timer_wheel.h"
#include "tests/oracle/oracle_set.h"
#include "tests/oracle/row_reader.h"
#include "tests/oracle/sets/wheel_sequence.h"

namespace timerscope::oracle {
namespace {

constexpr std::uint32_t hzMax = 1000;

TickRate tickRate(RowReader& row)
{
    return TickRate{row.u32("hz", 1, hzMax)};
}

Result<QJsonObject> wheelIndex(const QJsonObject& in)
{
    RowReader row(in);
    const unsigned levels = wheelLevels(tickRate(row));
    const Jiffies expires{row.u64("expires")};
    const Jiffies clk{row.u64("clk")};
    if (!row.ok()) {
        return row.failure();
    }
    const WheelPosition position = wheelPosition(expires, clk, levels);
    return QJsonObject{{"idx", number(position.index)},
                       {"level", number(position.index / TimerWheel::bucketsPerLevel)},
                       {"bucket_expiry", decimal(position.bucketExpiry.count)}};
}

QJsonObject expiriesOf(const Hrtimer& timer)
{
    return {{"soft", decimal(nsOf(timer.softExpires()))},
            {"hard", decimal(nsOf(timer.hardExpires()))}};
}

Hrtimer anyTimer()
{
    return {1, HrtimerClock::Monotonic, false, "forwarded",
            [](Hrtimer&) { return HrtimerRestart::No; }};
}

Result<QJsonObject> hrtimerForward(const QJsonObject& in)
{
    RowReader row(in);
    const TickRate rate = tickRate(row);
    const Ns resolution = row.u32("hres", 0, 1) == 1 ? Ns{1} : rate.period();
    const Ns soft{row.s64("soft")};
    const Ns hard{row.s64("hard")};
    const Ns now{row.s64("now")};
    const Ns interval{row.s64("interval")};
    if (!row.ok()) {
        return row.failure();
    }
    Hrtimer timer = anyTimer();
    timer.setExpires(HrtimerInstant{soft}, hard - soft);
    const std::uint64_t overruns = timer.forward(HrtimerInstant{now}, interval, resolution);
    QJsonObject out = expiriesOf(timer);
    out.insert("overruns", decimal(overruns));
    return out;
}

Result<QJsonObject> hrtimerRange(const QJsonObject& in)
{
    RowReader row(in);
    const HrtimerInstant soft{Ns{row.s64("time")}};
    const Ns slack{row.s64("delta")};
    if (!row.ok()) {
        return row.failure();
    }
    Hrtimer timer = anyTimer();
    timer.setExpires(soft, slack);
    return expiriesOf(timer);
}

Result<QJsonObject> addSafe(const QJsonObject& in)
{
    RowReader row(in);
    const Ns a{row.s64("a")};
    const Ns b{row.s64("b")};
    if (!row.ok()) {
        return row.failure();
    }
    return QJsonObject{{"sum", decimal(ktimeAddSafe(a, b).count())}};
}

Result<QJsonObject> jiffiesCatchup(const QJsonObject& in)
{
    RowReader row(in);
    TickPeriods periods{.period = tickRate(row).period(),
                        .next = MonotonicInstant{Ns{row.s64("tick_next_period")}},
                        .lastUpdate = MonotonicInstant{Ns{row.s64("last_jiffies_update")}}};
    const MonotonicInstant now{Ns{row.s64("now")}};
    const std::uint64_t jiffies = row.u64("jiffies");
    if (!row.ok()) {
        return row.failure();
    }
    const std::uint64_t due = periods.takeDue(now);
    return QJsonObject{{"last_jiffies_update", decimal(nsOf(*periods.lastUpdate))},
                       {"tick_next_period", decimal(nsOf(periods.next))},
                       {"jiffies", decimal(jiffies + due)}};
}

Result<QJsonObject> tickInitAlign(const QJsonObject& in)
{
    RowReader row(in);
    TickPeriods periods{.period = tickRate(row).period(),
                        .next = MonotonicInstant{Ns{row.s64("tick_next_period")}},
                        .lastUpdate = {}};
    if (!row.ok()) {
        return row.failure();
    }
    const MonotonicInstant start = periods.align();
    return QJsonObject{{"period", decimal(nsOf(start))},
                       {"tick_next_period", decimal(nsOf(periods.next))}};
}

constexpr OracleSet sets[] = {
    {"wheel_index", wheelIndex},         {"wheel_seq", wheelSequence},
    {"hrtimer_forward", hrtimerForward}, {"hrtimer_range", hrtimerRange},
    {"ktime_add_safe", addSafe},         {"jiffies_catchup", jiffiesCatchup},
    {"tick_init_align", tickInitAlign},
};

} // namespace

std::span<const OracleSet> timerSets()
{
    return sets;
}

} // namespace timerscope::oracle
