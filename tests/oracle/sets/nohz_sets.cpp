// SPDX-License-Identifier: GPL-3.0-or-later
//! FORMAT.md, section 8: the dynamic tick, by itself and within a whole CPU.
#include "engine/tick/ticks.h"
#include "tests/oracle/oracle_set.h"
#include "tests/oracle/row_reader.h"
#include "tests/oracle/sets/tick_bench.h"

#include <functional>

namespace timerscope::oracle {
namespace {

constexpr std::uint32_t hzMin = 15;
constexpr std::uint32_t hzMax = 10'000;
constexpr unsigned selfCpu = 0;
constexpr unsigned otherCpu = 1;

TickRate tickRate(RowReader& row)
{
    return TickRate{row.u32("hz", hzMin, hzMax)};
}

// --- when the next tick is needed --------------------------------------------------------------

/// A row of nohz_next_event, as far as it is plain numbers.
struct NextEventRow
{
    explicit NextEventRow(RowReader& row)
        : rate(tickRate(row))
        , jiffies{row.u64("basejiff")}
        , base{Ns{row.s64("basemono", 0)}}
        , wheelStart{row.u64("wheel_init_jiffies")}
        , isStopped(row.u32("tick_stopped", 0, 1) == 1)
        , doTimerCpu(row.s64("tick_do_timer_cpu", -1, 1))
        , hadDoTimer(row.u32("do_timer_last", 0, 1) == 1)
        , isSoftirqPending(row.u32("timer_softirq_pending", 0, 1) == 1)
    {
    }
    TickRate rate;
    Jiffies jiffies;
    MonotonicInstant base;
    Jiffies wheelStart;
    bool isStopped;
    std::int64_t doTimerCpu; ///< 0 self, 1 other, -1 none
    bool hadDoTimer;
    bool isSoftirqPending;
};

/// @p next was the last to count jiffies, or was not; and the duty is whose the row says.
void setDoTimer(TickBench& bench, NextTick& next, const NextEventRow& row)
{
    DoTimerDuty& duty = bench.shared().doTimer;
    duty.take(row.hadDoTimer ? selfCpu : otherCpu);
    next.giveUpDoTimer();
    if (row.doTimerCpu < 0) {
        duty.drop();
    } else {
        duty.take(static_cast<unsigned>(row.doTimerCpu));
    }
}

Result<QJsonObject> answerNextEvent(TickBench& bench, const NextEventRow& row)
{
    if (row.isSoftirqPending) {
        bench.raiseTimerSoftirq();
    }
    NextTick next = bench.nextTick();
    setDoTimer(bench, next, row);
    const NextTick::Answer answer = next.find(row.isStopped);
    const TimerBase& wheel = bench.wheel().base(TimerBaseKind::Standard);
    return QJsonObject{{"expires", decimal(answer.keepsTicking ? 0 : nsOf(answer.at))},
                       {"next_timer", decimal(nsOf(next.nextTimer()))},
                       {"max_deferment", decimal(bench.timekeeper().clock().rate.maxIdle.count())},
                       {"base_idle", wheel.isIdle() ? 1 : 0},
                       {"base_clk", decimal(wheel.clk().count)}};
}

Result<QJsonObject> nohzNextEvent(const QJsonObject& in)
{
    RowReader reader(in);
    const NextEventRow row(reader);
    const QJsonObject clocksource = reader.object("cs");
    const QJsonArray described = reader.list("wheel_timers");
    const bool hasHrtimer = reader.has("hrtimer") && !in.value("hrtimer").isNull();
    const Ns hrtimerAt = hasHrtimer ? Ns{reader.s64("hrtimer")} : Ns::zero();
    if (!reader.ok()) {
        return reader.failure();
    }
    TickBench bench(row.rate, {});
    if (auto made = bench.describeClocksource(clocksource, {}); !made) {
        return tl::unexpected<Error>(made.error());
    }
    bench.registerClocksource();
    bench.startJiffiesAt(row.wheelStart);
    for (const QJsonValue timer : described) {
        const auto delta = static_cast<std::uint64_t>(timer.toArray().at(0).toInteger());
        bench.addWheelTimer(Jiffies{row.wheelStart.count + delta},
                            timer.toArray().at(1).toInt() != 0);
    }
    if (hasHrtimer) {
        bench.startHrtimerAt(0, HrtimerInstant{hrtimerAt});
    }
    bench.advanceJiffiesTo(row.jiffies);
    bench.shared().periods.lastUpdate = row.base;
    return answerNextEvent(bench, row);
}

// --- the whole tick of one CPU -----------------------------------------------------------------

class SystemRow
{
public:
    SystemRow(TickRate rate, const TickOptions& options)
        : m_bench(rate, options)
    {
    }
    [[nodiscard]] TickBench& bench() { return m_bench; }

    Result<QJsonObject> step(const QJsonArray& step, int rating)
    {
        if (auto done = act(step, rating); !done) {
            return tl::unexpected<Error>(done.error());
        }
        QJsonObject out = state();
        if (step.at(0).toString() == "register_clocksource") {
            const Clocksource* const current = m_bench.clocksources().current();
            out.insert("current", current != nullptr ? QString::fromStdString(current->name) : "");
        }
        return out;
    }

private:
    Result<void> act(const QJsonArray& step, int rating)
    {
        const QString word = step.at(0).toString();
        if (word == "register_device") {
            return m_bench.registerDevice("ce0", rating,
                                          static_cast<std::uint32_t>(step.at(1).toInteger()),
                                          static_cast<std::uint32_t>(step.at(2).toInteger()));
        }
        bool isNumber = false;
        const Cycles count{step.at(1).toString().toULongLong(&isNumber)};
        const auto found = m_actions.find(word);
        if (!isNumber || found == m_actions.end()) {
            return fail(ErrorCode::Corrupt, "malformed step " + jsonText(step));
        }
        m_bench.setCount(count);
        found->second(step);
        return {};
    }

    QJsonObject state()
    {
        QJsonObject out = tickState();
        const IdleStatistics idle = m_bench.tick().sched().idleStatistics();
        const auto nextTick = m_bench.tick().sched().nextTick();
        out.insert("tick_stopped", m_bench.tick().sched().isTickStopped() ? 1 : 0);
        out.insert("last_tick", decimal(nsOf(idle.lastTick)));
        out.insert("next_tick", decimal(nextTick ? nsOf(*nextTick) : 0));
        out.insert("idle_calls", number(static_cast<std::int64_t>(idle.idleCalls)));
        out.insert("idle_sleeps", number(static_cast<std::int64_t>(idle.idleSleeps)));
        const QJsonArray hrtimers = m_bench.takeFiredHrtimers();
        const QJsonArray wheel = m_bench.takeFiredWheelTimers();
        if (!hrtimers.isEmpty()) {
            out.insert("hr_fired", hrtimers);
        }
        if (!wheel.isEmpty()) {
            out.insert("wheel_fired", wheel);
        }
        addDevice(out);
        return out;
    }

    QJsonObject tickState()
    {
        const TickCpu& tick = m_bench.tick();
        const TickPeriods& periods = m_bench.shared().periods;
        return {
            {"jiffies", decimal(m_bench.jiffies().count)},
            {"handler", m_bench.handlerCode()},
            {"hres", m_bench.hrtimers().isHresActive() ? 1 : 0},
            {"nohz_mode", static_cast<int>(tick.nohzMode())},
            {"sched_timer", decimal(nsOf(tick.sched().timer().softExpires()))},
            {"last_jiffies_update", decimal(nsOf(periods.lastUpdate.value_or(MonotonicInstant{})))},
            {"tick_next_period", decimal(nsOf(periods.next))},
            {"do_timer_cpu", doTimerCpu()},
            {"wheel_clk", decimal(m_bench.wheel().clk().count)},
            {"wheel_next", decimal(m_bench.wheel().nextExpiry().count)},
            {"now", decimal(nsOf(m_bench.timekeeper().monotonicNow()))}};
    }

    [[nodiscard]] int doTimerCpu()
    {
        const DoTimerDuty& duty = m_bench.shared().doTimer;
        return duty.isBooting() ? -2 : duty.isFree() ? -1 : static_cast<int>(*duty.cpu());
    }

    void addDevice(QJsonObject& out)
    {
        const bool isThere = !m_bench.devices().empty();
        const TickBench::DeviceCalls calls
            = isThere ? m_bench.takeCalls(0) : TickBench::DeviceCalls{};
        out.insert("dev_state",
                   isThere ? QJsonValue(static_cast<int>(m_bench.devices().front().state()))
                           : QJsonValue());
        out.insert("dev_next_event",
                   decimal(isThere ? nsOf(m_bench.devices().front().nextEvent()) : 0));
        out.insert("clc", calls.ticks);
        out.insert("dev_state_calls", calls.states);
    }

    static std::uint32_t id(const QJsonArray& step)
    {
        return static_cast<std::uint32_t>(step.at(2).toInteger());
    }

    TickBench m_bench;
    using Action = std::function<void(const QJsonArray&)>;
    std::map<QString, Action> m_actions{
        {"register_clocksource", [this](const QJsonArray&) { m_bench.registerClocksource(); }},
        {"irq", [this](const QJsonArray&) { m_bench.interrupt(true); }},
        {"idle_enter_stop", [this](const QJsonArray&) { m_bench.enterIdle(); }},
        {"idle_exit", [this](const QJsonArray&) { m_bench.exitIdle(); }},
        {"other_irq_then_stop",
         [this](const QJsonArray&) {
             m_bench.interrupt(false);
             m_bench.stopIdleTick();
         }},
        {"hrtimer_start_rel",
         [this](const QJsonArray& step) {
             m_bench.startHrtimer(id(step), Ns{step.at(3).toString().toLongLong()});
         }},
        {"wheel_mod",
         [this](const QJsonArray& step) {
             const auto delta = static_cast<std::uint64_t>(step.at(3).toInteger());
             m_bench.modifyWheelTimer(id(step), Jiffies{m_bench.jiffies().count + delta});
         }},
    };
};

Result<QJsonObject> tickSystem(const QJsonObject& in)
{
    RowReader row(in);
    const TickRate rate = tickRate(row);
    TickOptions options;
    options.highRes = row.u32("highres", 0, 1) == 1;
    const Jiffies jiffies{row.u64("jiffies")};
    const Cycles count{row.u64("initial_count")};
    const QJsonObject clocksource = row.object("cs");
    const QJsonArray list = row.list("steps");
    const QJsonObject device = row.object("dev");
    if (!row.ok()) {
        return row.failure();
    }
    SystemRow system(rate, options);
    system.bench().startJiffiesAt(jiffies);
    if (auto made = system.bench().describeClocksource(clocksource, count); !made) {
        return tl::unexpected<Error>(made.error());
    }
    QJsonArray steps;
    for (const QJsonValue step : list) {
        const auto answer = system.step(step.toArray(), device.value("rating").toInt());
        if (!answer) {
            return tl::unexpected<Error>(answer.error());
        }
        steps.append(*answer);
    }
    return QJsonObject{{"steps", steps}, {"log", system.bench().kernelLines()}};
}

constexpr OracleSet sets[] = {
    {"nohz_next_event", nohzNextEvent},
    {"tick_system_seq", tickSystem},
};

} // namespace

std::span<const OracleSet> nohzSets()
{
    return sets;
}

} // namespace timerscope::oracle
