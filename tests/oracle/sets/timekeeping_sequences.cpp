// SPDX-License-Identifier: GPL-3.0-or-later
//! FORMAT.md, section 7: the sets whose rows are sequences of steps on one timekeeper.
#include "tests/oracle/oracle_set.h"
#include "tests/oracle/sets/timekeeping_bench.h"

namespace timerscope::oracle {
namespace {

tl::unexpected<Error> malformed(const QJsonArray& step)
{
    return fail(ErrorCode::Corrupt,
                "step " + jsonText(step) + " is none of this set; FORMAT.md names them");
}

/// Does a step on the bench; the answer's own fields are returned.
using StepFunction = Result<QJsonValue> (*)(TimekeepingBench& bench, const QJsonArray& step);

/// Answers all steps of a row; @p clocksources as the set has them.
Result<QJsonObject> runSteps(const QJsonObject& in, const QJsonArray& clocksources,
                             StepFunction answerStep, QJsonObject (*init)(const Timekeeper&))
{
    RowReader row(in);
    const TickRate rate{row.u32("hz", 15, 10'000)};
    const WallTime persistent{.seconds = row.s64("persistent_sec", 0, nsRangeSeconds - 1)};
    const QJsonArray list = row.list("steps");
    if (!row.ok()) {
        return row.failure();
    }
    const auto bench = TimekeepingBench::boot(rate, persistent, clocksources);
    if (!bench) {
        return tl::unexpected<Error>(bench.error());
    }
    QJsonObject out;
    if (init != nullptr) {
        out.insert("init", init((*bench)->timekeeper()));
    }
    QJsonArray steps;
    for (const QJsonValue step : list) {
        const auto answer = answerStep(**bench, step.toArray());
        if (!answer) {
            return tl::unexpected<Error>(answer.error());
        }
        steps.append(*answer);
    }
    out.insert("steps", steps);
    out.insert("log", (*bench)->log());
    return out;
}

QString opOf(const QJsonArray& step)
{
    return step.at(0).toString();
}

/// The integer at @p index of @p step, from a number or a decimal string.
std::optional<std::int64_t> integerAt(const QJsonArray& step, qsizetype index)
{
    const QJsonObject named{{"value", step.at(index)}};
    RowReader row(named);
    const auto value = row.s64("value");
    return row.ok() ? std::optional(value) : std::nullopt;
}

// --- timekeeping_seq ---------------------------------------------------------------------------

QJsonObject fullState(const Timekeeper& timekeeper)
{
    const TimekeeperState& state = timekeeper.state();
    const auto text = [](auto value) {
        if constexpr (std::is_signed_v<decltype(value)>) {
            return decimal(std::int64_t{value});
        } else {
            return decimal(std::uint64_t{value});
        }
    };
    return {{"xtime_sec", text(state.wall.seconds)},
            {"xtime_nsec_shifted", text(state.wall.fraction)},
            {"mult", text(state.mult)},
            {"shift", text(state.shift)},
            {"cycle_last", text(state.cycleLast.count)},
            {"mask", text(timekeeper.clock().rate.mask)},
            {"mono_base", text(state.monotonicBase.count())},
            {"raw_sec", text(state.raw.seconds)},
            {"raw_nsec_shifted", text(state.raw.fraction)},
            {"raw_base", text(state.rawBase.count())},
            {"ktime_sec", text(state.monotonicSecond)},
            {"wtm_sec", text(state.wallToMonotonic.seconds)},
            {"wtm_nsec", text(state.wallToMonotonic.nanoseconds)},
            {"offs_real", text(state.realtimeOffset.count())},
            {"offs_boot", text(state.boottimeOffset.count())},
            {"offs_tai", text(state.taiClockOffset.count())},
            {"tai_offset", text(state.taiOffset)},
            {"clock_was_set_seq", text(state.clockSetCount)},
            {"cs_was_changed_seq", text(state.clocksourceCount)},
            {"next_leap_ktime", text(state.nextLeap.count())},
            {"cycle_interval", text(state.tick.cycleInterval)},
            {"xtime_interval", text(state.tick.xtimeInterval)},
            {"xtime_remainder", text(state.tick.xtimeRemainder)},
            {"raw_interval", text(state.tick.rawInterval)},
            {"ntp_tick", text(state.tick.ntpTick)},
            {"ntp_error", text(state.ntpError)},
            {"ntp_error_shift", text(state.tick.ntpErrorShift)},
            {"ntp_err_mult", text(state.ntpErrorMult)},
            {"skip_second_overflow", text(std::uint32_t{state.secondEndsTwice})},
            {"tick_length", text(timekeeper.ntp().tickLength)}};
}

QJsonArray shortState(const Timekeeper& timekeeper)
{
    const QJsonObject all = fullState(timekeeper);
    QJsonArray some;
    for (const char* const field :
         {"xtime_sec", "xtime_nsec_shifted", "mult", "cycle_last", "mono_base", "raw_sec",
          "raw_nsec_shifted", "wtm_sec", "wtm_nsec", "offs_boot", "tai_offset", "ntp_error",
          "ntp_err_mult", "tick_length"}) {
        some.append(all.value(QLatin1String(field)));
    }
    return some;
}

QJsonArray readings(const Timekeeper& timekeeper)
{
    return {decimal(nsOf(timekeeper.monotonicNow())), decimal(nsOf(timekeeper.realtimeNow())),
            decimal(nsOf(timekeeper.boottimeNow())), decimal(nsOf(timekeeper.rawNow())),
            decimal(nsOf(timekeeper.taiNow()))};
}

/// What a step of timekeeping_seq returns; nothing for those that return nothing.
using Returned = std::optional<int>;

Result<Returned> set(TimekeepingBench& bench, const QJsonArray& step)
{
    const auto seconds = integerAt(step, 1);
    const auto nanoseconds = integerAt(step, 2);
    if (!seconds || !nanoseconds) {
        return malformed(step);
    }
    const WallTime time{.seconds = *seconds, .nanoseconds = *nanoseconds};
    Timekeeper& timekeeper = bench.timekeeper();
    if (opOf(step) == "settime") {
        return Returned(returnValue(timekeeper.setRealtime(time)));
    }
    if (opOf(step) == "inject_offset") {
        return Returned(returnValue(timekeeper.injectOffset(time)));
    }
    timekeeper.injectSleep(time);
    return Returned();
}

Result<Returned> sleep(TimekeepingBench& bench, const QJsonArray& step)
{
    const auto persistent = integerAt(step, 2);
    if (!bench.setCount(step, 1) || !persistent) {
        return malformed(step);
    }
    if (opOf(step) == "suspend") {
        bench.timekeeper().suspend(bench.sleepClocks(*persistent));
    } else {
        bench.timekeeper().resume(bench.sleepClocks(*persistent));
    }
    return Returned();
}

Result<Returned> change(TimekeepingBench& bench, const QJsonArray& step)
{
    const auto next = integerAt(step, 1);
    if (!next || *next < 0 || !bench.isClocksource(static_cast<std::size_t>(*next))) {
        return malformed(step);
    }
    const auto index = static_cast<std::size_t>(*next);
    if (!bench.setCount(step, 2) || !bench.setCount(index, step, 3)) {
        return malformed(step);
    }
    bench.switchTo(index);
    return Returned();
}

Result<Returned> count(TimekeepingBench& bench, const QJsonArray& step)
{
    if (!bench.setCount(step, 1)) {
        return malformed(step);
    }
    if (opOf(step) == "tick") {
        bench.timekeeper().accumulate();
    }
    return Returned();
}

Result<Returned> adjust(TimekeepingBench& bench, const QJsonArray& step)
{
    Timex timex;
    const auto answer = askAdjtimex(bench.timekeeper(), step.at(1).toObject(), timex);
    if (!answer) {
        return tl::unexpected<Error>(answer.error());
    }
    return Returned(answer->returnValue());
}

Result<Returned> doStep(TimekeepingBench& bench, const QJsonArray& step)
{
    const QString op = opOf(step);
    if (op == "tick" || op == "read") {
        return count(bench, step);
    }
    if (op == "settime" || op == "inject_offset" || op == "inject_sleep") {
        return set(bench, step);
    }
    if (op == "suspend" || op == "resume") {
        return sleep(bench, step);
    }
    if (op == "adjtimex") {
        return adjust(bench, step);
    }
    return op == "change_clocksource" ? change(bench, step) : Result<Returned>(malformed(step));
}

Result<QJsonValue> timekeepingStep(TimekeepingBench& bench, const QJsonArray& step)
{
    const auto returned = doStep(bench, step);
    if (!returned) {
        return tl::unexpected<Error>(returned.error());
    }
    QJsonObject out{{"s", shortState(bench.timekeeper())}};
    if (!bench.timekeeper().isSuspended()) {
        out.insert("r", readings(bench.timekeeper()));
    }
    if (returned->has_value()) {
        out.insert("ret", number(**returned));
    }
    return QJsonValue(out);
}

Result<QJsonObject> timekeepingSequence(const QJsonObject& in)
{
    return runSteps(in, in.value("clocksources").toArray(), timekeepingStep, fullState);
}

// --- adjtimex_seq ------------------------------------------------------------------------------

QJsonArray timexAnswer(const Timex& timex)
{
    return {decimal(timex.offset),
            decimal(timex.frequency),
            decimal(timex.maxError),
            decimal(timex.estError),
            decimal(std::uint64_t{timex.status}),
            decimal(timex.constant),
            decimal(timex.tick),
            number(timex.tai)};
}

QJsonArray ntpFields(const NtpVariables& ntp)
{
    return {
        decimal(ntp.tickLength), decimal(ntp.tickLengthBase), decimal(std::uint64_t{ntp.status}),
        decimal(ntp.phase),      decimal(ntp.timeConstant),   decimal(ntp.maxErrorUs),
        decimal(ntp.estErrorUs), decimal(ntp.frequency),      decimal(ntp.adjtimeUs),
        decimal(ntp.tickUs)};
}

Result<QJsonValue> adjtimexStep(TimekeepingBench& bench, const QJsonArray& step)
{
    QJsonObject out;
    if (opOf(step) == "adjtimex") {
        Timex timex;
        const auto answer = askAdjtimex(bench.timekeeper(), step.at(1).toObject(), timex);
        if (!answer) {
            return tl::unexpected<Error>(answer.error());
        }
        out = {{"ret", number(answer->returnValue())}, {"txc", timexAnswer(timex)}};
    } else if (opOf(step) == "tick" && bench.setCount(step, 1)) {
        bench.timekeeper().accumulate();
        out = {{"xtime_nsec_shifted", decimal(bench.timekeeper().state().wall.fraction)}};
    } else {
        return malformed(step);
    }
    const TimekeeperState& state = bench.timekeeper().state();
    out.insert("ntp", ntpFields(bench.timekeeper().ntp()));
    out.insert("mult", number(state.mult));
    out.insert("ntp_error", decimal(state.ntpError));
    out.insert("xtime_sec", decimal(state.wall.seconds));
    return QJsonValue(out);
}

/// These rows describe their only clocksource among their own fields.
Result<QJsonObject> adjtimexSequence(const QJsonObject& in)
{
    return runSteps(in, {in}, adjtimexStep, nullptr);
}

// --- leap_seq ----------------------------------------------------------------------------------

Result<QJsonValue> leapTick(TimekeepingBench& bench, const QJsonArray& step)
{
    if (!bench.setCount(step, 1)) {
        return malformed(step);
    }
    Timekeeper& timekeeper = bench.timekeeper();
    timekeeper.accumulate();
    Timex timex;
    const AdjtimexAnswer answer = timekeeper.adjtimex(timex);
    const TimekeeperState& state = timekeeper.state();
    return QJsonValue(
        QJsonArray{decimal(state.wall.seconds), decimal(std::int64_t{state.taiOffset}),
                   decimal(state.realtimeOffset.count()), decimal(state.nextLeap.count()),
                   number(static_cast<int>(timekeeper.ntp().leap)), number(timekeeper.ntp().status),
                   number(answer.returnValue()), decimal(timex.seconds), number(timex.tai),
                   number(state.clockSetCount)});
}

Result<QJsonValue> leapStep(TimekeepingBench& bench, const QJsonArray& step)
{
    if (opOf(step) == "tick") {
        return leapTick(bench, step);
    }
    const auto value = integerAt(step, 1);
    const bool setsStatus = opOf(step) == "set_status";
    if (!value || (!setsStatus && opOf(step) != "set_tai")) {
        return malformed(step);
    }
    Timex timex;
    timex.modes = setsStatus ? timex_mode::status : timex_mode::tai;
    timex.status = static_cast<std::uint32_t>(setsStatus ? *value : 0);
    timex.constant = setsStatus ? 0 : *value;
    return QJsonValue(
        QJsonObject{{"ret", number(bench.timekeeper().adjtimex(timex).returnValue())}});
}

Result<QJsonObject> leapSequence(const QJsonObject& in)
{
    return runSteps(in, {in}, leapStep, nullptr);
}

constexpr OracleSet sets[] = {
    {.name = "timekeeping_seq", .answer = timekeepingSequence},
    {.name = "adjtimex_seq", .answer = adjtimexSequence},
    {.name = "leap_seq", .answer = leapSequence},
};

} // namespace

std::span<const OracleSet> timekeepingSequenceSets()
{
    return sets;
}

} // namespace timerscope::oracle
