// SPDX-License-Identifier: GPL-3.0-or-later
//! What the engine's components lean on, in its simplest form: a log, a clock that only moves when
//! told, a boot log in memory and a counter that shows what it is set to.
#pragma once

#include "engine/clocksource/clocksource.h"
#include "engine/trace/tracer.h"

#include <QString>

#include <algorithm>
#include <string>
#include <vector>

namespace timerscope::test {

/// A log and the time that it is stamped with.
class TraceBench final : public TraceTime
{
public:
    [[nodiscard]] TraceInstant traceNow() const override { return m_now; }
    [[nodiscard]] Tracer tracer(std::uint16_t cpu = 0) { return {m_log, *this, cpu}; }
    [[nodiscard]] const TraceLog& log() const { return m_log; }
    void setNow(TraceInstant now) { m_now = now; }

    [[nodiscard]] std::vector<TraceRecord> all(RecordKind kind) const
    {
        std::vector<TraceRecord> found;
        for (std::size_t i = 0; i < m_log.size(); ++i) {
            if (m_log[i].kind == kind) {
                found.push_back(m_log[i]);
            }
        }
        return found;
    }
    [[nodiscard]] std::size_t count(RecordKind kind) const { return all(kind).size(); }

private:
    TraceLog m_log;
    TraceInstant m_now;
};

/// Keeps the lines that the kernel prints.
class KernelLogBench final : public KernelLog
{
public:
    void print(std::string_view line) override { m_lines.emplace_back(line); }
    /// What was printed since the last call, joined by '|'.
    QString take()
    {
        QString text;
        for (const std::string& line : std::exchange(m_lines, {})) {
            text += (text.isEmpty() ? QString() : QStringLiteral("|"))
                + QString::fromStdString(line);
        }
        return text;
    }

private:
    std::vector<std::string> m_lines;
};

/// A counter that shows what it is set to.
class CounterBench final : public CounterReader
{
public:
    [[nodiscard]] Cycles readCounter() override { return Cycles{count & mask}; }
    [[nodiscard]] Cycles observeCounter() const override { return Cycles{count & mask}; }

    std::uint64_t count = 0;
    std::uint64_t mask = ~std::uint64_t{0};
};

/// A clocksource of @p hz on @p counter, as its driver would register it.
inline Clocksource clocksourceOn(CounterBench& counter, std::string name, std::uint32_t hz,
                                 unsigned bits, int rating, std::uint32_t flags)
{
    Clocksource source;
    counter.mask = counterMask(bits);
    source.rate = rateOf(FrequencyRegistration{.mask = counterMask(bits), .frequency = hz}).value();
    source.name = std::move(name);
    source.rating = rating;
    source.flags = flags;
    source.frequency = Hertz{hz};
    source.bits = bits;
    source.counter = &counter;
    return source;
}

} // namespace timerscope::test
