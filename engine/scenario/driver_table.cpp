// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/scenario/driver_table.h"

#include <array>
#include <utility>

namespace timerscope {

namespace {

// In the order of DriverOwner and ChannelRole.
constexpr std::array<std::string_view, 3> owners{"never", "patched", "always"};
constexpr std::array<std::string_view, 2> roles{"watchdog", "pwm"};

/// A key that may be missing, but names something when it is there.
std::string nameIfAny(TableReader& reader, std::string_view key)
{
    return reader.has(key) ? reader.name(key) : std::string();
}

std::vector<std::string> namesOf(TableReader& reader, std::string_view key)
{
    std::vector<std::string> names;
    for (ConfigValue& item : reader.names(key)) {
        names.push_back(std::move(item.text));
    }
    return names;
}

DriverFunctions readFunctions(const ConfigValue& table, FileErrors& errors)
{
    static constexpr std::array<std::string_view, 4> keys{"init", "calls", "clocksource",
                                                          "interrupt"};
    TableReader reader(table, "[driver.functions]", keys, errors);
    return {.init = namesOf(reader, "init"),
            .calls = namesOf(reader, "calls"),
            .clocksource = nameIfAny(reader, "clocksource"),
            .interrupt = nameIfAny(reader, "interrupt")};
}

} // namespace

DriverDescription readDriver(const ConfigValue& table, FileErrors& errors)
{
    static constexpr std::array<std::string_view, 7> keys{
        "name", "module", "owner", "single", "clock", "leaves_clocksources", "functions"};
    TableReader reader(table, "[driver]", keys, errors);
    DriverDescription driver;
    driver.name = nameIfAny(reader, "name");
    driver.module = nameIfAny(reader, "module");
    driver.owner = static_cast<DriverOwner>(reader.choice("owner", owners, 0));
    driver.single = reader.boolean("single", false);
    driver.clock = nameIfAny(reader, "clock");
    driver.leavesClocksources = reader.boolean("leaves_clocksources", false);
    driver.functions = readFunctions(reader.table("functions"), errors);
    if (driver.name.empty() && !driver.module.empty()) {
        reader.report("module",
                      R"("module" in [driver] goes with a "name" only: a driver without one is )"
                      "probed before any module can be loaded");
    }
    return driver;
}

DriverFunctions readClockDriver(const ConfigValue& table, FileErrors& errors)
{
    static constexpr std::array<std::string_view, 2> keys{"init", "calls"};
    TableReader reader(table, "[clock_driver]", keys, errors);
    return {.init = namesOf(reader, "init"),
            .calls = namesOf(reader, "calls"),
            .clocksource = {},
            .interrupt = {}};
}

ChannelUse readChannel(const ConfigValue& table, FileErrors& errors)
{
    static constexpr std::array<std::string_view, 2> keys{"name", "role"};
    TableReader reader(table, "[[channel]]", keys, errors);
    ChannelUse channel;
    channel.name = reader.name("name");
    channel.role = static_cast<ChannelRole>(reader.choice("role", roles));
    return channel;
}

} // namespace timerscope
