// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/time_bar.h"

#include "app/models/number_text.h"
#include "app/models/source_words.h"
#include "app/views/elided_label.h"
#include "app/views/fonts.h"
#include "app/views/icons.h"
#include "app/views/style_sheet.h"
#include "app/views/surface.h"

#include <QFrame>
#include <QHBoxLayout>
#include <QPainter>

namespace timerscope {

TimeBar::TimeBar(WindowModel& model, const Appearance& look, QWidget* parent)
    : QWidget(parent)
    , m_model(model)
    , m_look(look)
{
    setFixedHeight(45);
    auto* const row = new QHBoxLayout(this);
    row->setContentsMargins(12, 7, 16, 8);
    row->setSpacing(12);
    row->addWidget(sourceButton());
    row->addSpacing(4);
    row->addWidget(transport());
    row->addWidget(speedButton());
    m_live = newLabel(TextRole::Strong, this, "LIVE");
    m_live->setProperty("badge", true);
    row->addWidget(m_live, 0, Qt::AlignVCenter);
    row->addStretch(1);
    row->addLayout(readout());
    row->addStretch(1);
    m_state = newLabel(TextRole::Lead, this);
    row->addWidget(m_state);
    connect(&model, &WindowModel::frame, this, &TimeBar::followFrame);
    connect(&model, &WindowModel::opened, this, &TimeBar::followSource);
    connect(&look, &Appearance::changed, this, &TimeBar::refreshIcons);
    refreshIcons();
    followFrame();
    followSource();
}

QHBoxLayout* TimeBar::readout()
{
    auto* const row = new QHBoxLayout;
    row->setSpacing(8);
    row->addWidget(newLabel(TextRole::Lead, this, "t ="));
    m_time = newLabel(TextRole::Measure, this, instantNumber(0));
    m_time->setAccessibleName(tr("Time"));
    m_time->setToolTip(tr("Time of the log: true time for a model"));
    m_time->setTextInteractionFlags(Qt::TextSelectableByMouse);
    row->addWidget(m_time);
    row->addSpacing(12);
    row->addWidget(newLabel(TextRole::Label, this, tr("monotonic")));
    m_monotonic = newLabel(TextRole::Note, this, instantNumber(0));
    m_monotonic->setAccessibleName(tr("Monotonic time"));
    m_monotonic->setToolTip(tr("What the kernel's CLOCK_MONOTONIC says: timers expire by it"));
    m_monotonic->setTextInteractionFlags(Qt::TextSelectableByMouse);
    row->addWidget(m_monotonic);
    return row;
}

QWidget* TimeBar::sourceButton()
{
    m_source = new QPushButton(this);
    m_source->setFixedSize(272, 30);
    m_source->setAccessibleName(tr("Source"));
    m_source->setToolTip(tr("Choose what is shown (Ctrl+O)"));
    m_source->setMenu(&m_sources);
    auto* const row = new QHBoxLayout(m_source);
    row->setContentsMargins(8, 0, 6, 0);
    row->setSpacing(8);
    m_sourceIcon = new QLabel(m_source);
    m_sourceName = new ElidedLabel(m_source);
    setTextRole(*m_sourceName, TextRole::Strong);
    auto* const kind = new ElidedLabel(m_source);
    setTextRole(*kind, TextRole::Label);
    m_sourceKind = kind;
    m_chevron = new QLabel(m_source);
    row->addWidget(m_sourceIcon);
    row->addWidget(m_sourceName);
    row->addWidget(m_sourceKind, 1);
    row->addWidget(m_chevron);
    for (QLabel* label : {m_sourceIcon, m_sourceName, m_sourceKind, m_chevron}) {
        label->setAttribute(Qt::WA_TransparentForMouseEvents);
    }
    return m_source;
}

QToolButton* TimeBar::newControl(const QString& name, const QString& hint, QWidget* parent)
{
    auto* const button = new QToolButton(parent);
    button->setFixedSize(31, 28);
    button->setIconSize({16, 16});
    button->setAccessibleName(name);
    button->setToolTip(hint);
    button->setObjectName(name.toLower());
    return button;
}

QWidget* TimeBar::transport()
{
    auto* const group = new QFrame(this);
    group->setProperty("group", true);
    auto* const row = new QHBoxLayout(group);
    row->setContentsMargins(1, 1, 1, 1);
    row->setSpacing(1);
    m_play = newControl(tr("Play"), tr("Play (Space)"), group);
    m_step = newControl(tr("Step"), tr("One interrupt or scenario step (.)"), group);
    m_pause = newControl(tr("Pause"), tr("Pause (Space)"), group);
    connect(m_play, &QToolButton::clicked, &m_model, &WindowModel::play);
    connect(m_step, &QToolButton::clicked, &m_model, &WindowModel::step);
    connect(m_pause, &QToolButton::clicked, &m_model, &WindowModel::pause);
    for (QToolButton* button : {m_play, m_step, m_pause}) {
        if (button != m_play) {
            auto* const edge = new QWidget(group);
            setGround(*edge, Ground::Line);
            edge->setFixedWidth(1);
            row->addWidget(edge);
        }
        row->addWidget(button);
    }
    return group;
}

QWidget* TimeBar::speedButton()
{
    m_speed = new MenuButton(m_look, this);
    m_speed->setAccessibleName(tr("Speed"));
    m_speed->setToolTip(tr("How fast the model's time runs against the world's"));
    m_speed->setMenu(&m_speeds);
    for (const NamedSpeed& offered : offeredSpeeds()) {
        m_speeds.addAction(offered.name, this,
                           [this, speed = offered.speed] { emit speedChosen(speed); });
    }
    return m_speed;
}

void TimeBar::openSourceMenu()
{
    m_source->showMenu();
}

void TimeBar::followFrame()
{
    const bool has = m_model.hasSource();
    const PlayState state = m_model.view().state;
    m_play->setEnabled(has && state != PlayState::Playing && state != PlayState::Failed);
    m_pause->setEnabled(has && state == PlayState::Playing);
    m_step->setEnabled(has && state != PlayState::Ended && state != PlayState::Failed);
    m_state->setText(has ? stateWords(state) : tr("opening"));
    if (has) {
        m_time->setText(instantNumber(nsOf(m_model.view().snapshot->at)));
        m_monotonic->setText(instantNumber(nsOf(m_model.view().snapshot->monotonic)));
        m_speed->setText(nameOf(m_model.view().speed));
        m_speed->updateGeometry();
    }
}

void TimeBar::followSource()
{
    const bool has = m_model.hasSource();
    const bool live = has && keepsWorldTime(m_model.info().kind);
    m_speed->setVisible(!live);
    m_live->setVisible(live);
    m_sourceName->setText(has ? toQt(m_model.info().title) : tr("no source"));
    m_sourceKind->setText(has ? kindWords(m_model.info(), m_model.view().snapshot->machine)
                              : QString{});
    refreshIcons();
    followFrame();
}

void TimeBar::refreshIcons()
{
    const Theme& theme = m_look.theme();
    m_play->setIcon(glyphIcon(Glyph::Play, theme.ink1, theme.control));
    m_pause->setIcon(glyphIcon(Glyph::Pause, theme.ink1, theme.control));
    m_step->setIcon(glyphIcon(Glyph::Step, theme.ink1, theme.control));
    const bool live = m_model.hasSource() && m_model.info().kind == SourceKind::LiveKernel;
    const QSize size(16, 16);
    m_sourceIcon->setPixmap(glyphIcon(live ? Glyph::Computer : Glyph::Chip, theme.ink2, theme.ink3)
                                .pixmap(size, devicePixelRatioF()));
    m_chevron->setPixmap(
        glyphIcon(Glyph::ChevronDown, theme.ink2, theme.ink3).pixmap(size, devicePixelRatioF()));
}

void TimeBar::paintEvent(QPaintEvent* /*event*/)
{
    QPainter painter(this);
    painter.fillRect(rect(), m_look.theme().panel);
    painter.fillRect(QRect(0, height() - 1, width(), 1), m_look.theme().line);
}

} // namespace timerscope
