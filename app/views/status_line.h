// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/models/window_model.h"
#include "app/views/elided_label.h"
#include "app/views/theme.h"

#include <QElapsedTimer>
#include <QLabel>
#include <QWidget>

namespace timerscope {

/// The honest line: what was lost, how fast it runs, how many records, which fingerprint.
class StatusLine final : public QWidget
{
    Q_OBJECT
public:
    StatusLine(WindowModel& model, const Appearance& look, QWidget* parent);
    /// A sentence for the user in place of the source's notices; empty takes it back.
    void say(const QString& sentence);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void follow();
    void followRate();
    void followNotice();
    void askFingerprint();

    WindowModel& m_model;
    const Appearance& m_look;
    QLabel* m_sign;
    QLabel* m_lost;
    QLabel* m_rate;
    ElidedLabel* m_notice;
    QLabel* m_kind;
    QLabel* m_events;
    QLabel* m_fingerprint;
    QString m_said;
    QString m_measured; ///< events a second; empty before the first full second of playing
    QElapsedTimer m_sinceRate;
    std::size_t m_records = 0;
    std::size_t m_fingerprinted = 0;
};

} // namespace timerscope
