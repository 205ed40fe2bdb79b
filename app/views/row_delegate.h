// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/views/theme.h"

#include <QStyledItemDelegate>
#include <QTableView>

namespace timerscope {

/// Paints table rows: zebra, a selection as a fill with a 3 px bar at the left, no focus frame.
class RowDelegate : public QStyledItemDelegate
{
    Q_OBJECT
public:
    RowDelegate(const Appearance& look, QObject* parent);
    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override;

protected:
    /// How one cell looks.
    struct Cell
    {
        QFont font;
        QColor ink;
        int indent = 0; ///< room for a mark before the text
        int tail = 0; ///< room for one behind it
    };
    [[nodiscard]] virtual Cell cellFor(const QModelIndex& index) const = 0;
    virtual void paintMark(QPainter& /*painter*/, const QRect& /*room*/,
                           const QModelIndex& /*index*/) const
    {
    }
    [[nodiscard]] const Theme& theme() const { return m_look.theme(); }

private:
    const Appearance& m_look;
};

/// What all tables of the program share.
void setUpTable(QTableView& table, int rowHeight);

} // namespace timerscope
