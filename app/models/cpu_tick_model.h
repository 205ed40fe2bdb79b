// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/models/keyed_table.h"
#include "app/models/log_digest.h"
#include "engine/trace/snapshot.h"

#include <QString>

#include <optional>
#include <vector>

namespace timerscope {

/// One CPU's tick: what its device does now and how it came there.
struct CpuTick
{
    unsigned cpu = 0;
    bool online = true;
    QString device; ///< empty: none yet
    std::optional<ClockEventState> state;
    QString mode; ///< "oneshot, high resolution"
    QString dynamic; ///< "tick stopped" or "ticks"; empty while it is not dynamic
    QString handler;
    std::optional<MonotonicInstant> nextEvent;
    std::optional<std::uint64_t> retries;
    QString broadcast; ///< "not needed, 1 CPU"
    std::vector<StateChange> changes;
    std::vector<ModeChange> modes;
    [[nodiscard]] unsigned key() const { return cpu; }
    friend bool operator==(const CpuTick&, const CpuTick&) = default;
};

/// "oneshot, high resolution", "periodic", "none yet".
[[nodiscard]] QString tickModeWords(const CpuRow& cpu);
/// Whether a dynamic tick (NO_HZ) goes on: "tick stopped", "ticks"; empty while it is not dynamic.
[[nodiscard]] QString dynamicTickWords(const CpuRow& cpu);

/// Every CPU's tick device and mode. GUI thread only.
class CpuTickModel final : public KeyedTable<CpuTick>
{
    Q_OBJECT
public:
    enum Column
    {
        CpuColumn,
        DeviceColumn,
        StateColumn,
        ModeColumn,
        ColumnCount
    };
    using KeyedTable<CpuTick>::KeyedTable;

    void apply(const Snapshot& snapshot, const LogDigest& digest);

    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role) const override;
};

} // namespace timerscope
