// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>

#include <algorithm>
#include <utility>
#include <vector>

namespace timerscope {

/// A table whose rows have identities: a new state moves, inserts and removes rows instead of
/// resetting, so that a selection and the scroll position survive. @p Row has `key()` and `==`.
template<typename Row>
class KeyedTable : public QAbstractTableModel
{
public:
    using QAbstractTableModel::QAbstractTableModel;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override
    {
        return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
    }
    [[nodiscard]] const std::vector<Row>& rows() const { return m_rows; }

protected:
    void replaceRows(std::vector<Row> next)
    {
        removeAbsent(next);
        for (std::size_t i = 0; i < next.size(); ++i) {
            place(std::move(next[i]), static_cast<int>(i));
        }
        truncate(static_cast<int>(next.size()));
    }

private:
    void removeAbsent(const std::vector<Row>& next)
    {
        for (int i = rowCount() - 1; i >= 0; --i) {
            const auto key = at(i).key();
            if (std::ranges::none_of(next, [&](const Row& row) { return row.key() == key; })) {
                beginRemoveRows({}, i, i);
                m_rows.erase(m_rows.begin() + i);
                endRemoveRows();
            }
        }
    }

    void place(Row row, int target)
    {
        const auto from = m_rows.begin() + std::min(target, rowCount());
        const auto found = std::find_if(from, m_rows.end(),
                                        [&](const Row& old) { return old.key() == row.key(); });
        if (found == m_rows.end()) {
            beginInsertRows({}, target, target);
            m_rows.insert(m_rows.begin() + target, std::move(row));
            endInsertRows();
            return;
        }
        const auto source = static_cast<int>(found - m_rows.begin());
        if (source != target) {
            beginMoveRows({}, source, source, {}, target);
            std::rotate(m_rows.begin() + target, found, found + 1);
            endMoveRows();
        }
        update(std::move(row), target);
    }

    void update(Row row, int index)
    {
        if (at(index) != row) {
            at(index) = std::move(row);
            emit dataChanged(this->index(index, 0), this->index(index, columnCount() - 1));
        }
    }

    void truncate(int size)
    {
        if (rowCount() > size) {
            beginRemoveRows({}, size, rowCount() - 1);
            m_rows.erase(m_rows.begin() + size, m_rows.end());
            endRemoveRows();
        }
    }

    [[nodiscard]] Row& at(int index) { return m_rows[static_cast<std::size_t>(index)]; }

    std::vector<Row> m_rows;
};

} // namespace timerscope
