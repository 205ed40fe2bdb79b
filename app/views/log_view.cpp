// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/log_view.h"

#include "app/views/fonts.h"
#include "app/views/row_delegate.h"

#include <QHeaderView>
#include <QPainter>
#include <QScrollBar>

namespace timerscope {

namespace {

using Model = BootLogModel;

QString noteOf(const QModelIndex& index)
{
    return index.siblingAtColumn(Model::NoteColumn).data().toString();
}

/// The note stands behind the text, in the same column: most lines have none, and a kernel's line
/// needs the room.
int noteWidth(const QModelIndex& index)
{
    const QString note = noteOf(index);
    return note.isEmpty() ? 8 : QFontMetrics(sansFont(12)).horizontalAdvance(note) + 24;
}

class LogDelegate final : public RowDelegate
{
public:
    using RowDelegate::RowDelegate;

protected:
    [[nodiscard]] Cell cellFor(const QModelIndex& index) const override
    {
        if (index.column() != Model::TextColumn) {
            return {.font = sansFont(12), .ink = theme().ink2};
        }
        const bool ours = index.data(Model::FromModelRole).toBool();
        return {.font = fixedFont(12),
                .ink = ours ? theme().ink2 : theme().ink1,
                .tail = noteWidth(index)};
    }
    void paintMark(QPainter& painter, const QRect& room, const QModelIndex& index) const override
    {
        if (index.column() == Model::TextColumn) {
            painter.setFont(sansFont(12));
            painter.setPen(theme().ink3);
            painter.drawText(room.adjusted(0, 0, -8, 0), Qt::AlignVCenter | Qt::AlignRight,
                             noteOf(index));
        }
    }
};

} // namespace

LogView::LogView(WindowModel& model, const Appearance& look, QWidget* parent)
    : QWidget(parent)
    , m_model(model)
    , m_table(new QTableView(this))
    , m_empty(new EmptyState(this))
    , m_stack(new QStackedLayout(this))
{
    setUp(look);
    m_stack->addWidget(m_table);
    m_stack->addWidget(m_empty);
    connect(&model, &WindowModel::tables, this, &LogView::follow);
    QScrollBar* const bar = m_table->verticalScrollBar();
    connect(bar, &QScrollBar::valueChanged, this,
            [this, bar](int value) { m_atEnd = value >= bar->maximum(); });
    connect(bar, &QScrollBar::rangeChanged, this, [this, bar](int, int maximum) {
        if (m_atEnd) {
            bar->setValue(maximum);
        }
    });
    follow();
}

void LogView::setUp(const Appearance& look)
{
    setUpTable(*m_table, 19);
    m_table->setModel(&m_model.bootLog());
    m_table->setItemDelegate(new LogDelegate(look, m_table));
    m_table->setAccessibleName(tr("Boot log"));
    m_table->setVerticalScrollMode(QAbstractItemView::ScrollPerItem); // no line is cut in two
    QHeaderView* const head = m_table->horizontalHeader();
    head->hide();
    head->resizeSection(Model::StampColumn, 96);
    head->setSectionResizeMode(Model::TextColumn, QHeaderView::Stretch);
    head->hideSection(Model::NoteColumn);
}

void LogView::follow()
{
    const bool empty = m_model.bootLog().rowCount() == 0;
    m_stack->setCurrentIndex(empty ? 1 : 0);
    if (empty) {
        m_empty->say(noLogLines(m_model));
    }
}

QString LogView::subject() const
{
    const int lines = m_model.bootLog().rowCount();
    return lines == 1 ? tr("boot · 1 line") : tr("boot · %1 lines").arg(lines);
}

QString LogView::asText() const
{
    QStringList lines;
    const Model& log = m_model.bootLog();
    for (int row = 0; row < log.rowCount(); ++row) {
        lines << log.data(log.index(row, 0), Model::CopyRole).toString();
    }
    return lines.join('\n');
}

} // namespace timerscope
