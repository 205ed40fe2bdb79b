// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/models/keyed_table.h"
#include "engine/trace/snapshot.h"

#include <QString>

#include <array>
#include <compare>
#include <optional>

namespace timerscope {

/// One queued timer as its table shows it.
struct QueuedTimer
{
    struct Key
    {
        unsigned base = 0;
        std::uint64_t id = 0;
        friend auto operator<=>(const Key&, const Key&) = default;
    };
    Key identity;
    int number = 0; ///< place in the queue, from 1
    QString function;
    QString task;
    HrtimerInstant soft;
    HrtimerInstant hard;
    Ns left{};
    [[nodiscard]] Key key() const { return identity; }
    friend bool operator==(const QueuedTimer&, const QueuedTimer&) = default;
};

/// The hrtimers queued on one base of one CPU, by hard expiry. GUI thread only.
class HrtimerQueueModel final : public KeyedTable<QueuedTimer>
{
    Q_OBJECT
public:
    enum Column
    {
        NumberColumn,
        FunctionColumn,
        TaskColumn,
        SoftColumn,
        HardColumn,
        SlackColumn,
        LeftColumn,
        ColumnCount
    };
    enum Role
    {
        CopyRole = Qt::UserRole, ///< QString: exact, plain digits, with a unit
        LeftNsRole, ///< qint64, for what is drawn to scale
        IsTickRole, ///< bool: the timer that stands in for the periodic tick
    };
    static constexpr std::size_t bases = 8;
    using KeyedTable<QueuedTimer>::KeyedTable;

    void apply(SnapshotPtr snapshot);
    /// Shows another queue from now on; rows follow at once.
    void show(unsigned cpu, unsigned base);

    [[nodiscard]] unsigned cpu() const { return m_cpu; }
    [[nodiscard]] unsigned base() const { return m_base; }
    /// How many timers wait on each base of the CPU that is shown.
    [[nodiscard]] std::array<int, bases> counts() const;
    /// CPUs that the snapshot has.
    [[nodiscard]] std::vector<unsigned> cpus() const;
    /// False when the source cannot see queues at all.
    [[nodiscard]] bool isVisible() const;
    /// What the CPU's event device is programmed for, in one sentence.
    [[nodiscard]] QString deviceSentence() const;

    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role) const override;

private:
    [[nodiscard]] const CpuRow* cpuRow() const;
    [[nodiscard]] const HrtimerBaseRow* baseRow() const;
    void refresh();

    SnapshotPtr m_snapshot = std::make_shared<const Snapshot>();
    unsigned m_cpu = 0;
    unsigned m_base = 0;
};

} // namespace timerscope
