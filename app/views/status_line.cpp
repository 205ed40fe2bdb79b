// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/status_line.h"

#include "app/models/number_text.h"
#include "app/models/speed_text.h"
#include "app/models/view_words.h"
#include "app/views/icons.h"
#include "app/views/style_sheet.h"
#include "engine/trace/trace_log.h"

#include <QApplication>
#include <QHBoxLayout>
#include <QPainter>
#include <QPointer>
#include <QThreadPool>

#include <algorithm>

namespace timerscope {

namespace {

/// A log longer than this is not hashed while one looks: it would take a core for seconds.
constexpr std::size_t fingerprintMax = 4'000'000;

QString fingerprintText(std::uint64_t hash)
{
    const QString digits = QString::number(hash, 16).rightJustified(16, '0');
    return "fingerprint " + digits.left(4) + QChar{0x202f} + digits.mid(4, 4);
}

QString kindText(SourceKind kind)
{
    switch (kind) {
    case SourceKind::Model:
        return QString::fromUtf8("model · deterministic");
    case SourceKind::Hardware:
        return "model on real timers";
    case SourceKind::LiveKernel:
        return "running kernel, only observed";
    case SourceKind::Recording:
        return "recording";
    case SourceKind::Attached:
        return "attached device, only observed";
    }
    return {};
}

} // namespace

StatusLine::StatusLine(WindowModel& model, const Appearance& look, QWidget* parent)
    : QWidget(parent)
    , m_model(model)
    , m_look(look)
    , m_sign(new QLabel(this))
    , m_lost(newLabel(TextRole::Note, this))
    , m_rate(newLabel(TextRole::Note, this))
    , m_notice(new ElidedLabel(this))
    , m_kind(newLabel(TextRole::Label, this))
    , m_events(newLabel(TextRole::Label, this))
    , m_fingerprint(newLabel(TextRole::Label, this))
{
    setFixedHeight(27);
    auto* const row = new QHBoxLayout(this);
    row->setContentsMargins(12, 1, 12, 0);
    row->setSpacing(18);
    auto* const lost = new QHBoxLayout;
    lost->setSpacing(6);
    lost->addWidget(m_sign);
    lost->addWidget(m_lost);
    row->addLayout(lost);
    row->addWidget(m_rate);
    setTextRole(*m_notice, TextRole::Warning);
    row->addWidget(m_notice, 1);
    row->addWidget(m_kind);
    row->addWidget(m_events);
    row->addWidget(m_fingerprint);
    m_fingerprint->setToolTip(tr("A hash of all records: the same for the same run, everywhere"));
    connect(&model, &WindowModel::tables, this, &StatusLine::follow);
    connect(&look, &Appearance::changed, this, &StatusLine::follow);
    follow();
}

void StatusLine::say(const QString& sentence)
{
    m_said = sentence;
    follow();
}

void StatusLine::follow()
{
    const bool has = m_model.hasSource();
    const auto lost = has ? m_model.session()->log().lost() : 0;
    const Theme& theme = m_look.theme();
    m_sign->setPixmap(glyphIcon(lost > 0 ? Glyph::Warning : Glyph::Check,
                                lost > 0 ? theme.warning : theme.ink2, theme.ink3)
                          .pixmap({16, 16}, devicePixelRatioF()));
    m_lost->setText(tr("%1 events lost").arg(groupedNumber(static_cast<std::int64_t>(lost))));
    setTextRole(*m_lost, lost > 0 ? TextRole::Warning : TextRole::Note);
    m_kind->setText(has ? kindText(m_model.info().kind) : QString{});
    const auto records = has ? m_model.view().snapshot->records : 0;
    m_events->setText(tr("%1 events").arg(groupedNumber(static_cast<std::int64_t>(records))));
    followRate();
    followNotice();
    askFingerprint();
}

void StatusLine::followRate()
{
    if (!m_model.hasSource()) {
        return;
    }
    const SessionView& view = m_model.view();
    const bool live = m_model.info().kind == SourceKind::LiveKernel;
    const bool playing = view.state == PlayState::Playing;
    const QString speed = live && playing     ? tr("looked at 5 times a second")
        : live                                ? tr("one look, play to go on")
        : keepsWorldTime(m_model.info().kind) ? tr("at the world's pace")
                                              : tr("speed %1").arg(nameOf(view.speed));
    if (!playing) {
        m_sinceRate.invalidate();
        m_measured.clear();
    } else if (!m_sinceRate.isValid() || view.snapshot->records < m_records) {
        m_sinceRate.start();
        m_records = view.snapshot->records;
    } else if (m_sinceRate.elapsed() >= 1000) {
        const auto gained = static_cast<std::int64_t>(view.snapshot->records - m_records);
        m_measured = tr("%1 events/s").arg(groupedNumber(gained * 1000 / m_sinceRate.restart()));
        m_records = view.snapshot->records;
    }
    m_rate->setText(m_measured.isEmpty() ? speed : speed + QString::fromUtf8(" · ") + m_measured);
}

void StatusLine::followNotice()
{
    UrgentNotice notice{.text = m_said};
    if (notice.text.isEmpty()) {
        notice = urgentNotice(m_model).value_or(UrgentNotice{});
    }
    const QString& text = notice.text;
    const bool isWarning = notice.urgency != UrgentNotice::Urgency::Note;
    setTextRole(*m_notice, isWarning ? TextRole::Warning : TextRole::Note);
    m_notice->setText(isWarning && !text.isEmpty() ? QString::fromUtf8("⚠ ") + text : text);
}

/// Hashed by another thread, and only when time stands still: the log may be long.
void StatusLine::askFingerprint()
{
    const bool still = m_model.hasSource() && m_model.view().state != PlayState::Playing;
    const std::size_t records = still ? m_model.view().snapshot->records : 0;
    if (records == 0 || records > fingerprintMax) {
        m_fingerprint->clear();
        m_fingerprinted = 0;
        return;
    }
    if (records == m_fingerprinted) {
        return;
    }
    m_fingerprinted = records;
    const QPointer<StatusLine> self = this;
    QThreadPool::globalInstance()->start([self, session = m_model.session(), records] {
        const std::uint64_t hash = fingerprint(session->log(), records);
        QMetaObject::invokeMethod(
            qApp,
            [self, hash, records] {
                if (self && self->m_fingerprinted == records) {
                    self->m_fingerprint->setText(fingerprintText(hash));
                }
            },
            Qt::QueuedConnection);
    });
}

void StatusLine::paintEvent(QPaintEvent* /*event*/)
{
    QPainter painter(this);
    painter.fillRect(rect(), m_look.theme().header);
    painter.fillRect(QRect(0, 0, width(), 1), m_look.theme().line);
}

} // namespace timerscope
