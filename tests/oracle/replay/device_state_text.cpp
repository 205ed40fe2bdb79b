// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/oracle/replay/device_state_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace timerscope::oracle {
namespace {

struct FeatureLetter
{
    char letter;
    std::uint32_t feature;
};

constexpr std::array letters{
    FeatureLetter{'P', clock_event_feature::periodic},
    FeatureLetter{'O', clock_event_feature::oneshot},
    FeatureLetter{'K', clock_event_feature::ktime},
    FeatureLetter{'C', clock_event_feature::c3stop},
    FeatureLetter{'D', clock_event_feature::dummy},
    FeatureLetter{'Y', clock_event_feature::dynirq},
    FeatureLetter{'E', clock_event_feature::percpu},
    FeatureLetter{'H', clock_event_feature::hrtimer},
};

std::string handlerOf(const ClockEventDevice& device)
{
    return device.handler().name.empty() ? "0x0" : device.handler().name;
}

std::string listed(const char* word, std::span<ClockEventDevice* const> devices)
{
    std::string line = word;
    for (const ClockEventDevice* device : devices) {
        line += fmt::format(" {}:{}:{:#x}:{}:{}", device->name(), device->rating(),
                            device->features(), stateWord(device->state()), handlerOf(*device));
    }
    return line;
}

std::string tickLine(const std::string& whose, const ClockEventDevice& device, TickMode mode)
{
    return fmt::format("tickdev {} {} mode={} state={} handler={}", whose, device.name(),
                       mode == TickMode::Oneshot ? "ONESHOT" : "PERIODIC",
                       stateWord(device.state()), handlerOf(device));
}

void addTickLines(std::vector<std::string>& lines, const Cpus& cpus)
{
    for (const unsigned cpu : cpus.onlineCpus()) {
        const TickCpu& tick = cpus.at(cpu).tick();
        if (tick.device() != nullptr) {
            lines.push_back(tickLine(fmt::format("cpu{}", cpu), *tick.device(), tick.mode()));
        }
    }
    const TickBroadcast& broadcast = cpus.broadcast();
    if (broadcast.device() != nullptr) {
        lines.push_back(tickLine("broadcast", *broadcast.device(), broadcast.mode()));
    }
}

void addMaskLines(std::vector<std::string>& lines, const TickBroadcast::Masks& masks)
{
    const auto add = [&lines](const char* name, CpuMask mask) {
        lines.push_back(fmt::format("mask {}={}", name, listText(mask)));
    };
    add("tick_broadcast_mask", masks.periodic);
    add("tick_broadcast_on", masks.on);
    add("tick_broadcast_oneshot_mask", masks.oneshot);
    add("tick_broadcast_pending_mask", masks.pending);
    add("tick_broadcast_force_mask", masks.force);
}

} // namespace

std::string_view stateWord(ClockEventState state)
{
    switch (state) {
    case ClockEventState::Detached:
        return "DETACHED";
    case ClockEventState::Shutdown:
        return "SHUTDOWN";
    case ClockEventState::Periodic:
        return "PERIODIC";
    case ClockEventState::Oneshot:
        return "ONESHOT";
    case ClockEventState::OneshotStopped:
        return "ONESHOT_STOPPED";
    }
    return "?";
}

std::optional<std::uint32_t> featuresOf(std::string_view text)
{
    std::uint32_t features = 0;
    for (const char letter : text) {
        const auto known = std::ranges::find(letters, letter, &FeatureLetter::letter);
        if (known == letters.end()) {
            return std::nullopt;
        }
        features |= known->feature;
    }
    return features;
}

std::string deviceLine(const ClockEventDevice& device)
{
    const ClockEventConfig& config = device.config();
    return fmt::format(
        "ce {} rating={} features={:#x} state={} mult={} shift={} min_delta_ns={} max_delta_ns={} "
        "min_ticks={} max_ticks={} irq={} bound_on={} cpumask={} handler={} owner={} retries={}",
        device.name(), device.rating(), device.features(), stateWord(device.state()), config.mult,
        config.shift, config.minDelta.count(), config.maxDelta.count(),
        device.description().minTicks, device.description().maxTicks,
        device.irq() ? static_cast<std::int64_t>(*device.irq()) : -1,
        device.has(clock_event_feature::hrtimer) ? device.boundOn() : 0, listText(device.cpus()),
        handlerOf(device), device.owner() != nullptr ? device.owner()->name() : "-",
        device.retries());
}

std::vector<std::string> deviceStateLines(Machine& machine)
{
    if (!machine.clockEvents().canBeWalked()) {
        return {};
    }
    const Cpus& cpus = machine.cpus();
    std::vector<std::string> lines{listed("celist", machine.clockEvents().devices()),
                                   listed("cereleased", machine.clockEvents().released())};
    addTickLines(lines, cpus);
    addMaskLines(lines, cpus.broadcast().masks());
    const auto duty = cpus.tickShared().doTimer.cpu();
    lines.push_back(fmt::format("tick_do_timer_cpu {}", duty ? static_cast<int>(*duty) : -1));
    lines.push_back(fmt::format("tick_broadcast_forced {:d}", cpus.broadcast().isForced()));
    return lines;
}

} // namespace timerscope::oracle
