// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/scenario/step_file.h"

#include "engine/base/time_text.h"
#include "engine/base/wording.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <span>
#include <utility>

namespace timerscope {

namespace {

using Names = std::vector<std::string_view>;

/// What a reader of one action sees: the step's table, the action's own value, the scenario.
struct Place
{
    TableReader& step;
    const ConfigValue& value;
    const Scenario& scenario;
    FileErrors& errors;
};

Names deviceNames(const Scenario& scenario)
{
    Names names;
    for (const DeviceDescription& device : scenario.devices) {
        names.emplace_back(device.name);
    }
    return names;
}

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

Names counterNames(const Scenario& scenario)
{
    Names names;
    for (const DeviceDescription& device : scenario.devices) {
        for (const CounterDescription& counter : device.counters) {
            if (counter.kind == CounterKind::Hardware) {
                names.push_back(counter.name);
            }
        }
    }
    return names;
}

Names channelNames(const Scenario& scenario)
{
    Names names;
    for (const DeviceDescription& device : scenario.devices) {
        std::ranges::transform(device.events, std::back_inserter(names), &EventDescription::name);
    }
    return names;
}

/// @p met when it is one of @p known; else it is reported as an unknown @p what.
std::string knownName(const ConfigValue& met, std::string_view what, const Names& known,
                      FileErrors& errors)
{
    if (std::ranges::find(known, met.text) == known.end()) {
        const std::string hint = known.empty()
            ? fmt::format("; the scenario's devices have no {}", what)
            : hintFor(met.text, known, "the scenario has");
        errors.report(met.line, fmt::format("unknown {} {}{}", what, inQuotes(met.text), hint));
    }
    return met.text;
}

/// A name and the line that a complaint about it goes to.
ConfigValue nameIn(TableReader& reader, std::string_view key)
{
    ConfigValue value;
    value.line = reader.lineOf(key);
    value.text = reader.name(key);
    return value;
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

ConfigValue tableOf(const Place& place, std::string_view key)
{
    ConfigValue table = place.step.table(key);
    table.line = place.value.line;
    return table;
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

/// A kind of fault, whom it befalls, and the key that says how much of it; empty for all or
/// nothing.
struct FaultKindRow
{
    std::string_view name;
    FaultEffect effect;
    std::string_view amount;
    Names (*targets)(const Scenario&); ///< null: the machine as a whole
    std::int64_t least;
};
constexpr std::array<FaultKindRow, 8> faultKinds{{
    {"drift", FaultEffect::Drift, "ppm", counterNames, 1 - driftMost},
    {"jump", FaultEffect::Jump, "ns", counterNames, INT64_MIN + 1},
    {"stop", FaultEffect::Stop, "", counterNames, 0},
    {"slow-read", FaultEffect::SlowRead, "ns", counterNames, 1},
    {"torn-read", FaultEffect::TornRead, "ns", counterNames, 1},
    {"lost-interrupt", FaultEffect::LostInterrupt, "count", channelNames, 1},
    {"late-interrupt", FaultEffect::LateInterrupt, "ns", channelNames, 1},
    {"pause", FaultEffect::Pause, "ns", nullptr, 1},
}};

/// A kind of fault that befalls a driver as it probes.
struct DenialRow
{
    std::string_view name;
    ProbeDenial denial;
};
constexpr std::array<DenialRow, 2> denialKinds{{
    {"no-memory", ProbeDenial::NoMemory},
    {"registration-refused", ProbeDenial::RegistrationRefused},
}};

constexpr std::array<std::string_view, faultKinds.size() + denialKinds.size()> faultKindNames = [] {
    std::array<std::string_view, faultKinds.size() + denialKinds.size()> names{};
    const auto rest = std::ranges::transform(faultKinds, names.begin(), &FaultKindRow::name).out;
    std::ranges::transform(denialKinds, rest, &DenialRow::name);
    return names;
}();

/// The devices whose probe can be denied so: what registers no clocksource cannot be refused one.
Names deniableNames(const Scenario& scenario, ProbeDenial denial)
{
    Names names;
    for (const DeviceDescription& device : scenario.devices) {
        const bool registersCounter = std::ranges::any_of(
            device.counters, [](const auto& c) { return c.kind == CounterKind::Hardware; });
        if (denial == ProbeDenial::NoMemory || registersCounter) {
            names.emplace_back(device.name);
        }
    }
    return names;
}

StepAction readDenial(TableReader& reader, const DenialRow& kind, const Place& place)
{
    for (const std::string_view key : {"ppm", "ns", "count", "duration"}) {
        if (reader.has(key)) {
            reader.report(
                key,
                fmt::format("{} does not go with kind = {}", inQuotes(key), inQuotes(kind.name)));
        }
    }
    const std::string_view what
        = kind.denial == ProbeDenial::NoMemory ? "device" : "device with a clocksource";
    return step::DenyProbe{.device
                           = knownName(nameIn(reader, "device"), what,
                                       deniableNames(place.scenario, kind.denial), place.errors),
                           .denial = kind.denial,
                           .kind = std::string(kind.name)};
}

std::string faultTarget(TableReader& reader, const FaultKindRow& kind, const Place& place)
{
    if (kind.targets == nullptr) {
        if (reader.has("device")) {
            reader.report("device",
                          "\"device\" does not go with kind = \"pause\": the whole machine "
                          "stands");
        }
        return {};
    }
    const std::string_view what
        = kind.effect <= FaultEffect::TornRead ? "counter" : "event channel";
    return knownName(nameIn(reader, "device"), what, kind.targets(place.scenario), place.errors);
}

StepAction readFault(const Place& place)
{
    static constexpr std::array<std::string_view, 6> keys{"device", "kind",  "ppm",
                                                          "ns",     "count", "duration"};
    const ConfigValue table = tableOf(place, "fault");
    TableReader reader(table, "\"fault\"", keys, place.errors);
    const std::size_t chosen = reader.choice("kind", faultKindNames);
    if (chosen >= faultKinds.size()) {
        return readDenial(reader, denialKinds.at(chosen - faultKinds.size()), place);
    }
    const FaultKindRow& kind = faultKinds.at(chosen);
    for (const std::string_view amount : {keys[2], keys[3], keys[4]}) {
        if (amount != kind.amount && reader.has(amount)) {
            reader.report(amount,
                          fmt::format("{} does not go with kind = {}", inQuotes(amount),
                                      inQuotes(kind.name)));
        }
    }
    return step::InjectFault{
        .fault
        = {.target = faultTarget(reader, kind, place),
           .effect = kind.effect,
           .amount = kind.amount.empty() ? 0 : reader.integer(kind.amount, {.least = kind.least}),
           .duration = reader.time("duration", Ns{0}, Ns{0})},
        .kind = std::string(kind.name)};
}

StepAction readRtc(const Place& place)
{
    Names names;
    std::ranges::transform(place.scenario.machine.rtcs, std::back_inserter(names),
                           &RtcDescription::device);
    return step::ProbeRtc{knownName(nameIn(place.step, "rtc"), "RTC", names, place.errors)};
}

/// A field of adjtimex(2): its mode bit, and what it may be. Ranges that the kernel cuts to are
/// left to it.
struct TimexField
{
    std::string_view key;
    std::uint32_t mode;
    std::int64_t Timex::* member;
};
constexpr std::array<TimexField, 6> timexFields{{
    {"offset", timex_mode::offset, &Timex::offset},
    {"frequency", timex_mode::frequency, &Timex::frequency},
    {"max_error", timex_mode::maxError, &Timex::maxError},
    {"est_error", timex_mode::estError, &Timex::estError},
    {"constant", timex_mode::timeConstant, &Timex::constant},
    {"tick", timex_mode::tick, &Timex::tick},
}};
constexpr std::array<NamedBit, 7> timexStatus{{{"pll", ntp_status::pll},
                                               {"fll", ntp_status::fll},
                                               {"insert-leap", ntp_status::insertLeap},
                                               {"delete-leap", ntp_status::deleteLeap},
                                               {"unsynchronized", ntp_status::unsynchronized},
                                               {"hold-frequency", ntp_status::holdFrequency},
                                               {"nano", ntp_status::nano}}};

StepAction readAdjtimex(const Place& place)
{
    static constexpr std::array<std::string_view, 9> keys{"offset",    "frequency", "max_error",
                                                          "est_error", "constant",  "tick",
                                                          "status",    "tai",       "nano"};
    const ConfigValue table = tableOf(place, "adjtimex");
    TableReader reader(table, "\"adjtimex\"", keys, place.errors);
    Timex request;
    for (const TimexField& field : timexFields) {
        if (reader.has(field.key)) {
            request.modes |= field.mode;
            request.*field.member = reader.integer(field.key, {.least = INT64_MIN});
        }
    }
    if (reader.has("status")) {
        request.modes |= timex_mode::status;
        request.status = reader.bits("status", timexStatus);
    }
    if (reader.has("nano")) {
        request.modes |= reader.boolean("nano") ? timex_mode::nano : timex_mode::micro;
    }
    if (reader.has("tai")) {
        if (reader.has("constant")) {
            reader.report("tai",
                          "\"tai\" does not go with \"constant\": the call has one field for "
                          "both");
        }
        request.modes |= timex_mode::tai;
        request.constant = reader.integer("tai", {.least = INT32_MIN, .most = INT32_MAX});
    }
    return step::Adjtimex{request};
}

StepAction readWorkload(const Place& place)
{
    static constexpr std::array<std::string_view, 7> keys{"kind",  "task",  "function", "period",
                                                          "slack", "count", "cpu"};
    static constexpr std::array<std::string_view, 2> kinds{"sleep", "timeout"};
    const ConfigValue table = tableOf(place, "workload");
    TableReader reader(table, "\"workload\"", keys, place.errors);
    return step::StartWorkload{.kind = reader.choice("kind", kinds) == 0
                                   ? step::WorkloadKind::Sleep
                                   : step::WorkloadKind::Timeout,
                               .task = reader.name("task"),
                               .function = reader.text("function", ""),
                               .period = reader.time("period", Ns{1}),
                               .slack = reader.time("slack", Ns{0}, Ns{0}),
                               .count = static_cast<std::uint64_t>(reader.integer("count", {}, 0)),
                               .cpu = readCpu(reader, "cpu", place, 0)};
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

// One for each keyword: "fault" is two of the actions.
constexpr std::array<ActionReader, std::variant_size_v<StepAction> - 1> actionReaders{{
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
