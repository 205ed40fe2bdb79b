// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/oracle/replay/observation.h"

#include "engine/procfs/procfs.h"

#include <QJsonArray>
#include <QString>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace timerscope::oracle {
namespace {

/// A task of the bench read the file, and may have died of it.
QString available(Machine& machine)
{
    constexpr std::string_view file = "clocksource/clocksource0/available_clocksource";
    return QString::fromStdString(machine.readSysfs(file).text).trimmed();
}

QJsonObject currentDevices(const Snapshot& snapshot)
{
    QJsonObject devices;
    devices.insert("broadcast",
                   QString::fromStdString(snapshot.broadcast ? snapshot.broadcast->device : ""));
    for (const CpuRow& cpu : snapshot.cpus) {
        devices.insert(QString("clockevent%1").arg(cpu.index),
                       QString::fromStdString(cpu.tickDevice.value_or("")));
    }
    return devices;
}

/// Those lines of /proc/timer_list that the recordings kept.
bool isKept(std::string_view line)
{
    constexpr std::array begins{
        "cpu: ",
        "  .hres_active ",
        "  .nr_hangs ",
        "  .max_hang_time ",
        "  .nohz_mode ",
        "Tick Device:",
        "Broadcast device",
        "Per CPU device:",
        "Clock Event Device:",
        " mode: ",
        " event_handler: ",
        "tick_broadcast_mask:",
        "tick_broadcast_oneshot_mask:",
    };
    return std::ranges::any_of(begins, [&](const char* begin) { return line.starts_with(begin); });
}

QJsonArray timerListLines(const Snapshot& snapshot)
{
    QJsonArray lines;
    const std::string text = timerListText(snapshot);
    for (const QString& line : QString::fromStdString(text).split('\n')) {
        if (isKept(line.toStdString())) {
            lines.append(line);
        }
    }
    return lines;
}

} // namespace

QJsonObject machineObservation(Machine& machine)
{
    const QString names = available(machine);
    const Snapshot snapshot = machine.snapshot();
    const ClocksourceRow* const current = snapshot.currentClocksource();
    return {{"available", names},
            {"current", QString::fromStdString(current != nullptr ? current->name : "")},
            {"current_device", currentDevices(snapshot)},
            {"timer_list_lines", timerListLines(snapshot)}};
}

} // namespace timerscope::oracle
