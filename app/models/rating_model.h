// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/models/keyed_table.h"
#include "engine/trace/snapshot.h"

#include <QString>

#include <optional>
#include <utility>
#include <vector>

namespace timerscope {

/// One clocksource as the rating view shows it.
struct RatingRow
{
    QString name;
    bool current = false;
    std::optional<int> rating;
    QString words; ///< "current · continuous · hres · 32 bits"
    QString warning; ///< of a rating outside the kernel's bands; else empty
    [[nodiscard]] const QString& key() const { return name; }
    friend bool operator==(const RatingRow&, const RatingRow&) = default;
};

/// A label and its value.
using NamedText = std::pair<QString, QString>;

/// The clocksources in the kernel's order, best first. GUI thread only.
class RatingModel final : public KeyedTable<RatingRow>
{
    Q_OBJECT
public:
    enum Column
    {
        NameColumn,
        RatingColumn,
        WordsColumn,
        ColumnCount
    };
    enum Role
    {
        CurrentRole = Qt::UserRole, ///< bool
        RatingRole, ///< int; invalid when it is not known
        WarningRole, ///< QString
    };
    using KeyedTable<RatingRow>::KeyedTable;

    void apply(SnapshotPtr snapshot);

    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;

    /// What is known of the clocksource @p name beyond its row: period, mult and shift, …
    [[nodiscard]] std::vector<NamedText> details(const QString& name) const;
    /// Row of @p name; -1 when there is none.
    [[nodiscard]] int rowOf(const QString& name) const;
    /// The current clocksource's name; empty when there is none.
    [[nodiscard]] QString current() const;

private:
    SnapshotPtr m_snapshot;
};

} // namespace timerscope
