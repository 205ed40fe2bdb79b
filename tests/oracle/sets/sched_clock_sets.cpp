// SPDX-License-Identifier: GPL-3.0-or-later
//! FORMAT.md, section 2: sched_clock.
#include "engine/timekeeping/sched_clock.h"
#include "tests/oracle/oracle_set.h"
#include "tests/oracle/row_reader.h"

#include <algorithm>
#include <array>
#include <map>

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

/// Shows what the row says.
class SetCounter final : public CounterReader
{
public:
    [[nodiscard]] Cycles readCounter() override { return Cycles{count}; }
    [[nodiscard]] Cycles observeCounter() const override { return Cycles{count}; }
    std::uint64_t count = 0;
};

class SchedClockBench final : private KernelLog, private TraceTime
{
public:
    SchedClockBench(TickRate rate, std::uint64_t jiffies)
        : m_jiffies(rate)
        , m_sinceBoot(m_jiffies, rate, LongWidth::Bits64)
        , m_clock(m_sinceBoot, rate, RateLabel::Rounded, *this, Tracer(m_log, *this, 0))
    {
        m_jiffies.advance(jiffies - rate.initialJiffies().count);
    }

    Result<QJsonObject> step(const QJsonObject& step)
    {
        m_lines = {};
        const Result<void> done = perform(step);
        if (!done) {
            return tl::unexpected<Error>(done.error());
        }
        const SchedClockRate& rate = m_clock.rate();
        return QJsonObject{{"sched_clock", unsignedNs(m_clock.now())},
                           {"epoch_ns", unsignedNs(m_clock.epoch())},
                           {"epoch_cyc", decimal(m_clock.epochCycles().count)},
                           {"mask", decimal(rate.mask)},
                           {"mult", number(rate.mult)},
                           {"shift", number(rate.shift)},
                           {"rate", decimal(rate.rate.value)},
                           {"line", m_lines}};
    }

private:
    static QJsonValue unsignedNs(Ns time)
    {
        return decimal(static_cast<std::uint64_t>(time.count()));
    }

    Result<void> perform(const QJsonObject& step)
    {
        struct Plain
        {
            std::string_view word;
            void (SchedClock::*method)();
        };
        static constexpr std::array plain{Plain{"update", &SchedClock::renewEpoch},
                                          Plain{"generic_init", &SchedClock::genericInit},
                                          Plain{"suspend", &SchedClock::suspend},
                                          Plain{"resume", &SchedClock::resume}};
        RowReader row(step);
        const std::string word = row.text("op");
        const auto* const found = std::ranges::find(plain, word, &Plain::word);
        if (found != plain.end()) {
            (m_clock.*found->method)();
            return {};
        }
        if (word == "adv") {
            return advance(step);
        }
        if (word == "register") {
            return registerCounter(step);
        }
        return word == "read" ? Result<void>{}
                              : fail(ErrorCode::Corrupt, "unknown step '" + word + "'");
    }

    Result<void> advance(const QJsonObject& step)
    {
        RowReader row(step);
        const std::uint64_t ticks = row.u64("jiffies_add");
        const QJsonObject counts = row.object("counts");
        RowReader countOf(counts);
        for (const QString& index : counts.keys()) {
            m_counters[index.toInt()].count = countOf.u64(index.toLatin1().constData());
        }
        if (!row.ok() || !countOf.ok()) {
            return row.ok() ? countOf.failure() : row.failure();
        }
        m_jiffies.advance(ticks);
        return {};
    }

    Result<void> registerCounter(const QJsonObject& step)
    {
        RowReader row(step);
        const int index = static_cast<int>(row.u32("counter", 0, 1000));
        const unsigned bits = row.u32("bits", 1, 64);
        const Hertz hertz{row.u64("rate", 1)};
        const std::uint64_t count = row.u64("count");
        if (!row.ok()) {
            return row.failure();
        }
        const auto rate = schedClockRate(bits, hertz);
        if (!rate) {
            return tl::unexpected<Error>(rate.error());
        }
        m_counters[index].count = count;
        static_cast<void>(
            m_clock.registerCounter(m_counters[index], "counter" + std::to_string(index), *rate));
        return {};
    }

    void print(std::string_view line) override
    {
        m_lines.append(QString::fromUtf8(line.data(), static_cast<qsizetype>(line.size())));
    }
    [[nodiscard]] TraceInstant traceNow() const override { return {}; }

    TraceLog m_log;
    QJsonArray m_lines;
    std::map<int, SetCounter> m_counters;
    JiffiesCounter m_jiffies;
    JiffiesSinceBoot m_sinceBoot;
    SchedClock m_clock;
};

Result<QJsonObject> schedClockSequence(const QJsonObject& in)
{
    RowReader row(in);
    const TickRate rate{row.u32("hz", 1)};
    const std::uint64_t jiffies = row.u64("jiffies");
    const QJsonArray steps = row.list("steps");
    if (!row.ok()) {
        return row.failure();
    }
    SchedClockBench bench(rate, jiffies);
    QJsonArray answers;
    for (const auto& step : steps) {
        const auto answer = bench.step(step.toObject());
        if (!answer) {
            return answer;
        }
        answers.append(*answer);
    }
    return QJsonObject{{"steps", answers}};
}

constexpr OracleSet sets[] = {
    {.name = "sched_clock_register", .answer = schedClockRegister},
    {.name = "sched_clock_seq", .answer = schedClockSequence},
};

} // namespace

std::span<const OracleSet> schedClockSets()
{
    return sets;
}

} // namespace timerscope::oracle
