// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/procfs/procfs.h"

#include <fmt/format.h>

namespace timerscope {

namespace {

constexpr std::string_view systemDevices = "/sys/devices/system";

void appendFile(std::string& out, std::string_view file, std::string_view content)
{
    out += fmt::format("{}/{}\n", systemDevices, file);
    if (!content.empty()) {
        out += fmt::format("{}\n", content);
    }
}

std::string availableNames(const Snapshot& snapshot)
{
    std::string names;
    for (const ClocksourceRow& row : snapshot.clocksources) {
        if (row.available) {
            names += names.empty() ? "" : " ";
            names += row.name;
        }
    }
    return names;
}

void appendClocksources(std::string& out, const Snapshot& snapshot)
{
    if (snapshot.clocksources.empty()) {
        return;
    }
    appendFile(out, "clocksource/clocksource0/available_clocksource", availableNames(snapshot));
    if (const ClocksourceRow* const current = snapshot.currentClocksource()) {
        appendFile(out, "clocksource/clocksource0/current_clocksource", current->name);
    }
}

void appendClockEvents(std::string& out, const Snapshot& snapshot)
{
    if (snapshot.broadcast) {
        appendFile(out, "clockevents/broadcast/current_device", snapshot.broadcast->device);
    }
    for (const CpuRow& cpu : snapshot.cpus) {
        if (cpu.tickDevice) {
            appendFile(out, fmt::format("clockevents/clockevent{}/current_device", cpu.index),
                       *cpu.tickDevice);
        }
    }
}

/// Modules are not below /sys/devices/system like the rest.
void appendModules(std::string& out, const Snapshot& snapshot)
{
    for (const ModuleRow& row : snapshot.modules) {
        if (row.loaded) {
            out += fmt::format("/sys/module/{}/refcnt\n{}\n", row.name, row.holds.size());
        }
    }
}

} // namespace

std::string sysfsText(const Snapshot& snapshot)
{
    std::string out;
    appendClocksources(out, snapshot);
    appendClockEvents(out, snapshot);
    appendModules(out, snapshot);
    return out;
}

} // namespace timerscope
