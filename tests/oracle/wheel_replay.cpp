// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/oracle/wheel_replay.h"

#include "engine/timer/timer_wheel.h"
#include "tests/oracle/table_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <deque>
#include <numeric>

namespace timerscope::oracle {
namespace {

/// All recordings were made at this rate.
constexpr TickRate recordedRate{250};

enum Column : std::size_t
{
    Id,
    Cpu,
    Deferrable,
    Armed,
    Requested,
    Bucket,
    Level,
    BaseClkAfter,
    FiredJiffies,
    FireCpu,
    Order,
    Fires,
    Columns,
};
constexpr std::array<std::string_view, Columns> columnNames{
    "id",     "cpu",   "deferrable",     "armed_jiffies", "requested_expires",
    "bucket", "level", "base_clk_after", "fired_jiffies", "fire_cpu",
    "order",  "nfire"};

Jiffies jiffiesOf(std::int64_t count)
{
    return Jiffies{static_cast<std::uint64_t>(count)};
}

/// Runs of more CPUs say so in their name, even where all timers were on CPU 0.
bool isOneCpuRun(const std::string& id, const std::vector<TableFile::Row>& rows)
{
    return id.find("_smp") == std::string::npos && std::ranges::all_of(rows, [](const auto& row) {
               return row[Cpu] == 0 && row[FireCpu] <= 0;
           });
}

WheelOutcome outcomeOf(const TableFile::Row& row)
{
    WheelOutcome outcome{
        .index = row[Bucket], .fired = {}, .order = -1, .fires = row[Fires], .cpu = -1};
    if (row[Fires] > 0) {
        outcome.cpu = row[FireCpu];
        outcome.fired = jiffiesOf(row[FiredJiffies]);
        outcome.order = row[Order];
    }
    return outcome;
}

/// Turns orders of all timers into places among the standard ones.
void rankStandardTimers(WheelRun& run)
{
    std::vector<std::size_t> fired;
    for (std::size_t i = 0; i < run.outcomes.size(); ++i) {
        if (run.outcomes[i].fired && !run.armings[i].deferrable) {
            fired.push_back(i);
        }
    }
    std::ranges::sort(fired, {}, [&](std::size_t i) { return run.outcomes[i].order; });
    for (std::size_t place = 0; place < fired.size(); ++place) {
        run.outcomes[fired[place]].order = static_cast<std::int64_t>(place + 1);
    }
}

/// One CPU on which nothing but the recorded timers happens.
class ReplayBench final : private TimerWheel::Host, private TraceTime
{
public:
    explicit ReplayBench(Jiffies start)
        : m_wheel(recordedRate, start, *this, Tracer(m_log, *this, 0))
        , m_now(start)
    {
    }

    void arm(const WheelArming& arming)
    {
        // A clock beyond jiffies has run in that tick; one behind was held back by a timer of the
        // kernel's own. Either way it is as far as the wheel has come.
        passUntil(Jiffies{arming.baseClk.count - 1});
        const auto id = static_cast<std::uint32_t>(m_timers.size());
        const std::uint8_t flags = arming.deferrable ? timer_flag::deferrable : 0;
        m_outcomes.emplace_back();
        WheelTimer& timer = m_timers.emplace_back(
            id, "timer", [this](WheelTimer& which) { noteFired(which); }, flags);
        m_wheel.modify(timer, arming.requested, arming.baseClk);
        m_outcomes.back().index = timer.index();
    }
    /// Ticks pass, each of which runs what is due.
    void passUntil(Jiffies end)
    {
        for (; isBefore(m_now, end);) {
            ++m_now.count;
            if (m_wheel.isDue(m_now)) {
                m_wheel.run(m_now);
            }
        }
    }
    [[nodiscard]] const std::vector<WheelOutcome>& outcomes() const { return m_outcomes; }

private:
    void spendCallback() override { }
    [[nodiscard]] TraceInstant traceNow() const override { return {}; }
    void noteFired(const WheelTimer& timer)
    {
        WheelOutcome& outcome = m_outcomes[timer.id()];
        outcome.fired = m_now;
        outcome.cpu = 0;
        ++outcome.fires;
        if (!timer.has(timer_flag::deferrable)) {
            outcome.order = ++m_fired;
        }
    }

    TraceLog m_log;
    TimerWheel m_wheel;
    std::deque<WheelTimer> m_timers;
    std::vector<WheelOutcome> m_outcomes;
    Jiffies m_now;
    std::int64_t m_fired = 0;
};

} // namespace

Result<WheelRun> readWheelRun(const std::filesystem::path& path)
{
    auto rows = TableFile::read(path, columnNames);
    if (!rows) {
        return tl::unexpected<Error>(rows.error());
    }
    std::ranges::stable_sort(*rows, {}, [](const auto& row) { return row[Id]; });
    WheelRun run{
        .id = path.stem().string(), .isOneCpu = {}, .armings = {}, .outcomes = {}, .end = {}};
    run.isOneCpu = isOneCpuRun(run.id, *rows);
    run.end = jiffiesOf(rows->front()[BaseClkAfter]);
    for (const TableFile::Row& row : *rows) {
        if (row[Level] != row[Bucket] / 64) {
            return fail(ErrorCode::Corrupt,
                        fmt::format("{}: timer {} has level {} and bucket {}; a level has 64",
                                    path.string(), row[Id], row[Level], row[Bucket]));
        }
        run.armings.push_back({.id = row[Id],
                               .cpu = static_cast<unsigned>(row[Cpu]),
                               .deferrable = row[Deferrable] != 0,
                               .armed = jiffiesOf(row[Armed]),
                               .requested = jiffiesOf(row[Requested]),
                               .baseClk = jiffiesOf(row[BaseClkAfter])});
        run.outcomes.push_back(outcomeOf(row));
        const Jiffies seen = run.outcomes.back().fired.value_or(run.armings.back().baseClk);
        run.end = isBefore(run.end, seen) ? seen : run.end;
    }
    rankStandardTimers(run);
    return run;
}

std::vector<WheelOutcome> replayWheel(const std::vector<WheelArming>& armings, Jiffies end)
{
    if (armings.empty()) {
        return {};
    }
    ReplayBench bench(Jiffies{armings.front().baseClk.count - 1});
    for (const WheelArming& arming : armings) {
        bench.arm(arming);
    }
    bench.passUntil(end);
    return bench.outcomes();
}

} // namespace timerscope::oracle
