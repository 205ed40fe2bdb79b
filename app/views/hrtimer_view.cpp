// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/hrtimer_view.h"

#include "app/models/number_text.h"
#include "app/views/elided_label.h"
#include "app/views/fonts.h"
#include "app/views/row_delegate.h"
#include "app/views/style_sheet.h"
#include "app/views/surface.h"

#include <QHeaderView>
#include <QItemSelectionModel>
#include <QPushButton>
#include <QVBoxLayout>

namespace timerscope {

namespace {

using Model = HrtimerQueueModel;

/// A filled square for an hrtimer, outlined in the tick's hue when it stands for the tick.
class TimerDelegate final : public RowDelegate
{
public:
    using RowDelegate::RowDelegate;

protected:
    [[nodiscard]] Cell cellFor(const QModelIndex& index) const override
    {
        const int column = index.column();
        const Weight weight
            = index.row() == 0 && (column == Model::FunctionColumn || column == Model::LeftColumn)
            ? Weight::Bold
            : Weight::Regular;
        const bool quiet = column == Model::NumberColumn
            || (column == Model::SoftColumn && index.data().toString().startsWith('='));
        return {.font
                = column == Model::FunctionColumn ? fixedFont(12, weight) : sansFont(12, weight),
                .ink = quiet ? theme().ink3 : theme().ink1,
                .indent = column == Model::FunctionColumn ? 18 : 0};
    }
    void paintMark(QPainter& painter, const QRect& room, const QModelIndex& index) const override
    {
        if (index.column() != Model::FunctionColumn) {
            return;
        }
        const QRect box(room.left(), room.center().y() - 4, 10, 10);
        painter.fillRect(box, theme().hrtimer);
        if (index.data(Model::IsTickRole).toBool()) {
            painter.setPen(QPen{theme().tick, 2});
            painter.drawRect(QRectF{box}.adjusted(1, 1, -1, -1));
        }
    }
};

} // namespace

HrtimerView::HrtimerView(WindowModel& model, const Appearance& look, QWidget* parent)
    : QWidget(parent)
    , m_model(model)
    , m_look(look)
    , m_strip(new ExpiryStrip(model.hrtimers(), look, this))
    , m_table(new QTableView(this))
    , m_device(new ElidedLabel(this))
    , m_empty(new EmptyState(this))
{
    auto* const column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(choices());
    column->addWidget(newRule(this));
    auto* const body = new QWidget(this);
    m_stack = new QStackedLayout(body);
    m_stack->addWidget(table());
    m_stack->addWidget(m_empty);
    column->addWidget(body, 1);
    connect(&model, &WindowModel::tables, this, &HrtimerView::follow);
    connect(&model, &WindowModel::opened, this, [this] { queue().show(0, 0); });
    follow();
}

QWidget* HrtimerView::choices()
{
    QWidget* const bar = newPanel(this);
    auto* const row = new QHBoxLayout(bar);
    row->setContentsMargins(12, 8, 12, 8);
    row->setSpacing(6);
    m_cpu = new MenuButton(m_look, bar);
    m_cpu->setAccessibleName(tr("CPU whose timers are shown"));
    m_cpu->setMenu(&m_cpus);
    row->addWidget(m_cpu);
    for (unsigned base = 0; base < Model::bases; ++base) {
        auto* const chip = new QPushButton(bar);
        chip->setCheckable(true);
        chip->setProperty("chip", true);
        chip->setFont(sansFont(12));
        chip->setAccessibleName(tr("Timers on the base %1").arg(toQt(hrtimerBaseName(base))));
        m_bases.addButton(chip, static_cast<int>(base));
        row->addWidget(chip);
    }
    row->addStretch(1);
    connect(&m_bases, &QButtonGroup::idClicked, this, [this](int base) {
        queue().show(queue().cpu(), static_cast<unsigned>(base));
        follow();
    });
    return bar;
}

QWidget* HrtimerView::table()
{
    QWidget* const body = newPanel(this);
    auto* const column = new QVBoxLayout(body);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_strip);
    column->addWidget(newRule(body));
    setUpTable(*m_table, 24);
    m_table->setModel(&queue());
    m_table->setItemDelegate(new TimerDelegate(m_look, m_table));
    m_table->setAccessibleName(tr("Queued hrtimers"));
    QHeaderView* const head = m_table->horizontalHeader();
    head->setMinimumSectionSize(32);
    head->setSectionResizeMode(QHeaderView::Interactive);
    head->resizeSection(Model::NumberColumn, 48);
    head->setSectionResizeMode(Model::TaskColumn, QHeaderView::Stretch);
    head->resizeSection(Model::SoftColumn, 150);
    column->addWidget(m_table, 1);
    setTextRole(*m_device, TextRole::Caption);
    auto* const foot = new QHBoxLayout;
    foot->setContentsMargins(16, 6, 16, 8);
    foot->addWidget(m_device);
    column->addLayout(foot);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this](const QModelIndex& current) { m_strip->select(current.row()); });
    connect(m_strip, &ExpiryStrip::chosen, m_table, &QTableView::selectRow);
    return body;
}

/// Where there is little room, the slack says enough about the soft expiry.
void HrtimerView::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    const bool narrow = width() < 780;
    QHeaderView* const head = m_table->horizontalHeader();
    head->setSectionHidden(Model::SoftColumn, narrow);
    head->resizeSection(Model::FunctionColumn, narrow ? 168 : 200);
    head->resizeSection(Model::HardColumn, narrow ? 136 : 150);
    head->resizeSection(Model::SlackColumn, narrow ? 84 : 128);
    head->resizeSection(Model::LeftColumn, narrow ? 100 : 116);
}

void HrtimerView::follow()
{
    followChoices();
    const bool empty = queue().rowCount() == 0;
    if (empty) {
        m_empty->say(noHrtimers(m_model));
    }
    m_stack->setCurrentIndex(empty ? 1 : 0);
    m_device->setText(queue().deviceSentence());
    m_strip->select(m_table->currentIndex().row());
}

void HrtimerView::followChoices()
{
    const std::vector<unsigned> cpus = queue().cpus();
    m_cpu->setVisible(cpus.size() > 1);
    if (m_cpus.actions().size() != static_cast<int>(cpus.size())) {
        fillCpus(cpus);
    }
    m_cpu->setText(QString{"CPU %1"}.arg(queue().cpu()));
    const auto counts = queue().counts();
    for (unsigned base = 0; base < Model::bases; ++base) {
        QAbstractButton* const chip = m_bases.button(static_cast<int>(base));
        chip->setText(QString{"%1  %2"}.arg(toQt(hrtimerBaseName(base))).arg(counts[base]));
        chip->setChecked(base == queue().base());
        // Soft bases are rare: they come into sight with their first timer.
        chip->setVisible(base < 4 || counts[base] > 0 || base == queue().base());
    }
}

void HrtimerView::fillCpus(const std::vector<unsigned>& cpus)
{
    m_cpus.clear();
    for (const unsigned cpu : cpus) {
        m_cpus.addAction(QString{"CPU %1"}.arg(cpu), this, [this, cpu] {
            queue().show(cpu, queue().base());
            follow();
        });
    }
}

QString HrtimerView::subject() const
{
    return QString::fromUtf8("CPU %1 · %2 · %3 queued")
        .arg(queue().cpu())
        .arg(toQt(hrtimerBaseName(queue().base())))
        .arg(queue().rowCount());
}

QString HrtimerView::asText() const
{
    QStringList lines;
    for (int row = 0; row < queue().rowCount(); ++row) {
        QStringList cells;
        for (int column = 0; column < Model::ColumnCount; ++column) {
            cells << queue().data(queue().index(row, column), Model::CopyRole).toString();
        }
        lines << cells.join('\t');
    }
    return lines.join('\n');
}

} // namespace timerscope
