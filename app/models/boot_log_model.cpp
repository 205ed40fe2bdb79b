// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/boot_log_model.h"

#include "app/models/number_text.h"

namespace timerscope {

namespace {

/// "[    0.238478] text", as dmesg prints a line.
QString asDmesg(const LogLine& line)
{
    const auto microseconds = line.stamp / 1000;
    return QString{"[%1.%2] %3"}
        .arg(microseconds / 1'000'000, 5)
        .arg(microseconds % 1'000'000, 6, 10, QChar{'0'})
        .arg(line.text);
}

QVariant textOf(const LogLine& line, int column)
{
    switch (column) {
    case BootLogModel::StampColumn:
        return logStamp(line.stamp);
    case BootLogModel::TextColumn:
        return line.text;
    case BootLogModel::NoteColumn:
        return line.note;
    default:
        return {};
    }
}

} // namespace

void BootLogModel::apply(const LogDigest& digest)
{
    const auto& lines = digest.lines();
    if (lines.size() <= m_lines.size()) {
        return;
    }
    const auto first = static_cast<int>(m_lines.size());
    beginInsertRows({}, first, static_cast<int>(lines.size()) - 1);
    m_lines.insert(m_lines.end(), lines.begin() + first, lines.end());
    endInsertRows();
}

void BootLogModel::clear()
{
    beginResetModel();
    m_lines.clear();
    endResetModel();
}

int BootLogModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_lines.size());
}

int BootLogModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant BootLogModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) {
        return {};
    }
    const LogLine& line = m_lines[static_cast<std::size_t>(index.row())];
    switch (role) {
    case Qt::DisplayRole:
        return textOf(line, index.column());
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(
            Qt::AlignVCenter | (index.column() == TextColumn ? Qt::AlignLeft : Qt::AlignRight));
    case Qt::ToolTipRole:
        return index.column() == StampColumn ? instantNumber(line.stamp) : line.text;
    case CopyRole:
        return asDmesg(line);
    case FromModelRole:
        return line.origin == LogLine::Origin::Model;
    default:
        return {};
    }
}

} // namespace timerscope
