// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/rating_view.h"

#include "app/models/number_text.h"
#include "app/views/style_sheet.h"
#include "app/views/surface.h"

#include <QVBoxLayout>

namespace timerscope {

RatingView::RatingView(WindowModel& model, const Appearance& look, QWidget* parent)
    : QWidget(parent)
    , m_model(model)
    , m_empty(new EmptyState(this))
    , m_stack(new QStackedLayout(this))
{
    QScrollArea* const scroll = newScroll(this);
    scroll->setWidget(content(look));
    m_stack->addWidget(scroll);
    m_stack->addWidget(m_empty);
    m_empty->say(noClocksources());
    connect(m_bars, &RatingBars::chosen, &model, &WindowModel::select);
    connect(&model, &WindowModel::tables, this, &RatingView::follow);
    connect(&model, &WindowModel::selectionChanged, this, &RatingView::follow);
    follow();
}

QWidget* RatingView::content(const Appearance& look)
{
    QWidget* const page = newPanel();
    auto* const column = new QVBoxLayout(page);
    column->setContentsMargins(0, 0, 0, 8);
    column->setSpacing(0);
    m_bars = new RatingBars(m_model.ratings(), look, page);
    column->addWidget(m_bars);
    auto* const lower = new QVBoxLayout;
    lower->setContentsMargins(16, 2, 16, 8);
    lower->setSpacing(4);
    m_warning = newLabel(TextRole::Warning, page);
    m_warning->setWordWrap(true);
    lower->addWidget(m_warning);
    lower->addWidget(newLabel(TextRole::Caption, page, tr("Bands of the kernel")));
    m_bands = new BandStrip(look, page);
    lower->addWidget(m_bands);
    column->addLayout(lower);
    column->addWidget(newRule(page));
    m_details = new TextRows(page);
    m_details->setContentsMargins(16, 8, 16, 0);
    column->addWidget(m_details);
    column->addStretch(1);
    return page;
}

void RatingView::follow()
{
    const RatingModel& ratings = m_model.ratings();
    m_stack->setCurrentIndex(ratings.rowCount() > 0 ? 0 : 1);
    const QString selected = m_model.selected();
    m_bars->select(selected);
    const int row = ratings.rowOf(selected);
    const RatingRow shown = row >= 0 ? ratings.rows()[static_cast<std::size_t>(row)] : RatingRow{};
    m_warning->setVisible(!shown.warning.isEmpty());
    m_warning->setText(QString::fromUtf8("⚠ ") + shown.warning);
    m_bands->show(shown.rating);
    std::vector<TextRows::Row> rows;
    for (const auto& [label, value] : ratings.details(selected)) {
        rows.push_back({.label = label, .value = value});
    }
    m_details->show(rows);
}

QString RatingView::subject() const
{
    const int rows = m_model.ratings().rowCount();
    return rows == 1 ? tr("1 clocksource") : tr("%1 clocksources").arg(rows);
}

QString RatingView::asText() const
{
    QStringList lines;
    for (const RatingRow& row : m_model.ratings().rows()) {
        const QString rating = row.rating ? QString::number(*row.rating) : QString{"unknown"};
        lines << QStringList{row.name, rating, row.words, row.warning}.join('\t').trimmed();
    }
    for (const auto& [label, value] : m_model.ratings().details(m_model.selected())) {
        lines << label + '\t' + plainCopy(value);
    }
    return lines.join('\n');
}

} // namespace timerscope
