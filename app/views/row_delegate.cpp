// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/row_delegate.h"

#include "app/views/fonts.h"

#include <QHeaderView>
#include <QPainter>

namespace timerscope {

namespace {

constexpr int padding = 8;
constexpr int edgePadding = 16;

} // namespace

RowDelegate::RowDelegate(const Appearance& look, QObject* parent)
    : QStyledItemDelegate(parent)
    , m_look(look)
{
}

void RowDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                        const QModelIndex& index) const
{
    const bool selected = option.state.testFlag(QStyle::State_Selected);
    const QColor ground = selected ? theme().selection
        : index.row() % 2 == 1     ? theme().zebra
                                   : theme().panel;
    painter->save();
    painter->fillRect(option.rect, ground);
    if (selected && index.column() == 0) {
        painter->fillRect(QRect(option.rect.topLeft(), QSize(3, option.rect.height())),
                          theme().ink1);
    }
    const Cell cell = cellFor(index);
    const bool last = index.column() == index.model()->columnCount() - 1;
    const QRect room = option.rect.adjusted(index.column() == 0 ? edgePadding : padding, 0,
                                            last ? -edgePadding : -padding, 0);
    paintMark(*painter, room, index);
    painter->setFont(cell.font);
    painter->setPen(selected ? theme().ink1 : cell.ink);
    const auto alignment = index.data(Qt::TextAlignmentRole).value<Qt::Alignment>();
    const QRect text = room.adjusted(cell.indent, 0, -cell.tail, 0);
    painter->drawText(
        text, static_cast<int>(alignment) | Qt::TextSingleLine,
        QFontMetrics(cell.font).elidedText(index.data().toString(), Qt::ElideRight, text.width()));
    painter->restore();
}

void setUpTable(QTableView& table, int rowHeight)
{
    table.setShowGrid(false);
    table.setSelectionBehavior(QAbstractItemView::SelectRows);
    table.setSelectionMode(QAbstractItemView::SingleSelection);
    table.setEditTriggers(QAbstractItemView::NoEditTriggers);
    table.setWordWrap(false);
    table.setTabKeyNavigation(false);
    table.setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    table.setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    table.verticalHeader()->hide();
    table.verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    table.verticalHeader()->setMinimumSectionSize(rowHeight);
    table.verticalHeader()->setDefaultSectionSize(rowHeight);
    table.horizontalHeader()->setFont(sansFont(11));
    table.horizontalHeader()->setHighlightSections(false);
    table.horizontalHeader()->setFixedHeight(28);
}

} // namespace timerscope
