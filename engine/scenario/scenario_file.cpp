// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/scenario/scenario_file.h"

#include "engine/base/time_text.h"
#include "engine/base/wording.h"
#include "engine/scenario/boot_order.h"
#include "engine/scenario/clock_table.h"
#include "engine/scenario/device_file.h"
#include "engine/scenario/driver_table.h"
#include "engine/scenario/node_table.h"
#include "engine/scenario/step_file.h"
#include "engine/scenario/table_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace timerscope {

namespace {

void readConfig(TableReader& machine, KernelConfig& config, FileErrors& errors)
{
    struct Switch
    {
        std::string_view name;
        bool KernelConfig::* member;
    };
    static constexpr std::array<Switch, 12> switches{{
        {"HIGH_RES_TIMERS", &KernelConfig::highResTimers},
        {"NO_HZ", &KernelConfig::noHz},
        {"NO_HZ_FULL", &KernelConfig::noHzFull},
        {"POSIX_TIMERS", &KernelConfig::posixTimers},
        {"CLOCKSOURCE_WATCHDOG", &KernelConfig::clocksourceWatchdog},
        {"GENERIC_CLOCKEVENTS_BROADCAST", &KernelConfig::broadcast},
        {"MIN_ADJUST", &KernelConfig::minAdjust},
        {"SMP", &KernelConfig::smp},
        {"CLOCKSOURCE_VALIDATE_LAST_CYCLE", &KernelConfig::validateLastCycle},
        {"TIMER_MODULE_OWNERS", &KernelConfig::timerModuleOwners},
        {"HRTIMER_BROADCAST", &KernelConfig::hrtimerBroadcast},
        {"SCHED_CLOCK_FOR_MODULES", &KernelConfig::schedClockForModules},
    }};
    std::array<std::string_view, switches.size()> keys{};
    std::ranges::transform(switches, keys.begin(), &Switch::name);
    const ConfigValue table = machine.table("config");
    TableReader reader(table, "[machine.config]", keys, errors);
    for (const Switch& entry : switches) {
        config.*entry.member = reader.boolean(entry.name, config.*entry.member);
    }
}

CostModel readCost(TableReader& machine, FileErrors& errors)
{
    static constexpr std::array<std::string_view, 4> keys{"printk", "registration", "interrupt",
                                                          "callback"};
    const ConfigValue table = machine.table("cost");
    TableReader reader(table, "[machine.cost]", keys, errors);
    return {.printk = reader.time("printk", Ns{0}, Ns{0}),
            .registration = reader.time("registration", Ns{0}, Ns{0}),
            .interrupt = reader.time("interrupt", Ns{0}, Ns{0}),
            .callback = reader.time("callback", Ns{0}, Ns{0})};
}

const KernelProfile* readProfile(TableReader& reader)
{
    std::vector<std::string_view> names;
    for (const KernelProfile& profile : kernelProfiles()) {
        names.push_back(profile.name);
    }
    const auto reference = std::ranges::find(names, "linux-6.1") - names.begin();
    return &kernelProfiles()[reader.choice("profile", names, static_cast<std::size_t>(reference))];
}

RtcDescription readRtc(const ConfigValue& table, FileErrors& errors)
{
    static constexpr std::array<std::string_view, 7> keys{
        "driver", "device", "time", "persistent", "wakes", "sets_system_time", "functions"};
    TableReader reader(table, "[[machine.rtc]]", keys, errors);
    RtcDescription rtc;
    rtc.driver = reader.name("driver");
    rtc.device = reader.text("device", rtc.device);
    rtc.persistent = reader.boolean("persistent", rtc.persistent);
    rtc.wakes = reader.boolean("wakes", rtc.wakes);
    rtc.setsSystemTime = reader.boolean("sets_system_time", rtc.setsSystemTime);
    for (ConfigValue& item : reader.names("functions")) {
        rtc.functions.push_back(std::move(item.text));
    }
    const Result<RealtimeInstant> shown = parseUtc(reader.name("time"));
    if (shown) {
        rtc.atPowerOn = *shown;
    } else {
        reader.report("time", shown.error().what);
    }
    return rtc;
}

void readRtcs(TableReader& reader, MachineConfig& machine, FileErrors& errors)
{
    for (const ConfigValue& table : reader.tables("rtc")) {
        const RtcDescription rtc = readRtc(table, errors);
        for (const RtcDescription& other : machine.rtcs) {
            if (other.device == rtc.device) {
                errors.report(table.line,
                              fmt::format("the machine has two RTCs called {}; names must differ",
                                          inQuotes(rtc.device)));
            }
            if (other.persistent && rtc.persistent) {
                errors.report(table.line,
                              fmt::format("{} and {} are both persistent; a machine has at most "
                                          "one persistent clock",
                                          inQuotes(other.device), inQuotes(rtc.device)));
            }
        }
        machine.rtcs.push_back(rtc);
    }
}

IdleState readIdleState(const ConfigValue& table, FileErrors& errors)
{
    static constexpr std::array<std::string_view, 4> keys{"name", "exit_latency", "residency",
                                                          "stops_timer"};
    TableReader reader(table, "[[machine.idle]]", keys, errors);
    return {.name = reader.name("name"),
            .exitLatency = reader.time("exit_latency", Ns{0}, Ns{0}),
            .residency = reader.time("residency", Ns{0}, Ns{0}),
            .stopsTimer = reader.boolean("stops_timer", false)};
}

std::vector<IdleState> readIdleStates(TableReader& machine, FileErrors& errors)
{
    std::vector<IdleState> states;
    for (const ConfigValue& table : machine.tables("idle")) {
        states.push_back(readIdleState(table, errors));
        const std::size_t last = states.size() - 1;
        if (last > 0 && states[last].residency < states[last - 1].residency) {
            errors.report(table.line,
                          fmt::format("the idle state {} is worth it sooner than {} before it; "
                                      "they must go from shallow to deep",
                                      inQuotes(states[last].name),
                                      inQuotes(states[last - 1].name)));
        }
    }
    if (!states.empty() && states.front().stopsTimer) {
        errors.report(machine.lineOf("idle"),
                      fmt::format("the first idle state, {}, stops the CPU's timer; there must be "
                                  "one before it that does not",
                                  inQuotes(states.front().name)));
    }
    return states;
}

MachineConfig readMachine(TableReader& scenario, std::string_view name, FileErrors& errors)
{
    static constexpr std::array<std::string_view, 9> keys{
        "profile", "cpus", "hz", "bits", "command_line", "config", "cost", "idle", "rtc"};
    // What the kernel's own configuration menus offer.
    static constexpr std::array<unsigned, 6> tickRates{100, 200, 250, 300, 500, 1000};
    static constexpr std::array<unsigned, 2> widths{32, 64};
    const ConfigValue table = scenario.table("machine");
    TableReader reader(table, "[machine]", keys, errors);
    MachineConfig machine;
    machine.name = name;
    machine.profile = readProfile(reader);
    machine.cpus = static_cast<unsigned>(reader.integer("cpus", {.least = 1, .most = 64}, 1));
    machine.tickRate = {reader.oneOf("hz", tickRates, machine.tickRate.hz)};
    machine.bits = reader.oneOf("bits", widths, machine.bits);
    machine.commandLine = reader.text("command_line", "");
    readConfig(reader, machine.config, errors);
    machine.cost = readCost(reader, errors);
    machine.idleStates = readIdleStates(reader, errors);
    readRtcs(reader, machine, errors);
    return machine;
}

/// Two drivers that register the same name would leave every later step about it in doubt.
template<typename Row>
void checkNames(const DeviceDescription& added, const Scenario& scenario,
                std::vector<Row> DeviceDescription::* rows, const ConfigValue& item,
                FileErrors& errors)
{
    for (const DeviceDescription& other : scenario.devices) {
        for (const Row& row : added.*rows) {
            if (std::ranges::find(other.*rows, row.name, &Row::name) != (other.*rows).end()) {
                errors.report(item.line,
                              fmt::format("the devices {} and {} both bring {}; names must differ",
                                          inQuotes(other.name), inQuotes(added.name),
                                          inQuotes(row.name)));
            }
        }
    }
}

void readDevices(TableReader& reader, const DeviceLookup& lookup, Scenario& scenario,
                 FileErrors& errors)
{
    for (const ConfigValue& item : reader.names("devices")) {
        Result<DeviceDescription> device = lookup(item.text);
        if (device) {
            checkNames(*device, scenario, &DeviceDescription::counters, item, errors);
            checkNames(*device, scenario, &DeviceDescription::events, item, errors);
            scenario.devices.push_back(std::move(*device));
        } else if (device.error().code == ErrorCode::NotFound) {
            errors.report(item.line, device.error().what, ErrorCode::NotFound);
        } else {
            errors.report(device.error());
        }
        if (errors.any()) {
            return;
        }
    }
}

/// std::stable_sort asks for memory in a way that clang 19 calls deprecated.
void sortByTime(std::vector<Step>& steps)
{
    std::vector<std::pair<TraceInstant, std::size_t>> order;
    order.reserve(steps.size());
    for (std::size_t i = 0; i < steps.size(); ++i) {
        order.emplace_back(steps[i].at, i);
    }
    std::ranges::sort(order);
    std::vector<Step> sorted;
    sorted.reserve(steps.size());
    for (const auto& [at, index] : order) {
        sorted.push_back(std::move(steps[index]));
    }
    steps = std::move(sorted);
}

void readSteps(TableReader& reader, Scenario& scenario, FileErrors& errors)
{
    for (const ConfigValue& table : reader.tables("step")) {
        const std::optional<Step> step = readStep(table, scenario, errors);
        if (!step) {
            return;
        }
        scenario.steps.push_back(*step);
    }
    sortByTime(scenario.steps);
    checkBootOrder(scenario.steps, errors);
    scenario.machine.boot = bootPlanOf(scenario.steps);
}

Scenario readScenario(const ConfigValue& root, std::string_view file, const DeviceLookup& lookup,
                      FileErrors& errors)
{
    static constexpr std::array<std::string_view, 9> keys{"title",   "description", "end",
                                                          "machine", "clock",       "clock_driver",
                                                          "node",    "devices",     "step"};
    TableReader reader(root, "the scenario", keys, errors);
    Scenario scenario;
    scenario.name = nameOfFile(file);
    scenario.file = file;
    scenario.title = reader.text("title");
    scenario.description = reader.text("description", "");
    scenario.end = TraceInstant{reader.time("end", Ns{1})};
    scenario.machine = readMachine(reader, scenario.name, errors);
    if (!errors.any()) {
        readClocks(reader, scenario.machine, errors);
        scenario.machine.clockDriver = readClockDriver(reader.table("clock_driver"), errors);
    }
    if (!errors.any()) {
        readNodes(reader, scenario.machine, errors);
    }
    if (!errors.any()) {
        readDevices(reader, lookup, scenario, errors);
    }
    if (!errors.any()) {
        fitDevicesToNodes(scenario, errors);
    }
    if (!errors.any()) {
        readSteps(reader, scenario, errors);
    }
    return scenario;
}

} // namespace

Result<Scenario> parseScenario(std::string_view text, std::string_view file,
                               const DeviceLookup& lookup)
{
    const Result<ConfigValue> root = parseToml(text, file);
    if (!root) {
        return tl::unexpected(root.error());
    }
    FileErrors errors(file);
    Scenario scenario = readScenario(*root, file, lookup, errors);
    if (errors.any()) {
        return tl::unexpected(errors.first());
    }
    return scenario;
}

} // namespace timerscope
