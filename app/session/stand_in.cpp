// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/stand_in.h"

#include <algorithm>
#include <map>
#include <string>

namespace timerscope {

namespace {

/// Old names and what they are called now.
using Renames = std::map<std::string, std::string, std::less<>>;

template<typename Part>
void renameParts(Renames& renames, const std::vector<Part>& before, const std::vector<Part>& after)
{
    // Boards differ in how many they have; the first is the one that a driver registers first.
    for (std::size_t i = 0; i < before.size() && !after.empty(); ++i) {
        renames[before[i].name] = after[std::min(i, after.size() - 1)].name;
    }
}

/// Gives every name in a step its new one.
class StepRenamer
{
public:
    StepRenamer(const Renames& devices, const Renames& parts)
        : m_devices(devices)
        , m_parts(parts)
    {
    }

    void operator()(step::Boot& boot) const
    {
        for (std::string& device : boot.devices) {
            rename(m_devices, device);
        }
    }
    void operator()(step::Probe& probe) const { rename(m_devices, probe.device); }
    void operator()(step::RegisterClocksource& step) const { rename(m_parts, step.clocksource); }
    void operator()(step::UnregisterClocksource& step) const { rename(m_parts, step.clocksource); }
    void operator()(step::ChangeRating& step) const { rename(m_parts, step.clocksource); }
    void operator()(step::WriteSysfs& write) const { rename(m_parts, write.text); }
    void operator()(step::InjectFault& step) const { rename(m_parts, step.fault.target); }
    void operator()(step::DenyProbe& step) const { rename(m_devices, step.device); }
    void operator()(step::Expect& expect) const { rename(m_parts, expect.value); }
    template<typename Other>
    void operator()(Other& /*step*/) const
    {
    }

private:
    static void rename(const Renames& renames, std::string& name)
    {
        if (const auto found = renames.find(name); found != renames.end()) {
            name = found->second;
        }
    }

    const Renames& m_devices;
    const Renames& m_parts;
};

bool hasHardware(const DeviceDescription& device)
{
    return !device.events.empty()
        || std::ranges::any_of(device.counters, [](const CounterDescription& counter) {
               return counter.kind == CounterKind::Hardware;
           });
}

} // namespace

const DeviceDescription* firstTimer(const Scenario& scenario)
{
    for (const Step& step : scenario.steps) {
        const auto* const boot = std::get_if<step::Boot>(&step.action);
        if (boot == nullptr) {
            continue;
        }
        for (const std::string& name : boot->devices) {
            const auto device = std::ranges::find(scenario.devices, name, &DeviceDescription::name);
            if (device != scenario.devices.end() && hasHardware(*device)) {
                return &*device;
            }
        }
    }
    return nullptr;
}

Scenario standIn(Scenario scenario, std::string_view replaced, DeviceDescription device)
{
    const auto place = std::ranges::find(scenario.devices, replaced, &DeviceDescription::name);
    if (device.events.empty()) {
        device.events = place->events;
    }
    const Renames devices{{place->name, device.name}};
    Renames parts;
    renameParts(parts, place->counters, device.counters);
    renameParts(parts, place->events, device.events);
    *place = std::move(device);
    const StepRenamer renamer(devices, parts);
    for (Step& step : scenario.steps) {
        std::visit(renamer, step.action);
    }
    return scenario;
}

} // namespace timerscope
