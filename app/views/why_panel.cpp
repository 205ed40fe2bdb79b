// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/why_panel.h"

#include "app/models/number_text.h"
#include "app/views/fonts.h"
#include "app/views/icons.h"
#include "app/views/style_sheet.h"
#include "app/views/surface.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QPainter>
#include <QScrollBar>

namespace timerscope {

namespace {

/// A number on a tint of the clocksource's hue.
class NumberBadge final : public QWidget
{
public:
    NumberBadge(int number, const Appearance& look, QWidget* parent)
        : QWidget(parent)
        , m_number(number)
        , m_look(look)
    {
        setFixedSize(20, 20);
    }

protected:
    void paintEvent(QPaintEvent* /*event*/) override
    {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(m_look.theme().tint(m_look.theme().clocksource));
        painter.drawEllipse(rect());
        painter.setPen(m_look.theme().ink1);
        painter.setFont(sansFont(12, Weight::Bold));
        painter.drawText(rect(), Qt::AlignCenter, QString::number(m_number));
    }

private:
    int m_number;
    const Appearance& m_look;
};

/// A ring on a line that joins it to the next: steps in time.
class StepRing final : public QWidget
{
public:
    StepRing(bool last, const Appearance& look, QWidget* parent)
        : QWidget(parent)
        , m_last(last)
        , m_look(look)
    {
        setFixedWidth(10);
    }

protected:
    void paintEvent(QPaintEvent* /*event*/) override
    {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(QPen{m_look.theme().control, 1.5});
        if (!m_last) {
            painter.drawLine(QPointF{5, 13}, QPointF{5, static_cast<double>(height()) + 4});
        }
        painter.setPen(QPen{m_look.theme().ink2, 1.5});
        painter.drawEllipse(QPointF{5, 9}, 4, 4);
    }

private:
    bool m_last;
    const Appearance& m_look;
};

QLabel* wrapped(TextRole role, QWidget* parent, const std::string& text)
{
    QLabel* const label = newLabel(role, parent, toQt(text));
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    return label;
}

QVBoxLayout* section(QVBoxLayout* column)
{
    auto* const result = new QVBoxLayout;
    result->setContentsMargins(16, 12, 16, 12);
    result->setSpacing(8);
    column->addLayout(result);
    return result;
}

void addReason(QVBoxLayout* column, QWidget* page, int number, const Reason& reason,
               const Appearance& look)
{
    auto* const row = new QHBoxLayout;
    row->setSpacing(10);
    row->addWidget(new NumberBadge(number, look, page), 0, Qt::AlignTop);
    auto* const texts = new QVBoxLayout;
    texts->setSpacing(2);
    texts->addWidget(wrapped(TextRole::Strong, page, reason.head));
    texts->addWidget(wrapped(TextRole::Note, page, reason.detail));
    if (!reason.function.empty()) {
        QLabel* const function = newLabel(TextRole::Caption, page, toQt(reason.function));
        setTextRole(*function, TextRole::Caption, true);
        texts->addWidget(function);
    }
    row->addLayout(texts, 1);
    column->addLayout(row);
}

/// "+1.5 ms  the tick goes oneshot": a time and what happened, or a sentence alone.
void addStep(QVBoxLayout* column, QWidget* page, const std::string& text, bool last,
             const Appearance& look)
{
    auto* const row = new QHBoxLayout;
    row->setSpacing(10);
    row->addWidget(new StepRing(last, look, page));
    auto* const texts = new QVBoxLayout;
    texts->setSpacing(0);
    const auto gap = text.find("  ");
    if (gap != std::string::npos) {
        texts->addWidget(newLabel(TextRole::Cell, page, toQt(text.substr(0, gap))));
    }
    texts->addWidget(
        wrapped(TextRole::Note, page, gap == std::string::npos ? text : text.substr(gap + 2)));
    row->addLayout(texts, 1);
    column->addLayout(row);
}

void addChange(QVBoxLayout* column, QWidget* page, const std::string& text)
{
    auto* const row = new QHBoxLayout;
    row->setSpacing(10);
    QLabel* const arrow = newLabel(TextRole::Label, page, QString::fromUtf8("→"));
    row->addWidget(arrow, 0, Qt::AlignTop);
    row->addWidget(wrapped(TextRole::Body, page, text), 1);
    column->addLayout(row);
}

} // namespace

WhyPanel::WhyPanel(WindowModel& model, const Appearance& look, QWidget* parent)
    : QWidget(parent)
    , m_model(model)
    , m_look(look)
    , m_scroll(newScroll(this))
{
    auto* const column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_scroll, 1);
    column->addWidget(newRule(this));
    column->addWidget(buttons());
    connect(&model, &WindowModel::tables, this, &WhyPanel::follow);
    connect(&model, &WindowModel::selectionChanged, this, &WhyPanel::follow);
    connect(&look, &Appearance::changed, this, &WhyPanel::refreshIcons);
    refreshIcons();
    rebuild();
}

QWidget* WhyPanel::buttons()
{
    QWidget* const bar = newPanel(this);
    auto* const row = new QHBoxLayout(bar);
    row->setContentsMargins(16, 10, 16, 10);
    m_copy = new QPushButton(tr("Copy"), bar);
    m_copy->setFont(sansFont(13));
    m_copy->setAccessibleName(tr("Copy the explanation"));
    m_copy->setToolTip(tr("The explanation as text"));
    connect(m_copy, &QPushButton::clicked, this,
            [this] { QGuiApplication::clipboard()->setText(asText()); });
    row->addWidget(m_copy);
    row->addStretch(1);
    return bar;
}

void WhyPanel::refreshIcons()
{
    m_copy->setIcon(glyphIcon(Glyph::Copy, m_look.theme().ink1, m_look.theme().ink3));
}

void WhyPanel::follow()
{
    Explanation next = m_model.explanation();
    const QString topic = m_model.selected();
    if (topic != m_topic || next != m_shown) {
        m_topic = topic;
        m_shown = std::move(next);
        rebuild();
    }
}

void WhyPanel::rebuild()
{
    const int position = m_scroll->verticalScrollBar()->value();
    m_scroll->setWidget(page());
    m_scroll->verticalScrollBar()->setValue(position);
}

QWidget* WhyPanel::page() const
{
    QWidget* const result = newPanel();
    auto* const column = new QVBoxLayout(result);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    QVBoxLayout* const head = section(column);
    if (m_topic.isEmpty()) {
        head->addWidget(wrapped(TextRole::Strong, result, "Nothing to explain yet."));
        head->addWidget(wrapped(TextRole::Lead, result,
                                "No clocksource is registered. Play or step on until one is."));
        column->addStretch(1);
        return result;
    }
    head->addWidget(wrapped(TextRole::Topic, result, m_topic.toStdString()));
    head->addWidget(wrapped(TextRole::Lead, result, m_shown.what));
    int number = 0;
    for (const Reason& reason : m_shown.reasons) {
        addReason(head, result, ++number, reason, m_look);
    }
    if (!m_shown.followed.empty()) {
        column->addWidget(newRule(result));
        QVBoxLayout* const steps = section(column);
        steps->addWidget(newLabel(TextRole::Label, result, tr("What followed")));
        for (const std::string& text : m_shown.followed) {
            addStep(steps, result, text, &text == &m_shown.followed.back(), m_look);
        }
    }
    if (!m_shown.wouldChange.empty()) {
        column->addWidget(newRule(result));
        QVBoxLayout* const changes = section(column);
        changes->addWidget(newLabel(TextRole::Label, result, tr("Would change the answer")));
        for (const std::string& text : m_shown.wouldChange) {
            addChange(changes, result, text);
        }
    }
    column->addStretch(1);
    return result;
}

QString WhyPanel::subject()
{
    return tr("follows the selection");
}

QString WhyPanel::asText() const
{
    QStringList lines;
    for (const std::string& line : linesOf(m_shown)) {
        lines << toQt(line);
    }
    return lines.join('\n');
}

} // namespace timerscope
