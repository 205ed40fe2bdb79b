// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/cpu_tick_model.h"

#include "app/models/number_text.h"

#include <array>

namespace timerscope {

namespace {

QString broadcastWords(const Snapshot& snapshot)
{
    if (!snapshot.broadcast || snapshot.broadcast->device.empty()) {
        return snapshot.cpus.size() == 1 ? QString{"not needed, 1 CPU"} : QString{"none"};
    }
    const BroadcastRow& row = *snapshot.broadcast;
    const std::size_t leaning = row.oneshotMask.size() + row.periodicMask.size();
    return QString::fromUtf8("%1 · %2 CPUs lean on it").arg(toQt(row.device)).arg(leaning);
}

CpuTick tickFor(const CpuRow& cpu, const Snapshot& snapshot, const LogDigest& digest)
{
    CpuTick tick{.cpu = cpu.index,
                 .online = cpu.online,
                 .device = toQt(cpu.tickDevice.value_or(std::string{})),
                 .state = {},
                 .mode = tickModeWords(cpu),
                 .dynamic = dynamicTickWords(cpu),
                 .handler = {},
                 .nextEvent = {},
                 .retries = {},
                 .broadcast = broadcastWords(snapshot),
                 .changes = {},
                 .modes = digest.modesOf(cpu.index)};
    if (const ClockEventRow* device = snapshot.clockEvent(tick.device.toStdString(), cpu.index);
        device != nullptr && !tick.device.isEmpty()) {
        tick.state = device->state;
        tick.handler = toQt(device->handler);
        tick.nextEvent = device->nextEvent;
        tick.retries = device->retries;
        tick.changes = digest.changesOf(tick.device, cpu.index);
    }
    return tick;
}

QString stateText(const CpuTick& tick)
{
    return tick.state ? toQt(nameOf(*tick.state)) : QString{"not known"};
}

} // namespace

QString tickModeWords(const CpuRow& cpu)
{
    if (!cpu.online) {
        return "offline";
    }
    if (cpu.tickDevice && cpu.tickDevice->empty()) {
        return "none yet";
    }
    if (!cpu.tickMode) {
        return "not known";
    }
    if (*cpu.tickMode == TickMode::Periodic) {
        return "periodic";
    }
    if (!cpu.hresActive) {
        return "oneshot";
    }
    return *cpu.hresActive ? "oneshot, high resolution" : "oneshot, low resolution";
}

QString dynamicTickWords(const CpuRow& cpu)
{
    if (!cpu.nohzMode || *cpu.nohzMode == NohzMode::Inactive) {
        return {};
    }
    return cpu.tickStopped.value_or(false) ? QString{"tick stopped"} : QString{"ticks"};
}

void CpuTickModel::apply(const Snapshot& snapshot, const LogDigest& digest)
{
    std::vector<CpuTick> next;
    next.reserve(snapshot.cpus.size());
    for (const CpuRow& cpu : snapshot.cpus) {
        next.push_back(tickFor(cpu, snapshot, digest));
    }
    replaceRows(std::move(next));
}

int CpuTickModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant CpuTickModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid) || role != Qt::DisplayRole) {
        return {};
    }
    const CpuTick& tick = rows()[static_cast<std::size_t>(index.row())];
    const std::array<QString, ColumnCount> texts{QString{"CPU %1"}.arg(tick.cpu), tick.device,
                                                 stateText(tick), tick.mode};
    return texts[static_cast<std::size_t>(index.column())];
}

QVariant CpuTickModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    static const std::array<QString, ColumnCount> heads{"CPU", "device", "state", "mode"};
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole || section < 0
        || section >= ColumnCount) {
        return {};
    }
    return heads[static_cast<std::size_t>(section)];
}

} // namespace timerscope
