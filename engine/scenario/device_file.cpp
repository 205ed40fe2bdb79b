// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/scenario/device_file.h"

#include "engine/base/kernel_types.h"
#include "engine/base/wording.h"
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
constexpr IntegerRange ticksRange{.least = 1};
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

std::optional<MappedCounter> readWhere(TableReader& reader, const CounterDescription& counter,
                                       FileErrors& errors)
{
    if (counter.kind == CounterKind::Jiffies) {
        reader.report("mmio",
                      R"(a counter of kind "jiffies" has no "mmio": the kernel keeps it itself)");
        return std::nullopt;
    }
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

CounterDescription readCounter(const ConfigValue& table, FileErrors& errors)
{
    static constexpr std::array<std::string_view, 10> keys{
        "name",  "kind",      "rate",        "bits",        "rating",
        "flags", "read_cost", "sched_clock", "delay_timer", "mmio"};
    static constexpr std::array<std::string_view, 2> kinds{"hardware", "jiffies"};
    TableReader reader(table, "[[counter]]", keys, errors);
    CounterDescription counter;
    counter.name = reader.name("name");
    counter.kind
        = reader.choice("kind", kinds, 0) == 0 ? CounterKind::Hardware : CounterKind::Jiffies;
    const bool hardware = counter.kind == CounterKind::Hardware;
    if (hardware) {
        counter.rate = {static_cast<std::uint64_t>(reader.integer("rate", rateRange))};
    } else if (reader.has("rate")) {
        reader.report("rate", R"(a counter of kind "jiffies" has no "rate": it counts HZ)");
    }
    counter.bits = static_cast<unsigned>(reader.integer("bits", bitsRange));
    counter.rating = static_cast<int>(reader.integer("rating", ratingRange));
    counter.flags = reader.bits("flags", counterFlags);
    counter.readCost = reader.time("read_cost", Ns{0}, Ns{0});
    counter.schedClock = reader.boolean("sched_clock", false);
    counter.delayTimer = reader.boolean("delay_timer", false);
    if (reader.has("mmio")) {
        counter.mmio = readWhere(reader, counter, errors);
    }
    return counter;
}

EventDescription readEvent(const ConfigValue& table, FileErrors& errors)
{
    static constexpr std::array<std::string_view, 8> keys{
        "name", "rate", "rating", "features", "min_ticks", "max_ticks", "irq", "per_cpu"};
    TableReader reader(table, "[[event]]", keys, errors);
    EventDescription event;
    event.name = reader.name("name");
    event.rate = {static_cast<std::uint64_t>(reader.integer("rate", rateRange))};
    event.rating = static_cast<int>(reader.integer("rating", ratingRange));
    event.features = reader.bits("features", eventFeatures);
    event.minTicks = static_cast<std::uint64_t>(reader.integer("min_ticks", ticksRange, 1));
    event.maxTicks
        = static_cast<std::uint64_t>(reader.integer("max_ticks", ticksRange, 0xffff'ffff));
    if (event.maxTicks <= event.minTicks) {
        reader.report("max_ticks",
                      fmt::format("\"max_ticks\" in [[event]] is {}; it must be more "
                                  "than \"min_ticks\", which is {}",
                                  event.maxTicks, event.minTicks));
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

void readCounters(TableReader& reader, DeviceDescription& device, FileErrors& errors)
{
    const auto tables = reader.tables("counter");
    for (const ConfigValue& table : tables) {
        device.counters.push_back(readCounter(table, errors));
    }
    checkNames(device.counters, tables, errors);
}

void readEvents(TableReader& reader, DeviceDescription& device, FileErrors& errors)
{
    const auto tables = reader.tables("event");
    for (const ConfigValue& table : tables) {
        device.events.push_back(readEvent(table, errors));
    }
    checkNames(device.events, tables, errors);
}

DeviceDescription readDevice(const ConfigValue& root, std::string_view file, FileErrors& errors)
{
    static constexpr std::array<std::string_view, 7> keys{
        "title", "source", "assumed", "compatible", "module", "counter", "event"};
    TableReader reader(root, "the device", keys, errors);
    DeviceDescription device;
    device.name = nameOfFile(file);
    device.title = reader.text("title");
    device.source = reader.text("source");
    device.assumed = reader.text("assumed", "");
    for (ConfigValue& item : reader.names("compatible")) {
        device.compatible.push_back(std::move(item.text));
    }
    device.module = reader.text("module", "");
    readCounters(reader, device, errors);
    readEvents(reader, device, errors);
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
