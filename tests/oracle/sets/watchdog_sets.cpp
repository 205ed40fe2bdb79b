// SPDX-License-Identifier: GPL-3.0-or-later
//! FORMAT.md, section 1: the list of clocksources, and the watchdog that compares them.
#include "engine/clocksource/registry.h"
#include "engine/timekeeping/jiffies_counter.h"
#include "engine/timer/timer_wheel.h"
#include "tests/oracle/oracle_set.h"
#include "tests/oracle/row_reader.h"

#include <algorithm>
#include <array>
#include <deque>
#include <ranges>

namespace timerscope::oracle {
namespace {

/// Shows what the row says.
class SetCounter final : public CounterReader
{
public:
    [[nodiscard]] Cycles readCounter() override { return Cycles{count}; }
    [[nodiscard]] Cycles observeCounter() const override { return Cycles{count}; }
    std::uint64_t count = 0;
};

struct Driver
{
    SetCounter counter;
    Clocksource source;
    bool registered = false;
};

/// One CPU in periodic mode, time standing still between steps, the watchdog's timer on a wheel.
class ClocksourceBench final : private ClocksourceHost,
                               private WatchdogHost,
                               private KernelLog,
                               private TimerWheel::Host,
                               private TraceTime
{
public:
    ClocksourceBench(TickRate rate, Jiffies now)
        : m_jiffies(now)
        , m_tick(rate)
        , m_defaultClock(makeJiffiesClocksource(m_tick, rate))
        , m_wheel(rate, now, *this, Tracer(m_log, *this, 0))
        , m_timer(1, "clocksource_watchdog", [this](WheelTimer&) { registry.watchdogTimer(); })
        , registry(*this, *this, Tracer(m_log, *this, 0))
    {
        WatchdogConfig config;
        config.rate = rate;
        registry.enableWatchdog(*this, config);
        registry.registerSource(m_defaultClock);
        m_lines = {};
    }

    Result<Driver*> make(std::string name, const FrequencyRegistration& registration, int rating,
                         std::uint32_t flags)
    {
        const auto rate = rateOf(registration);
        if (!rate) {
            return tl::unexpected<Error>(rate.error());
        }
        Driver& driver = m_drivers.emplace_back();
        driver.source.name = std::move(name);
        driver.source.rating = rating;
        driver.source.flags = flags;
        driver.source.rate = *rate;
        driver.source.counter = &driver.counter;
        return &driver;
    }
    void add(Driver& driver)
    {
        registry.registerSource(driver.source);
        driver.registered = true;
    }
    /// The driver registered under @p name; jiffies too.
    [[nodiscard]] Clocksource* find(const std::string& name)
    {
        if (name == m_defaultClock.name) {
            return &m_defaultClock;
        }
        // The driver of that name that came last.
        auto latestFirst = m_drivers | std::views::reverse;
        const auto found = std::ranges::find(
            latestFirst, name, [](const Driver& driver) { return driver.source.name; });
        return found != latestFirst.end() ? &found->source : nullptr;
    }
    Errno remove(Clocksource& source)
    {
        const Errno error = registry.unregisterSource(source);
        for (Driver& driver : m_drivers) {
            driver.registered &= &driver.source != &source || error != Errno::Ok;
        }
        return error;
    }

    void advanceTo(Jiffies now)
    {
        m_jiffies = now;
        if (m_wheel.isDue(now)) {
            m_wheel.run(now);
        }
    }
    /// True when there was work.
    bool runWork()
    {
        const bool had = std::exchange(m_workScheduled, false);
        if (had) {
            registry.watchdogWork();
        }
        return had;
    }

    /// Lines since the last call. The recorder left out those that show a mask.
    QJsonArray takeLines()
    {
        QJsonArray shown;
        for (const QString& line : std::exchange(m_lines, {})) {
            if (!line.contains(" mask: ")) {
                shown.append(line);
            }
        }
        return shown;
    }
    [[nodiscard]] std::deque<Driver>& drivers() { return m_drivers; }
    [[nodiscard]] QString current() const
    {
        return registry.current() != nullptr ? QString::fromStdString(registry.current()->name)
                                             : QString();
    }
    [[nodiscard]] QString reference() const
    {
        const Clocksource* const reference = registry.watchdog()->reference();
        return reference != nullptr ? QString::fromStdString(reference->name) : QString();
    }
    [[nodiscard]] int running() const { return registry.watchdog()->isRunning() ? 1 : 0; }

private:
    [[nodiscard]] bool isTickOneshot() const override { return false; }
    [[nodiscard]] Clocksource& defaultClock() override { return m_defaultClock; }
    bool changeClocksource(Clocksource& /*chosen*/) override { return true; }
    void touchedDangling(const Clocksource& /*source*/) override { }

    [[nodiscard]] Jiffies jiffies() const override { return m_jiffies; }
    void armWatchdogTimer(Jiffies expires, unsigned /*cpu*/) override
    {
        static_cast<void>(m_wheel.modify(m_timer, expires, m_jiffies));
    }
    void cancelWatchdogTimer() override { static_cast<void>(m_wheel.remove(m_timer)); }
    void scheduleWatchdogWork() override { m_workScheduled = true; }
    [[nodiscard]] unsigned currentCpu() const override { return 0; }
    [[nodiscard]] std::span<const unsigned> onlineCpus() const override { return m_cpus; }
    [[nodiscard]] unsigned possibleCpus() const override { return 1; }
    [[nodiscard]] Cycles readOnCpu(const Clocksource& source, unsigned /*cpu*/) override
    {
        return source.counter->readCounter();
    }
    [[nodiscard]] unsigned randomBelow(unsigned /*bound*/) override { return 0; }
    void currentBecameValidForHres() override { }
    [[nodiscard]] bool isSystemUp() const override { return true; }

    void print(std::string_view line) override
    {
        m_lines.append(QString::fromUtf8(line.data(), static_cast<qsizetype>(line.size())));
    }
    void spendCallback() override { }
    [[nodiscard]] TraceInstant traceNow() const override { return {}; }

    std::array<unsigned, 1> m_cpus{0};
    TraceLog m_log;
    Jiffies m_jiffies;
    JiffiesCounter m_tick;
    Clocksource m_defaultClock;
    TimerWheel m_wheel;
    WheelTimer m_timer;
    std::deque<Driver> m_drivers;
    QStringList m_lines;
    bool m_workScheduled = false;

public:
    ClocksourceRegistry registry;
};

tl::unexpected<Error> unknownStep(const QJsonArray& step)
{
    return fail(ErrorCode::Corrupt, "unknown step " + jsonText(step));
}

// --- rating_seq ---------------------------------------------------------------------------------

QJsonObject listState(ClocksourceBench& bench)
{
    QJsonArray list;
    for (const Clocksource* const source : bench.registry.list()) {
        list.append(QString::fromStdString(source->name));
    }
    QJsonObject ratings;
    QJsonObject flags;
    for (const Driver& driver : bench.drivers()) {
        if (driver.registered) {
            const QString name = QString::fromStdString(driver.source.name);
            ratings.insert(name, driver.source.rating);
            flags.insert(name, number(driver.source.flags));
        }
    }
    return {{"list", list},
            {"ratings", ratings},
            {"flags", flags},
            {"current", bench.current()},
            {"watchdog", bench.reference()},
            {"watchdog_running", bench.running()},
            {"log", bench.takeLines()}};
}

Result<Errno> registerStep(ClocksourceBench& bench, const QJsonArray& step)
{
    const FrequencyRegistration registration{
        .mask = counterMask(static_cast<unsigned>(step.at(4).toInt(1))),
        .frequency = static_cast<std::uint32_t>(step.at(5).toInteger())};
    const auto made
        = bench.make(step.at(1).toString().toStdString(), registration, step.at(2).toInt(),
                     static_cast<std::uint32_t>(step.at(3).toInt()));
    if (!made) {
        return tl::unexpected<Error>(made.error());
    }
    bench.add(**made);
    return Errno::Ok;
}

Result<Errno> sourceStep(ClocksourceBench& bench, const QJsonArray& step)
{
    const QString word = step.at(0).toString();
    Clocksource* const source = bench.find(step.at(1).toString().toStdString());
    if (source == nullptr) {
        return unknownStep(step);
    }
    if (word == "unregister") {
        return bench.remove(*source);
    }
    if (word == "change_rating") {
        bench.registry.changeRating(*source, step.at(2).toInt());
        return Errno::Ok;
    }
    if (word == "mark_unstable") {
        bench.registry.markUnstable(*source);
        bench.runWork();
        return Errno::Ok;
    }
    return unknownStep(step);
}

Result<Errno> ratingStep(ClocksourceBench& bench, const QJsonArray& step)
{
    const QString word = step.at(0).toString();
    if (word == "register") {
        return registerStep(bench, step);
    }
    if (word == "override") {
        bench.registry.setOverride(step.at(1).toString().toStdString());
        return Errno::Ok;
    }
    if (word == "done_booting") {
        bench.registry.doneBooting();
        return Errno::Ok;
    }
    return sourceStep(bench, step);
}

Result<QJsonObject> ratingSequence(const QJsonObject& in)
{
    RowReader row(in);
    const QJsonArray steps = row.list("steps");
    if (!row.ok()) {
        return row.failure();
    }
    const TickRate rate{250};
    ClocksourceBench bench(rate, rate.initialJiffies());
    QJsonArray answers;
    for (const auto& step : steps) {
        const auto ret = ratingStep(bench, step.toArray());
        if (!ret) {
            return tl::unexpected<Error>(ret.error());
        }
        QJsonObject answer = listState(bench);
        answer.insert("ret", returnValue(*ret));
        answers.append(answer);
    }
    return QJsonObject{{"steps", answers}};
}

// --- watchdog_seq -------------------------------------------------------------------------------

QJsonObject watchState(ClocksourceBench& bench)
{
    QJsonArray flags;
    QJsonArray ratings;
    for (const Driver& driver : bench.drivers()) {
        flags.append(number(driver.source.flags));
        ratings.append(driver.source.rating);
    }
    return {{"flags", flags},
            {"ratings", ratings},
            {"current", bench.current()},
            {"watchdog", bench.reference()},
            {"running", bench.running()},
            {"log", bench.takeLines()}};
}

Result<void> makeWatched(ClocksourceBench& bench, const QJsonArray& sources)
{
    for (const auto& value : sources) {
        const QJsonObject fields = value.toObject();
        RowReader row(fields);
        const FrequencyRegistration registration{.mask = counterMask(row.u32("mask_bits", 1, 64)),
                                                 .frequency = row.u32("freq", 1),
                                                 .margin = Ns{row.u32("margin_in")}};
        const auto rating = static_cast<int>(row.u32("rating", 0, 10'000));
        const std::uint64_t count = row.u64("count");
        const auto made = bench.make(row.text("name"), registration, rating, row.u32("flags"));
        if (!row.ok()) {
            return row.failure();
        }
        if (!made) {
            return tl::unexpected<Error>(made.error());
        }
        (*made)->counter.count = count;
    }
    return {};
}

Result<void> registerInOrder(ClocksourceBench& bench, const QJsonArray& order)
{
    for (const auto& value : order) {
        const qint64 index = value.toInteger(-1);
        if (index < 0 || index >= static_cast<qint64>(bench.drivers().size())) {
            return fail(ErrorCode::Corrupt, "register_order names no clocksource");
        }
        bench.add(bench.drivers()[static_cast<std::size_t>(index)]);
    }
    bench.registry.doneBooting();
    return {};
}

/// ["run", jiffies, [counter of each]]
Result<QJsonObject> watchStep(ClocksourceBench& bench, const QJsonArray& step)
{
    const QJsonArray counts = step.at(2).toArray();
    if (step.at(0).toString() != "run"
        || counts.size() != static_cast<qsizetype>(bench.drivers().size())) {
        return unknownStep(step);
    }
    for (qsizetype i = 0; i < counts.size(); ++i) {
        bench.drivers()[static_cast<std::size_t>(i)].counter.count
            = counts.at(i).toString().toULongLong();
    }
    bench.advanceTo(Jiffies{step.at(1).toString().toULongLong()});
    const bool worked = bench.runWork();
    QJsonObject answer = watchState(bench);
    answer.insert("work_run", worked ? 1 : 0);
    return answer;
}

Result<QJsonObject> watchdogSequence(const QJsonObject& in)
{
    RowReader row(in);
    const TickRate rate{row.u32("hz", 24, 1000)};
    const Jiffies start{row.u64("jiffies")};
    const QJsonArray sources = row.list("clocksources");
    const QJsonArray order = row.list("register_order");
    const QJsonArray steps = row.list("steps");
    if (!row.ok()) {
        return row.failure();
    }
    ClocksourceBench bench(rate, start);
    const auto made = makeWatched(bench, sources).and_then([&] {
        return tl::expected<void, Error>(registerInOrder(bench, order));
    });
    if (!made) {
        return tl::unexpected<Error>(made.error());
    }
    QJsonArray margins;
    for (const Driver& driver : bench.drivers()) {
        margins.append(number(driver.source.rate.uncertaintyMargin.count()));
    }
    QJsonObject out{{"margins", margins}, {"init", watchState(bench)}};
    QJsonArray answers;
    for (const auto& step : steps) {
        const auto answer = watchStep(bench, step.toArray());
        if (!answer) {
            return answer;
        }
        answers.append(*answer);
    }
    out.insert("steps", answers);
    return out;
}

constexpr OracleSet sets[] = {
    {.name = "rating_seq", .answer = ratingSequence},
    {.name = "watchdog_seq", .answer = watchdogSequence},
};

} // namespace

std::span<const OracleSet> watchdogSets()
{
    return sets;
}

} // namespace timerscope::oracle
