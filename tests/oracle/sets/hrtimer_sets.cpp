// SPDX-License-Identifier: GPL-3.0-or-later
//! FORMAT.md, section 5: the queue of hrtimers in high resolution, on an ideal 1 GHz device.
#include "engine/clockevents/clock_event_device.h"
#include "engine/hrtimer/hrtimer_cpu_base.h"
#include "tests/oracle/oracle_set.h"
#include "tests/oracle/row_reader.h"

#include <deque>

namespace timerscope::oracle {
namespace {

constexpr Ns shortestDelta{1000};

/// The device takes every delta: one tick is a nanosecond.
class IdealDriver final : public ClockEventDriver
{
public:
    Errno setState(ClockEventState /*state*/) override { return Errno::Ok; }
    Errno setNextEvent(std::uint64_t ticks) override
    {
        m_lastTicks = ticks;
        return Errno::Ok;
    }
    [[nodiscard]] std::uint64_t lastTicks() const { return m_lastTicks; }

private:
    std::uint64_t m_lastTicks = 0;
};

class QueueBench final : private HrtimerHost, private TraceTime
{
public:
    explicit QueueBench(MonotonicInstant now)
        : m_now(now)
        , m_device(
              {.name = "ce0",
               .rating = 0,
               .features = clock_event_feature::oneshot,
               .config = {.mult = 1, .shift = 0, .minDelta = shortestDelta, .maxDelta = Ns::max()}},
              m_driver, Tracer(m_log, *this, 0))
        , m_base(*this, Tracer(m_log, *this, 0))
    {
        static_cast<void>(m_device.switchState(ClockEventState::Oneshot));
        m_base.activateHres();
    }

    void addTimer(bool soft, Ns period)
    {
        const auto id = static_cast<std::uint32_t>(m_timers.size());
        m_timers.emplace_back(id, HrtimerClock::Monotonic, soft, "timer",
                              [this, period](Hrtimer& timer) { return fired(timer, period); });
    }

    Result<QJsonObject> step(const QJsonArray& step)
    {
        m_fired = {};
        const auto text = [&](int i) { return step.at(i).toString(); };
        const QString word = text(0);
        QJsonObject out;
        if (word == "start") {
            out = start(timerOf(step), step);
        } else if (word == "cancel") {
            out.insert("ret", m_base.cancel(timerOf(step)) ? 1 : 0);
        } else if (word == "time" || word == "irq") {
            m_now = MonotonicInstant{Ns{text(1).toLongLong()}};
            if (word == "irq") {
                m_base.interrupt();
            }
        } else if (word == "softirq") {
            m_softirqRaised = false;
            m_base.runSoftirq();
        } else {
            return fail(ErrorCode::Corrupt, "unknown step '" + word.toStdString() + "'");
        }
        addState(out);
        return out;
    }

private:
    [[nodiscard]] MonotonicInstant monotonicNow() override { return m_now; }
    [[nodiscard]] Ns clockOffset(HrtimerClock /*clock*/) override { return Ns::zero(); }
    Errno programTickDevice(MonotonicInstant expires, bool force) override
    {
        m_deviceUsed = true;
        if (expires == never<MonotonicClock>) {
            m_device.markFired(); // TickCpu stops the device then
            return Errno::Ok;
        }
        return m_device.program(expires, m_now, force);
    }
    void tickDeviceFired() override
    {
        m_deviceUsed = true;
        m_device.markFired();
    }
    void raiseHrtimerSoftirq() override { m_softirqRaised = true; }
    void spendCallback() override { }
    [[nodiscard]] TraceInstant traceNow() const override { return {}; }

    Hrtimer& timerOf(const QJsonArray& step)
    {
        return m_timers.at(static_cast<std::size_t>(step.at(1).toInt()));
    }
    QJsonObject start(Hrtimer& timer, const QJsonArray& step)
    {
        const Ns time{step.at(2).isString() ? step.at(2).toString().toLongLong()
                                            : step.at(2).toInteger()};
        const Ns slack{step.at(3).isString() ? step.at(3).toString().toLongLong()
                                             : step.at(3).toInteger()};
        const bool relative = step.at(4).toString() == "rel";
        const Ns soft = relative ? ktimeAddSafe(time, m_now.time_since_epoch()) : time;
        m_base.start(timer, HrtimerInstant{soft}, slack,
                     relative ? hrtimer_mode::relative : hrtimer_mode::absolute);
        return {{"soft", decimal(nsOf(timer.softExpires()))},
                {"hard", decimal(nsOf(timer.hardExpires()))}};
    }
    HrtimerRestart fired(Hrtimer& timer, Ns period)
    {
        const HrtimerInstant now{m_now.time_since_epoch()};
        QJsonArray row{number(timer.id()), decimal(nsOf(now)), decimal(nsOf(timer.softExpires())),
                       decimal(nsOf(timer.hardExpires()))};
        std::uint64_t overruns = 0;
        if (period > Ns::zero()) {
            overruns = timer.forward(now, period, Ns{1});
        }
        row.append(decimal(overruns));
        m_fired.append(row);
        return period > Ns::zero() ? HrtimerRestart::Yes : HrtimerRestart::No;
    }
    [[nodiscard]] QJsonArray order(bool soft) const
    {
        QJsonArray ids;
        for (const Hrtimer* timer : m_base.queue(soft ? hrtimerClocks : 0).inOrder()) {
            ids.append(number(timer->id()));
        }
        return ids;
    }
    void addState(QJsonObject& out) const
    {
        if (!m_fired.isEmpty()) {
            out.insert("fired", m_fired);
        }
        out.insert("hard_order", order(false));
        out.insert("soft_order", order(true));
        out.insert("expires_next", decimal(nsOf(m_base.expiresNext())));
        out.insert("softirq_raised", m_softirqRaised ? 1 : 0);
        out.insert("dev_next_event", decimal(m_deviceUsed ? nsOf(m_device.nextEvent()) : 0));
        out.insert("dev_clc", decimal(m_driver.lastTicks()));
        out.insert("nr_events", number(static_cast<std::int64_t>(m_base.statistics().events)));
        out.insert("nr_retries", number(static_cast<std::int64_t>(m_base.statistics().retries)));
        out.insert("nr_hangs", number(static_cast<std::int64_t>(m_base.statistics().hangs)));
    }

    MonotonicInstant m_now;
    TraceLog m_log;
    IdealDriver m_driver;
    ClockEventDevice m_device;
    HrtimerCpuBase m_base;
    std::deque<Hrtimer> m_timers;
    QJsonArray m_fired;
    bool m_softirqRaised = false;
    bool m_deviceUsed = false; // rows start from a device in zeroed memory
};

Result<QJsonObject> hrtimerQueue(const QJsonObject& in)
{
    RowReader row(in);
    QueueBench bench(MonotonicInstant{Ns{row.s64("now")}});
    for (const QJsonValue timer : row.list("timers")) {
        const QJsonObject fields = timer.toObject();
        RowReader reader(fields);
        const bool soft = reader.text("kind") == "soft";
        bench.addTimer(soft, Ns{reader.s64("period")});
    }
    QJsonArray steps;
    for (const QJsonValue step : row.list("steps")) {
        const auto out = bench.step(step.toArray());
        if (!out) {
            return out;
        }
        steps.append(*out);
    }
    return row.ok() ? Result<QJsonObject>(QJsonObject{{"steps", steps}, {"warnings", number(0)}})
                    : row.failure();
}

constexpr OracleSet sets[] = {
    {"hrtimer_queue_seq", hrtimerQueue},
};

} // namespace

std::span<const OracleSet> hrtimerSets()
{
    return sets;
}

} // namespace timerscope::oracle
