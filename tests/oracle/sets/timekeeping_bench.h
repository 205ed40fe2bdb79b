// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/timekeeping/jiffies_counter.h"
#include "engine/timekeeping/timekeeper.h"
#include "tests/oracle/row_reader.h"

#include <deque>
#include <memory>

namespace timerscope::oracle {

/// A timekeeper as the rows of timekeeping_seq, adjtimex_seq and leap_seq have it: booted on
/// jiffies, then switched to the first of the row's counters, which show what they are told.
class TimekeepingBench final : private KernelLog
{
public:
    /// @p clocksources as in timekeeping_seq, at least one.
    /// Errors: Corrupt for a malformed description, the engine's own for a bad rate.
    [[nodiscard]] static Result<std::unique_ptr<TimekeepingBench>>
    boot(TickRate rate, const WallTime& persistent, const QJsonArray& clocksources);

    [[nodiscard]] Timekeeper& timekeeper() { return m_timekeeper; }

    /// Sets a counter to the value at @p index of @p step; the clocksource in use unless named.
    /// A step that is too short leaves it as it is. False when the value is malformed.
    [[nodiscard]] bool setCount(const QJsonArray& step, qsizetype index);
    [[nodiscard]] bool setCount(std::size_t clocksource, const QJsonArray& step, qsizetype index);

    [[nodiscard]] bool isClocksource(std::size_t index) const { return index < m_sources.size(); }
    void switchTo(std::size_t index);
    [[nodiscard]] SleepClocks sleepClocks(std::int64_t persistentSecond);
    [[nodiscard]] QJsonArray log() const { return m_log; }

private:
    struct SettableCounter final : CounterReader
    {
        [[nodiscard]] Cycles readCounter() override { return count; }
        [[nodiscard]] Cycles observeCounter() const override { return count; }
        Cycles count;
    };

    TimekeepingBench(TickRate rate, const WallTime& persistent);
    Result<void> add(const QJsonObject& description);
    void print(std::string_view line) override;

    QJsonArray m_log;
    JiffiesCounter m_jiffies;
    Clocksource m_boot;
    std::deque<SettableCounter> m_counters;
    std::deque<Clocksource> m_sources;
    std::size_t m_current = 0;
    Timekeeper m_timekeeper;
};

/// Asks what @p fields say, as the rows name the fields; the answer is left in @p timex.
/// Errors: Corrupt for a malformed field.
[[nodiscard]] Result<AdjtimexAnswer> askAdjtimex(Timekeeper& timekeeper, const QJsonObject& fields,
                                                 Timex& timex);

} // namespace timerscope::oracle
