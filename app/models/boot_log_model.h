// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/models/log_digest.h"

#include <QAbstractTableModel>

namespace timerscope {

/// The lines of the boot log, oldest first. Lines are only ever added. GUI thread only.
class BootLogModel final : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column
    {
        StampColumn,
        TextColumn,
        NoteColumn,
        ColumnCount
    };
    enum Role
    {
        CopyRole = Qt::UserRole, ///< QString: the line as dmesg prints it
        FromModelRole, ///< bool: not a line of the kernel
    };
    using QAbstractTableModel::QAbstractTableModel;

    /// Shows the lines that @p digest has gained.
    void apply(const LogDigest& digest);

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    /// Forgets all lines: another source is shown from now on.
    void clear();

private:
    std::vector<LogLine> m_lines;
};

} // namespace timerscope
