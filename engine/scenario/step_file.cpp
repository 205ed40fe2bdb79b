// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/scenario/step_file.h"

#include "engine/base/time_text.h"
#include "engine/base/wording.h"
#include "engine/scenario/adjtimex_step.h"
#include "engine/scenario/fault_step.h"
#include "engine/scenario/step_place.h"
#include "engine/scenario/task_step.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <span>
#include <utility>

namespace timerscope {

namespace {

Names clocksourceNames(const Scenario& scenario)
{
    Names names;
    for (const DeviceDescription& device : scenario.devices) {
        for (const CounterDescription& counter : device.counters) {
            names.emplace_back(counter.name);
        }
    }
    return names;
}

Names moduleNames(const Scenario& scenario)
{
    Names names;
    for (const DeviceDescription& device : scenario.devices) {
        if (!device.driver.module.empty()) {
            names.emplace_back(device.driver.module);
        }
    }
    return names;
}

std::string strayDevices(std::string_view with)
{
    return fmt::format("\"devices\" goes with boot = \"time_init\" and boot = "
                       "\"dummy_timer_register\" only, not with {}",
                       inQuotes(with));
}

bool isDummy(const DeviceDescription& device)
{
    return device.counters.empty()
        && std::ranges::all_of(device.events, [](const EventDescription& event) {
               return (event.features & clock_event_feature::dummy) != 0;
           });
}

void checkDummies(const Place& place, const step::Boot& boot)
{
    for (const DeviceDescription& device : place.scenario.devices) {
        if (!isDummy(device)
            && std::ranges::find(boot.devices, device.name) != boot.devices.end()) {
            place.step.report("devices",
                              fmt::format("the device {} is no dummy; boot = "
                                          "\"dummy_timer_register\" takes place holders only",
                                          inQuotes(device.name)));
        }
    }
}

StepAction readBoot(const Place& place)
{
    step::Boot boot{.stage = static_cast<BootStage>(place.step.choice("boot", bootStageNames)),
                    .devices = {}};
    const Names known = deviceNames(place.scenario);
    for (const ConfigValue& item : place.step.names("devices")) {
        boot.devices.push_back(knownName(item, "device", known, place.errors));
    }
    if (boot.stage != BootStage::TimeInit && boot.stage != BootStage::DummyTimerRegister
        && place.step.has("devices")) {
        place.step.report("devices", strayDevices(nameOf(boot.stage)));
    }
    if (boot.stage == BootStage::DummyTimerRegister) {
        checkDummies(place, boot);
    }
    return boot;
}

StepAction readProbe(const Place& place)
{
    return step::Probe{knownName(nameIn(place.step, "probe"), "device", deviceNames(place.scenario),
                                 place.errors)};
}

template<typename Action>
StepAction readModule(const Place& place, std::string_view key)
{
    return Action{
        knownName(nameIn(place.step, key), "module", moduleNames(place.scenario), place.errors)};
}

template<typename Action>
StepAction readUse(const Place& place, std::string_view key)
{
    Names names;
    for (const DeviceDescription& device : place.scenario.devices) {
        std::ranges::transform(device.channels, std::back_inserter(names), &ChannelUse::name);
    }
    return Action{
        knownName(nameIn(place.step, key), "watchdog or PWM channel", names, place.errors)};
}

template<typename Action>
StepAction readClocksource(const Place& place, std::string_view key)
{
    return Action{knownName(nameIn(place.step, key), "clocksource",
                            clocksourceNames(place.scenario), place.errors)};
}

StepAction readClockEvent(const Place& place)
{
    Names names;
    for (const DeviceDescription& device : place.scenario.devices) {
        std::ranges::transform(device.events, std::back_inserter(names), &EventDescription::name);
    }
    return step::RegisterClockEvent{
        knownName(nameIn(place.step, "register_event"), "clock event device", names, place.errors)};
}

StepAction readRating(const Place& place)
{
    static constexpr std::array<std::string_view, 2> keys{"clocksource", "value"};
    const ConfigValue table = tableOf(place, "rating");
    TableReader reader(table, "\"rating\"", keys, place.errors);
    const ConfigValue name = nameIn(reader, "clocksource");
    return step::ChangeRating{
        .clocksource
        = knownName(name, "clocksource", clocksourceNames(place.scenario), place.errors),
        .rating
        = static_cast<int>(reader.integer("value", {.least = INT32_MIN, .most = INT32_MAX}))};
}

void checkSysfsFile(TableReader& reader, std::string_view what, std::string_view key,
                    std::string_view file)
{
    if (file.starts_with('/')) {
        reader.report(key,
                      fmt::format("{} is {}; it must be a path below /sys/devices/system, such as "
                                  "\"clocksource/clocksource0/current_clocksource\"",
                                  what, inQuotes(file)));
    }
}

StepAction readWrite(const Place& place)
{
    static constexpr std::array<std::string_view, 2> keys{"file", "text"};
    const ConfigValue table = tableOf(place, "write");
    TableReader reader(table, "\"write\"", keys, place.errors);
    step::WriteSysfs write{.file = reader.name("file"), .text = reader.text("text")};
    checkSysfsFile(reader, "\"file\" in \"write\"", "file", write.file);
    return write;
}

StepAction readRead(const Place& place)
{
    step::ReadSysfs read{.file = place.step.name("read")};
    checkSysfsFile(place.step, "\"read\"", "read", read.file);
    return read;
}

unsigned readCpu(TableReader& reader, std::string_view key, const Place& place,
                 std::optional<std::int64_t> fallback = std::nullopt)
{
    const IntegerRange range{.least = 0, .most = std::int64_t{place.scenario.machine.cpus} - 1};
    return static_cast<unsigned>(reader.integer(key, range, fallback));
}

StepAction readCpuOnline(const Place& place)
{
    static constexpr std::array<std::string_view, 2> keys{"index", "online"};
    const ConfigValue table = tableOf(place, "cpu");
    TableReader reader(table, "\"cpu\"", keys, place.errors);
    return step::SetCpuOnline{.cpu = readCpu(reader, "index", place),
                              .online = reader.boolean("online")};
}

StepAction readSuspend(const Place& place)
{
    return step::Suspend{place.step.time("suspend", Ns{1})};
}

StepAction readSetTime(const Place& place)
{
    const Result<RealtimeInstant> to = parseUtc(place.step.name("set_time"));
    if (!to) {
        place.step.report("set_time", to.error().what);
        return step::SetTime{};
    }
    return step::SetTime{*to};
}

StepAction readRtc(const Place& place)
{
    Names names;
    std::ranges::transform(place.scenario.machine.rtcs, std::back_inserter(names),
                           &RtcDescription::device);
    return step::ProbeRtc{knownName(nameIn(place.step, "rtc"), "RTC", names, place.errors)};
}

/// State is text, but `is = 1` and `is = true` read better than their quoted twins.
std::string expectedText(TableReader& reader, const ConfigValue* value)
{
    if (value != nullptr && value->kind == ConfigKind::Integer) {
        return std::to_string(value->integer);
    }
    if (value != nullptr && value->kind == ConfigKind::Boolean) {
        return value->boolean ? "1" : "0";
    }
    return reader.text("is");
}

StepAction readExpect(const Place& place)
{
    static constexpr std::array<std::string_view, 2> keys{"value", "is"};
    const ConfigValue table = tableOf(place, "expect");
    TableReader reader(table, "\"expect\"", keys, place.errors);
    return step::Expect{.key = reader.name("value"),
                        .value = expectedText(reader, table.find("is"))};
}

struct ActionReader
{
    std::string_view keyword;
    StepAction (*read)(const Place&);
};

// One for each keyword: "fault" and "workload" are two of the actions each.
constexpr std::array<ActionReader, std::variant_size_v<StepAction> - 2> actionReaders{{
    {"boot", readBoot},
    {"probe", readProbe},
    {"load", [](const Place& place) { return readModule<step::LoadModule>(place, "load"); }},
    {"unload", [](const Place& place) { return readModule<step::UnloadModule>(place, "unload"); }},
    {"open", [](const Place& place) { return readUse<step::OpenChannel>(place, "open"); }},
    {"close", [](const Place& place) { return readUse<step::CloseChannel>(place, "close"); }},
    {"register",
     [](const Place& place) {
         return readClocksource<step::RegisterClocksource>(place, "register");
     }},
    {"unregister",
     [](const Place& place) {
         return readClocksource<step::UnregisterClocksource>(place, "unregister");
     }},
    {"register_event", readClockEvent},
    {"rating", readRating},
    {"write", readWrite},
    {"read", readRead},
    {"cpu", readCpuOnline},
    {"suspend", readSuspend},
    {"rtc", readRtc},
    {"adjtimex", readAdjtimex},
    {"set_time", readSetTime},
    {"fault", readFault},
    {"workload", readWorkload},
    {"timer", readTimer},
    {"itimer", readItimer},
    {"cpu_limit", readCpuLimit},
    {"signals", readSignals},
    {"expect", readExpect},
}};

constexpr std::array<std::string_view, actionReaders.size() + 2> stepKeys = [] {
    std::array<std::string_view, actionReaders.size() + 2> keys{};
    std::ranges::transform(actionReaders, keys.begin(), &ActionReader::keyword);
    keys[actionReaders.size()] = "at";
    keys[actionReaders.size() + 1] = "devices";
    return keys;
}();

/// The one action of a step; null when there is none or more than one, and reported.
const ActionReader* actionOf(const ConfigValue& table, FileErrors& errors)
{
    const ActionReader* found = nullptr;
    for (const ActionReader& reader : actionReaders) {
        if (table.find(reader.keyword) != nullptr) {
            if (found != nullptr) {
                errors.report(table.line,
                              fmt::format("[[step]] has two actions, {} and {}; it must have one",
                                          inQuotes(found->keyword), inQuotes(reader.keyword)));
                return nullptr;
            }
            found = &reader;
        }
    }
    if (found == nullptr) {
        const std::span actions(stepKeys.data(), actionReaders.size());
        errors.report(
            table.line,
            fmt::format("[[step]] has no action; it must have one of {}", quotedList(actions)));
    }
    return found;
}

} // namespace

std::optional<Step> readStep(const ConfigValue& table, const Scenario& scenario, FileErrors& errors)
{
    TableReader reader(table, "[[step]]", stepKeys, errors);
    const ActionReader* const action = errors.any() ? nullptr : actionOf(table, errors);
    if (action == nullptr) {
        return std::nullopt;
    }
    Step step;
    step.line = table.line;
    step.at = TraceInstant{reader.time("at", Ns{0})};
    if (step.at > scenario.end) {
        reader.report("at",
                      fmt::format("the step is at {}, after the scenario's end at {}",
                                  timeText(step.at.time_since_epoch()),
                                  timeText(scenario.end.time_since_epoch())));
    }
    if (action->keyword != "boot" && reader.has("devices")) {
        reader.report("devices", strayDevices(action->keyword));
    }
    step.action = action->read({reader, *table.find(action->keyword), scenario, errors});
    return errors.any() ? std::nullopt : std::optional(std::move(step));
}

} // namespace timerscope
