// SPDX-License-Identifier: GPL-3.0-or-later
//! FORMAT.md, section 3: clock event devices.
#include "engine/base/jiffies.h"
#include "engine/clockevents/clock_event_device.h"
#include "tests/oracle/oracle_set.h"
#include "tests/oracle/row_reader.h"

#include <optional>
#include <utility>

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

/// Refuses as often as it is told, and keeps what it was asked.
class RefusingDriver final : public ClockEventDriver
{
public:
    Errno setState(ClockEventState /*state*/) override { return Errno::Ok; }
    Errno setNextEvent(std::uint64_t ticks) override
    {
        m_asked.append(decimal(ticks));
        return m_refusals-- > 0 ? Errno::Time : Errno::Ok;
    }
    void refuse(std::int64_t times) { m_refusals = times; }
    QJsonArray takeAsked() { return std::exchange(m_asked, {}); }

private:
    QJsonArray m_asked;
    std::int64_t m_refusals = 0;
};

/// One device, programmed again and again.
class ProgramBench final : private KernelLog, private TraceTime
{
public:
    explicit ProgramBench(RowReader& row)
        : m_device({.name = "ce0",
                    .features = clock_event_feature::oneshot,
                    .config = {.mult = row.u32("mult", 1),
                               .shift = row.u32("shift", 0, 63),
                               .minDelta = Ns{row.s64("min_delta_ns")},
                               .maxDelta = Ns{row.s64("max_delta_ns")}}},
                   m_driver, Tracer(m_trace, *this),
                   {.adjusts = row.u32("min_adjust", 0, 1) != 0,
                    .limit = TickRate{row.u32("hz", 15, 10'000)}.period(),
                    .log = this})
    {
        m_device.setNextEvent({}); // as a structure of zeros has it
    }
    void enter(ClockEventState state) { static_cast<void>(m_device.switchState(state)); }
    QJsonObject program(std::int64_t now, std::int64_t expires, bool force, std::int64_t refusals)
    {
        m_driver.refuse(refusals);
        const Errno answer
            = m_device.program(MonotonicInstant{Ns{expires}}, MonotonicInstant{Ns{now}}, force);
        return {{"rc", number(returnValue(answer))},
                {"clc", m_driver.takeAsked()},
                {"next_event", decimal(nsOf(m_device.nextEvent()))},
                {"retries", number(static_cast<std::int64_t>(m_device.retries()))},
                {"min_delta_ns", decimal(m_device.config().minDelta.count())}};
    }
    [[nodiscard]] const QJsonArray& printed() const { return m_printed; }
    [[nodiscard]] int warnings() const { return m_warnings; }

private:
    void print(std::string_view line) override
    {
        m_printed.append(QString::fromUtf8(line.data(), static_cast<qsizetype>(line.size())));
    }
    void warn(std::string_view /*text*/) override { ++m_warnings; }
    [[nodiscard]] TraceInstant traceNow() const override { return {}; }

    TraceLog m_trace;
    RefusingDriver m_driver;
    ClockEventDevice m_device;
    QJsonArray m_printed;
    int m_warnings = 0;
};

std::optional<ClockEventState> stateNamed(const QString& name)
{
    for (const auto state :
         {ClockEventState::Detached, ClockEventState::Shutdown, ClockEventState::Periodic,
          ClockEventState::Oneshot, ClockEventState::OneshotStopped}) {
        const std::string_view known = nameOf(state);
        if (name == QLatin1String(known.data(), static_cast<int>(known.size()))) {
            return state;
        }
    }
    return std::nullopt;
}

Result<QJsonObject> programOnce(const QJsonObject& in)
{
    RowReader row(in);
    ProgramBench bench(row);
    const auto now = row.s64("now");
    const auto expires = row.s64("expires");
    const bool force = row.u32("force", 0, 1) != 0;
    const auto refusals = row.u32("fail_first");
    const auto state = stateNamed(in.value("state").toString());
    if (!row.ok()) {
        return row.failure();
    }
    if (!state) {
        return fail(ErrorCode::InvalidArgument, "state is not the name of a device's state");
    }
    bench.enter(*state);
    QJsonObject out = bench.program(now, expires, force, refusals);
    out["log"] = bench.printed();
    out["warned"] = number(bench.warnings());
    return out;
}

Result<QJsonObject> programAgainAndAgain(const QJsonObject& in)
{
    RowReader row(in);
    ProgramBench bench(row);
    const QJsonArray steps = row.list("steps");
    if (!row.ok()) {
        return row.failure();
    }
    bench.enter(ClockEventState::Oneshot);
    QJsonArray answers;
    for (const QJsonValue value : steps) {
        const QJsonArray step = value.toArray();
        answers.append(bench.program(step.at(0).toString().toLongLong(),
                                     step.at(1).toString().toLongLong(), step.at(2).toInt() != 0,
                                     step.at(3).toInteger()));
    }
    return QJsonObject{{"steps", answers}};
}

constexpr OracleSet sets[] = {
    {.name = "ce_config", .answer = configure},
    {.name = "ce_delta2ns", .answer = deltaToNanoseconds},
    {.name = "ce_program", .answer = programOnce},
    {.name = "ce_min_adjust_seq", .answer = programAgainAndAgain},
};

} // namespace

std::span<const OracleSet> clockEventSets()
{
    return sets;
}

} // namespace timerscope::oracle
