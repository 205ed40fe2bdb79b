// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/tick_view.h"

#include "app/models/number_text.h"
#include "app/views/surface.h"

#include <QVBoxLayout>

#include <algorithm>

namespace timerscope {

namespace {

constexpr std::size_t modesShown = 3;

std::vector<TextRows::Row> rowsFor(const CpuTick& tick)
{
    std::vector<TextRows::Row> rows{{.label = "Mode", .value = tick.mode}};
    const std::size_t first = tick.modes.size() > modesShown ? tick.modes.size() - modesShown : 0;
    for (std::size_t i = first; i < tick.modes.size(); ++i) {
        rows.push_back(
            {.label = instantWithoutUnit(nsOf(tick.modes[i].at)), .value = tick.modes[i].text});
    }
    if (!tick.dynamic.isEmpty()) {
        rows.push_back({.label = "NO_HZ", .value = tick.dynamic});
    }
    if (!tick.handler.isEmpty()) {
        rows.push_back({.label = "Handler", .value = tick.handler, .fixed = true});
    }
    if (tick.nextEvent) {
        rows.push_back({.label = "Next event",
                        .value = tick.state == ClockEventState::Periodic
                            ? QString{"reloads itself"}
                            : instantNumber(nsOf(*tick.nextEvent))});
    }
    if (!tick.broadcast.isEmpty()) {
        rows.push_back({.label = "Broadcast", .value = tick.broadcast});
    }
    if (tick.retries) {
        rows.push_back(
            {.label = "Retries", .value = groupedNumber(static_cast<std::int64_t>(*tick.retries))});
    }
    return rows;
}

} // namespace

TickView::TickView(WindowModel& model, const Appearance& look, QWidget* parent)
    : QWidget(parent)
    , m_model(model)
    , m_empty(new EmptyState(this))
    , m_stack(new QStackedLayout(this))
{
    QScrollArea* const scroll = newScroll(this);
    scroll->setWidget(content(look));
    m_stack->addWidget(scroll);
    m_stack->addWidget(m_empty);
    connect(&model, &WindowModel::tables, this, &TickView::follow);
    connect(&model, &WindowModel::opened, this, [this] { m_cpu = 0; });
    follow();
}

QWidget* TickView::content(const Appearance& look)
{
    QWidget* const page = newPanel();
    auto* const column = new QVBoxLayout(page);
    column->setContentsMargins(0, 0, 0, 8);
    column->setSpacing(0);
    m_choice = new MenuButton(look, page);
    m_choice->setAccessibleName(tr("CPU whose tick is shown"));
    m_choice->setMenu(&m_cpus);
    m_choices = new QWidget(page);
    auto* const choice = new QHBoxLayout(m_choices);
    choice->setContentsMargins(16, 12, 16, 0);
    choice->addWidget(m_choice);
    choice->addStretch(1);
    column->addWidget(m_choices);
    m_machine = new StateMachine(look, page);
    column->addWidget(m_machine);
    m_rows = new TextRows(page);
    m_rows->setContentsMargins(16, 4, 16, 0);
    column->addWidget(m_rows);
    column->addStretch(1);
    return page;
}

const CpuTick* TickView::shown() const
{
    const auto& rows = m_model.ticks().rows();
    const auto found = std::ranges::find(rows, m_cpu, &CpuTick::cpu);
    return found != rows.end() ? &*found : rows.empty() ? nullptr : &rows.front();
}

void TickView::follow()
{
    const CpuTick* tick = shown();
    m_stack->setCurrentIndex(tick != nullptr ? 0 : 1);
    if (tick == nullptr) {
        m_empty->say(noTicks(m_model));
        return;
    }
    const int cpus = m_model.ticks().rowCount();
    m_choices->setVisible(cpus > 1);
    if (m_cpus.actions().size() != cpus) {
        fillMenu();
    }
    m_choice->setText(QString{"CPU %1"}.arg(tick->cpu));
    m_machine->show(*tick);
    m_rows->show(rowsFor(*tick));
}

void TickView::fillMenu()
{
    m_cpus.clear();
    for (const CpuTick& tick : m_model.ticks().rows()) {
        m_cpus.addAction(QString{"CPU %1"}.arg(tick.cpu), this, [this, cpu = tick.cpu] {
            m_cpu = cpu;
            follow();
        });
    }
}

QString TickView::subject() const
{
    const CpuTick* tick = shown();
    if (tick == nullptr) {
        return {};
    }
    const QString device = tick->device.isEmpty() ? tr("no device yet") : tick->device;
    return QString::fromUtf8("CPU %1 · %2").arg(tick->cpu).arg(device);
}

QString TickView::asText() const
{
    QStringList lines;
    for (const CpuTick& tick : m_model.ticks().rows()) {
        const QString state = tick.state ? toQt(nameOf(*tick.state)) : tr("not known");
        lines << QString{"CPU %1\t%2\t%3\t%4"}.arg(tick.cpu).arg(tick.device, state, tick.mode);
        for (const StateChange& change : tick.changes) {
            lines << QString{"\t%1 -> %2\t%3 times\tlast %4\t%5"}
                         .arg(toQt(nameOf(change.from)), toQt(nameOf(change.to)))
                         .arg(change.count)
                         .arg(plainCopy(instantNumber(nsOf(change.last))), change.cause);
        }
    }
    return lines.join('\n');
}

} // namespace timerscope
