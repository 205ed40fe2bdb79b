// SPDX-License-Identifier: GPL-3.0-or-later
//! Modules that come and go, and who keeps them from going.
#include "engine/machine/machine.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace timerscope {

namespace {

ModuleHold holdOf(const ChannelUse& channel)
{
    const bool isWatchdog = channel.role == ChannelRole::Watchdog;
    return {.role = isWatchdog ? HoldRole::Watchdog : HoldRole::Pwm, .device = channel.name};
}

bool isHeld(const Module& module, const ModuleHold& hold)
{
    return std::ranges::find(module.holds(), hold) != module.holds().end();
}

} // namespace

/// Whether a driver names its module as owner is the driver's business, not the kernel's.
Module* Machine::ownerOf(const DeviceDescription& device, Module& module) const
{
    const bool names = device.driver.owner == DriverOwner::Always
        || (device.driver.owner == DriverOwner::Patched && m_config.config.timerModuleOwners);
    return names ? &module : nullptr;
}

Result<Errno> Machine::loadModule(std::string_view name,
                                  std::span<const DeviceDescription* const> devices)
{
    const Cpus::Task task(m_cpus, 0);
    Module& module = m_modules.get(name);
    if (module.isLoaded()) {
        return Errno::Exists;
    }
    const bool needsSchedClock = std::ranges::any_of(devices, [](const DeviceDescription* device) {
        return std::ranges::any_of(device->counters, &CounterDescription::schedClock);
    });
    if (needsSchedClock && !m_config.config.schedClockForModules) {
        print(fmt::format("{}: Unknown symbol sched_clock_register (err -2)", module.name()));
        return Errno::NoEntry;
    }
    module.load();
    for (const DeviceDescription* device : devices) {
        if (!m_platform.probe(*device, &module).isBound) {
            continue;
        }
        auto probed = m_drivers.probe(*device, &module, ownerOf(*device, module));
        if (!probed) {
            return tl::unexpected<Error>(std::move(probed.error()));
        }
    }
    settle();
    return Errno::Ok;
}

Errno Machine::unloadModule(std::string_view name)
{
    const Cpus::Task task(m_cpus, 0);
    Module* const module = m_modules.find(name);
    const Errno answer = module != nullptr ? module->beginUnload() : Errno::NoEntry;
    if (answer == Errno::Ok) {
        m_drivers.unload(*module);
        m_platform.unbind(*module);
        module->finishUnload();
        settle();
    }
    return answer;
}

Errno Machine::openChannel(const DeviceDescription& device, const ChannelUse& channel)
{
    const Cpus::Task task(m_cpus, 0);
    Module* const module = m_modules.find(device.driver.module);
    if (module == nullptr || !module->isLoaded()) {
        return Errno::NoDevice;
    }
    if (isHeld(*module, holdOf(channel))) {
        return Errno::Busy;
    }
    return module->tryGet(holdOf(channel)) ? Errno::Ok : Errno::NoDevice;
}

Errno Machine::closeChannel(const DeviceDescription& device, const ChannelUse& channel)
{
    const Cpus::Task task(m_cpus, 0);
    Module* const module = m_modules.find(device.driver.module);
    if (module == nullptr || !isHeld(*module, holdOf(channel))) {
        return Errno::Invalid;
    }
    module->put(holdOf(channel));
    return Errno::Ok;
}

} // namespace timerscope
