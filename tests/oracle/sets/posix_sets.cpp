// SPDX-License-Identifier: GPL-3.0-or-later
//! FORMAT.md, section 9: POSIX timers on hrtimers and on CPU clocks.
#include "engine/posix/alarm_timer.h"
#include "engine/posix/clock_posix_timer.h"
#include "engine/posix/cpu_posix_timer.h"
#include "engine/posix/posix_timers.h"
#include "engine/posix/process.h"
#include "tests/oracle/oracle_set.h"
#include "tests/oracle/row_reader.h"

#include <limits>

namespace timerscope::oracle {
namespace {

constexpr int timerSignal = 34;

tl::unexpected<Error> malformed(const QJsonArray& step)
{
    return fail(ErrorCode::Corrupt,
                "step " + jsonText(step) + " is none of this set; FORMAT.md names them");
}

QString textOf(SendResult result)
{
    switch (result) {
    case SendResult::Queued:
        return QStringLiteral("queued");
    case SendResult::AlreadyPending:
        return QStringLiteral("already_pending");
    case SendResult::Ignored:
        return QStringLiteral("ignored");
    case SendResult::NoTarget:
        break;
    }
    return QStringLiteral("no_target");
}

/// The integer at @p index of @p step, from a number or a decimal string; 0 when it is neither.
std::int64_t integerAt(const QJsonArray& step, qsizetype index)
{
    const QJsonObject named{{"value", step.at(index)}};
    return RowReader(named).s64("value");
}

// --- overrun_to_int ----------------------------------------------------------------------------

Result<QJsonObject> overrunSum(const QJsonObject& in)
{
    RowReader row(in);
    const std::int64_t last = row.s64("overrun_last");
    const auto counted
        = static_cast<std::int32_t>(row.s64("si_overrun", std::numeric_limits<std::int32_t>::min(),
                                            std::numeric_limits<std::int32_t>::max()));
    if (!row.ok()) {
        return row.failure();
    }
    return QJsonObject{{"overrun", number(overrunToInt(last, counted))}};
}

// --- cpu_timer_bump ----------------------------------------------------------------------------

Result<QJsonObject> cpuTimerBump(const QJsonObject& in)
{
    RowReader row(in);
    const CpuTime expires{row.u64("expires")};
    const Ns interval{row.s64("interval", 0)};
    const CpuTime now{row.u64("now")};
    const std::int64_t overrun = row.s64("overrun");
    if (!row.ok()) {
        return row.failure();
    }
    const CpuTimerBump bumped = bumpCpuTimer(expires, interval, now, overrun);
    return QJsonObject{{"ret", decimal(bumped.expires.count())},
                       {"expires", decimal(bumped.expires.count())},
                       {"overrun", decimal(bumped.overrun)}};
}

// --- one machine for the two sequences ----------------------------------------------------------

/// One CPU in high resolution whose time stands still until a step moves it; nobody sleeps.
class PosixBench final : private HrtimerHost, private PosixHost, private TraceTime
{
public:
    PosixBench(TickRate rate, MonotonicInstant now)
        : m_now(now)
        , m_rate(rate)
        , m_tracer(m_log, *this, 0)
        , m_base(*this, m_tracer)
        , m_alarms(*this)
        , m_process(*this, 1, "bench")
    {
        m_base.activateHres();
        m_process.setAction(timerSignal, SignalAction::Handle);
    }

    [[nodiscard]] Process& process() { return m_process; }
    void setNow(std::int64_t ns) { m_now = MonotonicInstant{Ns{ns}}; }
    void interrupt() { m_base.interrupt(); }
    /// Every signal that was sent since the last call.
    [[nodiscard]] QJsonArray takeSignals() { return std::exchange(m_signals, {}); }
    /// The same as pairs of timer and result.
    [[nodiscard]] QJsonArray takeSignalsOfTimers() { return std::exchange(m_timerSignals, {}); }

private:
    [[nodiscard]] MonotonicInstant monotonicNow() override { return m_now; }
    [[nodiscard]] Ns clockOffset(HrtimerClock /*clock*/) override { return Ns::zero(); }
    Errno programTickDevice(MonotonicInstant expires, bool force) override
    {
        return expires > m_now || force ? Errno::Ok : Errno::Time;
    }
    void tickDeviceFired() override { }
    void raiseHrtimerSoftirq() override { }
    void spendCallback() override { }
    [[nodiscard]] TraceInstant traceNow() const override { return {}; }

    [[nodiscard]] HrtimerCpuBase& hrtimers() override { return m_base; }
    [[nodiscard]] Tracer& tracer() override { return m_tracer; }
    [[nodiscard]] Ns hrtimerResolution() const override { return Ns{1}; }
    [[nodiscard]] TickRate tickRate() const override { return m_rate; }
    [[nodiscard]] std::uint32_t nextTimerId() override { return ++m_lastTimerId; }
    [[nodiscard]] Ns realtimeOffset() override { return Ns::zero(); }
    [[nodiscard]] AlarmTimers& alarmTimers() override { return m_alarms; }
    void wakeUp(Task& /*task*/) override { }
    void signalGenerated(const Process& /*to*/, const SignalInfo& info, SendResult result) override
    {
        m_signals.append(textOf(result));
        m_timerSignals.append(QJsonArray{number(info.timerId), textOf(result)});
    }

    MonotonicInstant m_now;
    TickRate m_rate;
    TraceLog m_log;
    Tracer m_tracer;
    HrtimerCpuBase m_base;
    std::uint32_t m_lastTimerId = 0;
    AlarmTimers m_alarms;
    Process m_process;
    QJsonArray m_signals;
    QJsonArray m_timerSignals;
};

/// @p notify as the rows say it.
Result<SignalEvent> eventOf(const std::string& notify)
{
    if (notify != "signal" && notify != "none") {
        return fail(ErrorCode::Corrupt, "notify '" + notify + "', allowed: signal, none");
    }
    return SignalEvent{.notify = notify == "none" ? SignalEvent::none : SignalEvent::signal,
                       .number = timerSignal};
}

Result<QJsonObject> createFailed(Errno error)
{
    return fail(ErrorCode::InvalidArgument,
                "timer_create fails with " + std::to_string(returnValue(error)));
}

/// timer_settime() with the step's words from @p index on: abs or rel, value, interval.
QJsonObject settime(PosixTimer& timer, const QJsonArray& step, qsizetype index)
{
    TimerSetting old;
    const TimerSetting wanted{.value = Ns{integerAt(step, index + 1)},
                              .interval = Ns{integerAt(step, index + 2)}};
    const Errno error = timer.set(step.at(index).toString() == "abs", wanted, &old);
    return {{"ret", number(returnValue(error))},
            {"old_value", decimal(std::int64_t{old.value.count()})},
            {"old_interval", decimal(std::int64_t{old.interval.count()})}};
}

QJsonObject gettime(PosixTimer& timer)
{
    const TimerSetting told = timer.get();
    return {{"value", decimal(std::int64_t{told.value.count()})},
            {"interval", decimal(std::int64_t{told.interval.count()})}};
}

// --- posix_timer_seq ---------------------------------------------------------------------------

QJsonObject deliver(Process& process)
{
    const auto info = process.dequeue(process.leader(), SignalSet{});
    if (!info) {
        return {{"delivered", number(0)}};
    }
    return {{"delivered", number(1)}, {"si_overrun", number(info->overrun)}};
}

Result<QJsonObject> posixStep(PosixBench& bench, ClockPosixTimer& timer, const QJsonArray& step)
{
    const QString word = step.at(0).toString();
    QJsonObject out;
    if (word == "settime") {
        out = settime(timer, step, 1);
    } else if (word == "irq") {
        bench.setNow(integerAt(step, 1));
        bench.interrupt();
    } else if (word == "deliver") {
        out = deliver(bench.process());
    } else if (word == "gettime") {
        bench.setNow(integerAt(step, 1));
        out = gettime(timer);
    } else if (word == "getoverrun") {
        out.insert("overrun", number(timer.overrun()));
    } else if (word == "ignore") {
        // The harness only turns what the sending finds: a pending signal stays.
        bench.process().setAction(
            timerSignal, integerAt(step, 1) != 0 ? SignalAction::Ignore : SignalAction::Handle);
    } else {
        return malformed(step);
    }
    out.insert("signals", bench.takeSignals());
    out.insert("it_overrun", decimal(timer.overrunCount()));
    out.insert("it_overrun_last", decimal(timer.overrunLast()));
    out.insert("requeue_pending", number(timer.requeuePending()));
    out.insert("active", number(timer.isActive() ? 1 : 0));
    out.insert("expires", decimal(nsOf(timer.expires())));
    out.insert("queued", number(timer.isQueued() ? 1 : 0));
    return out;
}

Result<ClockId> clockNamed(const std::string& name)
{
    if (name == "monotonic") {
        return ClockId::Monotonic;
    }
    if (name == "realtime") {
        return ClockId::Realtime;
    }
    if (name == "boottime") {
        return ClockId::Boottime;
    }
    return fail(ErrorCode::Corrupt, "clock '" + name + "', allowed: monotonic, realtime, boottime");
}

Result<QJsonObject> posixTimer(const QJsonObject& in)
{
    RowReader row(in);
    const TickRate rate{row.u32("hz", 15, 10'000)};
    const MonotonicInstant now{Ns{row.s64("now", 0)}};
    const auto clock = clockNamed(row.text("clock"));
    const auto event = eventOf(row.text("notify"));
    const QJsonArray list = row.list("steps");
    if (!row.ok()) {
        return row.failure();
    }
    if (!clock || !event) {
        return tl::unexpected<Error>(!clock ? clock.error() : event.error());
    }
    PosixBench bench(rate, now);
    PosixTimers& timers = bench.process().timers();
    const auto id = timers.create(bench.process().leader(), *clock, &*event);
    if (!id) {
        return createFailed(id.error());
    }
    auto& timer = dynamic_cast<ClockPosixTimer&>(*timers.find(*id));
    QJsonArray steps;
    for (const QJsonValue step : list) {
        const auto out = posixStep(bench, timer, step.toArray());
        if (!out) {
            return out;
        }
        steps.append(*out);
    }
    return QJsonObject{{"steps", steps}, {"warnings", number(0)}};
}

// --- cpu_timer_seq -----------------------------------------------------------------------------

QJsonArray nextEvents(const CpuTimerQueues& queues)
{
    QJsonArray events;
    for (const CpuClock clock : cpuClocks) {
        events.append(decimal(queues.nextEvent(clock).count()));
    }
    return events;
}

QJsonArray deliverAll(Process& process)
{
    QJsonArray delivered;
    while (const auto info = process.dequeue(process.leader(), SignalSet{})) {
        delivered.append(QJsonArray{number(info->timerId), number(info->overrun)});
    }
    return delivered;
}

CpuTime cpuTimeAt(const QJsonArray& step, qsizetype index)
{
    return cpuTimeOf(Ns{integerAt(step, index)});
}

Result<QJsonObject> cpuStep(PosixBench& bench, const QJsonArray& step)
{
    Process& process = bench.process();
    const QString word = step.at(0).toString();
    PosixTimer* const timer = process.timers().find(step.at(1).toInt(-1));
    QJsonObject out;
    if (word == "settime" && timer != nullptr) {
        out = settime(*timer, step, 2);
    } else if (word == "gettime" && timer != nullptr) {
        out = gettime(*timer);
    } else if (word == "account_tick") {
        process.leader().accountTick(cpuTimeAt(step, 1), cpuTimeAt(step, 2));
        process.leader().accountRuntime(cpuTimeAt(step, 3));
        process.leader().runCpuTimers();
    } else if (word == "deliver_all") {
        out.insert("delivered", deliverAll(process));
    } else {
        return malformed(step);
    }
    out.insert("signals", bench.takeSignalsOfTimers());
    out.insert("thread_nextevt", nextEvents(process.leader().cpuTimers()));
    out.insert("process_nextevt", nextEvents(process.cpuTimers()));
    out.insert("timers_active", number(process.areTimersActive() ? 1 : 0));
    return out;
}

Result<void> addCpuTimer(PosixBench& bench, const QJsonArray& description)
{
    const QString owner = description.at(0).toString();
    const auto event = eventOf(description.at(1).toString().toStdString());
    if (!event || (owner != "process" && owner != "thread")) {
        return fail(ErrorCode::Corrupt,
                    "timer " + jsonText(description)
                        + ", allowed: process or thread, signal or none");
    }
    const auto id = bench.process().timers().create(
        bench.process().leader(), owner == "process" ? ClockId::ProcessCpu : ClockId::ThreadCpu,
        &*event);
    if (!id) {
        return tl::unexpected<Error>(createFailed(id.error()).error());
    }
    return {};
}

Result<QJsonObject> cpuTimers(const QJsonObject& in)
{
    constexpr std::uint32_t hz = 250;
    RowReader row(in);
    const QJsonArray timers = row.list("timers");
    const QJsonArray list = row.list("steps");
    if (!row.ok()) {
        return row.failure();
    }
    PosixBench bench(TickRate{hz}, MonotonicInstant{});
    for (const QJsonValue timer : timers) {
        if (const auto added = addCpuTimer(bench, timer.toArray()); !added) {
            return tl::unexpected<Error>(added.error());
        }
    }
    QJsonArray steps;
    for (const QJsonValue step : list) {
        const auto out = cpuStep(bench, step.toArray());
        if (!out) {
            return out;
        }
        steps.append(*out);
    }
    return QJsonObject{{"steps", steps}, {"warnings", number(0)}};
}

constexpr OracleSet sets[] = {
    {"overrun_to_int", overrunSum},
    {"posix_timer_seq", posixTimer},
    {"cpu_timer_bump", cpuTimerBump},
    {"cpu_timer_seq", cpuTimers},
};

} // namespace

std::span<const OracleSet> posixSets()
{
    return sets;
}

} // namespace timerscope::oracle
