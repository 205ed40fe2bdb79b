// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/catalogue.h"

#include "engine/base/frequency_text.h"
#include "engine/base/time_text.h"
#include "engine/base/wording.h"
#include "engine/scenario/device_file.h"
#include "engine/scenario/scenario_file.h"

#include <fmt/format.h>

#include <cerrno>
#include <fstream>
#include <system_error>

namespace timerscope {

namespace {

// One byte more than the parser takes: what is longer is cut here and refused there.
constexpr std::size_t longestFile = (std::size_t{1} << 20U) + 1;

Result<std::string> textOf(const std::filesystem::path& file)
{
    std::error_code ignored;
    if (std::filesystem::is_directory(file, ignored)) {
        return fail(ErrorCode::NotFound,
                    fmt::format("cannot read {}: it is a folder", inQuotes(file.string())));
    }
    errno = 0;
    std::ifstream in(file, std::ios::binary);
    std::string text(longestFile, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (!in.is_open() || in.bad()) {
        const std::string why = std::generic_category().message(errno != 0 ? errno : EIO);
        return fail(ErrorCode::NotFound,
                    fmt::format("cannot read {}: {}", inQuotes(file.string()), why));
    }
    text.resize(static_cast<std::size_t>(in.gcount()));
    return text;
}

bool isFile(std::string_view nameOrFile)
{
    return nameOrFile.find('/') != std::string_view::npos || nameOrFile.ends_with(".toml");
}

std::string figuresOf(const CounterDescription& counter)
{
    std::string text
        = fmt::format("clocksource {}: {}, {} bits, rating {}", counter.name,
                      counter.kind == CounterKind::Hardware ? frequencyText(counter.rate) : "HZ",
                      counter.bits, counter.rating);
    if (counter.factor) {
        text += fmt::format(", mult {} shift {}", counter.factor->mult, counter.factor->shift);
    }
    if (counter.margin > Ns{0}) {
        text += fmt::format(", margin {}", timeText(counter.margin));
    }
    if (counter.readCost > Ns{0}) {
        text += fmt::format(", read in {}", timeText(counter.readCost));
    }
    text += counter.schedClock ? ", sched_clock" : "";
    text += counter.delayTimer ? ", delay timer" : "";
    return text;
}

std::string figuresOf(const EventDescription& event)
{
    std::string text = fmt::format("event device {}: ", event.name);
    // Only a dummy has no rate, and then it has no ticks.
    text += event.rate == Hertz{0}
        ? fmt::format("dummy, rating {}", event.rating)
        : fmt::format("{}, rating {}, {} to {} ticks", frequencyText(event.rate), event.rating,
                      event.minTicks, event.maxTicks);
    return text + (event.perCpu ? ", on every CPU" : "");
}

std::string figuresOf(const DriverDescription& driver)
{
    const auto ownerText = [](DriverOwner owner) -> std::string_view {
        switch (owner) {
        case DriverOwner::Never:
            return ", never its owner";
        case DriverOwner::Patched:
            return ", its owner once patched";
        case DriverOwner::Always:
            return ", its owner";
        }
        return "";
    };
    std::string text = fmt::format("driver {}: ", driver.name);
    text += driver.module.empty()
        ? "built in"
        : fmt::format("module {}{}", driver.module, ownerText(driver.owner));
    text += driver.clock.empty() ? "" : fmt::format(", clock {}", driver.clock);
    return text + (driver.single ? ", one at most" : "");
}

std::string figuresOf(const ChannelUse& channel)
{
    return fmt::format("channel {}: {}", channel.name,
                       channel.role == ChannelRole::Watchdog ? "watchdog" : "PWM");
}

std::vector<std::string> figuresOf(const DeviceDescription& device)
{
    std::vector<std::string> figures;
    if (!device.driver.name.empty()) {
        figures.push_back(figuresOf(device.driver));
    }
    for (const CounterDescription& counter : device.counters) {
        figures.push_back(figuresOf(counter));
    }
    for (const EventDescription& event : device.events) {
        figures.push_back(figuresOf(event));
    }
    for (const ChannelUse& channel : device.channels) {
        figures.push_back(figuresOf(channel));
    }
    if (!device.assumed.empty()) {
        figures.push_back("assumed: " + device.assumed);
    }
    return figures;
}

std::vector<std::string> figuresOf(const Scenario& scenario)
{
    std::string devices;
    for (const DeviceDescription& device : scenario.devices) {
        devices += (devices.empty() ? "" : ", ") + device.name;
    }
    const MachineConfig& machine = scenario.machine;
    return {fmt::format("{}, {} {} of {} bits, HZ={}, {}", machine.profile->name, machine.cpus,
                        machine.cpus == 1 ? "CPU" : "CPUs", machine.bits, machine.tickRate.hz,
                        timeText(scenario.end.time_since_epoch())),
            fmt::format("devices: {}", devices.empty() ? "none" : devices)};
}

template<typename Value>
CatalogueRow rowOf(const Resources::Entry& entry, const Result<Value>& value)
{
    CatalogueRow row{
        .name = entry.name, .file = entry.file, .title = {}, .figures = {}, .error = {}};
    if (value) {
        row.title = value->title;
        row.figures = figuresOf(*value);
    } else {
        row.error = value.error().what;
    }
    return row;
}

} // namespace

Result<DeviceDescription> loadDevice(const Resources& resources, std::string_view nameOrFile)
{
    const auto file = isFile(nameOrFile) ? Result<std::filesystem::path>(nameOrFile)
                                         : resources.device(nameOrFile);
    if (!file) {
        return tl::unexpected(file.error());
    }
    const auto text = textOf(*file);
    return text ? parseDevice(*text, file->string()) : tl::unexpected(text.error());
}

Result<Scenario> loadScenario(const Resources& resources, std::string_view nameOrFile)
{
    const auto file = isFile(nameOrFile) ? Result<std::filesystem::path>(nameOrFile)
                                         : resources.scenario(nameOrFile);
    if (!file) {
        return tl::unexpected(file.error());
    }
    const auto text = textOf(*file);
    if (!text) {
        return tl::unexpected(text.error());
    }
    const auto lookup = [&resources](std::string_view name) { return loadDevice(resources, name); };
    return parseScenario(*text, file->string(), lookup);
}

std::vector<CatalogueRow> deviceRows(const Resources& resources)
{
    std::vector<CatalogueRow> rows;
    for (const Resources::Entry& entry : resources.devices()) {
        rows.push_back(rowOf(entry, loadDevice(resources, entry.name)));
    }
    return rows;
}

std::vector<CatalogueRow> scenarioRows(const Resources& resources)
{
    std::vector<CatalogueRow> rows;
    for (const Resources::Entry& entry : resources.scenarios()) {
        rows.push_back(rowOf(entry, loadScenario(resources, entry.name)));
    }
    return rows;
}

} // namespace timerscope
