// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/scenario/device_file.h"

#include "engine/base/kernel_types.h"
#include "engine/base/time_text.h"
#include "engine/base/wording.h"
#include "engine/scenario/driver_table.h"
#include "engine/scenario/mmio_table.h"
#include "engine/scenario/table_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace timerscope {

namespace {

// clocksource_register_hz and clockevents_config_and_register take 32 bits of hertz.
constexpr IntegerRange rateRange{.least = 1, .most = 0xffff'ffff};
constexpr IntegerRange bitsRange{.least = 1, .most = 64};
// Ratings are the kernel's int; its bands are advice.
constexpr IntegerRange ratingRange{.least = INT32_MIN, .most = INT32_MAX};
constexpr std::uint64_t leastTicks = 1;
constexpr IntegerRange multRange{.least = 1, .most = 0xffff'ffff};
// The timekeeper shifts by what is left of 32 bits: a larger one makes nonsense in a kernel.
constexpr IntegerRange shiftRange{.least = 0, .most = 32};
// The kernel keeps a clocksource's margin in 32 bits of ns.
constexpr Ns longestMargin{0xffff'ffff};
constexpr IntegerRange irqRange{.least = 0, .most = 0xffff};

// The core sets WATCHDOG, UNSTABLE and RESELECT by itself; the others are the drivers'.
constexpr std::array<NamedBit, 5> counterFlags{{
    {"continuous", clocksource_flag::continuous},
    {"must-verify", clocksource_flag::mustVerify},
    {"valid-for-hres", clocksource_flag::validForHres},
    {"suspend-nonstop", clocksource_flag::suspendNonstop},
    {"verify-percpu", clocksource_flag::verifyPercpu},
}};

constexpr std::array<NamedBit, 8> eventFeatures{{
    {"periodic", clock_event_feature::periodic},
    {"oneshot", clock_event_feature::oneshot},
    {"ktime", clock_event_feature::ktime},
    {"c3stop", clock_event_feature::c3stop},
    {"dummy", clock_event_feature::dummy},
    {"dynirq", clock_event_feature::dynirq},
    {"percpu", clock_event_feature::percpu},
    {"hrtimer", clock_event_feature::hrtimer},
}};

// In the order of CounterKind.
constexpr std::array<std::string_view, 3> counterKinds{"hardware", "jiffies", "refined-jiffies"};

MappedCounter readWhere(TableReader& reader, const CounterDescription& counter, FileErrors& errors)
{
    MappedCounter where = readMmio(reader.table("mmio"), errors);
    const unsigned most = where.width * (where.high ? 2 : 1);
    if (counter.bits > most) {
        reader.report("bits",
                      fmt::format("\"bits\" in [[counter]] is {}; it must be a whole number from "
                                  "1 to {}, which is what [counter.mmio] reads",
                                  counter.bits, most));
    }
    return where;
}

/// A driver that registers its own factor gives both halves of it.
std::optional<MultShift> readFactor(TableReader& reader)
{
    if (reader.has("mult") != reader.has("shift")) {
        const std::string_view there = reader.has("mult") ? "mult" : "shift";
        reader.report(there,
                      fmt::format("{} in [[counter]] stands alone; it must come with {}",
                                  inQuotes(there), there == "mult" ? "\"shift\"" : "\"mult\""));
        return std::nullopt;
    }
    if (!reader.has("mult")) {
        return std::nullopt;
    }
    return MultShift{.mult = static_cast<std::uint32_t>(reader.integer("mult", multRange)),
                     .shift = static_cast<std::uint32_t>(reader.integer("shift", shiftRange))};
}

Ns readMargin(TableReader& reader)
{
    const Ns margin = reader.time("margin", Ns{0}, Ns{0});
    if (margin > longestMargin) {
        reader.report("margin",
                      fmt::format("\"margin\" in [[counter]] is {}; it must be at most {}",
                                  timeText(margin), timeText(longestMargin)));
    }
    return margin;
}

/// What is known of a counter that is a device's own and not the kernel's.
void readHardware(TableReader& reader, CounterDescription& counter, FileErrors& errors)
{
    counter.rate = {static_cast<std::uint64_t>(reader.integer("rate", rateRange))};
    counter.factor = readFactor(reader);
    counter.margin = readMargin(reader);
    if (reader.has("mmio")) {
        counter.mmio = readWhere(reader, counter, errors);
    }
}

/// The kernel's own counts have a rate, a factor and a margin of the kernel's, and no place.
void refuseHardwareKeys(TableReader& reader, CounterKind kind)
{
    struct Refusal
    {
        std::string_view key;
        std::string_view why;
    };
    constexpr std::array<Refusal, 5> refusals{{
        {"rate", "it counts HZ"},
        {"mult", "the kernel works it out from HZ"},
        {"shift", "the kernel works it out from HZ"},
        {"margin", "the kernel has one of its own"},
        {"mmio", "the kernel keeps it itself"},
    }};
    for (const Refusal& refusal : refusals) {
        if (reader.has(refusal.key)) {
            reader.report(refusal.key,
                          fmt::format("a counter of kind {} has no {}: {}",
                                      inQuotes(counterKinds.at(static_cast<std::size_t>(kind))),
                                      inQuotes(refusal.key), refusal.why));
        }
    }
}

CounterDescription readCounter(const ConfigValue& table, FileErrors& errors)
{
    static constexpr std::array<std::string_view, 14> keys{
        "name",  "kind",   "rate",      "bits",        "rating",      "flags", "mult",
        "shift", "margin", "read_cost", "sched_clock", "delay_timer", "mmio",  "stands_in_suspend"};
    TableReader reader(table, "[[counter]]", keys, errors);
    CounterDescription counter;
    counter.name = reader.name("name");
    counter.kind = static_cast<CounterKind>(reader.choice("kind", counterKinds, 0));
    counter.bits = static_cast<unsigned>(reader.integer("bits", bitsRange));
    counter.rating = static_cast<int>(reader.integer("rating", ratingRange));
    counter.flags = reader.bits("flags", counterFlags);
    counter.readCost = reader.time("read_cost", Ns{0}, Ns{0});
    counter.schedClock = reader.boolean("sched_clock", false);
    counter.delayTimer = reader.boolean("delay_timer", false);
    if (reader.has("stands_in_suspend")) {
        counter.standsInSuspend = reader.boolean("stands_in_suspend");
    }
    if (counter.kind == CounterKind::Hardware) {
        readHardware(reader, counter, errors);
    } else {
        refuseHardwareKeys(reader, counter.kind);
    }
    return counter;
}

void readTicks(TableReader& reader, EventDescription& event)
{
    event.minTicks = reader.wideInteger("min_ticks", leastTicks, event.minTicks);
    event.maxTicks = reader.wideInteger("max_ticks", leastTicks, event.maxTicks);
    if (event.maxTicks <= event.minTicks) {
        reader.report("max_ticks",
                      fmt::format("\"max_ticks\" in [[event]] is {}; it must be more "
                                  "than \"min_ticks\", which is {}",
                                  event.maxTicks, event.minTicks));
    }
}

/// A dummy never fires, so its driver may leave it without a rate and then without limits.
void refuseTicks(TableReader& reader, EventDescription& event)
{
    event.minTicks = 0;
    event.maxTicks = 0;
    for (const std::string_view key : {"min_ticks", "max_ticks"}) {
        if (reader.has(key)) {
            reader.report(key,
                          fmt::format("a dummy without \"rate\" has no {}: it is registered "
                                      "without being configured",
                                      inQuotes(key)));
        }
    }
}

EventDescription readEvent(const ConfigValue& table, FileErrors& errors)
{
    static constexpr std::array<std::string_view, 8> keys{
        "name", "rate", "rating", "features", "min_ticks", "max_ticks", "irq", "per_cpu"};
    TableReader reader(table, "[[event]]", keys, errors);
    EventDescription event;
    event.name = reader.name("name");
    event.rating = static_cast<int>(reader.integer("rating", ratingRange));
    event.features = reader.bits("features", eventFeatures);
    const bool dummy = (event.features & clock_event_feature::dummy) != 0;
    if (dummy && !reader.has("rate")) {
        refuseTicks(reader, event);
    } else {
        event.rate = {static_cast<std::uint64_t>(reader.integer("rate", rateRange))};
        readTicks(reader, event);
    }
    if (reader.has("irq")) {
        event.irq = static_cast<unsigned>(reader.integer("irq", irqRange));
    }
    event.perCpu = reader.boolean("per_cpu", false);
    return event;
}

/// sysfs and the steps find a clocksource by its name, so within a block names are told apart.
template<typename Row>
void checkNames(const std::vector<Row>& rows, const std::vector<ConfigValue>& tables,
                FileErrors& errors)
{
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto same = std::ranges::find(rows, rows[i].name, &Row::name);
        const auto first = static_cast<std::size_t>(same - rows.begin());
        if (first < i) {
            errors.report(tables[i].line,
                          fmt::format("the name {} is taken by line {}", inQuotes(rows[i].name),
                                      tables[first].line));
        }
    }
}

/// Reads every [[key]] with @p readRow.
template<typename Row>
std::vector<Row> readRows(TableReader& reader, std::string_view key,
                          Row (*readRow)(const ConfigValue&, FileErrors&), FileErrors& errors)
{
    const auto tables = reader.tables(key);
    std::vector<Row> rows;
    rows.reserve(tables.size());
    for (const ConfigValue& table : tables) {
        rows.push_back(readRow(table, errors));
    }
    checkNames(rows, tables, errors);
    return rows;
}

DeviceDescription readDevice(const ConfigValue& root, std::string_view file, FileErrors& errors)
{
    static constexpr std::array<std::string_view, 8> keys{
        "title", "source", "assumed", "compatible", "driver", "counter", "event", "channel"};
    TableReader reader(root, "the device", keys, errors);
    DeviceDescription device;
    device.name = nameOfFile(file);
    device.title = reader.text("title");
    device.source = reader.text("source");
    device.assumed = reader.text("assumed", "");
    for (ConfigValue& item : reader.names("compatible")) {
        device.compatible.push_back(std::move(item.text));
    }
    device.driver = readDriver(reader.table("driver"), errors);
    device.counters = readRows(reader, "counter", readCounter, errors);
    device.events = readRows(reader, "event", readEvent, errors);
    device.channels = readRows(reader, "channel", readChannel, errors);
    if (device.counters.empty() && device.events.empty()) {
        errors.report(1, "the device has neither a [[counter]] nor an [[event]]; it must have one");
    }
    return device;
}

} // namespace

std::string_view nameOfFile(std::string_view file)
{
    constexpr std::string_view suffix = ".toml";
    file = file.substr(file.find_last_of('/') + 1);
    return file.ends_with(suffix) ? file.substr(0, file.size() - suffix.size()) : file;
}

Result<DeviceDescription> parseDevice(std::string_view text, std::string_view file)
{
    const Result<ConfigValue> root = parseToml(text, file);
    if (!root) {
        return tl::unexpected(root.error());
    }
    FileErrors errors(file);
    DeviceDescription device = readDevice(*root, file, errors);
    if (errors.any()) {
        return tl::unexpected(errors.first());
    }
    return device;
}

} // namespace timerscope
