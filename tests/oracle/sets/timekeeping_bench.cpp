// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/oracle/sets/timekeeping_bench.h"

namespace timerscope::oracle {
namespace {

/// The fields of a Timex under the names that rows give them.
struct NamedField
{
    const char* name;
    std::int64_t Timex::* field;
};

constexpr NamedField namedFields[] = {
    {"offset", &Timex::offset},     {"freq", &Timex::frequency},    {"maxerror", &Timex::maxError},
    {"esterror", &Timex::estError}, {"constant", &Timex::constant}, {"sec", &Timex::seconds},
    {"usec", &Timex::subseconds},   {"tick", &Timex::tick},
};

} // namespace

TimekeepingBench::TimekeepingBench(TickRate rate, const WallTime& persistent)
    : m_jiffies(rate)
    , m_boot(makeJiffiesClocksource(m_jiffies, rate))
    , m_timekeeper(m_boot, rate, {.persistent = persistent, .kernelLog = this})
{
}

Result<std::unique_ptr<TimekeepingBench>>
TimekeepingBench::boot(TickRate rate, const WallTime& persistent, const QJsonArray& clocksources)
{
    std::unique_ptr<TimekeepingBench> bench(new TimekeepingBench(rate, persistent));
    for (const QJsonValue description : clocksources) {
        if (auto added = bench->add(description.toObject()); !added) {
            return tl::unexpected<Error>(std::move(added.error()));
        }
    }
    if (!bench->isClocksource(0)) {
        return fail(ErrorCode::Corrupt, "clocksources is empty; at least one is needed");
    }
    bench->switchTo(0);
    return bench;
}

Result<void> TimekeepingBench::add(const QJsonObject& description)
{
    RowReader row(description);
    const FrequencyRegistration registration{.mask = counterMask(row.u32("mask_bits", 1, 64)),
                                             .scale = row.u32("scale", 1, nsPerSecond),
                                             .frequency = row.u32("freq", 1)};
    // Rows with one clocksource start it at zero and cannot sleep.
    const Cycles count{row.has("count") ? row.u64("count") : 0};
    const bool nonstop = row.has("nonstop") && row.u32("nonstop", 0, 1) != 0;
    if (!row.ok()) {
        return row.failure();
    }
    const auto rate = rateOf(registration);
    if (!rate) {
        return tl::unexpected<Error>(rate.error());
    }
    m_counters.emplace_back().count = count;
    Clocksource& source = m_sources.emplace_back();
    source.name = "c" + std::to_string(m_sources.size() - 1);
    source.rate = *rate;
    source.flags = nonstop ? clocksource_flag::suspendNonstop : 0;
    source.counter = &m_counters.back();
    return {};
}

void TimekeepingBench::print(std::string_view line)
{
    m_log.append(QString::fromUtf8(line.data(), static_cast<qsizetype>(line.size())));
}

bool TimekeepingBench::setCount(const QJsonArray& step, qsizetype index)
{
    return setCount(m_current, step, index);
}

bool TimekeepingBench::setCount(std::size_t clocksource, const QJsonArray& step, qsizetype index)
{
    if (index >= step.size() || step.at(index).isNull()) {
        return true;
    }
    const QJsonObject named{{"count", step.at(index)}};
    RowReader row(named);
    m_counters.at(clocksource).count = Cycles{row.u64("count")};
    return row.ok();
}

void TimekeepingBench::switchTo(std::size_t index)
{
    m_current = index;
    m_timekeeper.changeClocksource(m_sources.at(index));
}

SleepClocks TimekeepingBench::sleepClocks(std::int64_t persistentSecond)
{
    // Where both count on, the recordings registered the second one with the better rating.
    Clocksource* nonstop = nullptr;
    for (Clocksource& source : m_sources) {
        nonstop = source.has(clocksource_flag::suspendNonstop) ? &source : nonstop;
    }
    return {.persistent = {.seconds = persistentSecond}, .nonstop = nonstop};
}

Result<AdjtimexAnswer> askAdjtimex(Timekeeper& timekeeper, const QJsonObject& fields, Timex& timex)
{
    RowReader row(fields);
    timex.modes = row.u32("modes");
    timex.status = row.has("status") ? row.u32("status") : 0;
    for (const NamedField& named : namedFields) {
        timex.*named.field = row.has(named.name) ? row.s64(named.name) : 0;
    }
    if (!row.ok()) {
        return row.failure();
    }
    return timekeeper.adjtimex(timex);
}

} // namespace timerscope::oracle
