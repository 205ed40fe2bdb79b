// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/machine/platform_bus.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace timerscope {

namespace {

/// timer_probe() finds it in time_init; it has no platform device.
bool isEarly(const DriverDescription& driver)
{
    return driver.name.empty();
}

/// %pR of the kernel's printk: addresses fill 32 bits at least.
std::string resourceText(const MemoryRegion& region)
{
    return fmt::format("[mem {:#010x}-{:#010x}]", region.base, region.base + region.size - 1);
}

} // namespace

void PlatformBus::deny(std::string_view device, ProbeDenial denial)
{
    m_denied.push_back({.device = std::string(device), .denial = denial});
}

ProbeAnswer PlatformBus::probe(const DeviceDescription& device, const Module* module)
{
    const Binding plain{.device = device.name,
                        .node = nullptr,
                        .module = module,
                        .region = std::nullopt,
                        .clock = {}};
    ProbeAnswer answer;
    bool isKnown = false; // some node speaks of it
    bool isFound = false; // and it is available
    bool isTried = false; // and free
    for (const DeviceNode& node : m_config.nodes) {
        const bool isOurs = node.isCompatibleWith(device.compatible);
        isKnown = isKnown || isOurs;
        isFound = isFound || (isOurs && node.isAvailable());
        if (!isOurs || !node.isAvailable() || isBound(node)) {
            continue;
        }
        isTried = true;
        Binding wanted = plain;
        wanted.node = &node;
        const Errno error = bind(device, std::move(wanted));
        answer.isBound = answer.isBound || error == Errno::Ok;
        answer.error = answer.error == Errno::Ok ? error : answer.error;
    }
    if (!isKnown) {
        answer.error = bind(device, plain);
        answer.isBound = answer.error == Errno::Ok;
    } else if (!isTried) {
        answer.error = isFound ? Errno::Busy : Errno::NoDevice;
    }
    return answer;
}

Errno PlatformBus::bind(const DeviceDescription& device, Binding binding)
{
    const bool isSecond = device.driver.single && hasInstance(device.name);
    const Errno error = isSecond ? Errno::Busy : take(device, binding);
    if (error == Errno::Ok) {
        m_bindings.push_back(std::move(binding));
    } else {
        release(binding);
        tellFailure(device.driver, binding.node, error);
    }
    return error;
}

Errno PlatformBus::take(const DeviceDescription& device, Binding& binding)
{
    if (takeDenial(device.name, ProbeDenial::NoMemory)) {
        return Errno::NoMemory;
    }
    if (const Errno claimed = claimRegion(device.driver, binding); claimed != Errno::Ok) {
        return claimed;
    }
    if (const Errno enabled = enableClock(device.driver, binding); enabled != Errno::Ok) {
        return enabled;
    }
    if (takeDenial(device.name, ProbeDenial::RegistrationRefused)) {
        tell(device.driver, binding.node, "clocksource registration failed");
        return Errno::Invalid;
    }
    return Errno::Ok;
}

Errno PlatformBus::claimRegion(const DriverDescription& driver, Binding& binding)
{
    if (binding.node == nullptr) {
        return Errno::Ok; // where it is, nobody said
    }
    const std::optional<MemoryRegion>& reg = binding.node->reg;
    if (isEarly(driver)) {
        return reg ? Errno::Ok : Errno::NoAddress; // of_iomap() maps and claims nothing
    }
    if (!reg) {
        tell(driver, binding.node, "invalid resource");
        return Errno::Invalid;
    }
    if (std::ranges::any_of(m_regions, [&](const auto& other) { return other.overlaps(*reg); })) {
        tell(driver, binding.node,
             fmt::format("can't request region for resource {}", resourceText(*reg)));
        return Errno::Busy;
    }
    binding.region = *reg;
    m_regions.push_back(*reg);
    return Errno::Ok;
}

Errno PlatformBus::enableClock(const DriverDescription& driver, Binding& binding) const
{
    if (binding.node == nullptr || driver.clock.empty()) {
        return Errno::Ok;
    }
    const std::string* const clock = binding.node->clockOf(driver.clock);
    if (clock == nullptr) {
        return Errno::NoEntry;
    }
    binding.clock = *clock;
    return Errno::Ok;
}

void PlatformBus::release(const Binding& binding)
{
    if (binding.region) {
        std::erase(m_regions, *binding.region);
    }
}

void PlatformBus::unbind(const Module& module)
{
    for (const Binding& binding : m_bindings) {
        if (binding.module == &module) {
            release(binding);
        }
    }
    std::erase_if(m_bindings,
                  [&module](const Binding& binding) { return binding.module == &module; });
}

unsigned PlatformBus::users(std::string_view clock) const
{
    return static_cast<unsigned>(std::ranges::count_if(m_bindings, [&](const Binding& binding) {
        const auto path = m_config.clocks.pathOf(binding.clock);
        return std::ranges::find(path, clock, &ClockProvider::name) != path.end();
    }));
}

bool PlatformBus::takeDenial(std::string_view device, ProbeDenial denial)
{
    const auto found = std::ranges::find_if(m_denied, [&](const Denied& denied) {
        return denied.device == device && denied.denial == denial;
    });
    if (found == m_denied.end()) {
        return false;
    }
    m_denied.erase(found);
    return true;
}

bool PlatformBus::isBound(const DeviceNode& node) const
{
    return std::ranges::find(m_bindings, &node, &Binding::node) != m_bindings.end();
}

bool PlatformBus::hasInstance(std::string_view device) const
{
    return std::ranges::find(m_bindings, device, &Binding::device) != m_bindings.end();
}

void PlatformBus::tellFailure(const DriverDescription& driver, const DeviceNode* node, Errno error)
{
    const int value = returnValue(error);
    if (isEarly(driver)) {
        if (node != nullptr) {
            m_kernelLog.print(fmt::format("Failed to initialize '{}': {}", node->path(), value));
        }
    } else if (m_config.profile->probeFailureIsDeviceLine) {
        tell(driver, node,
             fmt::format("probe with driver {} failed with error {}", driver.name, value));
    } else {
        m_kernelLog.print(fmt::format("{}: probe of {} failed with error {}", driver.name,
                                      node != nullptr ? node->deviceName() : driver.name, value));
    }
}

/// dev_err(): driver and device go in front. An early timer has no device to speak for it.
void PlatformBus::tell(const DriverDescription& driver, const DeviceNode* node,
                       std::string_view text)
{
    if (!isEarly(driver)) {
        m_kernelLog.print(fmt::format("{} {}: {}", driver.name,
                                      node != nullptr ? node->deviceName() : driver.name, text));
    }
}

} // namespace timerscope
