// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/scenario/node_table.h"

#include "engine/base/wording.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace timerscope {

namespace {

// clocksource_register_hz and clockevents_config_and_register take 32 bits of hertz.
constexpr std::uint64_t highestRate = UINT32_MAX;

MemoryRegion readReg(TableReader& node, FileErrors& errors)
{
    static constexpr std::array<std::string_view, 2> keys{"base", "size"};
    ConfigValue table = node.table("reg");
    table.line = node.lineOf("reg");
    TableReader reader(table, "\"reg\"", keys, errors);
    MemoryRegion region;
    region.base = static_cast<std::uint64_t>(reader.integer("base", {.least = 0}));
    region.size = static_cast<std::uint64_t>(reader.integer("size", {.least = 1}));
    return region;
}

std::vector<NodeClock> readNodeClocks(TableReader& node, const ClockTree& tree, FileErrors& errors)
{
    std::vector<std::string_view> known;
    for (const ClockProvider& clock : tree.providers()) {
        known.emplace_back(clock.name);
    }
    std::vector<NodeClock> clocks;
    for (const ConfigValue& item : node.table("clocks").items) {
        if (item.kind != ConfigKind::Text) {
            errors.report(item.line,
                          fmt::format("{} in \"clocks\" is {}; it must be the name of a [[clock]]",
                                      inQuotes(item.key), nameOf(item.kind)));
        } else if (tree.find(item.text) == nullptr) {
            errors.report(item.line,
                          fmt::format("unknown clock {}{}", inQuotes(item.text),
                                      known.empty()
                                          ? "; the scenario has no [[clock]]"
                                          : hintFor(item.text, known, "the scenario has")));
        }
        clocks.push_back({.input = item.key, .clock = item.text});
    }
    return clocks;
}

/// dtc warns of it; here it is taken for a slip of the pen.
void checkUnitAddress(TableReader& reader, const DeviceNode& node)
{
    if (node.reg && !node.unitAddress().empty()
        && node.unitAddress() != fmt::format("{:x}", node.reg->base)) {
        reader.report("reg",
                      fmt::format("the node {} has its registers at {:#x}; the address in its name "
                                  "must be the same",
                                  inQuotes(node.name), node.reg->base));
    }
}

DeviceNode readNode(const ConfigValue& table, const ClockTree& tree, FileErrors& errors)
{
    static constexpr std::array<std::string_view, 5> keys{"name", "compatible", "reg", "clocks",
                                                          "status"};
    TableReader reader(table, "[[node]]", keys, errors);
    DeviceNode node;
    node.line = table.line;
    node.name = reader.name("name");
    for (ConfigValue& item : reader.names("compatible")) {
        node.compatible.push_back(std::move(item.text));
    }
    if (node.compatible.empty()) {
        reader.report("compatible",
                      "[[node]] has no \"compatible\"; it must have at least one name by which a "
                      "driver finds it");
    }
    if (reader.has("reg")) {
        node.reg = readReg(reader, errors);
        checkUnitAddress(reader, node);
    }
    node.clocks = readNodeClocks(reader, tree, errors);
    node.status = reader.text("status", node.status);
    return node;
}

/// The nodes that @p device's driver finds.
std::vector<const DeviceNode*> nodesOf(const DeviceDescription& device,
                                       const MachineConfig& machine)
{
    std::vector<const DeviceNode*> found;
    for (const DeviceNode& node : machine.nodes) {
        if (node.isAvailable() && node.isCompatibleWith(device.compatible)) {
            found.push_back(&node);
        }
    }
    return found;
}

/// The rates of @p device that its driver works out from its clock.
std::vector<Hertz*> ratesOf(DeviceDescription& device)
{
    std::vector<Hertz*> rates;
    for (CounterDescription& counter : device.counters) {
        if (counter.kind == CounterKind::Hardware && !counter.factor) {
            rates.push_back(&counter.rate);
        }
    }
    for (EventDescription& event : device.events) {
        if (event.rate.value != 0) {
            rates.push_back(&event.rate);
        }
    }
    return rates;
}

void setRates(DeviceDescription& device, const DeviceNode& node, const MachineConfig& machine,
              FileErrors& errors)
{
    const std::string* const clock = node.clockOf(device.driver.clock);
    if (device.driver.clock.empty() || clock == nullptr) {
        return; // the probe will tell, if it matters
    }
    const Hertz rate = machine.clocks.rate(*clock);
    const auto rates = ratesOf(device);
    const bool isOne = std::ranges::all_of(
        rates, [&](const Hertz* other) { return other->value == rates.front()->value; });
    if (!isOne) {
        errors.report(node.line,
                      fmt::format("the device {} counts at several rates; only one that counts at "
                                  "a single rate can take it from the clock {}",
                                  inQuotes(device.name), inQuotes(*clock)));
    }
    if (rate.value > highestRate) {
        errors.report(node.line,
                      fmt::format("the clock {} of the device {} has {} Hz; it must have at most "
                                  "{} Hz",
                                  inQuotes(*clock), inQuotes(device.name), rate.value,
                                  highestRate));
    }
    for (Hertz* const each : rates) {
        *each = rate;
    }
}

} // namespace

void readNodes(TableReader& scenario, MachineConfig& machine, FileErrors& errors)
{
    for (const ConfigValue& table : scenario.tables("node")) {
        DeviceNode node = readNode(table, machine.clocks, errors);
        const auto same = std::ranges::find(machine.nodes, node.name, &DeviceNode::name);
        if (same != machine.nodes.end()) {
            errors.report(table.line,
                          fmt::format("the node {} is there already, on line {}",
                                      inQuotes(node.name), same->line));
        }
        machine.nodes.push_back(std::move(node));
    }
}

void fitDevicesToNodes(Scenario& scenario, FileErrors& errors)
{
    for (DeviceDescription& device : scenario.devices) {
        const auto nodes = nodesOf(device, scenario.machine);
        if (nodes.size() > 1 && !device.driver.single) {
            errors.report(nodes[1]->line,
                          fmt::format("the nodes {} and {} are both for the device {}; this "
                                      "version has one instance of each device",
                                      inQuotes(nodes[0]->name), inQuotes(nodes[1]->name),
                                      inQuotes(device.name)));
        }
        if (!nodes.empty()) {
            setRates(device, *nodes.front(), scenario.machine, errors);
        }
    }
}

} // namespace timerscope
