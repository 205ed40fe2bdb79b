// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/oracle/sets/wheel_sequence.h"

#include "engine/timer/timer_wheel.h"
#include "tests/oracle/row_reader.h"

#include <deque>

namespace timerscope::oracle {
namespace {

constexpr std::uint32_t hzMax = 1000;

/// A step as a list: [word, argument…].
class Step
{
public:
    explicit Step(const QJsonArray& step)
        : m_step(step)
    {
        for (qsizetype i = 1; i < step.size(); ++i) {
            m_arguments.insert(QString::number(i), step.at(i));
        }
    }
    [[nodiscard]] QString word() const { return m_step.at(0).toString(); }
    [[nodiscard]] std::string text() const { return jsonText(m_step); }

    /// The argument at @p place from 1; a failure is remembered for all().
    template<typename Integer>
    Integer argument(const char* place, Integer most)
    {
        if constexpr (std::is_signed_v<Integer>) {
            return m_reader.s64(place, 0, most);
        } else {
            return m_reader.u64(place, 0, most);
        }
    }
    [[nodiscard]] bool ok() const { return m_reader.ok(); }

private:
    QJsonArray m_step;
    QJsonObject m_arguments;
    RowReader m_reader{m_arguments};
};

/// One CPU whose jiffies only move when a step says so.
class WheelBench final : private TimerWheel::Host, private TraceTime
{
public:
    WheelBench(TickRate rate, Jiffies now)
        : m_wheel(rate, now, *this, Tracer(m_log, *this, 0))
        , m_now(now)
    {
    }

    void addTimer(bool deferrable, std::uint64_t period)
    {
        const auto id = static_cast<std::uint32_t>(m_timers.size());
        WheelTimer& timer = m_timers.emplace_back(
            id, "timer", [this, period](WheelTimer& which) { fired(which, period); },
            deferrable ? timer_flag::deferrable : std::uint8_t{0});
        m_wheel.init(timer);
    }

    Result<QJsonObject> step(const QJsonArray& list)
    {
        Step step(list);
        const QString word = step.word();
        QJsonObject out;
        if (word == "mod" || word == "mod_pending" || word == "reduce") {
            out = change(step);
        } else if (word == "del") {
            out = remove(step);
        } else if (word == "idle_query") {
            out = idleQuery(step);
        } else if (word == "clear_idle") {
            m_wheel.clearIdle();
            out = shownBase(TimerBaseKind::Standard);
        } else if (word == "advance_run" || word == "advance_only") {
            out = advance(step);
        } else {
            return fail(ErrorCode::Corrupt, "unknown step " + step.text());
        }
        if (!step.ok()) {
            return fail(ErrorCode::Corrupt, "step " + step.text() + " is malformed");
        }
        return out;
    }

private:
    void spendCallback() override { }
    [[nodiscard]] TraceInstant traceNow() const override { return {}; }

    void fired(WheelTimer& timer, std::uint64_t period)
    {
        const TimerBase& base = m_wheel.base(kindOf(timer));
        m_fired.append(QJsonArray{number(timer.id()), decimal(base.clk().count - 1),
                                  decimal(timer.expires().count)});
        if (period > 0) {
            m_wheel.modify(timer, Jiffies{m_now.count + period}, m_now);
        }
    }

    /// Null when the step is malformed.
    WheelTimer* timerOf(Step& step)
    {
        if (m_timers.empty()) {
            return nullptr;
        }
        const auto id = step.argument<std::uint64_t>("1", m_timers.size() - 1);
        return step.ok() ? &m_timers[static_cast<std::size_t>(id)] : nullptr;
    }
    Jiffies jiffiesAt(Step& step, const char* place)
    {
        return Jiffies{step.argument<std::uint64_t>(place, UINT64_MAX)};
    }

    QJsonObject change(Step& step)
    {
        WheelTimer* const timer = timerOf(step);
        const Jiffies expires = jiffiesAt(step, "2");
        if (timer == nullptr || !step.ok()) {
            return {};
        }
        const QString word = step.word();
        const bool was = word == "mod" ? m_wheel.modify(*timer, expires, m_now)
            : word == "reduce"         ? m_wheel.reduce(*timer, expires, m_now)
                                       : m_wheel.modifyPending(*timer, expires, m_now);
        QJsonObject out = shownBase(kindOf(*timer));
        out.insert("ret", was ? 1 : 0);
        out.insert("pending", timer->isPending() ? 1 : 0);
        out.insert("expires", decimal(timer->expires().count));
        out.insert("idx", timer->isPending() ? number(timer->index()) : QJsonValue());
        return out;
    }

    QJsonObject remove(Step& step)
    {
        WheelTimer* const timer = timerOf(step);
        if (timer == nullptr) {
            return {};
        }
        const bool was = m_wheel.remove(*timer);
        QJsonObject out = shownBase(kindOf(*timer));
        out.insert("ret", was ? 1 : 0);
        return out;
    }

    QJsonObject idleQuery(Step& step)
    {
        const Jiffies now = jiffiesAt(step, "1");
        const MonotonicInstant at{Ns{step.argument<std::int64_t>("2", INT64_MAX)}};
        const MonotonicInstant next = m_wheel.nextTimerInterrupt(now, at);
        QJsonObject out = shownBase(TimerBaseKind::Standard);
        out.insert("next_ns", decimal(nsOf(next)));
        return out;
    }

    QJsonObject advance(Step& step)
    {
        m_now = jiffiesAt(step, "1");
        if (step.word() == "advance_only") {
            return shownBase(TimerBaseKind::Standard);
        }
        m_fired = {};
        if (step.ok() && m_wheel.isDue(m_now)) {
            m_wheel.run(m_now);
        }
        QJsonObject out = shownBase(TimerBaseKind::Standard);
        out.insert("base_def", baseState(m_wheel.base(TimerBaseKind::Deferrable)));
        out.insert("fired", m_fired);
        return out;
    }

    static TimerBaseKind kindOf(const WheelTimer& timer)
    {
        return timer.has(timer_flag::deferrable) ? TimerBaseKind::Deferrable
                                                 : TimerBaseKind::Standard;
    }
    static QJsonArray baseState(const TimerBase& base)
    {
        return {decimal(base.clk().count), decimal(base.nextExpiry().count),
                base.needsRecalc() ? 1 : 0, base.isIdle() ? 1 : 0, base.hasTimers() ? 1 : 0};
    }
    [[nodiscard]] QJsonObject shownBase(TimerBaseKind kind) const
    {
        return {{"base", baseState(m_wheel.base(kind))}};
    }

    TraceLog m_log;
    TimerWheel m_wheel;
    std::deque<WheelTimer> m_timers;
    QJsonArray m_fired;
    Jiffies m_now;
};

Result<bool> addTimers(WheelBench& bench, const QJsonArray& timers)
{
    for (const QJsonValue timer : timers) {
        const QJsonObject fields = timer.toObject();
        RowReader reader(fields);
        const bool deferrable = reader.u32("deferrable", 0, 1) == 1;
        const std::uint64_t period = reader.u64("period");
        if (!reader.ok()) {
            return reader.failure();
        }
        bench.addTimer(deferrable, period);
    }
    return true;
}

} // namespace

Result<QJsonObject> wheelSequence(const QJsonObject& in)
{
    RowReader row(in);
    const TickRate rate{row.u32("hz", 1, hzMax)};
    const Jiffies start{row.u64("jiffies")};
    const QJsonArray timers = row.list("timers");
    const QJsonArray list = row.list("steps");
    if (!row.ok()) {
        return row.failure();
    }
    WheelBench bench(rate, start);
    if (const auto added = addTimers(bench, timers); !added) {
        return tl::unexpected<Error>(added.error());
    }
    QJsonArray steps;
    for (const QJsonValue step : list) {
        const auto out = bench.step(step.toArray());
        if (!out) {
            return out;
        }
        steps.append(*out);
    }
    return QJsonObject{{"steps", steps}, {"warnings", number(0)}};
}

} // namespace timerscope::oracle
